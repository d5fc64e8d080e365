/**
 * What the bot's web server takes and gives, as `sfera-bot/src/web/api` describes it. To be replaced by
 * aliases of the generated `schema.d.ts`; nothing but this file would have to change.
 */

/** The way into a room: `POST /api/sfera/token`. */
export interface Ticket {
  server_url: string;
  participant_token: string;
}

/** A refusal of any endpoint. */
export interface Refusal {
  error: string;
  message: string;
}

/** How the newest call goes: `GET /api/sfera/call`. */
export interface CallNow {
  state: 'none' | 'waiting' | 'talking' | 'no_agent' | 'spent' | 'over';
  message?: string | null;
}

/** A question and its answer. */
export interface Said {
  /** Milliseconds since 1970. */
  at: number;
  question: string;
  answer: string;
}

/** A conversation. */
export interface Conversation {
  place: 'voice' | 'chat';
  /** Milliseconds since 1970. */
  began: number;
  lines: Said[];
}

/** Something that is remembered. */
export interface Remembered {
  kind?: string | null;
  text: string;
}

/** What is known of the person: `GET /api/sfera/session`. */
export interface Session {
  name: string;
  language: string;
  voice_seconds_today: number;
  voice_seconds_daily?: number | null;
  /** Oldest first. */
  conversations: Conversation[];
  remembered: Remembered[];
}
