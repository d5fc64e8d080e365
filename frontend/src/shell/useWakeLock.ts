'use client';

import { useEffect } from 'react';

/** Keeps the screen on while one talks: a phone that falls asleep ends the call. */
export function useWakeLock(wanted: boolean): void {
  useEffect(() => {
    if (!wanted || !('wakeLock' in navigator)) return;
    let lock: WakeLockSentinel | null = null;
    let over = false;
    const ask = async () => {
      if (document.visibilityState !== 'visible') return;
      const got = await navigator.wakeLock.request('screen').catch(() => null);
      if (over) got?.release().catch(() => {});
      else lock = got;
    };
    ask();
    // It is lost whenever the page is out of sight.
    document.addEventListener('visibilitychange', ask);
    return () => {
      over = true;
      document.removeEventListener('visibilitychange', ask);
      lock?.release().catch(() => {});
    };
  }, [wanted]);
}
