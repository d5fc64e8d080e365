'use client';

import { lazy, type ReactNode, Suspense } from 'react';
import type { Api } from '@/api/client';
import type { Remembered as Known, Session } from '@/api/types';
import { useTexts } from '@/i18n/context';
import { LANGUAGES, type Language } from '@/i18n/language';
import type { Conversation } from '@/room/ports';
import { Button } from '@/ui/Button';
import { Sheet } from '@/ui/Sheet';
import { Forget } from './Forget';
import { History } from './History';
import styles from './Menu.module.css';
import { origin } from './origin';
import { useSession } from './useSession';

const Devices = lazy(() => import('@/room/Devices'));

interface MenuProps {
  api: Api;
  conversation: Conversation | null;
  language: Language;
  onLanguage: (language: Language) => void;
  onClose: () => void;
}

/** What is remembered, and what can be set. */
export function Menu({ api, conversation, language, onLanguage, onClose }: MenuProps) {
  const { menu, action } = useTexts();
  const { loaded, load, forget } = useSession(api);
  return (
    <Sheet title={menu.title} closeLabel={action.close} onClose={onClose}>
      {loaded.is === 'loading' ? <p className={styles.quiet}>{menu.loading}</p> : null}
      {loaded.is === 'failed' ? (
        <div className={styles.failed}>
          <p className={styles.quiet}>{menu.failed}</p>
          <Button icon="refresh" onClick={load}>
            {action.retry}
          </Button>
        </div>
      ) : null}
      {loaded.is === 'there' ? <Remembered session={loaded.session} /> : null}
      {conversation?.room ? (
        <Part title={menu.microphone}>
          <Suspense fallback={<p className={styles.quiet}>…</p>}>
            <Devices room={conversation.room} />
          </Suspense>
        </Part>
      ) : null}
      <LanguageChoice language={language} onLanguage={onLanguage} />
      {loaded.is === 'there' ? <Forget forget={forget} /> : null}
    </Sheet>
  );
}

function Remembered({ session }: { session: Session }) {
  const { menu } = useTexts();
  const { voice_seconds_daily: daily, voice_seconds_today: today } = session;
  return (
    <>
      {daily ? (
        <p className={styles.left}>{menu.left(Math.max(0, Math.ceil((daily - today) / 60)))}</p>
      ) : null}
      <Part title={menu.known}>
        {session.remembered.length ? (
          <ul className={styles.facts}>
            {session.remembered.map((fact) => (
              <Fact key={`${fact.kind} ${fact.text}`} fact={fact} />
            ))}
          </ul>
        ) : (
          <p className={styles.quiet}>{menu.knownEmpty}</p>
        )}
      </Part>
      <Part title={menu.history}>
        <History conversations={session.conversations} />
      </Part>
    </>
  );
}

function Fact({ fact }: { fact: Known }) {
  const from = origin(fact, useTexts());
  return (
    <li>
      {fact.text}
      {from ? <small>{from}</small> : null}
    </li>
  );
}

function LanguageChoice({ language, onLanguage }: Pick<MenuProps, 'language' | 'onLanguage'>) {
  const { menu } = useTexts();
  const names: Record<Language, string> = { ru: 'Русский', en: 'English' };
  return (
    <Part title={menu.language}>
      <fieldset className={styles.choice}>
        <legend className="unseen">{menu.language}</legend>
        {LANGUAGES.map((one) => (
          <label key={one} lang={one}>
            <input type="radio" name="language" checked={one === language} onChange={() => onLanguage(one)} />
            <span>{names[one]}</span>
          </label>
        ))}
      </fieldset>
    </Part>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={styles.part}>
      <h3>{title}</h3>
      {children}
    </section>
  );
}
