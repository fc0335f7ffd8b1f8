import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { compactIndex } from '../../functions/search/app/compact-index.ts';
import { LiveSearch } from '../../functions/search/app/live-search.ts';
import { LiveIndex } from '../../functions/search/domain/live-index.ts';
import { decodeSegment } from '../../functions/search/domain/segment-format.ts';
import { findSnapshot } from '../../functions/search/reads.ts';
import { logSales } from '../../functions/search/writes.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../functions/shared/kernel/clock.ts';
import { derivedId } from '../../functions/shared/kernel/ids.ts';
import { putItems } from '../../functions/shared/table/batch.ts';
import { LiveWorld, occasion, START } from './live-world.ts';

let world: LiveWorld;

beforeEach(async () => {
  world = await LiveWorld.start();
});
afterEach(async () => {
  await world.drop();
});

describe('the compaction', () => {
  it('does nothing while nothing happens, and says so once a day', async () => {
    await world.given('Quiet');
    await compactIndex(world.sources(), occasion(START + MINUTE));
    const objects = [...world.snapshots.objects.keys()];
    const items = (await world.items()).length;
    expect(await compactIndex(world.sources(), occasion(START + 16 * MINUTE))).toEqual({ changes: 0, sales: 0 });
    expect(await compactIndex(world.sources(), occasion(START + 2 * DAY))).toEqual({
      changes: 0,
      sales: 0,
      touched: 1,
    });
    expect([...world.snapshots.objects.keys()]).toEqual(objects);
    expect(await world.items()).toHaveLength(items);
    expect((await findSnapshot(world.table))?.snapshot.changesUntil).toBe(START + 2 * DAY);
  });

  it('counts each sale once, whichever of several runs does, and an order that was logged twice once', async () => {
    const sold = await world.given('Sold');
    await world.given('Unsold', { startsAt: START + DAY });
    await compactIndex(world.sources(), occasion(START));
    const sale = { orderId: derivedId('order'), eventId: sold, quantity: 2, at: START + MINUTE };
    await putItems(world.table, [...logSales([sale], START + MINUTE), ...logSales([sale], START + MINUTE + SECOND)]);
    const runs = await Promise.all([1, 2, 3].map(() => compactIndex(world.sources(), occasion(START + 10 * MINUTE))));
    expect(runs.filter((report) => !('outrun' in report) && report['sales'] === 1)).toHaveLength(1);
    await compactIndex(world.sources(), occasion(START + 25 * MINUTE));
    const { snapshot } = (await findSnapshot(world.table)) ?? {};
    const index = new LiveIndex(decodeSegment(await world.snapshots.read(snapshot?.name ?? '')));
    const [part] = index.parts;
    const popularity = part?.segment.data.columns.popularity ?? new Float64Array();
    const expected = Math.log2(2) + (START + MINUTE - Date.UTC(2020, 0, 1)) / (3 * DAY);
    expect([...popularity].toSorted((left, right) => left - right)).toEqual([0, expected]);
    expect(await world.titles(new LiveSearch(world.sources()), START + HOUR, { sort: 'popularity' })).toEqual([
      'Sold',
      'Unsold',
    ]);
  });

  it('counts an order once that is logged again within the hour after it has been counted', async () => {
    const sold = await world.given('Sold');
    await compactIndex(world.sources(), occasion(START));
    const sale = { orderId: derivedId('order'), eventId: sold, quantity: 2, at: START };
    await putItems(world.table, logSales([sale], START + MINUTE));
    expect(await compactIndex(world.sources(), occasion(START + 15 * MINUTE))).toMatchObject({ sales: 1 });
    const other = { ...sale, orderId: derivedId('another') };
    for (const again of [20 * MINUTE, HOUR]) {
      await putItems(world.table, logSales([sale], START + again));
      expect(await compactIndex(world.sources(), occasion(START + again + 10 * MINUTE))).toMatchObject({ sales: 0 });
    }
    await putItems(world.table, logSales([sale, other], START + HOUR + SECOND));
    expect(await compactIndex(world.sources(), occasion(START + HOUR + 10 * MINUTE))).toMatchObject({ sales: 1 });
  });

  it('leaves sales that may still be joined by earlier ones to the next run', async () => {
    const sold = await world.given('Sold');
    await compactIndex(world.sources(), occasion(START));
    const at = START + 10 * MINUTE;
    await putItems(world.table, logSales([{ orderId: 'o', eventId: sold, quantity: 1, at }], at));
    expect(await compactIndex(world.sources(), occasion(at + MINUTE))).toMatchObject({ sales: 0 });
    expect(await compactIndex(world.sources(), occasion(at + 3 * MINUTE))).toMatchObject({ sales: 1 });
  });

  it.each([
    ['built from nothing', false],
    ['merged with the one before', true],
  ])('loses nothing that comes in while the snapshot is %s', async (_how, merged) => {
    for (const name of ['Stays', 'Is renamed', 'Is taken back']) await world.given(name);
    if (merged) {
      await compactIndex(world.sources(), occasion(START + MINUTE));
      await world.given('Came before', { at: START + 90 * SECOND });
    }
    const at = START + 16 * MINUTE;
    const write = world.snapshots.write.bind(world.snapshots);
    // What the snapshot is made from has been read, and it is not the present one yet.
    world.snapshots.write = async (name, bytes) => {
      await world.given('Comes in between', { at: at + SECOND });
      await world.given('Is renamed', { version: 3, at: at + SECOND, title: 'Has a new name' });
      await world.given('Is taken back', { version: 3, at: at + SECOND, listed: false });
      await write(name, bytes);
    };
    const waiting = new LiveSearch(world.sources());
    await world.titles(waiting, at - MINUTE);
    expect(await compactIndex(world.sources(), occasion(at))).toMatchObject({ rebuilt: Number(!merged) });
    for (const search of [waiting, new LiveSearch(world.sources())])
      expect((await world.titles(search, at + 3 * SECOND)).toSorted()).toEqual([
        ...(merged ? ['Came before'] : []),
        'Comes in between',
        'Has a new name',
        'Stays',
      ]);
  });

  it('removes snapshots that nobody loads any more, but not while somebody may', async () => {
    await world.given('One');
    await compactIndex(world.sources(), occasion(START));
    for (const minutes of [15, 30, 90, 105]) {
      world.snapshots.now = START + minutes * MINUTE;
      await world.given('One', { version: 2 + minutes, at: world.snapshots.now });
      await compactIndex(world.sources(), occasion(world.snapshots.now));
    }
    const ages = (await world.snapshots.list()).map(({ writtenAt }) => (writtenAt - START) / MINUTE);
    expect(ages).toEqual([90, 105]);
  });

  it('builds the index from the events themselves once a week, sales included', async () => {
    const sold = await world.given('Sold', { startsAt: START + 60 * DAY });
    await world.given('Unsold', { startsAt: START + 30 * DAY });
    await compactIndex(world.sources(), occasion(START));
    await putItems(world.table, logSales([{ orderId: 'o', eventId: sold, quantity: 1, at: START }], START));
    await world.given('Never told of', { told: false, startsAt: START + 50 * DAY });
    expect(await compactIndex(world.sources(), occasion(START + 6 * DAY))).toMatchObject({ events: 2, rebuilt: 0 });
    expect(await compactIndex(world.sources(), occasion(START + 8 * DAY))).toMatchObject({ events: 3, rebuilt: 1 });
    expect((await world.titles(new LiveSearch(world.sources()), START + 8 * DAY, { sort: 'popularity' }))[0]).toBe(
      'Sold',
    );
  });
});
