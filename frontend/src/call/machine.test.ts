import { describe, expect, it } from 'vitest';
import { type CallEvent, type CallState, IDLE, isActive, reduce } from './machine';

/** A script of events, a second apart. */
function played(...events: CallEvent[]): CallState {
  return events.reduce((state, event, index) => reduce(state, event, 1000 * (index + 1)), IDLE);
}

const start: CallEvent = { type: 'start' };
const joined: CallEvent = { type: 'joined' };
const micAsked: CallEvent = { type: 'micAsked' };
const micOn: CallEvent = { type: 'micOn' };
const listening: CallEvent = { type: 'agentMood', mood: 'listening' };
const thinking: CallEvent = { type: 'agentMood', mood: 'thinking' };
const speaking: CallEvent = { type: 'agentMood', mood: 'speaking' };
const agentLeft: CallEvent = { type: 'agentLeft' };
const reconnecting: CallEvent = { type: 'reconnecting' };
const reconnected: CallEvent = { type: 'reconnected' };
const hungUp: CallEvent = { type: 'hungUp' };
const live = [start, micAsked, micOn, joined, listening] as const;

describe('a call that goes well', () => {
  it('connects, waits for the agent and is live', () => {
    expect(played(start).phase).toBe('connecting');
    expect(played(start, joined).phase).toBe('waiting');
    expect(played(...live)).toMatchObject({ phase: 'live', mood: 'listening', mic: 'on', startedAt: 5000 });
  });

  it('follows what the agent does', () => {
    expect(played(...live, thinking).mood).toBe('thinking');
    expect(played(...live, thinking, speaking).mood).toBe('speaking');
    expect(played(...live, thinking, speaking, listening).mood).toBe('listening');
  });

  it('counts from when the agent was first ready', () => {
    expect(played(...live, thinking, speaking, agentLeft, listening).startedAt).toBe(5000);
  });

  it('is live at once where the agent was known before the room was', () => {
    expect(played(start, listening).phase).toBe('connecting');
    expect(played(start, listening, joined)).toMatchObject({ phase: 'live', startedAt: 3000 });
  });

  it('ends with how long it was', () => {
    expect(played(...live, hungUp)).toMatchObject({
      phase: 'ended',
      startedAt: 5000,
      endedAt: 6000,
      mic: 'off',
    });
  });

  it('can begin anew', () => {
    expect(played(...live, hungUp, start)).toEqual({ ...IDLE, phase: 'connecting' });
    expect(played(...live, hungUp, { type: 'dismissed' })).toEqual(IDLE);
  });
});

describe('the microphone', () => {
  it('is asked for while connecting', () => {
    expect(played(start, micAsked).mic).toBe('asking');
    expect(played(start, micAsked, micOn)).toMatchObject({ phase: 'connecting', mic: 'on' });
  });

  it.each(['denied', 'missing', 'busy'] as const)('may be %s, and the call goes on', (trouble) => {
    expect(played(start, micAsked, joined, listening, { type: 'micFailed', trouble })).toMatchObject({
      phase: 'live',
      mic: trouble,
    });
  });

  it('is muted and opened again', () => {
    expect(played(...live, { type: 'micMuted' }).mic).toBe('muted');
    expect(played(...live, { type: 'micMuted' }, micOn).mic).toBe('on');
  });

  it('is off when the call is over', () => {
    expect(played(...live, { type: 'closed', problem: 'dropped' }).mic).toBe('off');
  });
});

describe('interrupting', () => {
  it('listens at once', () => {
    expect(played(...live, speaking, { type: 'interrupted' }).mood).toBe('listening');
    expect(played(...live, thinking, { type: 'interrupted' }).mood).toBe('listening');
  });

  it('changes nothing while the agent listens', () => {
    expect(played(...live, { type: 'interrupted' })).toEqual(played(...live));
  });
});

describe('a lost connection', () => {
  it('is said, and the call goes on after it', () => {
    expect(played(...live, speaking, reconnecting)).toMatchObject({
      phase: 'reconnecting',
      mood: 'speaking',
    });
    expect(played(...live, speaking, reconnecting, reconnected)).toMatchObject({
      phase: 'live',
      mood: 'speaking',
    });
  });

  it('keeps what the agent did meanwhile', () => {
    expect(played(...live, reconnecting, thinking).phase).toBe('reconnecting');
    expect(played(...live, reconnecting, thinking, reconnected)).toMatchObject({
      phase: 'live',
      mood: 'thinking',
    });
  });

  it('waits for the agent if it is gone afterwards', () => {
    expect(played(...live, reconnecting, agentLeft, reconnected)).toMatchObject({
      phase: 'waiting',
      agentLost: true,
    });
  });

  it('before the room is joined is still connecting', () => {
    expect(played(start, reconnecting).phase).toBe('connecting');
  });

  it('that does not come back fails', () => {
    expect(played(...live, reconnecting, { type: 'closed', problem: 'dropped' })).toMatchObject({
      phase: 'failed',
      problem: 'dropped',
    });
  });

  it('is over only once it was there', () => {
    expect(played(...live, reconnected)).toEqual(played(...live));
  });
});

describe('the agent', () => {
  it('that never comes fails the call', () => {
    expect(played(start, joined, { type: 'agentOverdue' })).toMatchObject({
      phase: 'failed',
      problem: 'agentMissing',
    });
  });

  it('that came in time is not overdue', () => {
    expect(played(...live, { type: 'agentOverdue' })).toEqual(played(...live));
  });

  it('that leaves is waited for, and may come again', () => {
    expect(played(...live, speaking, agentLeft)).toMatchObject({
      phase: 'waiting',
      mood: null,
      agentLost: true,
    });
    expect(played(...live, speaking, agentLeft, listening)).toMatchObject({
      phase: 'live',
      agentLost: false,
    });
  });

  it('that leaves before it was ready was not lost', () => {
    expect(played(start, joined, agentLeft)).toMatchObject({ phase: 'waiting', agentLost: false });
  });

  it('that was lost and does not come again fails the call', () => {
    expect(played(...live, agentLeft, { type: 'agentOverdue' }).problem).toBe('agentMissing');
  });
});

describe('a refusal', () => {
  it.each([
    'expired',
    'banned',
    'unsigned',
    'tooOften',
    'limit',
    'unavailable',
    'network',
    'unknown',
  ] as const)('as %s is kept', (problem) => {
    expect(played(start, { type: 'refused', problem })).toMatchObject({ phase: 'failed', problem });
  });

  it('cannot come when the room is joined', () => {
    expect(played(start, joined, { type: 'refused', problem: 'limit' }).phase).toBe('waiting');
  });

  it('can be tried again without anything left over', () => {
    expect(played(start, { type: 'refused', problem: 'limit' }, start)).toEqual({
      ...IDLE,
      phase: 'connecting',
    });
  });
});

describe('an end that the page did not choose', () => {
  it('tells of another window', () => {
    expect(played(...live, { type: 'closed', problem: 'elsewhere' }).problem).toBe('elsewhere');
  });

  it('may be explained afterwards by spent minutes', () => {
    const spent: CallEvent = { type: 'spent' };
    expect(played(...live, { type: 'closed', problem: null }, spent)).toMatchObject({
      phase: 'failed',
      problem: 'limit',
      endedAt: 6000,
    });
    expect(played(...live, spent).problem).toBe('limit');
    expect(played(...live, { type: 'closed', problem: 'elsewhere' }, spent).problem).toBe('elsewhere');
    expect(played(spent)).toEqual(IDLE);
  });

  it('without a problem is an end', () => {
    expect(played(...live, { type: 'closed', problem: null }).phase).toBe('ended');
  });
});

describe('sound', () => {
  it('may be blocked and allowed', () => {
    const blocked: CallEvent = { type: 'soundBlocked', blocked: true };
    expect(played(...live, blocked).soundBlocked).toBe(true);
    expect(played(...live, blocked, { type: 'soundBlocked', blocked: false }).soundBlocked).toBe(false);
  });
});

describe('whatever comes in whatever order', () => {
  const all: CallEvent[] = [
    start,
    joined,
    listening,
    thinking,
    speaking,
    agentLeft,
    { type: 'agentOverdue' },
    micAsked,
    micOn,
    { type: 'micMuted' },
    { type: 'micFailed', trouble: 'denied' },
    { type: 'interrupted' },
    reconnecting,
    reconnected,
    { type: 'refused', problem: 'limit' },
    { type: 'closed', problem: 'dropped' },
    { type: 'closed', problem: null },
    hungUp,
    { type: 'spent' },
    { type: 'soundBlocked', blocked: true },
    { type: 'dismissed' },
  ];

  /** Every state that can be reached, each once. */
  function reachable(): CallState[] {
    const seen = new Map<string, CallState>([[JSON.stringify(IDLE), IDLE]]);
    const open = [IDLE];
    for (let state = open.pop(); state; state = open.pop()) {
      for (const event of all) {
        const next = reduce(state, event, 1);
        const key = JSON.stringify(next);
        if (!seen.has(key)) {
          seen.set(key, next);
          open.push(next);
        }
      }
    }
    return [...seen.values()];
  }

  const states = reachable();

  it('has a problem exactly where the call failed', () => {
    for (const state of states) expect(state.problem !== null).toBe(state.phase === 'failed');
  });

  it('is live only with an agent that does something', () => {
    for (const state of states) if (state.phase === 'live') expect(state.mood).not.toBeNull();
  });

  it('has no microphone without a call', () => {
    for (const state of states) if (!isActive(state)) expect(state.mic).toBe('off');
  });

  it('can always be hung up and begun again', () => {
    for (const state of states) {
      const ended = reduce(state, hungUp, 1);
      expect(isActive(ended)).toBe(false);
      expect(reduce(ended, start, 1).phase).toBe('connecting');
    }
  });

  it('ignores what comes from a call that is over', () => {
    for (const state of states.filter((one) => !isActive(one))) {
      for (const event of all.filter(({ type }) => !['start', 'dismissed', 'spent'].includes(type))) {
        expect(reduce(state, event, 2)).toBe(state);
      }
    }
  });

  it('does not start twice', () => {
    for (const state of states.filter(isActive)) expect(reduce(state, start, 2)).toBe(state);
  });

  it('is a handful of states', () => {
    expect(states.length).toBeGreaterThan(50);
    expect(states.length).toBeLessThan(2000);
  });
});
