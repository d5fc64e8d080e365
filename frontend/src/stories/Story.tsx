'use client';

import { useEffect, useState } from 'react';
import { CallScreen } from '@/call/CallScreen';
import { TextsIn } from '@/i18n/context';
import { languageFor } from '@/i18n/language';
import { Menu } from '@/session/Menu';
import { Header } from '@/shell/Header';
import { Outside } from '@/shell/Outside';
import { palette } from '@/telegram/colors';
import { bookIn, rememberedIn, type StoryName, storyNames, storyState, THEMES } from './fixtures';

const nothing = () => {};
const actions = {
  start: nothing,
  again: nothing,
  dismiss: nothing,
  hangUp: nothing,
  toggleMicrophone: nothing,
  say: async () => true,
  interrupt: nothing,
  unlockSound: nothing,
  closeWindow: nothing,
};

/** A state of the page, named by the address: `/stories#speaking,ru,telegram-dark`. In no build that is served. */
export function Story() {
  const [asked, setAsked] = useState<string[] | null>(null);
  useEffect(() => {
    const read = () => setAsked(decodeURIComponent(location.hash.slice(1)).split(','));
    read();
    addEventListener('hashchange', read);
    return () => removeEventListener('hashchange', read);
  }, []);
  const theme = asked?.[2];
  useEffect(() => {
    const made = palette(THEMES[theme ?? ''] ?? {});
    if (!made) return;
    document.documentElement.dataset.theme = made.scheme;
    for (const [name, value] of Object.entries(made.variables)) {
      document.documentElement.style.setProperty(name, value);
    }
  }, [theme]);
  if (!asked) return null;
  const language = languageFor(asked[1]);
  const name = storyNames.find((known) => known === asked[0]);
  return <TextsIn language={language}>{name ? <Show name={name} language={language} /> : <List />}</TextsIn>;
}

function Show({ name, language }: { name: StoryName; language: 'ru' | 'en' }) {
  if (name === 'outside') return <Outside />;
  if (name === 'developerRefused') return <Outside refused />;
  const menu = name.startsWith('menu');
  const state = storyState(menu ? 'ready' : name);
  return (
    <>
      <CallScreen
        state={state}
        book={bookIn(name, language)}
        name={language === 'ru' ? 'Алекс' : 'Alex'}
        platform="ios"
        level={state.mood ? 0.55 : null}
        actions={actions}
        header={<Header state={state} onMenu={nothing} />}
      />
      {menu ? (
        <Menu
          api={{
            ticket: () => Promise.reject(new Error('story')),
            call: () => Promise.reject(new Error('story')),
            session: () => rememberedIn(name, language),
            forget: async () => {},
          }}
          conversation={null}
          language={language}
          onLanguage={nothing}
          onClose={nothing}
        />
      ) : null}
    </>
  );
}

function List() {
  return (
    <main>
      <h1>Stories</h1>
      <ul>
        {storyNames.map((name) => (
          <li key={name}>
            <a href={`#${name},ru`}>{name}</a>
          </li>
        ))}
      </ul>
    </main>
  );
}
