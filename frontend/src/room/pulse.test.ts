import { expect, it } from 'vitest';
import { Pulse } from './pulse';

/** What follows from these rates, a second each. */
function after(...rates: (number | undefined)[]) {
  const pulse = new Pulse();
  return rates.map((rate) => pulse.beat(rate));
}

it('misses an agent of whom nothing comes any more, once', () => {
  expect(after(2_380, 0, 0, 0, 0, 0, 0)).toEqual([null, null, null, null, 'lost', null, null]);
});

it('lets a hole pass', () => {
  expect(after(60_000, 0, 0, 0, 2_380, 0)).toEqual([null, null, null, null, null, null]);
});

it('tells when it is back', () => {
  expect(after(2_380, 0, 0, 0, 0, 0, 900, 900)).toEqual([null, null, null, null, 'lost', null, 'back', null]);
});

it('does not miss whom it has not heard yet, nor a track that is gone', () => {
  expect(after(0, 0, 0, 0, 0, 0)).toEqual(Array(6).fill(null));
  expect(after(undefined, undefined)).toEqual([null, null]);
  expect(after(2_380, 0, 0, undefined, 0, 0, 0, 0)).toEqual(Array(8).fill(null));
});
