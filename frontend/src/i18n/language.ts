export type Language = 'ru' | 'en';

export const LANGUAGES: readonly Language[] = ['ru', 'en'];

/** Where Russian is understood rather than English. */
const RUSSIAN = new Set(['ru', 'be', 'uk', 'kk', 'ky', 'uz', 'tg', 'hy', 'az', 'ka', 'tt']);

const KEPT_AS = 'sfera.language';

/** The page's language for a code like `en-GB`; without one it is Russian. */
export function languageFor(code: string | null | undefined): Language {
  if (!code) return 'ru';
  const [primary = ''] = code.toLowerCase().split(/[-_]/);
  return RUSSIAN.has(primary) ? 'ru' : 'en';
}

/** What the person chose on this device. Where nothing may be stored, nothing is. */
export function chosenLanguage(): Language | null {
  try {
    const kept = localStorage.getItem(KEPT_AS);
    return LANGUAGES.find((language) => language === kept) ?? null;
  } catch {
    return null;
  }
}

export function keepLanguage(language: Language): void {
  try {
    localStorage.setItem(KEPT_AS, language);
  } catch {
    // A private window: the choice lasts as long as the page.
  }
}
