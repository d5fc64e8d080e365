'use client';

import { useEffect, useRef } from 'react';
import { type CallState, isActive } from '@/call/machine';
import { tap } from '@/call/view';
import { buzz, confirmClosing, onBack } from '@/telegram/app';

/** How a guest behaves: asks before closing while one talks, knows the way back, and is felt. */
export function useTelegramManners(state: CallState, back: (() => void) | null): void {
  const talking = isActive(state);
  useEffect(() => {
    if (!talking) return;
    confirmClosing(true);
    return () => confirmClosing(false);
  }, [talking]);

  const latest = useRef(back);
  latest.current = back;
  const hasBack = back !== null;
  useEffect(() => (hasBack ? onBack(() => latest.current?.()) : undefined), [hasBack]);

  const before = useRef(state);
  useEffect(() => {
    const was = before.current;
    before.current = state;
    if (was.phase === state.phase) {
      // Cut in: the touch is answered before the agent is.
      if (tap(was) === 'interrupt' && state.mood === 'listening') buzz('tap');
      return;
    }
    if (state.phase === 'connecting' || state.phase === 'ended') buzz('tap');
    else if (state.phase === 'live') buzz('success');
    else if (state.phase === 'failed') buzz('error');
  }, [state]);
}
