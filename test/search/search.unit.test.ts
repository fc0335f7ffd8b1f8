import { describe, expect, it } from 'vitest';

import type { Searchable } from '../../functions/catalog/contract.ts';
import { localDayOf, wholeUnits } from '../../functions/search/domain/document.ts';
import { distanceKm, type SearchQuery, type Sort } from '../../functions/search/domain/query.ts';
import type { Hit, Position } from '../../functions/search/domain/search.ts';
import { DAY, HOUR } from '../../functions/shared/kernel/clock.ts';
import { generatedEvents, randomFrom } from '../../scripts/bench/catalogue/generate.ts';
import { event, find, indexOf, namesOf, NOW, shown } from './events.ts';

describe('what is found first', () => {
  const events = [
    event('Hamlet'),
    event('Hamlet and friends in the park'),
    event('Hamletsville reunion'),
    event('By a performer', { performers: ['Hamlet'] }),
    event('At a venue', { venueName: 'Hamlet House' }),
    event('In a city', { city: 'Hamlet' }),
    event('Of a keyword', { description: 'Hamlet' }),
    event('Something else'),
  ];
  const index = indexOf(events);

  it('is the title before the performer, the venue, the city and the description; the word before its continuation', () => {
    expect(namesOf(find(index, 'hamlet'), events)).toEqual([
      'Hamlet',
      'Hamlet and friends in the park',
      'By a performer',
      'Hamletsville reunion',
      'At a venue',
      'In a city',
      'Of a keyword',
    ]);
  });

  it('is never what is only similar while the word itself is found', () => {
    const others = [event('Rock night'), event('Rick night'), event('Rack night'), event('Rock day'), event('Rocks')];
    const found = find(indexOf(others), 'rock');
    expect(found).toMatchObject({ stage: 'plain', total: 3 });
    expect(find(indexOf(others), 'ruck')).toMatchObject({ stage: 'typos', total: 5 });
  });

  it('is what has all words; if nothing has, what has most', () => {
    const others = [event('Mozart in Wien'), event('Mozart in Paris'), event('Haydn in Wien')];
    expect(namesOf(find(indexOf(others), 'mozart wien'), others)).toEqual(['Mozart in Wien']);
    const some = find(indexOf(others), 'mozart quartet');
    expect(some.stage).toBe('some');
    expect(namesOf(some, others)).toEqual(['Mozart in Wien', 'Mozart in Paris'].toSorted(byId(others)));
  });

  it('is the sooner among equals', () => {
    const others = [
      event('Jazz one', { startsAt: NOW + 3 * DAY }),
      event('Jazz two', { startsAt: NOW + DAY }),
      event('Jazz three', { startsAt: NOW + 2 * DAY }),
    ];
    expect(namesOf(find(indexOf(others), 'jazz'), others)).toEqual(['Jazz two', 'Jazz three', 'Jazz one']);
  });

  it('has not begun', () => {
    const others = [
      event('Past', { startsAt: NOW - 1 }),
      event('Now', { startsAt: NOW }),
      event('Next', { startsAt: NOW + 1 }),
    ];
    expect(namesOf(find(indexOf(others), ''), others)).toEqual(['Next']);
  });
});

function byId(events: readonly Searchable[]): (left: string, right: string) => number {
  const id = (name: string): string => events.find(({ title }) => title === name)?.eventId ?? '';
  return (left, right) => (id(left) < id(right) ? -1 : 1);
}

describe('days and moments', () => {
  const events = [
    // 25 November in Tokyo already, 24 November in Los Angeles still.
    event('Tokyo', { startsAt: Date.UTC(2026, 10, 24, 16), timeZone: 'Asia/Tokyo' }),
    event('Los Angeles', { startsAt: Date.UTC(2026, 10, 25, 4), timeZone: 'America/Los_Angeles' }),
  ];
  const index = indexOf(events);
  const day = (date: string): { day: number } => ({ day: Date.parse(date) / DAY });

  it('a day is that of the calendar where the event is', () => {
    const of = (date: string) => namesOf(find(index, '', { from: day(date), to: day(date) }), events);
    expect(of('2026-11-24')).toEqual(['Los Angeles']);
    expect(of('2026-11-25')).toEqual(['Tokyo']);
    expect(find(index, '').facets.month).toEqual([{ value: '2026-11', count: 2 }]);
  });

  it('a moment is the same everywhere', () => {
    expect(namesOf(find(index, '', { to: { instant: Date.UTC(2026, 10, 24, 20) } }), events)).toEqual(['Tokyo']);
  });
});

const generated = [...generatedEvents(1_500, 5, NOW + DAY)];
const index = indexOf(generated);

describe('filters', () => {
  const near = { latitude: 52.52, longitude: 13.405 };
  const cases: readonly (readonly [string, Partial<SearchQuery>, (one: Searchable) => boolean])[] = [
    ['category', { category: 'COMEDY' }, ({ category }) => category === 'Comedy'],
    ['city', { city: 'dusseldorf' }, ({ city }) => city === 'Düsseldorf'],
    ['currency', { currency: 'JPY' }, ({ priceRange }) => priceRange?.currency === 'JPY'],
    ['priceMin', { priceMin: 9_000 }, ({ priceRange }) => (priceRange?.highest ?? 0) >= 9_000],
    ['priceMax', { priceMax: 0 }, ({ priceRange }) => priceRange?.lowest === 0],
    ['featured', { featured: true }, ({ featured }) => featured],
    [
      'near',
      { near, radiusKm: 8 },
      ({ latitude = 0, longitude = 0 }) => distanceKm(near, { latitude, longitude }) <= 8,
    ],
    ['from', { from: { instant: NOW + 300 * DAY } }, ({ startsAt }) => startsAt >= NOW + 300 * DAY],
    [
      'to, as a day',
      { to: { day: Math.floor(NOW / DAY) + 40 } },
      ({ startsAt, timeZone }) => localDayOf(startsAt, timeZone) <= Math.floor(NOW / DAY) + 40,
    ],
  ];

  it.each(cases)('%s finds what it says, all of it and nothing else', (_name, filter, holds) => {
    const expected = generated.filter(holds).map(({ eventId }) => eventId);
    expect(expected.length).toBeGreaterThan(5);
    expect(expected.length).toBeLessThan(generated.length);
    const found = find(index, '', { ...filter, limit: generated.length });
    expect(found.hits.map(({ eventId }) => eventId).toSorted()).toEqual(expected.toSorted());
    expect(found.total).toBe(expected.length);
  });

  it('hold together, and each facet counts as if its own were not set', () => {
    const query = { category: 'Concert', city: 'Berlin' };
    const { facets, total } = find(index, '', query);
    const count = (holds: (one: Searchable) => boolean): number => generated.filter(holds).length;
    expect(total).toBe(count(({ category, city }) => category === 'Concert' && city === 'Berlin'));
    expect(facets.category.find(({ value }) => value === 'Comedy')?.count).toBe(
      count(({ category, city }) => category === 'Comedy' && city === 'Berlin'),
    );
    expect(facets.city.find(({ value }) => value === 'London')?.count).toBe(
      count(({ category, city }) => category === 'Concert' && city === 'London'),
    );
    expect(facets.month.reduce((sum, month) => sum + month.count, 0)).toBe(total);
    expect(facets.price.reduce((sum, band) => sum + band.count, 0)).toBe(total);
  });

  it('an event without a price is free of every price', () => {
    const events = [event('Priced'), event('Hidden types only', { priceRange: undefined })];
    const small = indexOf(events);
    expect(namesOf(find(small, '', { priceMin: 0 }), events)).toEqual(['Priced']);
    expect(find(small, '').total).toBe(2);
    expect(find(small, '').facets.price).toEqual([{ currency: 'EUR', min: 1, max: 2_500, count: 1 }]);
  });
});

describe('sorting', () => {
  const near = { latitude: 48.137, longitude: 11.576 };
  const byKey = (sort: Sort): ((one: Searchable) => number) => {
    if (sort === 'price')
      return ({ priceRange }) => (priceRange === undefined ? 1e15 : wholeUnits(priceRange.lowest, priceRange.currency));
    if (sort === 'distance')
      return ({ latitude = 0, longitude = 0 }) =>
        distanceKm(near, { latitude: Math.fround(latitude), longitude: Math.fround(longitude) });
    return ({ startsAt }) => startsAt;
  };

  it.each(['date', 'price', 'distance'] as const)('by %s, then by start, then by id', (sort) => {
    const key = byKey(sort);
    const expected = generated.toSorted(
      (left, right) =>
        key(left) - key(right) || left.startsAt - right.startsAt || (left.eventId < right.eventId ? -1 : 1),
    );
    const found = find(index, '', { sort, near, radiusKm: 20_100, limit: generated.length });
    expect(found.hits.map(({ eventId }) => eventId)).toEqual(expected.map(({ eventId }) => eventId));
  });
});

describe('paging', () => {
  const pages = (sort: Sort, text: string, between: (page: number) => void): string[] => {
    const ids: string[] = [];
    let after: Position | undefined;
    for (let page = 0; page < 200; page += 1) {
      const found = find(live, text, {
        sort,
        near: { latitude: 0, longitude: 0 },
        radiusKm: 20_100,
        limit: 7,
        ...(after === undefined ? {} : { after }),
      });
      ids.push(...found.hits.map((hit: Hit) => hit.eventId));
      // What a cursor carries goes through JSON.
      after = found.more ? JSON.parse(JSON.stringify(found.hits.at(-1)?.position)) : undefined;
      if (after === undefined) return ids;
      between(page);
    }
    throw new Error('The pages do not end');
  };
  let live = indexOf([]);

  it.each([
    ['date', ''],
    ['price', ''],
    ['popularity', ''],
    ['distance', ''],
    ['relevance', 'live'],
  ] as const)('by %s shows everything once, also while events come and go', (sort, text) => {
    const some = generated.slice(0, 300);
    live = indexOf(some);
    const whole = find(live, text, { sort, near: { latitude: 0, longitude: 0 }, radiusKm: 20_100, limit: 400 });
    expect(whole.total).toBeGreaterThan(30);
    const added = new Set<string>();
    const random = randomFrom(11);
    const ids = pages(sort, text, (page) => {
      const other = generated[300 + page];
      if (other === undefined) return;
      added.add(other.eventId);
      live.apply([shown({ ...other, title: `Live ${page}`, startsAt: NOW + HOUR + Math.floor(random() * 500) * DAY })]);
    });
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => !added.has(id))).toEqual(whole.hits.map(({ eventId }) => eventId));
  });
});
