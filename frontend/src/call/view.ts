/** What is drawn for a state of the call. Pure as well, so that no component decides anything. */

import { type CallState, isActive, type Problem } from './machine';

/** One for each thing the page may have to say. */
export type Status =
  | 'ready'
  | 'askingMic'
  | 'connecting'
  | 'connectingHeard'
  | 'calling'
  | 'agentLost'
  | 'listening'
  | 'listeningMuted'
  | 'reading'
  | 'thinking'
  | 'speaking'
  | 'reconnecting'
  | 'ended'
  | 'failed';

/** How the sphere looks. */
export type Look = 'rest' | 'connecting' | 'listening' | 'quiet' | 'thinking' | 'speaking' | 'trouble';

export function status(state: CallState): Status {
  switch (state.phase) {
    case 'idle':
      return 'ready';
    case 'connecting':
      if (state.mic === 'asking') return 'askingMic';
      return state.mic === 'on' ? 'connectingHeard' : 'connecting';
    case 'waiting':
      if (state.agentLost) return 'agentLost';
      return state.mic === 'on' ? 'connectingHeard' : 'calling';
    case 'live':
      return state.mood === 'thinking' || state.mood === 'speaking' ? state.mood : listening(state);
    default:
      return state.phase;
  }
}

function listening({ mic }: CallState): Status {
  if (mic === 'on' || mic === 'asking') return 'listening';
  return mic === 'muted' ? 'listeningMuted' : 'reading';
}

const LOOKS: Record<Status, Look> = {
  ready: 'rest',
  askingMic: 'connecting',
  connecting: 'connecting',
  connectingHeard: 'connecting',
  calling: 'connecting',
  agentLost: 'connecting',
  listening: 'listening',
  listeningMuted: 'quiet',
  reading: 'quiet',
  thinking: 'thinking',
  speaking: 'speaking',
  reconnecting: 'connecting',
  ended: 'rest',
  failed: 'trouble',
};

export function look(state: CallState): Look {
  return LOOKS[status(state)];
}

/** What a tap on the sphere does. */
export function tap(state: CallState): 'start' | 'interrupt' | null {
  if (state.phase === 'idle' || state.phase === 'ended') return 'start';
  const busy = state.mood === 'speaking' || state.mood === 'thinking';
  return state.phase === 'live' && busy ? 'interrupt' : null;
}

/** What helps against a problem: trying again, opening the page anew, or nothing. */
export type Remedy = 'retry' | 'reopen' | 'takeBack' | 'none';

const REMEDIES: Record<Problem, Remedy> = {
  network: 'retry',
  unavailable: 'retry',
  closed: 'retry',
  agentMissing: 'retry',
  dropped: 'retry',
  unknown: 'retry',
  elsewhere: 'takeBack',
  tooOften: 'retry',
  limit: 'none',
  expired: 'reopen',
  unsigned: 'reopen',
  banned: 'none',
};

export function remedy(problem: Problem): Remedy {
  return REMEDIES[problem];
}

/** Whether typed words would reach the agent. */
export function canType(state: CallState): boolean {
  return state.phase === 'live';
}

/** Seconds of conversation, or `null` before it began. */
export function elapsed(state: CallState, now: number): number | null {
  if (state.startedAt === null) return null;
  const end = isActive(state) ? now : (state.endedAt ?? now);
  return Math.max(0, Math.floor((end - state.startedAt) / 1000));
}
