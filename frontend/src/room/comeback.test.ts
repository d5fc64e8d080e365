import { EventEmitter } from 'node:events';
import { ConnectionState, EngineEvent, RoomEvent } from 'livekit-client';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { followComeback } from './comeback';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A room, and how often it came back. */
function watched() {
  const room = Object.assign(new EventEmitter(), {
    engine: new EventEmitter(),
    state: ConnectionState.Reconnecting as ConnectionState,
  });
  const back = vi.fn();
  followComeback(room, back);
  return { room, back };
}

it('is back at once where the connection was only resumed', () => {
  const { room, back } = watched();
  room.emit(RoomEvent.Reconnected);
  expect(back).toHaveBeenCalledOnce();
});

it('does not believe a room that says so before its engine', () => {
  const { room, back } = watched();
  room.engine.emit(EngineEvent.Restarting);
  room.state = ConnectionState.Connected;
  room.emit(RoomEvent.Reconnected);
  vi.advanceTimersByTime(2_000);
  expect(back).not.toHaveBeenCalled();
  room.engine.emit(EngineEvent.Restarted);
  expect(back).not.toHaveBeenCalled();
  vi.runAllTimers();
  expect(back).toHaveBeenCalledOnce();
});

it('waits for the room where the engine is first', () => {
  const { room, back } = watched();
  room.engine.emit(EngineEvent.Restarting);
  room.engine.emit(EngineEvent.Restarted);
  vi.runAllTimers();
  expect(back).not.toHaveBeenCalled();
  room.state = ConnectionState.Connected;
  room.emit(RoomEvent.Reconnected);
  expect(back).toHaveBeenCalledOnce();
});

it('goes on waiting where an attempt failed', () => {
  const { room, back } = watched();
  room.engine.emit(EngineEvent.Restarting);
  room.engine.emit(EngineEvent.Restarting);
  room.state = ConnectionState.Connected;
  room.emit(RoomEvent.Reconnected);
  vi.runAllTimers();
  expect(back).not.toHaveBeenCalled();
});
