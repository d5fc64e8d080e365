/** How loud a track is, for the sphere. */

export interface Meter {
  /** 0 (silence) to 1. */
  read(): number;
  close(): void;
}

/** Quieter than this is silence, in decibels of full scale; louder than the other is as loud as it gets. */
const FLOOR = -55;
const CEILING = -12;

/** How loud samples between -1 and 1 sound, 0 to 1. */
export function loudness(samples: ArrayLike<number>): number {
  let sum = 0;
  for (let index = 0; index < samples.length; index += 1) sum += (samples[index] ?? 0) ** 2;
  if (sum === 0) return 0;
  const decibels = 10 * Math.log10(sum / samples.length);
  return Math.min(1, Math.max(0, (decibels - FLOOR) / (CEILING - FLOOR)));
}

/** Rises at once and falls slowly, as eyes like it. */
export function follow(level: number, heard: number): number {
  return level + (heard - level) * (heard > level ? 0.5 : 0.12);
}

export function meterOf(track: MediaStreamTrack): Meter | null {
  if (typeof AudioContext === 'undefined') return null;
  const context = new AudioContext();
  const source = context.createMediaStreamSource(new MediaStream([track]));
  const analyser = context.createAnalyser();
  analyser.fftSize = 512;
  source.connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  return {
    read() {
      if (context.state === 'suspended') context.resume().catch(() => {});
      analyser.getFloatTimeDomainData(samples);
      return loudness(samples);
    },
    close() {
      source.disconnect();
      context.close().catch(() => {});
    },
  };
}
