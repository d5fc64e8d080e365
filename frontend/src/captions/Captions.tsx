'use client';

import { memo, useCallback, useEffect, useRef, useState } from 'react';
import { useTexts } from '@/i18n/context';
import { RoundButton } from '@/ui/Button';
import { Icon, type IconName } from '@/ui/Icon';
import { type Book, sameTurn, type Turn, turns } from './book';
import styles from './Captions.module.css';

/** This far from the end one still reads along. */
const NEAR = 48;

/** What was said so far, following the latest words unless somebody reads back. */
export function Captions({ book }: { book: Book }) {
  const texts = useTexts();
  const scroller = useRef<HTMLDivElement>(null);
  const [behind, setBehind] = useState(false);

  const toEnd = useCallback((smooth: boolean) => {
    const element = scroller.current;
    element?.scrollTo({ top: element.scrollHeight, behavior: smooth ? 'smooth' : 'instant' });
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: new words are what it follows.
  useEffect(() => {
    if (!behind) toEnd(false);
  }, [book, behind, toEnd]);
  // A keyboard or a notice takes space away.
  useEffect(() => {
    const element = scroller.current;
    if (!element || behind) return;
    const watcher = new ResizeObserver(() => toEnd(false));
    watcher.observe(element);
    return () => watcher.disconnect();
  }, [behind, toEnd]);

  const scrolled = () => {
    const element = scroller.current;
    if (element) setBehind(element.scrollHeight - element.scrollTop - element.clientHeight > NEAR);
  };

  return (
    <div className={styles.captions}>
      <div
        ref={scroller}
        className={styles.scroller}
        role="log"
        aria-live="off"
        aria-label={texts.captions.label}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard.
        tabIndex={0}
        onScroll={scrolled}
      >
        <div className={styles.turns}>
          {turns(book).map((turn) => (
            <TurnView key={turn.id} turn={turn} />
          ))}
        </div>
      </div>
      {behind ? (
        <div className={styles.latest}>
          <RoundButton icon="down" label={texts.captions.latest} onClick={() => toEnd(true)} />
        </div>
      ) : null}
    </div>
  );
}

const TurnView = memo(
  function TurnView({ turn }: { turn: Turn }) {
    const { captions } = useTexts();
    return (
      <div className={styles.turn} data-who={turn.who}>
        <p className={styles.words} dir="auto">
          <span className="unseen">{turn.who === 'you' ? captions.you : captions.agent}: </span>
          {turn.lines.map((line) => (
            <span key={line.id} className={line.final ? undefined : styles.interim}>
              {line.text}{' '}
            </span>
          ))}
        </p>
        {turn.sources.length ? <Sources turn={turn} /> : null}
      </div>
    );
  },
  (one, other) => sameTurn(one.turn, other.turn),
);

function Sources({ turn }: { turn: Turn }) {
  const { captions } = useTexts();
  return (
    <ul className={styles.sources} aria-label={captions.sources}>
      {turn.sources.map(({ title, url }) => (
        <li key={`${title} ${url ?? ''}`}>
          {url ? (
            <a className={styles.source} href={url} target="_blank" rel="noreferrer">
              <Chip icon="link" title={title} />
            </a>
          ) : (
            <span className={styles.source}>
              <Chip icon="page" title={title} />
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}

function Chip({ icon, title }: { icon: IconName; title: string }) {
  return (
    <span className={styles.chip}>
      <Icon name={icon} size={16} />
      <span>{title}</span>
    </span>
  );
}
