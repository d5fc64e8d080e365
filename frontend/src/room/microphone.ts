import { createLocalAudioTrack, type LocalAudioTrack, TrackEvent } from 'livekit-client';
import type { MicTrouble } from '@/call/machine';
import { type Microphone, MicrophoneError } from './ports';

/** What a browser's refusal means for the person. */
export function troubleOf(error: unknown): MicTrouble {
  const name = error instanceof Error ? error.name : '';
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'denied';
  if (name === 'NotReadableError' || name === 'AbortError') return 'busy';
  return 'missing';
}

/** Asks for the microphone; to be called once a launch, since some clients ask the person each time. */
export async function openMicrophone(): Promise<Microphone> {
  let track: LocalAudioTrack;
  try {
    track = await createLocalAudioTrack({
      echoCancellation: true,
      noiseSuppression: true,
      autoGainControl: true,
    });
  } catch (error) {
    throw new MicrophoneError(troubleOf(error));
  }
  let told: (() => void) | null = null;
  track.on(TrackEvent.Ended, () => told?.());
  return {
    track,
    async mute() {
      await track.mute();
    },
    async unmute() {
      await track.unmute();
    },
    remember() {
      if (!track.hasPreConnectBuffer) track.startPreConnectBuffer();
    },
    onLost(tell) {
      told = tell;
    },
  };
}
