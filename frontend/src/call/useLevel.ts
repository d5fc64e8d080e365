'use client';

import { type RefObject, useEffect } from 'react';
import { follow, type Meter, meterOf } from '@/room/level';

/** Whose voice to follow now: a track, a fixed level for pictures, or nobody. */
export type LevelSource = (() => MediaStreamTrack | null) | number | null;

/** Keeps `--level` (0 to 1) of an element at how loud somebody is, without React knowing. */
export function useLevel(element: RefObject<HTMLElement | null>, source: LevelSource): void {
  useEffect(() => {
    const style = element.current?.style;
    if (!style) return;
    if (source === null || typeof source === 'number') {
      style.setProperty('--level', String(source ?? 0));
      return;
    }
    let frame = 0;
    let level = 0;
    let track: MediaStreamTrack | null = null;
    let meter: Meter | null = null;
    const draw = () => {
      const now = source();
      if (now !== track) {
        meter?.close();
        track = now;
        meter = now ? meterOf(now) : null;
      }
      level = follow(level, meter?.read() ?? 0);
      style.setProperty('--level', level.toFixed(3));
      frame = requestAnimationFrame(draw);
    };
    draw();
    return () => {
      cancelAnimationFrame(frame);
      meter?.close();
      style.setProperty('--level', '0');
    };
  }, [element, source]);
}
