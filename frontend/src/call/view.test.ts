import { describe, expect, it } from 'vitest';
import { type CallState, IDLE, type Problem } from './machine';
import { canType, elapsed, look, remedy, status, tap } from './view';

const live: CallState = { ...IDLE, phase: 'live', mood: 'listening', mic: 'on', startedAt: 1000 };

describe('what is said', () => {
  it.each([
    [IDLE, 'ready'],
    [{ ...IDLE, phase: 'connecting', mic: 'asking' }, 'askingMic'],
    [{ ...IDLE, phase: 'connecting' }, 'connecting'],
    [{ ...IDLE, phase: 'connecting', mic: 'on' }, 'connectingHeard'],
    [{ ...IDLE, phase: 'connecting', mic: 'denied' }, 'connecting'],
    [{ ...IDLE, phase: 'waiting' }, 'calling'],
    [{ ...IDLE, phase: 'waiting', mic: 'on' }, 'connectingHeard'],
    [{ ...IDLE, phase: 'waiting', mic: 'on', agentLost: true }, 'agentLost'],
    [live, 'listening'],
    [{ ...live, mic: 'muted' }, 'listeningMuted'],
    [{ ...live, mic: 'denied' }, 'reading'],
    [{ ...live, mic: 'off' }, 'reading'],
    [{ ...live, mood: 'thinking' }, 'thinking'],
    [{ ...live, mood: 'speaking', mic: 'muted' }, 'speaking'],
    [{ ...live, phase: 'reconnecting' }, 'reconnecting'],
    [{ ...IDLE, phase: 'ended' }, 'ended'],
    [{ ...IDLE, phase: 'failed', problem: 'limit' }, 'failed'],
  ] as [CallState, string][])('%o is %s', (state, said) => {
    expect(status(state)).toBe(said);
  });

  it('does not look as if it listened while muted', () => {
    expect(look({ ...live, mic: 'muted' })).toBe('quiet');
    expect(look({ ...IDLE, phase: 'failed', problem: 'banned' })).toBe('trouble');
  });
});

describe('a tap on the sphere', () => {
  it('starts, interrupts or does nothing', () => {
    expect(tap(IDLE)).toBe('start');
    expect(tap({ ...IDLE, phase: 'ended' })).toBe('start');
    expect(tap(live)).toBeNull();
    expect(tap({ ...live, mood: 'speaking' })).toBe('interrupt');
    expect(tap({ ...live, mood: 'thinking' })).toBe('interrupt');
    expect(tap({ ...live, mood: 'speaking', phase: 'reconnecting' })).toBeNull();
    expect(tap({ ...IDLE, phase: 'failed', problem: 'limit' })).toBeNull();
  });
});

describe('a remedy', () => {
  it.each([
    ['network', 'retry'],
    ['elsewhere', 'takeBack'],
    ['expired', 'reopen'],
    ['banned', 'none'],
    ['limit', 'none'],
  ] as [Problem, string][])('for %s is %s', (problem, help) => {
    expect(remedy(problem)).toBe(help);
  });
});

describe('the timer', () => {
  it('begins with the agent and stands still at the end', () => {
    expect(elapsed(IDLE, 9000)).toBeNull();
    expect(elapsed(live, 9999)).toBe(8);
    expect(elapsed({ ...live, phase: 'ended', endedAt: 4000 }, 9000)).toBe(3);
    expect(elapsed(live, 0)).toBe(0);
  });
});

it('takes text only when somebody reads it', () => {
  expect(canType(live)).toBe(true);
  expect(canType({ ...live, phase: 'reconnecting' })).toBe(false);
});
