'use client';

import { useEffect, useState } from 'react';
import { developerData } from '@/api/client';
import { TextsIn } from '@/i18n/context';
import { chosenLanguage, keepLanguage, type Language, languageFor } from '@/i18n/language';
import { enterTelegram } from '@/telegram/app';
import { developerLaunch, isDeveloper, type Launch, readLaunch } from '@/telegram/launch';
import { Home } from './Home';
import { Outside } from './Outside';

/** `refused`: whoever develops the page asked for it, and the server does not allow it. */
type Opened = { language: Language; launch: Launch | null; refused?: boolean };

/** The page: within Telegram a call, elsewhere a word about where to open it. */
export function App() {
  const [opened, setOpened] = useState<Opened | null>(null);

  useEffect(() => {
    const launch = readLaunch();
    const language = chosenLanguage() ?? languageFor(launch?.languageCode ?? navigator.language);
    if (launch || !isDeveloper(location.hash)) {
      setOpened({ language, launch });
      return launch ? enterTelegram() : undefined;
    }
    let left = false;
    developerData().then((data) => {
      if (left) return;
      setOpened(
        data ? { language, launch: developerLaunch(data) } : { language, launch: null, refused: true },
      );
    });
    return () => {
      left = true;
    };
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
        <Outside refused={opened.refused} />
      )}
    </TextsIn>
  );
}
