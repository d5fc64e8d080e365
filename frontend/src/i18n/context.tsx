'use client';

import { createContext, type ReactNode, use, useEffect } from 'react';
import { en } from './en';
import type { Language } from './language';
import { ru, type Texts } from './ru';

const TEXTS: Record<Language, Texts> = { ru, en };

const Context = createContext<Texts>(ru);

/** Gives everything below it its texts, and the document its language. */
export function TextsIn({ language, children }: { language: Language; children: ReactNode }) {
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  return <Context value={TEXTS[language]}>{children}</Context>;
}

export function useTexts(): Texts {
  return use(Context);
}
