'use client';

import { useEffect, useState } from 'react';
import { TextsIn } from '@/i18n/context';
import { chosenLanguage, keepLanguage, type Language, languageFor } from '@/i18n/language';
import { enterTelegram } from '@/telegram/app';
import { type Launch, readLaunch } from '@/telegram/launch';
import { Home } from './Home';
import { Outside } from './Outside';

type Opened = { language: Language; launch: Launch | null };

/** The page: within Telegram a call, elsewhere a word about where to open it. */
export function App() {
  const [opened, setOpened] = useState<Opened | null>(null);

  useEffect(() => {
    const launch = readLaunch();
    const language = chosenLanguage() ?? languageFor(launch?.languageCode ?? navigator.language);
    setOpened({ language, launch });
    return launch ? enterTelegram() : undefined;
  }, []);

  // What is built has no language yet: nothing is said before it is known.
  if (!opened) return <main aria-busy="true" />;
  const choose = (language: Language) => {
    keepLanguage(language);
    setOpened({ ...opened, language });
  };
  return (
    <TextsIn language={opened.language}>
      {opened.launch ? (
        <Home launch={opened.launch} language={opened.language} onLanguage={choose} />
      ) : (
        <Outside />
      )}
    </TextsIn>
  );
}
