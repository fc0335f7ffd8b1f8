import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { isListed } from '../../functions/catalog/contract.ts';
import { PUBLISHED_EVENTS } from '../../functions/catalog/keys.ts';
import { compactIndex } from '../../functions/search/app/compact-index.ts';
import { LiveSearch } from '../../functions/search/app/live-search.ts';
import { searchEvents, suggest } from '../../functions/search/app/search-events.ts';
import { logListingChanges, logSales } from '../../functions/search/writes.ts';
import { DAY, MINUTE, SECOND } from '../../functions/shared/kernel/clock.ts';
import { derivedId } from '../../functions/shared/kernel/ids.ts';
import { ProblemError } from '../../functions/shared/kernel/problems.ts';
import { putItems } from '../../functions/shared/table/batch.ts';
import { CURSOR_KEY, damageIn, LiveWorld, occasion, START } from './live-world.ts';

let world: LiveWorld;

beforeEach(async () => {
  world = await LiveWorld.start();
});
afterEach(async () => {
  await world.drop();
});

async function refusal(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'no refusal',
    (error: unknown) => (error instanceof ProblemError ? error.problem : error),
  );
}

describe('without a snapshot', () => {
  it('a small catalogue is read as it is, and kept up with', async () => {
    await world.given('Harbour Jazz');
    const live = new LiveSearch(world.sources());
    expect(await world.titles(live, START + MINUTE, { q: 'harbor jaz' })).toEqual(['Harbour Jazz']);
    await world.given('Second Jazz', { at: START + MINUTE + SECOND });
    expect(await world.titles(live, START + MINUTE + 3 * SECOND, { q: 'second' })).toEqual(['Second Jazz']);
  });

  it('the log is read once a second at the most', async () => {
    const live = new LiveSearch(world.sources());
    expect(await world.titles(live, START, {})).toEqual([]);
    await world.given('New', { at: START });
    expect(await world.titles(live, START + 999, {})).toEqual([]);
    expect(await world.titles(live, START + SECOND, {})).toEqual(['New']);
  });
});

describe('from a snapshot', () => {
  it('an event that was changed, taken back or cancelled since shows as it is now', async () => {
    for (const name of ['Stays', 'Is renamed', 'Is taken back']) await world.given(name);
    await compactIndex(world.sources(), occasion(START + MINUTE));
    const live = new LiveSearch(world.sources());
    const at = START + 2 * MINUTE;
    expect(await world.titles(live, at)).toHaveLength(3);
    await world.given('Is renamed', { version: 3, at, title: 'Has a new name' });
    await world.given('Is taken back', { version: 3, at, listed: false });
    for (const search of [live, new LiveSearch(world.sources())]) {
      expect((await world.titles(search, at + 2 * SECOND)).toSorted()).toEqual(['Has a new name', 'Stays']);
      expect(await world.titles(search, at + 2 * SECOND, { q: 'renamed' })).toEqual([]);
    }
  });

  it('news that comes late, twice or out of order changes nothing: what counts is the event itself', async () => {
    const eventId = await world.given('Told');
    await compactIndex(world.sources(), occasion(START + MINUTE));
    const at = START + 10 * MINUTE;
    await world.given('Told', { version: 5, at, listed: false });
    const live = new LiveSearch(world.sources());
    expect(await world.titles(live, at + SECOND)).toEqual([]);
    await putItems(
      world.table,
      logListingChanges(
        [
          { eventId, version: 2 },
          { eventId, version: 4 },
        ],
        at + 2 * SECOND,
      ),
    );
    expect(await world.titles(live, at + 4 * SECOND)).toEqual([]);
    // A compaction forgets what is gone; an old change that is relayed after it must not bring it back.
    await compactIndex(world.sources(), occasion(at + MINUTE));
    await putItems(world.table, logListingChanges([{ eventId, version: 3 }], at + 2 * MINUTE));
    expect(await world.titles(new LiveSearch(world.sources()), at + 2 * MINUTE + SECOND)).toEqual([]);
  });

  it('an entry that the relay wrote half a minute late is seen', async () => {
    const live = new LiveSearch(world.sources());
    expect(await world.titles(live, START + 40 * SECOND)).toEqual([]);
    await world.given('Late', { at: START + 10 * SECOND });
    expect(await world.titles(live, START + 42 * SECOND)).toEqual(['Late']);
  });

  it('nothing is shown that was taken back a moment ago, though the index has not heard of it', async () => {
    await world.given('Here');
    const live = new LiveSearch(world.sources());
    expect(await world.titles(live, START + MINUTE)).toEqual(['Here']);
    await world.given('Here', { version: 3, listed: false, told: false });
    expect(await world.titles(live, START + MINUTE + 1)).toEqual([]);
  });
});

it('an environment that lives on shows what has sold within five minutes of the snapshot that counts it, though no event has changed', async () => {
  const sold = await world.given('Sold', { startsAt: START + 20 * DAY });
  await world.given('Unsold');
  await compactIndex(world.sources(), occasion(START));
  const live = new LiveSearch(world.sources());
  const byPopularity = (at: number): Promise<string[]> => world.titles(live, at, { sort: 'popularity' });
  expect(await byPopularity(START + MINUTE)).toEqual(['Unsold', 'Sold']);
  await putItems(world.table, logSales([{ orderId: 'o', eventId: sold, quantity: 2, at: START }], START + MINUTE));
  await compactIndex(world.sources(), occasion(START + 10 * MINUTE));
  expect(await byPopularity(START + 5 * MINUTE)).toEqual(['Unsold', 'Sold']);
  expect(await byPopularity(START + 10 * MINUTE)).toEqual(['Sold', 'Unsold']);
});

it('an environment that cannot have a newer snapshot goes on with what it has, and takes the next one', async () => {
  for (const name of ['One', 'Two', 'Three']) await world.given(name);
  await compactIndex(world.sources(), occasion(START + MINUTE));
  const live = new LiveSearch(world.sources(), 2);
  expect(await world.titles(live, START + 2 * MINUTE)).toHaveLength(3);
  await world.given('Four', { at: START + 10 * MINUTE });
  await compactIndex(world.sources(), occasion(START + 16 * MINUTE));
  world.snapshots.unreachable = true;
  expect(await world.titles(live, START + 17 * MINUTE)).toHaveLength(4);
  world.snapshots.unreachable = false;
  const sold = await world.given('Sold', { at: START + 17 * MINUTE, startsAt: START + 20 * DAY });
  await putItems(world.table, logSales([{ orderId: 'o', eventId: sold, quantity: 1, at: START }], START + 18 * MINUTE));
  await compactIndex(world.sources(), occasion(START + 21 * MINUTE));
  expect((await world.titles(live, START + 22 * MINUTE, { sort: 'popularity' }))[0]).toBe('Sold');
});

describe('when the snapshot cannot be had', () => {
  const damage: readonly (readonly [string, () => void])[] = [
    ['is lost', () => world.snapshots.objects.clear()],
    ['is unreachable', () => void (world.snapshots.unreachable = true)],
    [
      'is damaged',
      () => {
        for (const object of world.snapshots.objects.values()) damageIn(object.bytes);
      },
    ],
  ];

  it.each(damage)('since it %s, a small catalogue is searched all the same', async (_how, harm) => {
    await world.given('Still here');
    await compactIndex(world.sources(), occasion(START + MINUTE));
    harm();
    expect(await world.titles(new LiveSearch(world.sources()), START + 2 * MINUTE, { q: 'still' })).toEqual([
      'Still here',
    ]);
  });

  it('a large one is not searched at all, rather than wrongly; the compaction makes a new snapshot', async () => {
    for (let number = 0; number < 12; number += 1) await world.given(`Event ${number}`, { told: false });
    const fresh = (): LiveSearch => new LiveSearch(world.sources(), 11);
    const live = fresh();
    expect(await refusal(world.titles(live, START + MINUTE))).toMatchObject({
      code: 'SEARCH_UNAVAILABLE',
      retryAfter: 10,
    });
    expect(await compactIndex(world.sources(), occasion(START + 2 * MINUTE))).toMatchObject({ events: 12, rebuilt: 1 });
    // Turned away without trying for the ten seconds that it was told.
    expect(await refusal(world.titles(live, START + MINUTE + 5 * SECOND))).toMatchObject({
      code: 'SEARCH_UNAVAILABLE',
    });
    expect(await world.titles(live, START + 3 * MINUTE, { q: 'event 7' })).toEqual(['Event 7']);
    for (const object of world.snapshots.objects.values()) damageIn(object.bytes);
    expect(await refusal(world.titles(fresh(), START + 4 * MINUTE))).toMatchObject({
      code: 'SEARCH_UNAVAILABLE',
    });
    expect(await compactIndex(world.sources(), occasion(START + 5 * MINUTE))).toMatchObject({ events: 12, rebuilt: 1 });
    expect(await world.titles(fresh(), START + 6 * MINUTE, { limit: 3 })).toHaveLength(3);
  });
});

describe('a search', () => {
  it('pages with cursors that are its own', async () => {
    for (const number of [1, 2, 3, 4, 5]) await world.given(`Jazz ${number}`, { startsAt: START + number * DAY });
    const live = new LiveSearch(world.sources());
    const deps = { table: world.table, live, cursorKey: CURSOR_KEY };
    const first = await searchEvents(deps, { q: 'jazz', limit: 2 }, START + MINUTE);
    const cursor = first.nextCursor ?? '';
    const second = await searchEvents(deps, { q: 'jazz', limit: 2, cursor }, START + MINUTE);
    expect([...first.items, ...second.items].map(({ title }) => title)).toEqual([
      'Jazz 1',
      'Jazz 2',
      'Jazz 3',
      'Jazz 4',
    ]);
    for (const other of [{ q: 'jaz' }, { q: 'jazz', city: 'Berlin' }, { q: 'jazz', sort: 'date' as const }, {}])
      expect(await refusal(searchEvents(deps, { ...other, cursor }, START + MINUTE))).toMatchObject({
        code: 'INVALID_INPUT',
        errors: [{ path: 'query.cursor' }],
      });
  });

  it('with availableOnly shows what has tickets left, page after page', async () => {
    for (const number of [1, 2, 3, 4, 5, 6]) {
      const soldOut = number % 2 === 1;
      await world.given(`Event ${number}`, {
        startsAt: START + number * DAY,
        ticketTypes: soldOut
          ? []
          : [{ ticketTypeId: derivedId('t', String(number)), name: 'A', unitPrice: 1, currency: 'EUR', quantity: 5 }],
      });
    }
    const deps = { table: world.table, live: new LiveSearch(world.sources()), cursorKey: CURSOR_KEY };
    const shown: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await searchEvents(
        deps,
        { availableOnly: 'true', limit: 2, ...(cursor === undefined ? {} : { cursor }) },
        START + MINUTE,
      );
      shown.push(...page.items.map(({ title }) => title));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(shown).toEqual(['Event 2', 'Event 4', 'Event 6']);
  });

  it('with availableOnly shows nothing whose sale is over or not yet open, and each as soon as its sale opens', async () => {
    const type = (name: string, window: { saleStartsAt?: number; saleEndsAt?: number }, hidden = false) => ({
      ticketTypeId: derivedId('t', name),
      name,
      unitPrice: 1,
      currency: 'EUR',
      quantity: 5,
      hidden,
      ...window,
    });
    const over = type('over', { saleEndsAt: START + MINUTE });
    const later = type('later', { saleStartsAt: START + DAY });
    const soldOut = { ...type('sold out', {}), quantity: 0 };
    const events = {
      'Is over': [over],
      'Opens tomorrow': [later],
      'Between two sales': [over, later],
      'Sold out but for tomorrow': [soldOut, later],
      'Open for friends': [later, type('friends', {}, true)],
      'Is open': [over, type('open', { saleStartsAt: START, saleEndsAt: START + 2 * DAY })],
    };
    for (const [name, ticketTypes] of Object.entries(events)) await world.given(name, { ticketTypes });
    const live = new LiveSearch(world.sources());
    const available = async (at: number): Promise<string[]> =>
      (await world.titles(live, at, { availableOnly: 'true' })).toSorted();
    expect(await available(START + MINUTE)).toEqual(['Is open']);
    expect(await available(START + DAY - 1)).toEqual(['Is open']);
    expect(await available(START + DAY)).toEqual(
      Object.keys(events)
        .filter((name) => name !== 'Is over')
        .toSorted(),
    );
    expect(await available(START + 2 * DAY)).not.toContain('Is open');
    expect(await world.titles(live, START + MINUTE)).toHaveLength(6);
  });

  it('suggests by the beginning of a word, and what somebody with a typing error means', async () => {
    await world.given('Philharmonic Nights', { venue: { name: 'Elbphilharmonie', city: 'Hamburg' } });
    const live = new LiveSearch(world.sources());
    for (const q of ['phil', 'filharmonic', 'elbph', 'hamb', 'nigths'])
      expect((await suggest({ table: world.table, live }, { q }, START + MINUTE)).items, q).toMatchObject([
        { title: 'Philharmonic Nights', venue: { city: 'Hamburg' } },
      ]);
  });

  it('never tells the price of a hidden ticket type', async () => {
    const type = (name: string, unitPrice: number, hidden: boolean) => ({
      ticketTypeId: derivedId('t', name),
      name,
      unitPrice,
      currency: 'EUR',
      quantity: 5,
      hidden,
    });
    await world.given('Concert', { ticketTypes: [type('Open', 5_000, false), type('Friends', 100, true)] });
    const deps = { table: world.table, live: new LiveSearch(world.sources()), cursorKey: CURSOR_KEY };
    const { items, facets } = await searchEvents(deps, {}, START + MINUTE);
    expect(items[0]?.priceRange).toEqual({
      min: { amount: 5_000, currency: 'EUR' },
      max: { amount: 5_000, currency: 'EUR' },
    });
    expect(facets.price).toEqual([{ currency: 'EUR', min: 5_000, max: 10_000, count: 1 }]);
    expect(await world.titles(deps.live, START + MINUTE, { priceMax: '200' })).toEqual([]);
  });
});

it('knows a listed event by its place in the index of published ones', () => {
  expect(isListed({ gsi1pk: PUBLISHED_EVENTS })).toBe(true);
  expect(isListed({ status: 'PUBLISHED' })).toBe(false);
  expect(isListed(undefined)).toBe(false);
});
