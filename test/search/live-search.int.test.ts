import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import type { EventDetails } from '../../functions/catalog/domain/event.ts';
import { isListed } from '../../functions/catalog/contract.ts';
import { publishedPosition, PUBLISHED_EVENTS } from '../../functions/catalog/keys.ts';
import { compactIndex } from '../../functions/search/app/compact-index.ts';
import { LiveSearch } from '../../functions/search/app/live-search.ts';
import { searchEvents, suggest } from '../../functions/search/app/search-events.ts';
import { LiveIndex } from '../../functions/search/domain/live-index.ts';
import { decodeSegment } from '../../functions/search/domain/segment-format.ts';
import type { Snapshots } from '../../functions/search/ports.ts';
import { findSnapshot } from '../../functions/search/reads.ts';
import type { SearchParameters } from '../../functions/search/schemas.ts';
import { logListingChanges, logSales } from '../../functions/search/writes.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../functions/shared/kernel/clock.ts';
import { derivedId } from '../../functions/shared/kernel/ids.ts';
import { ProblemError } from '../../functions/shared/kernel/problems.ts';
import { begin, chainHash } from '../../functions/shared/table/aggregate.ts';
import { putItems } from '../../functions/shared/table/batch.ts';
import { mustHold, type Put } from '../../functions/shared/table/writes.ts';
import { startTestTable, type TestTable } from '../support/dynamodb.ts';

const START = Date.UTC(2026, 10, 24, 12);
const CURSOR_KEY = new Uint8Array(32).fill(7);

/** A bucket in memory that can be lost, damaged or unreachable. */
class MemorySnapshots implements Snapshots {
  readonly objects = new Map<string, { bytes: Uint8Array; writtenAt: number }>();
  unreachable = false;
  now = START;

  async read(name: string): Promise<Uint8Array> {
    const found = this.objects.get(name);
    if (this.unreachable || found === undefined) throw new Error(`No answer for ${name}`);
    return found.bytes;
  }

  async write(name: string, bytes: Uint8Array): Promise<void> {
    this.objects.set(name, { bytes, writtenAt: this.now });
  }

  async list(): Promise<readonly { name: string; writtenAt: number }[]> {
    return [...this.objects].map(([name, { writtenAt }]) => ({ name, writtenAt }));
  }

  async remove(name: string): Promise<void> {
    this.objects.delete(name);
  }
}

/** Turns one bit of what is stored. */
function damageIn(bytes: Uint8Array): void {
  const at = bytes.length - 9;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
}

let db: TestTable;
let snapshots: MemorySnapshots;

beforeAll(async () => {
  db = await startTestTable();
});
afterAll(async () => {
  await db.drop();
});
beforeEach(async () => {
  await db.drop();
  db = await startTestTable();
  snapshots = new MemorySnapshots();
});

const sources = () => ({ table: db.table, snapshots });
const occasion = (now: number) => ({ now, correlationId: 'test', by: 'schedule:compact-index' });

/** Puts the row of an event in `version` as the catalogue would have left it, listed or not, and tells of it. */
async function given(
  name: string,
  {
    version = 2,
    at = START,
    listed = true,
    told = true,
    ...more
  }: Partial<EventDetails> & {
    version?: number;
    at?: number;
    listed?: boolean;
    told?: boolean;
  } = {},
): Promise<string> {
  const eventId = derivedId('event', name);
  const startsAt = more.startsAt ?? START + 10 * DAY;
  const details: EventDetails = {
    eventId,
    organizationId: derivedId('organization'),
    createdBy: derivedId('user'),
    title: name,
    description: '',
    category: 'concert',
    timeZone: 'Europe/Berlin',
    ticketTypes: [
      { ticketTypeId: derivedId('type', name), name: 'Standing', unitPrice: 2_500, currency: 'EUR', quantity: 10 },
    ],
    status: listed ? 'PUBLISHED' : 'DRAFT',
    createdAt: START,
    requestHash: 'hash',
    ...more,
    startsAt,
  };
  const key = { pk: `EVENT#${eventId}`, sk: 'EVENT' };
  const { item } = begin(key, details, { ...occasion(at), event: 'catalog.EventPublished.v1' }, mustHold('test'));
  const index = listed ? { gsi1pk: PUBLISHED_EVENTS, gsi1sk: publishedPosition(startsAt, eventId) } : {};
  const row: Put<never> = {
    kind: 'put',
    key,
    item: { ...item, ...index, ver: version, ch: chainHash('', { ...item }) },
    otherwise: mustHold('test'),
  };
  await putItems(db.table, [row, ...(told ? logListingChanges([{ eventId, version }], at) : [])]);
  return eventId;
}

const titles = async (live: LiveSearch, now: number, query: Partial<SearchParameters> = {}): Promise<string[]> =>
  (await searchEvents({ table: db.table, live, cursorKey: CURSOR_KEY }, query, now)).items.map(({ title }) => title);

async function refusal(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'no refusal',
    (error: unknown) => (error instanceof ProblemError ? error.problem : error),
  );
}

describe('without a snapshot', () => {
  it('a small catalogue is read as it is, and kept up with', async () => {
    await given('Harbour Jazz');
    const live = new LiveSearch(sources());
    expect(await titles(live, START + MINUTE, { q: 'harbor jaz' })).toEqual(['Harbour Jazz']);
    await given('Second Jazz', { at: START + MINUTE + SECOND });
    expect(await titles(live, START + MINUTE + 3 * SECOND, { q: 'second' })).toEqual(['Second Jazz']);
  });

  it('the log is read once a second at the most', async () => {
    const live = new LiveSearch(sources());
    expect(await titles(live, START, {})).toEqual([]);
    await given('New', { at: START });
    expect(await titles(live, START + 999, {})).toEqual([]);
    expect(await titles(live, START + SECOND, {})).toEqual(['New']);
  });
});

describe('from a snapshot', () => {
  it('an event that was changed, taken back or cancelled since shows as it is now', async () => {
    for (const name of ['Stays', 'Is renamed', 'Is taken back']) await given(name);
    await compactIndex(sources(), occasion(START + MINUTE));
    const live = new LiveSearch(sources());
    const at = START + 2 * MINUTE;
    expect(await titles(live, at)).toHaveLength(3);
    await given('Is renamed', { version: 3, at, title: 'Has a new name' });
    await given('Is taken back', { version: 3, at, listed: false });
    for (const search of [live, new LiveSearch(sources())]) {
      expect((await titles(search, at + 2 * SECOND)).toSorted()).toEqual(['Has a new name', 'Stays']);
      expect(await titles(search, at + 2 * SECOND, { q: 'renamed' })).toEqual([]);
    }
  });

  it('news that comes late, twice or out of order changes nothing: what counts is the event itself', async () => {
    const eventId = await given('Told');
    await compactIndex(sources(), occasion(START + MINUTE));
    const at = START + 10 * MINUTE;
    await given('Told', { version: 5, at, listed: false });
    const live = new LiveSearch(sources());
    expect(await titles(live, at + SECOND)).toEqual([]);
    await putItems(
      db.table,
      logListingChanges(
        [
          { eventId, version: 2 },
          { eventId, version: 4 },
        ],
        at + 2 * SECOND,
      ),
    );
    expect(await titles(live, at + 4 * SECOND)).toEqual([]);
    // A compaction forgets what is gone; an old change that is relayed after it must not bring it back.
    await compactIndex(sources(), occasion(at + MINUTE));
    await putItems(db.table, logListingChanges([{ eventId, version: 3 }], at + 2 * MINUTE));
    expect(await titles(new LiveSearch(sources()), at + 2 * MINUTE + SECOND)).toEqual([]);
  });

  it('an entry that the relay wrote half a minute late is seen', async () => {
    const live = new LiveSearch(sources());
    expect(await titles(live, START + 40 * SECOND)).toEqual([]);
    await given('Late', { at: START + 10 * SECOND });
    expect(await titles(live, START + 42 * SECOND)).toEqual(['Late']);
  });

  it('nothing is shown that was taken back a moment ago, though the index has not heard of it', async () => {
    await given('Here');
    const live = new LiveSearch(sources());
    expect(await titles(live, START + MINUTE)).toEqual(['Here']);
    await given('Here', { version: 3, listed: false, told: false });
    expect(await titles(live, START + MINUTE + 1)).toEqual([]);
  });
});

describe('when the snapshot cannot be had', () => {
  const damage: readonly (readonly [string, () => void])[] = [
    ['is lost', () => snapshots.objects.clear()],
    ['is unreachable', () => void (snapshots.unreachable = true)],
    [
      'is damaged',
      () => {
        for (const object of snapshots.objects.values()) damageIn(object.bytes);
      },
    ],
  ];

  it.each(damage)('since it %s, a small catalogue is searched all the same', async (_how, harm) => {
    await given('Still here');
    await compactIndex(sources(), occasion(START + MINUTE));
    harm();
    expect(await titles(new LiveSearch(sources()), START + 2 * MINUTE, { q: 'still' })).toEqual(['Still here']);
  });

  it('a large one is not searched at all, rather than wrongly; the compaction makes a new snapshot', async () => {
    for (let number = 0; number < 12; number += 1) await given(`Event ${number}`, { told: false });
    const fresh = (): LiveSearch => new LiveSearch(sources(), 11);
    const live = fresh();
    expect(await refusal(titles(live, START + MINUTE))).toMatchObject({ code: 'SEARCH_UNAVAILABLE', retryAfter: 10 });
    expect(await compactIndex(sources(), occasion(START + 2 * MINUTE))).toMatchObject({ events: 12, rebuilt: 1 });
    // Turned away without trying for the ten seconds that it was told.
    expect(await refusal(titles(live, START + MINUTE + 5 * SECOND))).toMatchObject({ code: 'SEARCH_UNAVAILABLE' });
    expect(await titles(live, START + 3 * MINUTE, { q: 'event 7' })).toEqual(['Event 7']);
    for (const object of snapshots.objects.values()) damageIn(object.bytes);
    expect(await refusal(titles(fresh(), START + 4 * MINUTE))).toMatchObject({
      code: 'SEARCH_UNAVAILABLE',
    });
    expect(await compactIndex(sources(), occasion(START + 5 * MINUTE))).toMatchObject({ events: 12, rebuilt: 1 });
    expect(await titles(fresh(), START + 6 * MINUTE, { limit: 3 })).toHaveLength(3);
  });
});

describe('the compaction', () => {
  it('does nothing while nothing happens, and says so once a day', async () => {
    await given('Quiet');
    await compactIndex(sources(), occasion(START + MINUTE));
    const objects = [...snapshots.objects.keys()];
    const items = (await db.items()).length;
    expect(await compactIndex(sources(), occasion(START + 16 * MINUTE))).toEqual({ changes: 0, sales: 0 });
    expect(await compactIndex(sources(), occasion(START + 2 * DAY))).toEqual({ changes: 0, sales: 0, touched: 1 });
    expect([...snapshots.objects.keys()]).toEqual(objects);
    expect(await db.items()).toHaveLength(items);
    expect((await findSnapshot(db.table))?.snapshot.changesUntil).toBe(START + 2 * DAY);
  });

  it('counts each sale once, whichever of several runs does, and an order that was logged twice once', async () => {
    const sold = await given('Sold');
    await given('Unsold', { startsAt: START + DAY });
    await compactIndex(sources(), occasion(START));
    const sale = { orderId: derivedId('order'), eventId: sold, quantity: 2, at: START + MINUTE };
    await putItems(db.table, [...logSales([sale], START + MINUTE), ...logSales([sale], START + MINUTE + SECOND)]);
    const runs = await Promise.all([1, 2, 3].map(() => compactIndex(sources(), occasion(START + 10 * MINUTE))));
    expect(runs.filter((report) => !('outrun' in report) && report['sales'] === 1)).toHaveLength(1);
    await compactIndex(sources(), occasion(START + 25 * MINUTE));
    const { snapshot } = (await findSnapshot(db.table)) ?? {};
    const index = new LiveIndex(decodeSegment(await snapshots.read(snapshot?.name ?? '')));
    const [part] = index.parts;
    const popularity = part?.segment.data.columns.popularity ?? new Float64Array();
    const expected = Math.log2(2) + (START + MINUTE - Date.UTC(2020, 0, 1)) / (3 * DAY);
    expect([...popularity].toSorted((left, right) => left - right)).toEqual([0, expected]);
    expect(await titles(new LiveSearch(sources()), START + HOUR, { sort: 'popularity' })).toEqual(['Sold', 'Unsold']);
  });

  it('leaves sales that may still be joined by earlier ones to the next run', async () => {
    const sold = await given('Sold');
    await compactIndex(sources(), occasion(START));
    const at = START + 10 * MINUTE;
    await putItems(db.table, logSales([{ orderId: 'o', eventId: sold, quantity: 1, at }], at));
    expect(await compactIndex(sources(), occasion(at + MINUTE))).toMatchObject({ sales: 0 });
    expect(await compactIndex(sources(), occasion(at + 3 * MINUTE))).toMatchObject({ sales: 1 });
  });

  it.each([
    ['built from nothing', false],
    ['merged with the one before', true],
  ])('loses nothing that comes in while the snapshot is %s', async (_how, merged) => {
    for (const name of ['Stays', 'Is renamed', 'Is taken back']) await given(name);
    if (merged) {
      await compactIndex(sources(), occasion(START + MINUTE));
      await given('Came before', { at: START + 90 * SECOND });
    }
    const at = START + 16 * MINUTE;
    const write = snapshots.write.bind(snapshots);
    // What the snapshot is made from has been read, and it is not the present one yet.
    snapshots.write = async (name, bytes) => {
      await given('Comes in between', { at: at + SECOND });
      await given('Is renamed', { version: 3, at: at + SECOND, title: 'Has a new name' });
      await given('Is taken back', { version: 3, at: at + SECOND, listed: false });
      await write(name, bytes);
    };
    const waiting = new LiveSearch(sources());
    await titles(waiting, at - MINUTE);
    expect(await compactIndex(sources(), occasion(at))).toMatchObject({ rebuilt: Number(!merged) });
    for (const search of [waiting, new LiveSearch(sources())])
      expect((await titles(search, at + 3 * SECOND)).toSorted()).toEqual([
        ...(merged ? ['Came before'] : []),
        'Comes in between',
        'Has a new name',
        'Stays',
      ]);
  });

  it('removes snapshots that nobody loads any more, but not while somebody may', async () => {
    await given('One');
    await compactIndex(sources(), occasion(START));
    for (const minutes of [15, 30, 90, 105]) {
      snapshots.now = START + minutes * MINUTE;
      await given('One', { version: 2 + minutes, at: snapshots.now });
      await compactIndex(sources(), occasion(snapshots.now));
    }
    const ages = (await snapshots.list()).map(({ writtenAt }) => (writtenAt - START) / MINUTE);
    expect(ages).toEqual([90, 105]);
  });

  it('builds the index from the events themselves once a week, sales included', async () => {
    const sold = await given('Sold', { startsAt: START + 60 * DAY });
    await given('Unsold', { startsAt: START + 30 * DAY });
    await compactIndex(sources(), occasion(START));
    await putItems(db.table, logSales([{ orderId: 'o', eventId: sold, quantity: 1, at: START }], START));
    await given('Never told of', { told: false, startsAt: START + 50 * DAY });
    expect(await compactIndex(sources(), occasion(START + 6 * DAY))).toMatchObject({ events: 2, rebuilt: 0 });
    expect(await compactIndex(sources(), occasion(START + 8 * DAY))).toMatchObject({ events: 3, rebuilt: 1 });
    expect((await titles(new LiveSearch(sources()), START + 8 * DAY, { sort: 'popularity' }))[0]).toBe('Sold');
  });
});

describe('a search', () => {
  it('pages with cursors that are its own', async () => {
    for (const number of [1, 2, 3, 4, 5]) await given(`Jazz ${number}`, { startsAt: START + number * DAY });
    const live = new LiveSearch(sources());
    const deps = { table: db.table, live, cursorKey: CURSOR_KEY };
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
      await given(`Event ${number}`, {
        startsAt: START + number * DAY,
        ticketTypes: soldOut
          ? []
          : [{ ticketTypeId: derivedId('t', String(number)), name: 'A', unitPrice: 1, currency: 'EUR', quantity: 5 }],
      });
    }
    const deps = { table: db.table, live: new LiveSearch(sources()), cursorKey: CURSOR_KEY };
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

  it('suggests by the beginning of a word, and what somebody with a typing error means', async () => {
    await given('Philharmonic Nights', { venue: { name: 'Elbphilharmonie', city: 'Hamburg' } });
    const live = new LiveSearch(sources());
    for (const q of ['phil', 'filharmonic', 'elbph', 'hamb', 'nigths'])
      expect((await suggest({ table: db.table, live }, { q }, START + MINUTE)).items, q).toMatchObject([
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
    await given('Concert', { ticketTypes: [type('Open', 5_000, false), type('Friends', 100, true)] });
    const deps = { table: db.table, live: new LiveSearch(sources()), cursorKey: CURSOR_KEY };
    const { items, facets } = await searchEvents(deps, {}, START + MINUTE);
    expect(items[0]?.priceRange).toEqual({
      min: { amount: 5_000, currency: 'EUR' },
      max: { amount: 5_000, currency: 'EUR' },
    });
    expect(facets.price).toEqual([{ currency: 'EUR', min: 5_000, max: 10_000, count: 1 }]);
    expect(await titles(deps.live, START + MINUTE, { priceMax: '200' })).toEqual([]);
  });
});

it('knows a listed event by its place in the index of published ones', () => {
  expect(isListed({ gsi1pk: PUBLISHED_EVENTS })).toBe(true);
  expect(isListed({ status: 'PUBLISHED' })).toBe(false);
  expect(isListed(undefined)).toBe(false);
});
