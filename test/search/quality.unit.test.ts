import { describe, expect, it } from 'vitest';

import { DAY } from '../../functions/shared/kernel/clock.ts';
import { documentOf } from '../../functions/search/domain/document.ts';
import { generatedEvents } from '../../scripts/bench/catalogue/generate.ts';
import { find, indexOf, NOW } from './events.ts';
import { JUDGED_EVENTS, judgedName } from './judged-events.ts';
import { JUDGED_QUERIES, type JudgedQuery } from './judged-queries.ts';

/** As many as a screen shows. */
const FIRST = 10;
/** Of all wanted events, the part that is among the first ten; mean over a group of queries. */
const LEAST_RECALL = 0.98;
/** Gain of the first ten by grade and place, of the best that there could be (Järvelin and Kekäläinen, 2002); mean over a group. */
const LEAST_NDCG = 0.95;
/** Both over all groups. */
const LEAST_IN_ALL = 0.98;

/** Letters without marks, by nothing that the index uses. */
const bare = (text: string): string => text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();

const queries = Object.values(JUDGED_QUERIES).flat();
/** Words of queries, of cities and of tags: what else had them would answer as well, and be missing from the judgements. */
const judgedWords = new Set(
  [...queries.map(({ q }) => q), ...JUDGED_EVENTS.flatMap(({ city = '', tags }) => [city, ...tags])]
    .flatMap((text) => bare(text).split(/[^\p{L}\p{N}]+/u))
    .filter((word) => word.length > 3 || /[^\p{Script=Latin}\p{N}]/u.test(word)),
);

const withoutThem = (text: string): string =>
  text
    .split(/[^\p{L}\p{N}\p{M}]+/u)
    .filter((word) => ![...judgedWords].some((judged) => bare(word).includes(judged)))
    .join(' ');

/** Generated events without a word that answers a judged query: what is found of them is an error of the index. */
const others = [...generatedEvents(2_000, 17, NOW + DAY)].map((other) => ({
  ...other,
  title: withoutThem(other.title),
  description: withoutThem(other.description),
  venueName: withoutThem(other.venueName ?? ''),
  city: withoutThem(other.city ?? ''),
  performers: other.performers.map(withoutThem),
  tags: other.tags.map(withoutThem),
  category: withoutThem(other.category),
}));

const index = indexOf([...JUDGED_EVENTS, ...others]);

function firstOf({ q }: JudgedQuery): readonly string[] {
  return find(index, q, { limit: FIRST }).hits.map(({ eventId }) => judgedName(eventId));
}

function gainOf(grades: readonly number[]): number {
  return grades.reduce((sum, grade, place) => sum + (2 ** grade - 1) / Math.log2(place + 2), 0);
}

/** Recall and nDCG of what a query finds; a query that wants nothing is as good as it leaves alone what it must. */
function judge(query: JudgedQuery): {
  readonly recall: number;
  readonly ndcg: number;
  readonly first: readonly string[];
} {
  const first = firstOf(query);
  const grades: Readonly<Record<string, number>> = query.wanted;
  const wanted = Object.keys(grades);
  if (wanted.length === 0) {
    const good = Number(!first.some((name) => query.unwanted?.includes(name)));
    return { recall: good, ndcg: good, first };
  }
  const best = gainOf(
    Object.values(grades)
      .toSorted((left, right) => right - left)
      .slice(0, FIRST),
  );
  return {
    recall: wanted.filter((name) => first.includes(name)).length / wanted.length,
    ndcg: gainOf(first.map((name) => grades[name] ?? 0)) / best,
    first,
  };
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const groups = Object.entries(JUDGED_QUERIES);

describe('the judged queries', () => {
  it.each(groups)('%s: recall and order are good enough', (_group, queries) => {
    const judgements = queries.map((query) => ({ query, ...judge(query) }));
    const report = judgements
      .filter(({ recall, ndcg }) => recall < 1 || ndcg < 1)
      .map(({ query: { q, why }, recall, ndcg, first }) => `${q} (${why}): ${recall} ${ndcg} ${first.join(' ')}`)
      .join('\n');
    expect(mean(judgements.map(({ recall }) => recall)), report).toBeGreaterThanOrEqual(LEAST_RECALL);
    expect(mean(judgements.map(({ ndcg }) => ndcg)), report).toBeGreaterThanOrEqual(LEAST_NDCG);
  });

  it.each(groups.flatMap(([, queries]) => queries.filter(({ unwanted }) => unwanted !== undefined)))(
    '$q leaves alone what it does not mean: $why',
    (query) => {
      expect(firstOf(query).filter((name) => query.unwanted?.includes(name))).toEqual([]);
    },
  );

  it('are good in all', () => {
    const judgements = groups.flatMap(([, queries]) => queries.map(judge));
    expect(judgements.length).toBeGreaterThan(70);
    expect(mean(judgements.map(({ recall }) => recall))).toBeGreaterThanOrEqual(LEAST_IN_ALL);
    expect(mean(judgements.map(({ ndcg }) => ndcg))).toBeGreaterThanOrEqual(LEAST_IN_ALL);
  });

  it('are held among others that are still worth finding', () => {
    const words = others.map((other) => documentOf(other).tokens.size);
    expect(words.filter((count) => count > 6).length).toBeGreaterThan(1_500);
  });

  it('judge only events that there are', () => {
    const known = new Set(JUDGED_EVENTS.map(({ eventId }) => judgedName(eventId)));
    const judged = groups.flatMap(([, queries]) =>
      queries.flatMap(({ wanted, unwanted = [] }) => [...Object.keys(wanted), ...unwanted]),
    );
    expect(judged.filter((name) => !known.has(name))).toEqual([]);
  });
});
