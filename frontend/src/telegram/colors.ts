/** Colours of a Telegram theme, made readable: any theme may come, also one nobody can read. */

type Rgb = readonly [number, number, number];

export function parse(color: string): Rgb | null {
  const match = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(color.trim());
  const hex = match?.[1];
  if (!hex) return null;
  const full = hex.length === 3 ? [...hex].map((digit) => digit + digit).join('') : hex;
  const at = (index: number) => Number.parseInt(full.slice(index, index + 2), 16);
  return [at(0), at(2), at(4)];
}

function write([red, green, blue]: Rgb): string {
  return `#${[red, green, blue].map((part) => Math.round(part).toString(16).padStart(2, '0')).join('')}`;
}

function luminance(color: Rgb): number {
  const [red, green, blue] = color.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as unknown as Rgb;
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** WCAG's contrast ratio, 1 to 21. */
export function contrast(one: string, other: string): number {
  const [first, second] = [parse(one), parse(other)];
  if (!first || !second) return 1;
  const [a, b] = [luminance(first), luminance(second)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

export function isDark(background: string): boolean {
  const color = parse(background);
  return color !== null && luminance(color) < 0.18;
}

function mix(from: Rgb, to: Rgb, share: number): Rgb {
  const part = (index: 0 | 1 | 2) => from[index] + (to[index] - from[index]) * share;
  return [part(0), part(1), part(2)];
}

function blend(front: string, back: string, share: number): string {
  const [over, under] = [parse(front), parse(back)];
  return over && under ? write(mix(under, over, share)) : back;
}

/** `color`, moved towards black or white just as far as it takes to be read on `background`. */
export function readable(color: string, background: string, enough = 4.5): string {
  const [from, behind] = [parse(color), parse(background)];
  if (!from || !behind) return color;
  const goal: Rgb =
    contrast('#ffffff', background) >= contrast('#000000', background) ? [255, 255, 255] : [0, 0, 0];
  for (let share = 0; share < 1; share += 0.05) {
    const tried = write(mix(from, goal, share));
    if (contrast(tried, background) >= enough) return tried;
  }
  return write(goal);
}

/** A theme as Telegram names its colours; any may be absent. */
export interface Theme {
  bg?: string;
  text?: string;
  button?: string;
  buttonText?: string;
}

export interface Palette {
  scheme: 'light' | 'dark';
  variables: Record<string, string>;
}

/** The page's own colours for a theme. `null` where it has no background: the system decides then. */
export function palette({ bg, text, button, buttonText }: Theme): Palette | null {
  if (!bg || !parse(bg)) return null;
  const dark = isDark(bg);
  const fore = readable(text ?? (dark ? '#ffffff' : '#14161c'), bg, 7);
  const accent = button && parse(button) ? button : dark ? '#8b7bff' : '#5b46e0';
  // The button keeps its colour where its words can be made readable by their own; white is tried first.
  const onAccent = readable(buttonText ?? '#ffffff', accent, 3);
  const face = readable(accent, onAccent);
  return {
    scheme: dark ? 'dark' : 'light',
    variables: {
      '--bg': bg,
      '--text': fore,
      '--accent': face,
      '--on-accent': onAccent,
      // Links stand on the page and on what is set off from it.
      '--link': readable(accent, blend(fore, bg, 0.08)),
    },
  };
}
