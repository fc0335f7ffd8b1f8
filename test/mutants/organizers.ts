import { expect } from 'vitest';

import { showAvailable, markSoldOut } from '../../functions/inventory/availability.ts';
import { findContents, requireContents } from '../../functions/inventory/contents.ts';
import { changeHouseSeats } from '../../functions/inventory/house-seats.ts';
import { availabilityKey, blockKey, poolKey, ticketTypeKey } from '../../functions/inventory/keys.ts';
import { alignBlocks, prepareToJoin } from '../../functions/inventory/operations.ts';
import { findPool, type StockOnSale } from '../../functions/inventory/reads.ts';
import { blockStock, changeCapacity, spreadStock } from '../../functions/inventory/resizing.ts';
import {
  changeCopy,
  joinSale,
  leaveSale,
  moveSale,
  openSale,
  setWindows,
  stopSale,
  withdrawSale,
} from '../../functions/inventory/sale-writes.ts';
import { takeFromBlock } from '../../functions/inventory/writes.ts';
import { derivedId } from '../../functions/shared/kernel/ids.ts';
import type { Cases } from './buyers.ts';
import { House, LATER, NOW, occasion, refused, rows, type Filling } from './house.ts';

const OBSTACLES = { moved: refused, taken: refused };
const ROOM = 99;

async function stockOf(house: House): Promise<StockOnSale> {
  return { pools: [await house.pool()], copies: await house.copies() };
}

/** A house of which somebody holds a ticket, or a seat. */
async function sold(filling: Filling, types = 1): Promise<House> {
  const house = await new House(types).open(filling);
  const take = { block: 0, quantity: 1, ...(typeof filling === 'number' ? {} : { seats: ['1-1'] }) };
  const terms = { now: NOW, windows: [0] };
  expect(await house.commit([takeFromBlock({ poolId: house.poolId, take }, terms, refused)])).toBe('DONE');
  return house;
}

/** Both writes were decided on the same picture: only one may come about. */
async function onlyOnce(house: House, decide: (stock: StockOnSale) => Parameters<House['commit']>[0]): Promise<void> {
  const stock = await stockOf(house);
  await house.touchPool();
  expect(await house.commit(decide(stock))).toBe('REFUSED');
  expect(await house.commit(decide(await stockOf(house)))).toBe('DONE');
}

export const SALES: Cases = {
  'a pool opens once, from the picture that was taken of it': async () => {
    const house = new House();
    const stale = await house.prepare(3);
    await house.touchPool();
    expect(await house.commit(openSale(stale, occasion, refused))).toBe('REFUSED');
    const prepared = await house.prepare(3);
    expect(await house.commit(openSale(prepared, occasion, refused))).toBe('DONE');
  },
  'a pool that is stopped does not open': async () => {
    const house = new House();
    const [prepared] = await house.prepare(3);
    if (prepared === undefined) throw new Error('Nothing was prepared');
    await house.plant(poolKey(house.poolId), { ...prepared.pool, state: 'STOPPED' });
    expect(await house.commit(openSale([prepared], occasion, refused))).toBe('REFUSED');
  },
  'a pool whose blocks are not all put does not open': async () => {
    const house = new House();
    const [prepared] = await house.prepare(3);
    if (prepared === undefined) throw new Error('Nothing was prepared');
    await house.plant(poolKey(house.poolId), { ...prepared.pool, prepared: 0 });
    expect(await house.commit(openSale([prepared], occasion, refused))).toBe('REFUSED');
  },
  'a type that is on sale is not put on sale again': async () => {
    const house = new House();
    const prepared = await house.prepare(3);
    await house.plant(ticketTypeKey(house.types[0]?.ticketTypeId ?? ''), { name: 'another' });
    expect(await house.commit(openSale(prepared, occasion, refused))).toBe('REFUSED');
  },
  'a type that is not on sale is not changed': async () => {
    const house = new House();
    expect(await house.commit([changeCopy('nobody', { name: 'Other' }, refused)])).toBe('REFUSED');
    expect(house.row(ticketTypeKey('nobody'))).toBeUndefined();
  },
  'nothing is withdrawn of which something is out': async () => {
    for (const filling of [3, rows(2)]) {
      const house = await sold(filling);
      expect(await house.commit(withdrawSale(await stockOf(house), occasion, OBSTACLES))).toBe('REFUSED');
    }
  },
  'a sale is withdrawn from the picture that was taken of it': async () => {
    await onlyOnce(await new House().open(3), (stock) => withdrawSale(stock, occasion, OBSTACLES));
  },
  'a sale is stopped from the picture that was taken of it': async () => {
    await onlyOnce(await new House().open(3), (stock) => stopSale(stock, occasion, ROOM, refused).writes);
  },
  'a sale is moved from the picture that was taken of it': async () => {
    await onlyOnce(await new House().open(3), (stock) => {
      const next = stock.copies.map((copy) => ({ ...copy, closesAt: LATER }));
      return moveSale(stock, next, occasion, ROOM, refused).writes;
    });
  },
  'a type leaves from the picture that was taken of its pool': async () => {
    const house = await new House(2).open(3);
    const leaving = house.types[1]?.ticketTypeId ?? '';
    await onlyOnce(house, (stock) => leaveSale(stock, leaving, occasion, OBSTACLES));
  },
  'a type joins from the picture that was taken of its pool': async () => {
    const house = await new House().open(3);
    const [beside] = await house.copies();
    const [first] = house.types;
    if (beside === undefined || first === undefined) throw new Error('Nothing is on sale');
    await onlyOnce(house, ({ pools: [pool] }) => {
      if (pool === undefined) throw new Error('There is no pool');
      const ready = { ...pool, ticketTypeIds: [first.ticketTypeId, 'joining'] };
      return joinSale(ready, beside, { ...first, ticketTypeId: 'joining' }, occasion, refused);
    });
  },
  'windows are given to blocks that there are': async () => {
    const house = await new House().open(3);
    const write = setWindows(blockKey(house.poolId, 7), { closesAt: LATER });
    await expect(house.commit([write])).rejects.toThrow('always holds');
  },
};

const PREPARING: Cases = {
  'a pool is begun once': async () => {
    const house = new House();
    await house.prepare(3);
    const pool = await house.pool();
    await house.uproot(poolKey(house.poolId));
    await house.uproot(blockKey(house.poolId, 0));
    // Another publisher begins between the look and the write.
    const table = house.interrupted(() => house.plant(poolKey(house.poolId), { ...pool, ver: 5 }));
    await house.prepare(3, table);
    expect(house.poolRow()).toMatchObject({ ver: 5 });
  },
  'a block is put once, never over one that has been sold from': async () => {
    const house = new House();
    await house.prepare(3);
    await house.uproot(poolKey(house.poolId));
    await house.plant(blockKey(house.poolId, 0), { free: 1, size: 3, opensAt: 0, closesAt: LATER });
    await house.prepare(3).catch(() => undefined);
    expect(house.row(blockKey(house.poolId, 0))).toMatchObject({ free: 1 });
  },
  'the next blocks are put from the picture that was taken of the pool': async () => {
    const house = new House();
    await house.prepare(rows(120));
    const pool = await house.pool();
    const half = { ...pool, prepared: 99, ver: 1 };
    await house.plant(poolKey(house.poolId), half);
    for (let block = 99; block < 120; block += 1) await house.uproot(blockKey(house.poolId, block));
    await house.prepare(
      rows(120),
      house.interrupted(() => house.touchPool()),
    );
    expect(house.poolRow()).toMatchObject({ prepared: 120, ver: 3 });
  },
  'blocks are brought in line with what the pool is, not with what it was': async () => {
    const house = await new House().open(3);
    const ids = house.types.map(({ ticketTypeId }) => ticketTypeId);
    const meanwhile = async () => {
      const stock = await stockOf(house);
      const next = stock.copies.map((copy) => ({ ...copy, closesAt: LATER }));
      expect(await house.commit(moveSale(stock, next, occasion, ROOM, refused).writes)).toBe('DONE');
    };
    await alignBlocks(house.interrupted(meanwhile), ids, [house.poolId]);
    expect(house.row(blockKey(house.poolId, 0))).toMatchObject({ closesAt: LATER });
  },
  'a type gets ready to join from the picture that was taken of its pool': async () => {
    const house = await new House().open(3);
    const [first] = house.types;
    if (first === undefined) throw new Error('A house without types');
    const found = await house.pool();
    const ids = [first.ticketTypeId];
    // Another type got ready meanwhile: both must be known.
    const other = { ...first, ticketTypeId: derivedId('other') };
    expect(await prepareToJoin(house.table, found, other, ids, occasion)).toBeDefined();
    const own = { ...first, ticketTypeId: derivedId('own') };
    expect(await prepareToJoin(house.table, found, own, ids, occasion)).toBeDefined();
    expect((await house.pool()).ticketTypeIds).toEqual([first.ticketTypeId, other.ticketTypeId, own.ticketTypeId]);
  },
};

const RESIZING: Cases = {
  'stock is changed from the picture that was taken of it': async () => {
    const house = await new House().open(6);
    const meanwhile = () => blockStock(house.table, house.poolId, 2, occasion);
    await blockStock(house.interrupted(meanwhile), house.poolId, 3, occasion);
    expect(house.poolRow()).toMatchObject({ blocked: 3 });
    expect(house.row(blockKey(house.poolId, 0))).toMatchObject({ free: 3, blocked: 3 });
  },
  'a new block is not put over one that there is': async () => {
    const house = await new House().open(6);
    const key = blockKey(house.poolId, 1);
    await house.plant(key, { free: 1, size: 4, opensAt: 0, closesAt: LATER });
    await spreadStock(house.table, house.poolId, 14, occasion).catch(() => undefined);
    expect(house.row(key)).toMatchObject({ free: 1, size: 4 });
  },
  'no ticket is taken away that a buyer has taken meanwhile': async () => {
    const house = await new House().open(6);
    const take = { block: 0, quantity: 4 };
    const buy = () =>
      house.commit([takeFromBlock({ poolId: house.poolId, take }, { now: NOW, windows: [0] }, refused)]);
    await blockStock(house.interrupted(buy), house.poolId, 5, occasion);
    expect(house.row(blockKey(house.poolId, 0))).toMatchObject({ free: 2 });
  },
  'tickets are added to blocks that there are': async () => {
    const house = await new House().open(6);
    const planned = await changeCapacity(house.table, house.poolId, 9, ROOM, occasion, refused);
    if (!planned.ok) throw new Error('A capacity can be raised');
    await house.uproot(blockKey(house.poolId, 0));
    expect(await house.commit(planned.value.writes)).toBe('REFUSED');
  },
  'house seats are counted from the picture that was taken': async () => {
    const house = await new House().open(rows(2));
    const meanwhile = () => changeHouseSeats(house.table, house.poolId, ['2-1', '2-2'], 'BLOCK', occasion);
    await changeHouseSeats(house.interrupted(meanwhile), house.poolId, ['1-1'], 'BLOCK', occasion);
    expect(house.poolRow()).toMatchObject({ blocked: 3 });
  },
  'no seat is kept for the house that a buyer has taken meanwhile': async () => {
    const house = await new House().open(rows(1));
    const take = { block: 0, quantity: 1, seats: ['1-1'] };
    const buy = () =>
      house.commit([takeFromBlock({ poolId: house.poolId, take }, { now: NOW, windows: [0] }, refused)]);
    const done = await changeHouseSeats(house.interrupted(buy), house.poolId, ['1-1', '1-2'], 'BLOCK', occasion);
    expect(done).toEqual({ ok: false, error: { kind: 'TAKEN', seatIds: ['1-1'] } });
    expect(house.row(blockKey(house.poolId, 0))?.['blocked']).toBeUndefined();
  },
};

const SHOWING: Cases = {
  'what is shown is replaced by who counted after it': async () => {
    const house = await new House().open(6);
    const show = (free: number, before: { free: number; count: number } | undefined) =>
      house.commit([showAvailable(house.poolId, free, before, NOW, refused)]);
    expect(await show(6, undefined)).toBe('DONE');
    expect(await show(5, undefined), 'begun before anything was shown').toBe('REFUSED');
    expect(await show(4, { free: 6, count: 1 })).toBe('DONE');
    expect(await show(5, { free: 6, count: 1 }), 'begun before the last count').toBe('REFUSED');
    expect(house.row(availabilityKey(house.poolId))).toMatchObject({ free: 4 });
  },
  'that all is sold is told once': async () => {
    const house = await new House().open(6);
    const pool = await findPool(house.table, house.poolId);
    if (pool === undefined) throw new Error('There is no pool');
    expect(await house.commit([markSoldOut(pool, true, occasion, refused)])).toBe('DONE');
    expect(await house.commit([markSoldOut(pool, true, occasion, refused)])).toBe('REFUSED');
  },
};

/** What is read of all blocks, as the condition of who has decided by it. */
async function stillAsRead(
  filling: Filling,
  before: Readonly<Record<string, unknown>>,
  then: (house: House) => Promise<unknown>,
): Promise<'DONE' | 'REFUSED'> {
  const house = await new House().open(filling);
  const key = blockKey(house.poolId, 0);
  const plant = (members: Readonly<Record<string, unknown>>): Promise<void> =>
    house.plant(key, { ...house.row(key), ...members });
  await plant(before);
  const pool = await house.pool();
  const checks = requireContents(pool, await findContents(house.table, pool), refused);
  await then(house);
  return house.commit(checks);
}

/** Makes the first block another one. */
const blockBecomes = (members: Readonly<Record<string, unknown>>) => (house: House) => {
  const key = blockKey(house.poolId, 0);
  return house.plant(key, { ...house.row(key), ...members });
};
const nothing = (): Promise<void> => Promise.resolve();

const AS_READ: Cases = {
  'counted stock is as it was read, with nothing or something free and blocked': async () => {
    for (const before of [{}, { free: 0 }, { free: 1, blocked: 2 }, { blocked: 0 }])
      expect(await stillAsRead(3, before, nothing)).toBe('DONE');
  },
  'counted stock is not as it was read once a pool or block has changed': async () => {
    expect(await stillAsRead(3, {}, (house) => house.touchPool())).toBe('REFUSED');
    expect(await stillAsRead(3, {}, blockBecomes({ size: 4 }))).toBe('REFUSED');
    expect(await stillAsRead(3, {}, blockBecomes({ free: 2 }))).toBe('REFUSED');
    expect(await stillAsRead(3, {}, blockBecomes({ blocked: 1 }))).toBe('REFUSED');
    expect(await stillAsRead(3, { free: 0 }, blockBecomes({ free: 1 }))).toBe('REFUSED');
  },
  'seats are as they were read, and are not once one is gone or kept': async () => {
    expect(await stillAsRead(rows(1), {}, nothing)).toBe('DONE');
    expect(await stillAsRead(rows(1), {}, blockBecomes({ free: new Set(['1-1', '1-2']) }))).toBe('REFUSED');
    expect(await stillAsRead(rows(1), {}, blockBecomes({ blocked: new Set(['1-1']) }))).toBe('REFUSED');
  },
};

export const ORGANIZERS: Cases = { ...SALES, ...PREPARING, ...RESIZING, ...SHOWING, ...AS_READ };
