'use client';

import { useRef } from 'react';
import { Icon, type IconName } from '@/ui/Icon';
import styles from './Sphere.module.css';
import { type LevelSource, useLevel } from './useLevel';
import type { Look } from './view';

interface SphereProps {
  look: Look;
  /** What it moves with. */
  source: LevelSource;
  icon?: IconName | undefined;
  label?: string | undefined;
  onTap?: (() => void) | undefined;
}

/** The sphere that is the other side: it breathes, listens, thinks and speaks. A button where a tap does something. */
export function Sphere({ look, source, icon, label, onTap }: SphereProps) {
  const element = useRef<HTMLDivElement>(null);
  useLevel(element, look === 'listening' || look === 'speaking' ? source : null);
  const body = (
    <>
      <span className={styles.halo} />
      <span className={styles.ripple} />
      <span className={styles.far} />
      <span className={styles.ball}>
        <span className={styles.swirl} />
        <span className={styles.gloss} />
      </span>
      <span className={styles.orbit} />
      {icon ? (
        <span className={styles.icon}>
          <Icon name={icon} size={44} />
        </span>
      ) : null}
    </>
  );
  return (
    <div ref={element} className={styles.sphere} data-look={look}>
      {onTap ? (
        <button type="button" className={styles.touch} aria-label={label} onClick={onTap}>
          {body}
        </button>
      ) : (
        <span className={styles.touch} aria-hidden="true">
          {body}
        </span>
      )}
    </div>
  );
}
