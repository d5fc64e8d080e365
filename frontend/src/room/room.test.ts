import { DisconnectReason } from 'livekit-client';
import { describe, expect, it } from 'vitest';
import { moodOf, problemOf } from './join';
import { follow, loudness } from './level';
import { troubleOf } from './microphone';

describe('the end of a room', () => {
  it('is no problem where somebody wanted it', () => {
    expect(problemOf(DisconnectReason.CLIENT_INITIATED)).toBeNull();
    expect(problemOf(DisconnectReason.ROOM_DELETED)).toBeNull();
  });

  it('tells a second window from a lost connection', () => {
    expect(problemOf(DisconnectReason.DUPLICATE_IDENTITY)).toBe('elsewhere');
    expect(problemOf(DisconnectReason.SERVER_SHUTDOWN)).toBe('dropped');
    expect(problemOf(undefined)).toBe('dropped');
  });
});

describe('the agent’s state', () => {
  it('counts once it is ready', () => {
    expect(moodOf('thinking')).toBe('thinking');
    expect(moodOf('initializing')).toBeNull();
    expect(moodOf('idle')).toBeNull();
    expect(moodOf(undefined)).toBeNull();
  });
});

describe('a refused microphone', () => {
  const error = (name: string) => Object.assign(new Error('no'), { name });

  it('is denied, busy or missing', () => {
    expect(troubleOf(error('NotAllowedError'))).toBe('denied');
    expect(troubleOf(error('NotReadableError'))).toBe('busy');
    expect(troubleOf(error('NotFoundError'))).toBe('missing');
    expect(troubleOf('?')).toBe('missing');
  });
});

describe('loudness', () => {
  it('is nothing in silence and all at full scale', () => {
    expect(loudness(new Float32Array(8))).toBe(0);
    expect(loudness([])).toBe(0);
    expect(loudness([0.0001, -0.0001])).toBe(0);
    expect(loudness([1, -1, 1])).toBe(1);
    expect(loudness([0.05, -0.05])).toBeGreaterThan(0.5);
  });

  it('rises faster than it falls', () => {
    expect(follow(0, 1)).toBeGreaterThan(1 - follow(1, 0));
  });
});
