import { describe, expect, it } from 'vitest';
import { contrast, isDark, palette, parse, readable } from './colors';

describe('colours', () => {
  it('are read as Telegram writes them', () => {
    expect(parse('#Fff')).toEqual([255, 255, 255]);
    expect(parse('#2481cc')).toEqual([36, 129, 204]);
    for (const none of ['', 'red', '#12', '#12345g', 'url(x)']) expect(parse(none)).toBeNull();
  });

  it('have the contrast WCAG says', () => {
    expect(contrast('#000', '#fff')).toBeCloseTo(21);
    expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 1);
  });

  it('are dark or light', () => {
    expect(isDark('#17212b')).toBe(true);
    expect(isDark('#ffffff')).toBe(false);
  });

  it('become readable, and stay as they are where they were', () => {
    expect(readable('#000000', '#ffffff')).toBe('#000000');
    expect(contrast(readable('#999999', '#ffffff'), '#ffffff')).toBeGreaterThanOrEqual(4.5);
    expect(contrast(readable('#222222', '#17212b'), '#17212b')).toBeGreaterThanOrEqual(4.5);
  });
});

describe('a palette', () => {
  const themes = {
    light: { bg: '#ffffff', text: '#000000', button: '#2481cc', buttonText: '#ffffff' },
    dark: { bg: '#17212b', text: '#f5f5f5', button: '#5288c1', buttonText: '#ffffff' },
    ios: { bg: '#000000', text: '#ffffff', button: '#3e88f7', buttonText: '#ffffff' },
    yellow: { bg: '#fff8dc', text: '#ccbb77', button: '#ffe066', buttonText: '#ffffff' },
    grey: { bg: '#808080', text: '#888888', button: '#808080', buttonText: '#7f7f7f' },
    nothingElse: { bg: '#101010' },
  };

  it.each(Object.entries(themes))('of a %s theme can be read', (_, theme) => {
    const made = palette(theme);
    const { '--bg': bg = '', '--text': text = '', '--accent': accent = '' } = made?.variables ?? {};
    const { '--on-accent': onAccent = '', '--link': link = '' } = made?.variables ?? {};
    expect(contrast(text, bg)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(onAccent, accent)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(link, bg)).toBeGreaterThanOrEqual(4.5);
  });

  it('of no theme is the system’s', () => {
    expect(palette({})).toBeNull();
    expect(palette({ bg: 'what' })).toBeNull();
  });
});
