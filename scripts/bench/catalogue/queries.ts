import type { Searchable } from '../../../functions/catalog/contract.ts';
import { randomFrom } from './generate.ts';

/** A query of `GET /api/events`. */
export type Query = Readonly<Record<string, string>>;

const LETTERS = ['a', 'b', 'd', 'k', 'l', 'm', 's', 't'];
const SORTS = ['date', 'price', 'popularity'];

/**
 * `count` queries as people send them, made from what the events say: words and beginnings of words of titles,
 * performers and places, one in five with a typing error; texts of several fields; filters without text; and the
 * dearest there are, single letters and many words that nothing has.
 */
export function queriesOver(events: readonly Searchable[], count: number, seed: number): readonly Query[] {
  const random = randomFrom(seed);
  const pick = <T>(values: readonly T[]): T => {
    const value = values[Math.floor(random() * values.length)];
    if (value === undefined) throw new Error('Nothing to pick from');
    return value;
  };
  const wordOf = (text: string): string => pick(text.split(/[\s:&,«»]+/u).filter((word) => /[\p{L}\p{N}]/u.test(word)));
  const begun = (word: string): string => word.slice(0, Math.max(2, Math.ceil(word.length * random())));
  const kinds: readonly ((event: Searchable) => Query)[] = [
    ({ title }) => ({ q: wordOf(title) }),
    ({ title }) => ({ q: begun(wordOf(title)) }),
    ({ title }) => ({ q: title }),
    ({ performers, title }) => ({ q: performers[0] ?? title }),
    ({ title, city = '' }) => ({ q: `${wordOf(title)} ${city}` }),
    ({ title }) => ({ q: misspelt(wordOf(title), random) }),
    ({ performers, title, city = '' }) => ({ q: `${misspelt(performers[0] ?? title, random)} ${city}` }),
    ({ tags, title }) => ({ q: wordOf(tags[0] ?? title), sort: pick(SORTS) }),
    ({ category, city = '' }) => ({ category, city, sort: pick(SORTS) }),
    ({ latitude = 0, longitude = 0, category }) => ({
      near: `${latitude.toFixed(4)},${longitude.toFixed(4)}`,
      radius: '30',
      sort: 'distance',
      category,
    }),
    ({ startsAt, title }) => ({ q: wordOf(title), dateFrom: new Date(startsAt).toISOString().slice(0, 10) }),
    () => ({ sort: pick(SORTS), priceMax: '2500' }),
    () => ({ q: pick(LETTERS) }),
    () => ({ q: Array.from({ length: 12 }, () => misspelt(wordOf(pick(events).title), random)).join(' ') }),
  ];
  return Array.from({ length: count }, (_unused, number) => {
    const query = kinds[number % kinds.length]?.(pick(events)) ?? {};
    return query['q'] === undefined ? query : { ...query, q: Array.from(query['q']).slice(0, 200).join('') };
  });
}

/** A word with one letter left out, doubled, replaced or swapped with the next. */
function misspelt(word: string, random: () => number): string {
  const letters = Array.from(word);
  if (letters.length < 4) return word;
  const at = 1 + Math.floor(random() * (letters.length - 2));
  const [here = '', next = ''] = letters.slice(at, at + 2);
  const wrong = [next, here + here + next, `e${next}`, next + here][Math.floor(random() * 4)] ?? '';
  return [...letters.slice(0, at), wrong, ...letters.slice(at + 2)].join('');
}
