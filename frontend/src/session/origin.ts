import type { Remembered } from '@/api/types';
import { day } from '@/i18n/format';
import type { Texts } from '@/i18n/ru';

/** When something was learned and where, as far as that is known: `узнала 24 ноября, голосом`. */
export function origin(
  { kind, at, place }: Remembered,
  { menu, locale }: Pick<Texts, 'menu' | 'locale'>,
  now: number = Date.now(),
): string {
  const date = at ? day(at, locale, now) : '';
  // A conversation that is summed up was not learned, it took place.
  const when = date && kind !== 'summary' ? menu.learned(date) : date;
  const where = place ? menu.places[place].toLowerCase() : '';
  return [when, where].filter(Boolean).join(', ');
}
