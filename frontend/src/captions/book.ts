/** What both sides said, as it comes: pure, so that every order of arrival can be tested. */

/** Where an answer comes from. */
export interface Source {
  title: string;
  url?: string;
}

/** A piece of speech, or a typed line. */
export interface Line {
  readonly id: string;
  readonly who: 'you' | 'agent';
  readonly text: string;
  readonly final: boolean;
  readonly typed: boolean;
  readonly sources: readonly Source[];
}

export type Book = readonly Line[];

/** What came for a piece: its whole text so far. */
export interface Heard {
  id: string;
  who: 'you' | 'agent';
  text: string;
  final: boolean;
  typed?: boolean;
  sources?: readonly Source[];
}

/** More lines than these are not kept on the page. */
export const LONGEST = 300;

/** A later text for the same piece replaces the earlier one, where it stood. */
export function write(book: Book, heard: Heard): Book {
  const at = book.findLastIndex(({ id }) => id === heard.id);
  const before = book[at];
  const text = heard.text.trim();
  if (!before) {
    if (!text) return book;
    return [...book, lineOf(heard, text)].slice(-LONGEST);
  }
  // An interim text that was overtaken by the final one.
  if (before.final && !heard.final) return book;
  // Nothing was said after all.
  if (!text && heard.final) return book.filter((_, index) => index !== at);
  if (!text) return book;
  const line = lineOf({ ...heard, sources: heard.sources ?? before.sources }, text);
  return book.with(at, line);
}

function lineOf(heard: Heard, text: string): Line {
  const { id, who, final, typed = false, sources = [] } = heard;
  return { id, who, text, final, typed, sources };
}

/** Whatever was being said when the call ended is said no further. */
export function close(book: Book): Book {
  return book.some(({ final }) => !final) ? book.map((line) => ({ ...line, final: true })) : book;
}

/** What one side said in a row. */
export interface Turn {
  readonly id: string;
  readonly who: 'you' | 'agent';
  readonly lines: readonly Line[];
  readonly sources: readonly Source[];
}

/** Whether nothing in it has changed: lines are replaced, never written over. */
export function sameTurn(one: Turn, other: Turn): boolean {
  return (
    one.lines.length === other.lines.length && one.lines.every((line, index) => line === other.lines[index])
  );
}

export function turns(book: Book): Turn[] {
  const all: { id: string; who: 'you' | 'agent'; lines: Line[]; sources: Source[] }[] = [];
  for (const line of book) {
    let turn = all.at(-1);
    if (turn?.who !== line.who) {
      turn = { id: line.id, who: line.who, lines: [], sources: [] };
      all.push(turn);
    }
    turn.lines.push(line);
    for (const source of line.sources) {
      if (!turn.sources.some(({ title, url }) => title === source.title && url === source.url)) {
        turn.sources.push(source);
      }
    }
  }
  return all;
}

/** The sources an agent names with its words: JSON that may be anything. */
export function readSources(json: string | undefined): Source[] {
  if (!json) return [];
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    return [];
  }
  return Array.isArray(parsed) ? parsed.flatMap(sourceOf).slice(0, 5) : [];
}

function sourceOf(raw: unknown): Source[] {
  if (typeof raw === 'string') return raw.trim() ? [{ title: raw.trim() }] : [];
  if (typeof raw !== 'object' || raw === null) return [];
  const { title, url } = raw as { title?: unknown; url?: unknown };
  const link = typeof url === 'string' && /^https?:\/\//i.test(url) ? url : undefined;
  const name = typeof title === 'string' ? title.trim() : '';
  if (!name && !link) return [];
  return [link ? { title: name || link, url: link } : { title: name }];
}
