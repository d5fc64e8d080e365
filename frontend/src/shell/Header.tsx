'use client';

import { useSyncExternalStore } from 'react';
import type { CallState } from '@/call/machine';
import { Timer } from '@/call/Timer';
import { useTexts } from '@/i18n/context';
import { hasFullscreen, isFullscreen, onViewport, toggleFullscreen } from '@/telegram/app';
import { RoundButton } from '@/ui/Button';
import styles from './Header.module.css';

interface HeaderProps {
  state: CallState;
  onMenu: () => void;
}

/** Whose page it is, how long one talks, and the way to everything else. */
export function Header({ state, onMenu }: HeaderProps) {
  const { action } = useTexts();
  return (
    <header className={styles.header}>
      <span className={styles.name}>Sfera</span>
      <span className={styles.time}>
        <Timer state={state} />
      </span>
      <Fullscreen />
      <RoundButton icon="menu" look="bare" label={action.menu} onClick={onMenu} />
    </header>
  );
}

function Fullscreen() {
  const { action } = useTexts();
  const can = useSyncExternalStore(onViewport, hasFullscreen, () => false);
  const is = useSyncExternalStore(onViewport, isFullscreen, () => false);
  if (!can) return null;
  return (
    <RoundButton
      icon={is ? 'shrink' : 'expand'}
      look="bare"
      label={is ? action.exitFullscreen : action.fullscreen}
      onClick={toggleFullscreen}
    />
  );
}
