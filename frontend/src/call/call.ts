/** A call and its attempts: asks the server and the room, tells the machine, keeps the captions. */

import { type Api, ApiError } from '@/api/client';
import { type Book, close, type Heard, write } from '@/captions/book';
import {
  type Conversation,
  type Join,
  type Microphone,
  MicrophoneError,
  type OpenMicrophone,
} from '@/room/ports';
import { type CallEvent, type CallState, IDLE, isActive, type Problem, reduce } from './machine';
import { awaitAgent } from './patience';

export interface Snapshot {
  readonly state: CallState;
  readonly book: Book;
  readonly conversation: Conversation | null;
  readonly microphone: Microphone | null;
}

export interface Dependencies {
  api: Api;
  join: Join;
  openMicrophone: OpenMicrophone;
  now?: () => number;
  wait?: (ms: number) => Promise<void>;
}

export class Call {
  private snapshot: Snapshot = { state: IDLE, book: [], conversation: null, microphone: null };
  private readonly watchers = new Set<() => void>();
  /** The attempt that counts; what an earlier one still tells is nobody's business. */
  private attempt = 0;
  private watching = false;
  private voice = true;
  private readonly now: () => number;
  private readonly wait: (ms: number) => Promise<void>;

  constructor(private readonly with_: Dependencies) {
    this.now = with_.now ?? Date.now;
    this.wait = with_.wait ?? ((ms) => new Promise((resolve) => setTimeout(resolve, ms)));
  }

  readonly subscribe = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };

  readonly current = (): Snapshot => this.snapshot;

  /** Calls the agent; `voice` asks for the microphone too. */
  readonly start = async (voice: boolean): Promise<void> => {
    if (isActive(this.snapshot.state)) return;
    this.voice = voice;
    this.attempt += 1;
    const attempt = this.attempt;
    this.change({ book: [], conversation: null });
    this.happened({ type: 'start' });
    const microphone = voice ? this.takeMicrophone(attempt) : null;
    const conversation = await this.enter(attempt);
    if (!conversation) return;
    this.change({ conversation });
    if (await microphone) await this.speak(attempt);
  };

  /** The same once more. */
  readonly again = (): Promise<void> => this.start(this.voice);

  readonly hangUp = (): void => {
    this.happened({ type: 'hungUp' });
  };

  readonly dismiss = (): void => {
    this.happened({ type: 'dismissed' });
  };

  readonly toggleMicrophone = async (): Promise<void> => {
    const { state, microphone } = this.snapshot;
    if (!isActive(state) || state.mic === 'asking') return;
    if (state.mic === 'on' && microphone) {
      this.happened({ type: 'micMuted' });
      await microphone.mute();
    } else if (state.mic === 'muted' && microphone) {
      this.happened({ type: 'micOn' });
      await microphone.unmute();
    } else if (await this.takeMicrophone(this.attempt)) {
      await this.speak(this.attempt);
    }
  };

  readonly interrupt = (): void => {
    this.snapshot.conversation?.interrupt();
    this.happened({ type: 'interrupted' });
  };

  readonly say = async (text: string): Promise<boolean> => {
    const words = text.trim();
    const { conversation, state } = this.snapshot;
    if (!words || !conversation || state.phase !== 'live') return false;
    try {
      await conversation.say(words);
      return true;
    } catch {
      return false;
    }
  };

  readonly unlockSound = async (): Promise<void> => {
    await this.snapshot.conversation?.unlockSound().catch(() => {});
  };

  /** The token, then the room. `null` if it came to nothing, which is then said. */
  private async enter(attempt: number): Promise<Conversation | null> {
    let conversation: Conversation;
    try {
      const ticket = await this.with_.api.ticket();
      if (attempt !== this.attempt || !isActive(this.snapshot.state)) return null;
      conversation = await this.with_.join(ticket, {
        happened: (event) => attempt === this.attempt && this.happened(event),
        heard: (line) => attempt === this.attempt && this.heard(line),
      });
    } catch (error) {
      if (attempt === this.attempt) this.happened({ type: 'refused', problem: problemOf(error) });
      return null;
    }
    if (attempt === this.attempt && isActive(this.snapshot.state)) return conversation;
    await conversation.leave().catch(() => {});
    return null;
  }

  /** The microphone of this launch, asked for the first time it is wanted. */
  private async takeMicrophone(attempt: number): Promise<boolean> {
    const had = this.snapshot.microphone;
    this.happened({ type: 'micAsked' });
    try {
      const microphone = had ?? (await this.with_.openMicrophone());
      if (!had) microphone.onLost(() => this.lost());
      this.change({ microphone });
      if (attempt !== this.attempt || !isActive(this.snapshot.state)) {
        await microphone.mute();
        return false;
      }
      await microphone.unmute();
      microphone.remember();
      this.happened({ type: 'micOn' });
      return true;
    } catch (error) {
      const trouble = error instanceof MicrophoneError ? error.trouble : 'missing';
      if (attempt === this.attempt) this.happened({ type: 'micFailed', trouble });
      return false;
    }
  }

  private async speak(attempt: number): Promise<void> {
    const { conversation, microphone } = this.snapshot;
    if (attempt !== this.attempt || !conversation || !microphone) return;
    try {
      await conversation.speakWith(microphone);
    } catch {
      // Only a room that closed meanwhile refuses; it says so itself.
      if (isActive(this.snapshot.state)) this.happened({ type: 'micFailed', trouble: 'busy' });
    }
  }

  private lost(): void {
    this.change({ microphone: null });
    this.happened({ type: 'micFailed', trouble: 'missing' });
  }

  private heard(line: Heard): void {
    this.change({ book: write(this.snapshot.book, line) });
  }

  private happened(event: CallEvent): void {
    const before = this.snapshot.state;
    const state = reduce(before, event, this.now());
    if (state === before) return;
    this.change({ state });
    if (isActive(before) && !isActive(state)) this.cleanUp();
    if (event.type === 'closed' && event.problem !== 'elsewhere') this.askWhy(this.attempt);
    if (state.phase === 'waiting' && !this.watching) this.expectAgent(this.attempt);
  }

  private cleanUp(): void {
    const { conversation, microphone, book } = this.snapshot;
    this.change({ conversation: null, book: close(book) });
    conversation?.leave().catch(() => {});
    microphone?.mute().catch(() => {});
  }

  /** An agent that does not come is noticed: the server knows, and patience ends. */
  private async expectAgent(attempt: number): Promise<void> {
    const waits = () => attempt === this.attempt && this.snapshot.state.phase === 'waiting';
    // A new pass to a room without an agent brings one; this page is in the room already.
    const recall = async () => void (await this.with_.api.ticket().catch(() => null));
    this.watching = true;
    const outcome = await awaitAgent({
      waits,
      says: () => this.serverSays(),
      recall: this.snapshot.state.agentLost ? recall : undefined,
      wait: this.wait,
    });
    this.watching = false;
    if (outcome === 'missing') this.happened({ type: 'agentOverdue' });
    else if (outcome === 'spent') this.happened({ type: 'spent' });
    // A new attempt, or an agent that was lost again, began to wait meanwhile.
    else if (this.snapshot.state.phase === 'waiting') this.expectAgent(this.attempt);
  }

  /** The room was closed, and not by this page: the server may know why. */
  private async askWhy(attempt: number): Promise<void> {
    const says = await this.serverSays();
    if (attempt === this.attempt && says === 'spent') this.happened({ type: 'spent' });
  }

  private async serverSays(): Promise<string | null> {
    const now = await this.with_.api.call().catch(() => null);
    return now?.state ?? null;
  }

  private change(part: Partial<Snapshot>): void {
    this.snapshot = { ...this.snapshot, ...part };
    for (const watcher of this.watchers) watcher();
  }
}

/** What went wrong on the way into a room. */
export function problemOf(error: unknown): Problem {
  return error instanceof ApiError ? error.code : 'network';
}
