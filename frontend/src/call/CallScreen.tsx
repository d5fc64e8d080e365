'use client';

import type { ReactNode } from 'react';
import type { Book } from '@/captions/book';
import { Captions } from '@/captions/Captions';
import { useTexts } from '@/i18n/context';
import { clock } from '@/i18n/format';
import type { Texts } from '@/i18n/ru';
import type { Platform } from '@/telegram/launch';
import { Announcer } from './Announcer';
import styles from './CallScreen.module.css';
import { Dock, type DockActions } from './Dock';
import { PROBLEM_ICONS } from './icons';
import type { CallState } from './machine';
import { Notices } from './Notices';
import { Sphere } from './Sphere';
import type { LevelSource } from './useLevel';
import { elapsed, look, type Status, status, tap } from './view';

export interface CallActions extends DockActions {
  interrupt: () => void;
  unlockSound: () => void;
}

interface CallScreenProps {
  state: CallState;
  book: Book;
  name: string | null;
  platform: Platform;
  level: LevelSource;
  actions: CallActions;
  header: ReactNode;
}

/** The whole page for any state of the call. */
export function CallScreen({ state, book, name, platform, level, actions, header }: CallScreenProps) {
  const texts = useTexts();
  const does = tap(state);
  const act =
    does === 'start' ? () => actions.start(true) : does === 'interrupt' ? actions.interrupt : undefined;
  const label =
    does === 'start' ? texts.ready.start : does === 'interrupt' ? texts.hint.interrupt : undefined;
  // Until something was said the sphere has the page to itself.
  const words = book.length > 0;

  return (
    <div className={styles.screen} data-words={words}>
      {header}
      <main className={styles.main}>
        <section className={styles.who}>
          <Sphere
            look={look(state)}
            source={level}
            icon={state.problem ? PROBLEM_ICONS[state.problem] : undefined}
            label={label}
            onTap={act}
          />
          <Headline state={state} name={name} fresh={!book.some(({ who }) => who === 'you')} />
        </section>
        {words ? <Captions book={book} /> : null}
      </main>
      <footer className={styles.foot}>
        <Notices state={state} platform={platform} onUnlock={actions.unlockSound} />
        <Dock state={state} actions={actions} />
      </footer>
      <Announcer state={state} book={book} />
    </div>
  );
}

/** What goes on, in words. */
function Headline({ state, name, fresh }: { state: CallState; name: string | null; fresh: boolean }) {
  const texts = useTexts();
  const now = status(state);
  if (now === 'ready') return <Words title={texts.ready.greeting(name)} text={texts.ready.lead} big />;
  if (state.problem) return <Words {...texts.problem[state.problem]} big />;
  if (now === 'ended') {
    const seconds = elapsed(state, 0);
    return (
      <Words title={texts.status.ended} text={seconds === null ? '' : texts.lasted(clock(seconds))} big />
    );
  }
  return <Words title={texts.status[now]} text={hintFor(now, fresh, texts.hint)} />;
}

/** What may be done next; whoever has spoken already needs no invitation. */
function hintFor(now: Status, fresh: boolean, hint: Texts['hint']): string {
  if (now === 'speaking' || now === 'thinking') return hint.interrupt;
  if (now === 'listeningMuted') return hint.muted;
  return now === 'listening' && fresh ? hint.listening : '';
}

function Words({ title, text, big = false }: { title: string; text: string; big?: boolean }) {
  return (
    <div className={styles.headline} data-big={big}>
      <h1>{title}</h1>
      <p>{text}</p>
    </div>
  );
}
