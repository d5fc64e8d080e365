import { describe, expect, it } from 'vitest';
import { en } from '@/i18n/en';
import { ru } from '@/i18n/ru';
import { origin } from './origin';

const at = new Date(2026, 10, 24, 12).getTime();
const now = new Date(2026, 10, 26).getTime();

describe('the origin of what is remembered', () => {
  it('says when and where it was learned', () => {
    const fact = { text: 'Алекс', kind: 'name', at, place: 'voice' } as const;
    expect(origin(fact, ru, now)).toBe('узнала 24 ноября, голосом');
    expect(origin(fact, en, now)).toBe('learned on November 24, by voice');
    const written = { ...fact, place: 'chat' } as const;
    expect(origin(written, ru, new Date(2027, 0, 5).getTime())).toBe('узнала 24 ноября 2026 г., в чате');
  });

  it('of a conversation says when it was, and leaves out what is not known', () => {
    const summary = { text: 'О погоде', kind: 'summary', at, place: 'chat' } as const;
    expect(origin(summary, ru, now)).toBe('24 ноября, в чате');
    expect(origin({ text: 'Алекс', at }, ru, now)).toBe('узнала 24 ноября');
    expect(origin({ text: 'Алекс' }, ru, now)).toBe('');
  });
});
