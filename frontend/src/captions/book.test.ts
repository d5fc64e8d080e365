import { describe, expect, it } from 'vitest';
import { type Book, close, type Heard, LONGEST, readSources, sameTurn, turns, write } from './book';

function said(...all: Partial<Heard>[]): Book {
  return all.reduce<Book>(
    (book, heard) => write(book, { id: '1', who: 'agent', text: '', final: false, ...heard }),
    [],
  );
}

describe('captions', () => {
  it('grow where they stand', () => {
    const book = said(
      { text: 'При' },
      { text: 'Привет' },
      { id: '2', who: 'you', text: 'а' },
      { text: 'Привет!', final: true },
    );
    expect(book.map(({ text }) => text)).toEqual(['Привет!', 'а']);
    expect(book[0]?.final).toBe(true);
  });

  it('do not go back from final to interim', () => {
    expect(said({ text: 'Готово', final: true }, { text: 'Гот' })[0]?.text).toBe('Готово');
  });

  it('of nothing are none', () => {
    expect(said({ text: '  ' })).toEqual([]);
    expect(said({ text: 'э' }, { text: '', final: true })).toEqual([]);
    expect(said({ text: 'э' }, { text: ' ' })[0]?.text).toBe('э');
  });

  it('keep emoji and Cyrillic whole', () => {
    expect(said({ text: 'Ура 👩‍👩‍👧 ёж', final: true })[0]?.text).toBe('Ура 👩‍👩‍👧 ёж');
  });

  it('do not grow for ever', () => {
    const book = said(...Array.from({ length: LONGEST + 5 }, (_, id) => ({ id: `${id}`, text: `${id}` })));
    expect(book).toHaveLength(LONGEST);
    expect(book[0]?.text).toBe('5');
  });

  it('end with the call', () => {
    expect(close(said({ text: 'Я хоте' }))[0]?.final).toBe(true);
    const done = said({ text: 'Да', final: true });
    expect(close(done)).toBe(done);
  });

  it('keep their sources when the final text names none', () => {
    const sources = [{ title: 'Книга' }];
    expect(said({ text: 'а', sources }, { text: 'аб', final: true })[0]?.sources).toEqual(sources);
  });
});

describe('turns', () => {
  it('join what one side said in a row', () => {
    const book = said(
      { id: 'a', text: 'Раз.', sources: [{ title: 'К' }] },
      { id: 'b', text: 'Два.', sources: [{ title: 'К' }] },
      { id: 'c', who: 'you', text: 'Стоп' },
      { id: 'd', text: 'Три.' },
    );
    expect(turns(book).map(({ who, lines }) => [who, lines.length])).toEqual([
      ['agent', 2],
      ['you', 1],
      ['agent', 1],
    ]);
    expect(turns(book)[0]?.sources).toHaveLength(1);
  });

  it('are the same until a line of theirs changes', () => {
    const before = said({ id: 'a', text: 'Раз.' }, { id: 'b', who: 'you', text: 'Да' });
    const later = write(before, { id: 'b', who: 'you', text: 'Давай', final: true });
    const [first, second] = [turns(before), turns(later)];
    expect(first.map((turn, index) => sameTurn(turn, second[index] ?? turn))).toEqual([true, false]);
  });
});

describe('sources', () => {
  it('are read if they are some', () => {
    expect(readSources('["Психология трейдинга.md"]')).toEqual([{ title: 'Психология трейдинга.md' }]);
    expect(readSources('[{"title":"Погода","url":"https://example.org/a"}]')).toEqual([
      { title: 'Погода', url: 'https://example.org/a' },
    ]);
  });

  it.each([undefined, '', 'no', '{}', '[1,null,{}]', '[{"url":"javascript:alert(1)"}]'])(
    '%s is none',
    (json) => {
      expect(readSources(json)).toEqual([]);
    },
  );

  it('lose an address that is no web page', () => {
    expect(readSources('[{"title":"x","url":"javascript:alert(1)"}]')).toEqual([{ title: 'x' }]);
  });
});
