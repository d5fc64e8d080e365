'use client';

import { useEffect, useState } from 'react';
import { useTexts } from '@/i18n/context';
import { clock } from '@/i18n/format';
import { type CallState, isActive } from './machine';
import { elapsed } from './view';

/** How long the call has lasted. */
export function Timer({ state }: { state: CallState }) {
  const { timer } = useTexts();
  const [now, setNow] = useState(() => Date.now());
  const running = isActive(state) && state.startedAt !== null;
  useEffect(() => {
    if (!running) return;
    setNow(Date.now());
    const tick = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(tick);
  }, [running]);
  const seconds = elapsed(state, now);
  if (!running || seconds === null) return null;
  const time = clock(seconds);
  return (
    <span role="timer">
      <span className="unseen">{timer(time)}</span>
      <span aria-hidden="true">{time}</span>
    </span>
  );
}
