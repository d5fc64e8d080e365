import { describe, expect, it } from 'vitest';
import { en } from './en';
import { clock, moment } from './format';
import { languageFor } from './language';
import { ru } from './ru';

/** Every text with its path; those that take something are tried with examples. */
function texts(value: unknown, path = ''): [string, string][] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value === 'function') return [[path, String(value(5))]];
  return Object.entries(value as object).flatMap(([key, inner]) => texts(inner, `${path}.${key}`));
}

describe('the texts', () => {
  it('are the same ones in both languages', () => {
    expect(texts(en).map(([path]) => path)).toEqual(texts(ru).map(([path]) => path));
  });

  it('are all written, and in their own language', () => {
    for (const [path, text] of texts(ru)) expect(text.trim(), path).not.toBe('');
    for (const [path, text] of texts(en)) expect(text, path).not.toMatch(/[а-яё]/i);
  });

  it('count as Russian does', () => {
    expect(ru.menu.lines(1)).toBe('1 вопрос');
    expect(ru.menu.lines(3)).toBe('3 вопроса');
    expect(ru.menu.lines(11)).toBe('11 вопросов');
    expect(ru.menu.lines(21)).toBe('21 вопрос');
  });

  it('greet those without a name too', () => {
    expect(ru.ready.greeting(null)).toBe('Привет!');
    expect(ru.ready.greeting('Алекс')).toBe('Привет, Алекс!');
  });
});

describe('the language', () => {
  it.each([
    [undefined, 'ru'],
    ['', 'ru'],
    ['ru', 'ru'],
    ['RU-ru', 'ru'],
    ['uk', 'ru'],
    ['en', 'en'],
    ['de_AT', 'en'],
  ])('for %s is %s', (code, language) => {
    expect(languageFor(code)).toBe(language);
  });
});

describe('time', () => {
  it('is written as on a phone', () => {
    expect(clock(0)).toBe('0:00');
    expect(clock(187.9)).toBe('3:07');
    expect(clock(3729)).toBe('1:02:09');
    expect(clock(-1)).toBe('0:00');
  });

  it('that is none is left out', () => {
    expect(moment(Number.NaN, 'ru')).toBe('');
    const [november, january] = [Date.UTC(2026, 10, 23, 12), Date.UTC(2027, 0, 3, 12)];
    expect(moment(november, 'ru', november)).toMatch(/^23 ноября в \d\d:00$/);
    expect(moment(november, 'ru', january)).toContain('2026');
  });
});
