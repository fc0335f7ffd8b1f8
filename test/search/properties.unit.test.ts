import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';

import type { Searchable } from '../../functions/catalog/contract.ts';
import { LiveIndex } from '../../functions/search/domain/live-index.ts';
import type { SearchQuery, Sort } from '../../functions/search/domain/query.ts';
import type { Position } from '../../functions/search/domain/search.ts';
import { decodeSegment, encodeSegment } from '../../functions/search/domain/segment-format.ts';
import { Segment } from '../../functions/search/domain/segment.ts';
import { MOST_TOKENS, wantedBy } from '../../functions/search/domain/text.ts';
import { searchQuery } from '../../functions/search/schemas.ts';
import { DAY, HOUR } from '../../functions/shared/kernel/clock.ts';
import { generatedEvents } from '../../scripts/bench/catalogue/generate.ts';
import { event, find, indexOf, NOW, shown } from './events.ts';

const SEED = 20_261_125;
/** Few values, so that events share them and filters leave some over. */
const WORDS = ['jazz', 'night', 'nightfall', 'opera', 'gala', 'brass', 'brasserie'];
const CITIES = ['Bergen', 'Lyon', undefined];
const ZONES = ['Pacific/Kiritimati', 'Europe/Berlin', 'America/Los_Angeles', 'Asia/Kolkata'];
const PLACES = [
  { latitude: 0, longitude: 0 },
  { latitude: 0.25, longitude: 179.75 },
  { latitude: -0.25, longitude: -179.75 },
  undefined,
];

const anyEvent = fc
  .record({
    words: fc.array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 3 }),
    category: fc.constantFrom('concert', 'opera'),
    city: fc.constantFrom(...CITIES),
    startsAt: fc.integer({ min: -30, max: 24 * 40 }).map((hours) => NOW + hours * HOUR),
    timeZone: fc.constantFrom(...ZONES),
    featured: fc.boolean(),
    place: fc.constantFrom(...PLACES),
    price: fc.option(
      fc.record({
        lowest: fc.constantFrom(0, 999, 1_000, 99_999_999),
        spread: fc.constantFrom(0, 1, 5_000),
        currency: fc.constantFrom('EUR', 'JPY', 'KWD'),
      }),
      { nil: undefined },
    ),
  })
  .map(({ words, place, price, ...rest }) => ({
    ...rest,
    title: words.join(' '),
    latitude: place?.latitude,
    longitude: place?.longitude,
    priceRange:
      price === undefined
        ? undefined
        : { lowest: price.lowest, highest: price.lowest + price.spread, currency: price.currency },
  }));

const events = fc
  .array(anyEvent, { maxLength: 40 })
  .map((many): readonly Searchable[] => many.map((one, number) => event(String(number), one)));

const day = fc.integer({ min: -2, max: 42 }).map((days) => Math.floor(NOW / DAY) + days);
const bound = fc.oneof(
  day.map((number) => ({ day: number })),
  day.map((number) => ({ instant: number * DAY + 7 * HOUR })),
);
const filters = fc.record(
  {
    category: fc.constantFrom('concert', 'OPERA', 'none'),
    city: fc.constantFrom('bergen', 'LYON', 'Oslo'),
    from: bound,
    to: bound,
    currency: fc.constantFrom('EUR', 'JPY'),
    priceMin: fc.constantFrom(0, 1, 1_000, 6_000),
    priceMax: fc.constantFrom(0, 999, 1_000, 99_999_999),
    near: fc.constantFrom({ latitude: 0, longitude: 0 }, { latitude: 0, longitude: 180 }),
    radiusKm: fc.constantFrom(1, 60, 20_100),
    featured: fc.boolean(),
  },
  { requiredKeys: [] },
);

/** The day that calendars show at a place, written by Intl alone. */
function dayAt(instant: number, timeZone: string): number {
  const shownThere = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' }).format(instant);
  return Date.parse(`${shownThere}T00:00:00Z`) / DAY;
}

/** Kilometres by the spherical law of cosines, which is not the formula of the index. */
function kilometres(
  from: { latitude: number; longitude: number },
  to: { latitude: number; longitude: number },
): number {
  const [a, b, c] = [from.latitude, to.latitude, to.longitude - from.longitude].map(
    (degrees) => (degrees * Math.PI) / 180,
  );
  const cosine = Math.sin(a ?? 0) * Math.sin(b ?? 0) + Math.cos(a ?? 0) * Math.cos(b ?? 0) * Math.cos(c ?? 0);
  return 6_371 * Math.acos(Math.max(-1, Math.min(1, cosine)));
}

/** Whether an event passes filters, one after the other, as the documentation of the route says. */
function passes(one: Searchable, query: Partial<SearchQuery>): boolean {
  const { category, city, from, to, currency, priceMin, priceMax, near, radiusKm = 50, featured } = query;
  const at = { instant: one.startsAt, day: dayAt(one.startsAt, one.timeZone) };
  const price = one.priceRange;
  const asked = currency !== undefined || priceMin !== undefined || priceMax !== undefined;
  return (
    one.startsAt > NOW &&
    (category === undefined || one.category === category.toLowerCase()) &&
    (city === undefined || one.city?.toLowerCase() === city.toLowerCase()) &&
    (featured === undefined || one.featured === featured) &&
    (from === undefined || ('day' in from ? at.day >= from.day : at.instant >= from.instant)) &&
    (to === undefined || ('day' in to ? at.day <= to.day : at.instant <= to.instant)) &&
    (!asked ||
      (price !== undefined &&
        (currency === undefined || price.currency === currency) &&
        price.highest >= (priceMin ?? 0) &&
        price.lowest <= (priceMax ?? Infinity))) &&
    (near === undefined ||
      (one.latitude !== undefined &&
        one.longitude !== undefined &&
        kilometres(near, { latitude: one.latitude, longitude: one.longitude }) <= radiusKm))
  );
}

const idsOf = (many: readonly Searchable[]): readonly string[] => many.map(({ eventId }) => eventId).toSorted();

/** The same index as one that grew: some of it stored and loaded, the rest told of in parts and twice. */
function grown(many: readonly Searchable[], stored: number): LiveIndex {
  const builder = indexOf(many.slice(0, stored));
  const index = new LiveIndex(decodeSegment(encodeSegment(builder.compacted(0, (_eventId, known) => known))));
  for (const one of many.toReversed()) index.apply([shown(one)]);
  return index;
}

describe('whatever is asked', () => {
  it('finds what a filter over all events finds, and counts each facet without its own filter', () => {
    fc.assert(
      fc.property(events, filters, fc.nat(40), (many, query, stored) => {
        const found = find(grown(many, stored), '', { ...query, limit: 100 });
        const expected = many.filter((one) => passes(one, query));
        expect(found.hits.map(({ eventId }) => eventId).toSorted()).toEqual(idsOf(expected));
        expect(found.total).toBe(expected.length);

        const { category: _category, ...anyCategory } = query;
        const counted = many.filter((one) => passes(one, anyCategory));
        for (const value of ['concert', 'opera'])
          expect(found.facets.category.find((each) => each.value === value)?.count ?? 0).toBe(
            counted.filter((one) => one.category === value).length,
          );
        const { from: _from, to: _to, ...anyDay } = query;
        expect(found.facets.month.reduce((sum, { count }) => sum + count, 0)).toBe(
          many.filter((one) => passes(one, anyDay)).length,
        );
      }),
      { numRuns: 1_000, seed: SEED },
    );
  });

  it('finds by a word what has it or begins with it, and only with less than three of those anything else', () => {
    let plain = 0;
    fc.assert(
      fc.property(events, fc.constantFrom(...WORDS, 'nig', 'br', 'oper'), filters, (many, word, query) => {
        const having = many.filter(
          (one) =>
            one.startsAt > NOW && `${one.title} ${one.category}`.split(' ').some((token) => token.startsWith(word)),
        );
        const found = find(indexOf(many), word, { ...query, limit: 100 });
        const ids = found.hits.map(({ eventId }) => eventId).toSorted();
        const expected = idsOf(having.filter((one) => passes(one, query)));
        const isPlain = having.length >= 3;
        plain += Number(isPlain);
        expect(isPlain ? ids : ids.filter((id) => expected.includes(id))).toEqual(expected);
        expect(found.stage === 'plain' || !isPlain).toBe(true);
      }),
      { numRuns: 1_000, seed: SEED },
    );
    expect(plain).toBeGreaterThan(300);
  });

  it('shows each event on one page, in one order, though the index is compacted and loaded anew between pages', () => {
    const sort = fc.constantFrom<Sort>('relevance', 'date', 'price', 'popularity', 'distance');
    const text = fc.constantFrom('night', 'jazz brass', 'oprea', '');
    fc.assert(
      fc.property(events, filters, sort, text, fc.integer({ min: 1, max: 9 }), (many, asked, sorted, typed, limit) => {
        const query = { near: { latitude: 0, longitude: 0 }, radiusKm: 20_100, ...asked, sort: sorted };
        let index = grown(many, 10);
        const whole = find(index, typed, { ...query, limit: 100 });
        const ids: string[] = [];
        let after: Position | undefined;
        do {
          const page = find(index, typed, { ...query, limit, ...(after === undefined ? {} : { after }) });
          ids.push(...page.hits.map(({ eventId }) => eventId));
          expect(page.hits.length === limit || !page.more).toBe(true);
          after = page.more ? JSON.parse(JSON.stringify(page.hits.at(-1)?.position)) : undefined;
          index = new LiveIndex(decodeSegment(encodeSegment(index.compacted(NOW, (_eventId, known) => known))));
        } while (after !== undefined);
        expect(ids).toEqual(whole.hits.map(({ eventId }) => eventId));
        expect(new Set(ids).size).toBe(ids.length);
      }),
      { numRuns: 400, seed: SEED },
    );
  });
});

describe('whatever is typed', () => {
  const index = indexOf([...generatedEvents(300, 5, NOW + DAY)]);
  const PIECES = [
    '(a+)+$',
    '.*',
    '\u202e',
    '\u200d',
    '\ud83c',
    '\udfb8',
    '\0',
    '\u0301'.repeat(50),
    'İ',
    'ß',
    'ﬁ',
    '東',
    '👩‍👩‍👧',
    'ﷺ',
    "'; --",
    '%',
    'a'.repeat(150),
    '\u{e0041}',
    '9'.repeat(40),
    'μουσική',
    '  ',
  ];
  const unit = fc.oneof(
    fc.constantFrom(...PIECES),
    // Any unit at all, halves of letters and what is not assigned included.
    fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
    fc.constantFrom('live ', 'konzert ', 'moskva '),
  );
  const typed = fc.array(unit, { maxLength: 40 }).map((pieces) => pieces.join(''));

  afterEach(() => {
    vi.restoreAllMocks();
  });

  it('is answered or refused, and what is accepted is a bounded number of bounded words', () => {
    const similar = vi.spyOn(Segment.prototype, 'similarWords');
    fc.assert(
      fc.property(typed, (q) => {
        similar.mockClear();
        const accepted = searchQuery.safeParse({ q }).success;
        const wanted = wantedBy(q);
        expect(wanted.length).toBeLessThanOrEqual(MOST_TOKENS);
        for (const { token, spellings } of wanted)
          for (const each of [token, ...spellings]) expect(each.length).toBeLessThanOrEqual(32);
        const { hits, total } = find(index, q, { sort: 'date', limit: 5 });
        expect(hits.length).toBeLessThanOrEqual(Math.min(5, total));
        // The one costly step, a walk along the dictionary: at most once a word and way of reading.
        expect(similar.mock.calls.length).toBeLessThanOrEqual(2 * MOST_TOKENS * index.parts.length);
        expect(accepted && (/\p{Cc}/u.test(q) || !q.isWellFormed() || Array.from(q).length > 200)).toBe(false);
      }),
      { numRuns: 1_500, seed: SEED },
    );
  });
});
