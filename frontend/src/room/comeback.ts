import { ConnectionState, EngineEvent, type Room, RoomEvent } from 'livekit-client';

type Emitter = { on(event: string, listener: () => void): unknown };
/** As much of a room as this takes. */
type Restarting = Emitter & { engine: Emitter; state: Room['state'] };

/**
 * Tells when lines can be sent again. livekit-client 2.23 says that a room is back up to two seconds before a
 * full reconnection is over, and what is sent in between is lost without a word.
 */
export function followComeback(room: Restarting, back: () => void): void {
  let restarting = false;
  room.engine.on(EngineEvent.Restarting, () => {
    restarting = true;
  });
  room.engine.on(EngineEvent.Restarted, () => {
    // It takes lines only after this event has been handled.
    setTimeout(() => {
      restarting = false;
      if (room.state === ConnectionState.Connected) back();
    });
  });
  room.on(RoomEvent.Reconnected, () => {
    if (!restarting) back();
  });
}
