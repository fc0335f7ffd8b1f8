import { beforeAll, describe, expect, it, vi } from 'vitest';

import { DAY } from '../../functions/shared/kernel/clock.ts';
import { call, organizer, settled } from '../support/shop.ts';

/** A place of this test's own, far from where any other test's events are. */
const CITY = 'Quermaßdorf';
const NEAR = '-48.5,-123.5';
const FIRST_DAY = Date.UTC(2033, 2, 9, 20);

interface Page {
  readonly total: number;
  readonly items: readonly { readonly title: string; readonly distanceKm: number | null }[];
  readonly nextCursor: string | null;
  readonly facets: Readonly<Record<string, readonly { readonly value?: string; readonly count: number }[]>>;
}

async function search(query: Readonly<Record<string, string>>): Promise<Page> {
  const answer = await call('GET', `/api/events?${new URLSearchParams({ city: CITY, ...query }).toString()}`);
  expect(answer.status, answer.text).toBe(200);
  return answer.json;
}

const titles = async (query: Readonly<Record<string, string>>): Promise<readonly string[]> =>
  (await search(query)).items.map(({ title }) => title);

/** One event a day, each dearer and further away than the one before. */
async function publish(number: number, category: string): Promise<void> {
  const host = await organizer();
  const created = await host.call('POST', '/api/events', {
    title: `Probenabend ${number}`,
    description: 'Every evening something else.',
    category,
    performers: [`Quartett Nummer ${number}`],
    tags: ['probenreihe'],
    startsAt: new Date(FIRST_DAY + number * DAY).toISOString(),
    timeZone: 'America/Adak',
    location: { name: 'Scheune', city: CITY, latitude: -48.5 - number / 10, longitude: -123.5 },
    ticketTypes: [{ name: 'Seat', price: { amount: 1_000 * (5 - number), currency: 'EUR' }, quantity: 3 }],
  });
  expect(created.status, created.text).toBe(201);
  expect((await host.call('POST', `/api/events/${created.json.eventId}/publish`)).status).toBe(200);
}

const ALL = [1, 2, 3, 4].map((number) => `Probenabend ${number}`);

/** Waits until so many are found: changes may take five seconds to show. */
function found(count: number): Promise<void> {
  return vi.waitFor(async () => expect((await search({})).total).toBe(count), { timeout: 5_000, interval: 200 });
}

beforeAll(async () => {
  for (const number of [1, 2, 3, 4]) await publish(number, number % 2 === 0 ? 'opera' : 'concert');
  await settled();
  await found(4);
});

describe('what a search is narrowed by', () => {
  it.each([
    [{ category: 'Oper' }, [2, 4]],
    [{ dateFrom: '2033-03-11', dateTo: '2033-03-12' }, [2, 3]],
    [{ dateFrom: '2033-03-11T20:00:00Z' }, [2, 3, 4]],
    [{ priceMax: '2000' }, [3, 4]],
    [{ priceMin: '3000', priceMax: '3999', currency: 'EUR' }, [2]],
    [{ currency: 'JPY' }, []],
    [{ near: NEAR, radius: '25' }, [1, 2]],
    [{ availableOnly: 'true', category: 'concert' }, [1, 3]],
    [{ q: 'quartett nummer 3' }, [3]],
    [{ q: 'probenreihe scheune' }, [1, 2, 3, 4]],
  ])('%j', async (query, numbers) => {
    const { items, total } = await search({ sort: 'date', ...query });
    expect(items.map(({ title }) => title)).toEqual(numbers.map((number) => `Probenabend ${number}`));
    expect(total).toBe(numbers.length);
  });

  it('each facet counts as if its own filter were not set', async () => {
    const { facets } = await search({ category: 'opera' });
    expect(facets['category']).toEqual([
      { value: 'concert', count: 2 },
      { value: 'opera', count: 2 },
    ]);
    expect(facets['month']).toEqual([{ value: '2033-03', count: 2 }]);
    expect(facets['price']).toMatchObject([
      { min: 1, max: 2_500, count: 1 },
      { min: 2_500, max: 5_000, count: 1 },
    ]);
  });

  it('lists are sorted by date, price and distance', async () => {
    expect(await titles({ sort: 'date' })).toEqual(ALL);
    expect(await titles({ sort: 'price' })).toEqual(ALL.toReversed());
    const { items } = await search({ sort: 'distance', near: '-48.9,-123.5' });
    expect(items.map(({ title }) => title)).toEqual(ALL.toReversed());
    expect(items.map(({ distanceKm }) => Math.round(distanceKm ?? -1))).toEqual([0, 11, 22, 33]);
  });

  it('pages go on where they ended, also when something is published before that place meanwhile', async () => {
    const first = await search({ sort: 'date', limit: '2' });
    await publish(0, 'concert');
    await settled();
    await found(5);
    const second = await search({ sort: 'date', limit: '2', cursor: first.nextCursor ?? '' });
    expect([...first.items, ...second.items].map(({ title }) => title)).toEqual(ALL);
    expect(second.nextCursor).toBeNull();
  });
});

describe('hostile queries', () => {
  const HOSTILE = [
    ['a regular expression', '(a+)+$|.*|[^x]{1,999}', 200],
    ['nothing but marks of direction', '\u202e\u2066\u200f', 400],
    ['right-to-left within left-to-right', 'abc\u202edef\u202c ghi', 200],
    ['a thousand letters', 'a'.repeat(1_000), 400],
    ['two hundred combining marks', `a${'\u0301'.repeat(199)}`, 200],
    ['a control character', 'jazz\u0000', 400],
    ['a line break', 'jazz\r\nSet-Cookie: a=b', 400],
    ['markup', '<script>alert(1)</script>', 200],
    ['a query language', '"; DROP TABLE events; -- {"$ne":1}', 200],
    ['twenty-five words that nothing has', Array.from({ length: 25 }, (_unused, at) => `zzq${at}xy`).join(' '), 200],
  ] as const;

  it.each(HOSTILE)('%s is searched for or refused', async (_name, q, status) => {
    for (const path of ['/api/events', '/api/events/suggestions']) {
      const answer = await call('GET', `${path}?${new URLSearchParams({ q }).toString()}`);
      expect(answer.status, answer.text).toBe(status);
    }
  });

  it.each([
    'q=%ED%A0%80',
    'q=%FF%FE',
    'q=%',
    'q=%E0%A4%A',
    'q=a&q=b',
    'q[]=a',
    'q=a&cursor=..%2F..',
    'near=NaN,1',
    'limit=1e9',
  ])('%s is no fault of ours', async (query) => {
    const { status, text } = await call('GET', `/api/events?${query}`);
    expect([200, 400], text).toContain(status);
  });
});
