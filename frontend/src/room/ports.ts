/** What a call needs of LiveKit, so that it can be tested without. */

import type { LocalAudioTrack, Room } from 'livekit-client';
import type { Ticket } from '@/api/types';
import type { CallEvent, MicTrouble } from '@/call/machine';
import type { Heard } from '@/captions/book';

/** What a room tells of. */
export interface Listener {
  happened(event: CallEvent): void;
  heard(line: Heard): void;
}

/** A room that was joined. */
export interface Conversation {
  /** LiveKit's own room, for what draws and plays sound. */
  readonly room: Room | null;
  speakWith(microphone: Microphone): Promise<void>;
  say(text: string): Promise<void>;
  /** Silences the agent here at once and asks it to stop. */
  interrupt(): void;
  unlockSound(): Promise<void>;
  /** The agent's voice, for the sphere. */
  voice(): MediaStreamTrack | null;
  leave(): Promise<void>;
}

/** The microphone of this launch. */
export interface Microphone {
  readonly track: LocalAudioTrack | null;
  mute(): Promise<void>;
  unmute(): Promise<void>;
  /** Keeps what is said from now on, for an agent that is not there yet. */
  remember(): void;
  /** Tells when the device goes away. */
  onLost(told: () => void): void;
}

export type OpenMicrophone = () => Promise<Microphone>;
export type Join = (ticket: Ticket, listener: Listener) => Promise<Conversation>;

/** The microphone cannot be had. */
export class MicrophoneError extends Error {
  readonly trouble: MicTrouble;

  constructor(trouble: MicTrouble) {
    super(trouble);
    this.name = 'MicrophoneError';
    this.trouble = trouble;
  }
}
