/**
 * The call as a pure machine: an event and the time in, the new state out. It knows neither React nor
 * LiveKit nor a clock. What happens in an order nobody expected leaves the state as it was.
 */

/** What the agent does. */
export type Mood = 'listening' | 'thinking' | 'speaking';

/** Why there is no microphone. */
export type MicTrouble = 'denied' | 'missing' | 'busy';

export type Mic = 'off' | 'asking' | 'on' | 'muted' | MicTrouble;

/** Why there is no call. */
export type Problem =
  | 'network'
  | 'unavailable'
  | 'closed'
  | 'agentMissing'
  | 'elsewhere'
  | 'limit'
  | 'tooOften'
  | 'expired'
  | 'unsigned'
  | 'banned'
  | 'dropped'
  | 'unknown';

export type Phase = 'idle' | 'connecting' | 'waiting' | 'live' | 'reconnecting' | 'ended' | 'failed';

export interface CallState {
  readonly phase: Phase;
  readonly mood: Mood | null;
  readonly mic: Mic;
  readonly problem: Problem | null;
  /** The agent was here and is gone; another one may come. */
  readonly agentLost: boolean;
  /** The browser plays no sound before it is touched. */
  readonly soundBlocked: boolean;
  /** When the agent was first ready, and when it was over. */
  readonly startedAt: number | null;
  readonly endedAt: number | null;
}

export type CallEvent =
  | { type: 'start' }
  | { type: 'refused'; problem: Problem }
  | { type: 'joined' }
  | { type: 'agentMood'; mood: Mood }
  | { type: 'agentLeft' }
  | { type: 'agentOverdue' }
  | { type: 'micAsked' }
  | { type: 'micOn' }
  | { type: 'micMuted' }
  | { type: 'micFailed'; trouble: MicTrouble }
  | { type: 'interrupted' }
  | { type: 'reconnecting' }
  | { type: 'reconnected' }
  | { type: 'closed'; problem: Problem | null }
  | { type: 'hungUp' }
  /** The room was closed because the day's minutes are used up. */
  | { type: 'spent' }
  | { type: 'soundBlocked'; blocked: boolean }
  | { type: 'dismissed' };

export const IDLE: CallState = {
  phase: 'idle',
  mood: null,
  mic: 'off',
  problem: null,
  agentLost: false,
  soundBlocked: false,
  startedAt: null,
  endedAt: null,
};

/** Whether there is a call, or one is being made. */
export function isActive({ phase }: CallState): boolean {
  return phase === 'connecting' || phase === 'waiting' || phase === 'live' || phase === 'reconnecting';
}

export function isMicTrouble(mic: Mic): mic is MicTrouble {
  return mic === 'denied' || mic === 'missing' || mic === 'busy';
}

export function reduce(state: CallState, event: CallEvent, now: number): CallState {
  if (event.type === 'start') return isActive(state) ? state : { ...IDLE, phase: 'connecting' };
  if (event.type === 'dismissed') return isActive(state) ? state : IDLE;
  if (event.type === 'spent' && wasClosed(state)) return { ...state, phase: 'failed', problem: 'limit' };
  // What comes late, from a call that is over, changes nothing.
  if (!isActive(state)) return state;

  switch (event.type) {
    case 'refused':
      return state.phase === 'connecting' ? over(state, event.problem, now) : state;
    case 'closed':
      return over(state, event.problem, now);
    case 'hungUp':
      return over(state, null, now);
    case 'spent':
      return over(state, 'limit', now);
    case 'joined':
      return state.phase === 'connecting' ? inRoom(state, now) : state;
    case 'reconnecting':
      return state.phase === 'connecting' ? state : { ...state, phase: 'reconnecting' };
    case 'reconnected':
      return state.phase === 'reconnecting' ? inRoom(state, now) : state;
    case 'agentMood':
      return withMood(state, event.mood, now);
    case 'agentLeft':
      return withoutAgent(state);
    case 'agentOverdue':
      return state.phase === 'waiting' ? over(state, 'agentMissing', now) : state;
    case 'interrupted':
      return state.mood === 'speaking' || state.mood === 'thinking' ? { ...state, mood: 'listening' } : state;
    case 'soundBlocked':
      return state.soundBlocked === event.blocked ? state : { ...state, soundBlocked: event.blocked };
    default:
      return withMic(state, event);
  }
}

/** Over, and whoever closed the room may have had a reason that is learned afterwards. */
function wasClosed({ phase, problem }: CallState): boolean {
  return phase === 'ended' || problem === 'dropped' || problem === 'agentMissing';
}

function over(state: CallState, problem: Problem | null, now: number): CallState {
  return {
    ...IDLE,
    phase: problem ? 'failed' : 'ended',
    problem,
    startedAt: state.startedAt,
    endedAt: now,
  };
}

/** In the room: with an agent that is ready it is a call, without one it waits. */
function inRoom(state: CallState, now: number): CallState {
  if (!state.mood) return { ...state, phase: 'waiting' };
  return { ...state, phase: 'live', agentLost: false, startedAt: state.startedAt ?? now };
}

function withMood(state: CallState, mood: Mood, now: number): CallState {
  if (state.mood === mood && state.phase === 'live') return state;
  const next = { ...state, mood, agentLost: false };
  return state.phase === 'waiting' || state.phase === 'live' ? inRoom(next, now) : next;
}

function withoutAgent(state: CallState): CallState {
  const next = { ...state, mood: null, agentLost: state.agentLost || state.startedAt !== null };
  return state.phase === 'live' ? { ...next, phase: 'waiting' } : next;
}

type MicEvent = Extract<CallEvent, { type: 'micAsked' | 'micOn' | 'micMuted' | 'micFailed' }>;

function withMic(state: CallState, event: MicEvent): CallState {
  const mic = micAfter(event);
  return state.mic === mic ? state : { ...state, mic };
}

function micAfter(event: MicEvent): Mic {
  switch (event.type) {
    case 'micAsked':
      return 'asking';
    case 'micOn':
      return 'on';
    case 'micMuted':
      return 'muted';
    case 'micFailed':
      return event.trouble;
  }
}
