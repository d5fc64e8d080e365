'use client';

import { RoomAudioRenderer } from '@livekit/components-react';
import type { Room } from 'livekit-client';

/** Plays what is said in the room. */
export default function Sounds({ room }: { room: Room }) {
  return <RoomAudioRenderer room={room} />;
}
