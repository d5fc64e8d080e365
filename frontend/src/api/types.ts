/** What the bot's web server takes and gives, by the names of this page. */

import type { components } from './schema';

type Schemas = components['schemas'];

/** The way into a room: `POST /api/sfera/token`. */
export type Ticket = Schemas['Connection'];
/** A refusal of any endpoint. */
export type Refusal = Schemas['Problem'];
/** What a page outside of Telegram may be given: `GET /api/sfera/developer`. */
export type Developer = Schemas['Developer'];
/** How the newest call goes: `GET /api/sfera/call`. */
export type CallNow = Schemas['CallNow'];
/** A question and its answer. */
export type Said = Schemas['Said'];
/** A conversation. */
export type Conversation = Schemas['Conversation'];
/** Something that is remembered. */
export type Remembered = Schemas['Remembered'];
/** What is known of the person: `GET /api/sfera/session`. */
export type Session = Schemas['Session'];
