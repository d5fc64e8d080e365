'use client';

import { useEffect } from 'react';

/** Less than this is a bar that came or went, no keyboard. */
const KEYBOARD = 120;

/** Leaves an on-screen keyboard its room: iOS lays it over the page instead of making the page smaller. */
export function useKeyboardRoom(): void {
  useEffect(() => {
    const seen = window.visualViewport;
    if (!seen) return;
    const style = document.documentElement.style;
    const fit = () => {
      // Enlarged by the fingers, less is seen too.
      const covered = seen.scale === 1 && window.innerHeight - seen.height > KEYBOARD;
      if (!covered) {
        style.removeProperty('--visible-height');
        return;
      }
      style.setProperty('--visible-height', `${Math.round(seen.height)}px`);
      window.scrollTo(0, 0);
    };
    seen.addEventListener('resize', fit);
    return () => {
      seen.removeEventListener('resize', fit);
      style.removeProperty('--visible-height');
    };
  }, []);
}
