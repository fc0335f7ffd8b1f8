import { ulid } from 'ulid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { TicketTypeCopy } from '../../functions/inventory/contract.ts';
import { blockKeys, poolKey, ticketTypeKey } from '../../functions/inventory/keys.ts';
import { alignBlocks } from '../../functions/inventory/operations.ts';
import { findCountedStock, findTicketTypes, type CountedStock } from '../../functions/inventory/reads.ts';
import { blockStock, changeCapacity, spreadStock } from '../../functions/inventory/resizing.ts';
import { changeCopies, stopSale } from '../../functions/inventory/sale-writes.ts';
import { findOrder } from '../../functions/orders/reads.ts';
import { placeHold } from '../../functions/reservations/app/place-hold.ts';
import { releaseHold } from '../../functions/reservations/app/release-hold.ts';
import type { Result } from '../../functions/shared/kernel/result.ts';
import { tableOn, type Table } from '../../functions/shared/table/client.ts';
import { commit, StoreBusyError } from '../../functions/shared/table/commit.ts';
import { getItems } from '../../functions/shared/table/read.ts';
import { auditInvariants } from '../../scripts/audit/invariants.ts';
import type { Row } from '../../scripts/audit/rows.ts';
import { startTestTable, testClient, type TestTable } from '../support/dynamodb.ts';
import { dyingTable, type Death } from './killed.ts';
import { putOnSale } from './on-sale.ts';

const NOW = Date.UTC(2026, 10, 21, 12);
const occasion = { now: NOW, correlationId: 'test', by: 'system' };
const moved = (): 'MOVED' => 'MOVED';
const ROOM = 98;

let db: TestTable;
beforeAll(async () => {
  db = await startTestTable();
});
afterAll(() => db.drop());

function faultsOf(rows: readonly Row[]): readonly unknown[] {
  return auditInvariants({ rows, ledger: { paymentIntents: [], refunds: [] }, at: NOW, world: 'in-flight' })
    .differences;
}

/** What is wrong with all stock there is. */
async function broken(): Promise<unknown> {
  return faultsOf(await db.items());
}

async function stockOf({ poolId }: Pick<TicketTypeCopy, 'poolId'>): Promise<CountedStock> {
  const stock = await findCountedStock(db.table, poolId);
  if (stock === undefined) throw new Error('The pool is gone');
  return stock;
}

const frees = ({ states }: CountedStock): readonly number[] => states.map(({ free }) => free);
const total = (stock: CountedStock): number => frees(stock).reduce((sum, free) => sum + free, 0);

/** Holds tickets of a type as a buyer has read it. @returns the id, or why not */
async function hold(type: TicketTypeCopy, quantity = 1): Promise<string> {
  const orderId = ulid();
  const types = new Map([[type.ticketTypeId, type]]);
  const wishes = [{ ticketTypeId: type.ticketTypeId, quantity }];
  const request = { orderId, customerId: ulid(), wishes, types, retriable: false };
  const held = await placeHold(db.table, request, occasion);
  return held.ok ? orderId : held.error.code;
}

const isHeld = (outcome: string): boolean => outcome.startsWith('01');

/** Gives a pool another capacity, as the change of its event does. */
async function resize(
  type: TicketTypeCopy,
  capacity: number,
  table: Table = db.table,
): Promise<Result<unknown, unknown>> {
  for (;;) {
    const planned = await changeCapacity(table, type.poolId, capacity, ROOM, occasion, moved);
    if (!planned.ok) return planned;
    const { writes, copied } = planned.value;
    const done = await commit(table, [...changeCopies([type.ticketTypeId], copied), ...writes]);
    if (done.ok) return done;
  }
}

describe('more tickets while they are sold', () => {
  it('go where least is free, into new blocks with the sale windows of their types where it takes some', async () => {
    const type = await putOnSale(db.table, NOW, { capacity: 900 });
    await hold(type, 60);
    expect(await resize(type, 2_400)).toMatchObject({ ok: true });
    const stock = await stockOf(type);
    expect(stock.pool).toMatchObject({ capacity: 2_400, blocks: 3, prepared: 3, ev: 'inventory.CapacityChanged.v1' });
    expect(frees(stock)).toEqual([840, 750, 750]);
    const copy = (await findTicketTypes(db.table, [type.ticketTypeId], 'strong')).get(type.ticketTypeId);
    expect(copy).toMatchObject({ capacity: 2_400, blocks: 3 });
    expect(await broken()).toEqual([]);
    // Who has read the type before buys on, and so does who reads it now.
    expect(isHeld(await hold(type))).toBe(true);
    for (let buyer = 0; buyer < 6; buyer += 1) expect(isHeld(await hold(copy ?? type, 60))).toBe(true);
    expect(Math.min(...frees(await stockOf(type))), 'buyers reach the new blocks').toBeLessThan(750);
    expect(await hold({ ...type, closesAt: NOW - 1 }), 'closed in the copy').toBe('SALE_NOT_OPEN');
  });

  it('are levelled over blocks that were sold unevenly', async () => {
    const type = await putOnSale(db.table, NOW, { blocks: 4 }, [10, 0, 3, 7]);
    expect(await resize(type, 35)).toMatchObject({ ok: true });
    // Fifteen more raise the three lowest to eight, and one of them to nine.
    expect(frees(await stockOf(type)).toSorted((left, right) => left - right)).toEqual([8, 8, 9, 10]);
    expect(await broken()).toEqual([]);
  });
});

describe('fewer tickets while they are sold', () => {
  it('are refused below what is held, sold and blocked, told how few there can be, and nothing changes', async () => {
    const type = await putOnSale(db.table, NOW, { capacity: 10, blocks: 2 });
    for (const quantity of [3, 2]) expect(isHeld(await hold(type, quantity))).toBe(true);
    expect(await blockStock(db.table, type.poolId, 1, occasion)).toMatchObject({ ok: true });
    const before = await stockOf(type);
    expect(await resize(type, 5)).toEqual({ ok: false, error: { lowest: 6 } });
    expect(await stockOf(type)).toEqual(before);
    expect(await resize(type, 6)).toMatchObject({ ok: true });
    expect(await hold(type)).toBe('SOLD_OUT');
    expect(await stockOf(type)).toMatchObject({ pool: { capacity: 6, blocked: 1 } });
    expect(await broken()).toEqual([]);
  });

  it('come out of as many blocks as there are, though no transaction could change them all', async () => {
    const type = await putOnSale(
      db.table,
      NOW,
      { blocks: 230 },
      Array.from({ length: 230 }, () => 1),
    );
    expect(await resize(type, 9)).toMatchObject({ ok: true });
    expect(total(await stockOf(type))).toBe(9);
    expect(await broken()).toEqual([]);
    expect(isHeld(await hold(type, 9))).toBe(true);
    expect(await hold(type)).toBe('SOLD_OUT');
  });

  it('race with buyers: never below what they hold, and what they hold stays theirs', async () => {
    const type = await putOnSale(db.table, NOW, { capacity: 60, blocks: 3 });
    const buyers = Array.from({ length: 30 }, () => hold(type, 2));
    const [fewer, outcomes] = await Promise.all([resize(type, 31), Promise.all(buyers)]);
    const held = 2 * outcomes.filter(isHeld).length;
    const { pool, states } = await stockOf(type);
    expect(pool.capacity).toBe(fewer.ok ? 31 : 60);
    expect(held + states.reduce((sum, { free }) => sum + free, 0)).toBe(pool.capacity);
    expect(new Set(outcomes.filter((outcome) => !isHeld(outcome)))).not.toContain('BUSY');
    expect(await broken()).toEqual([]);
  });
});

describe('tickets of the house', () => {
  it('are off sale until they are given back, and count as neither held nor sold', async () => {
    const type = await putOnSale(db.table, NOW, { capacity: 8, blocks: 3 });
    expect(isHeld(await hold(type, 2))).toBe(true);
    expect(await blockStock(db.table, type.poolId, 7, occasion)).toEqual({ ok: false, error: { available: 6 } });
    const done = await blockStock(db.table, type.poolId, 6, occasion);
    expect(done).toMatchObject({ ok: true, value: { pool: { blocked: 6, ev: 'inventory.StockBlocked.v1' } } });
    expect(await hold(type)).toBe('SOLD_OUT');
    expect(await broken()).toEqual([]);
    const fewer = await blockStock(db.table, type.poolId, 2, occasion);
    expect(fewer).toMatchObject({ ok: true, value: { pool: { blocked: 2, ev: 'inventory.StockUnblocked.v1' } } });
    const { ver } = (await stockOf(type)).pool;
    expect(await blockStock(db.table, type.poolId, 2, occasion), 'again').toMatchObject({ ok: true });
    expect((await stockOf(type)).pool.ver, 'changes nothing').toBe(ver);
    expect(isHeld(await hold(type, 4))).toBe(true);
    expect(await hold(type)).toBe('SOLD_OUT');
    expect(await broken()).toEqual([]);
  });

  it('are neither blocked nor given back once the sale is stopped', async () => {
    const type = await putOnSale(db.table, NOW, { capacity: 8 });
    const { pool, copies } = await stockOf(type);
    expect(await commit(db.table, stopSale({ pools: [pool], copies }, occasion, ROOM, moved).writes)).toMatchObject({
      ok: true,
    });
    expect(await blockStock(db.table, type.poolId, 2, occasion)).toEqual({ ok: false, error: 'STOPPED' });
    expect(await spreadStock(db.table, type.poolId, 500, occasion)).toEqual({ ok: false, error: 'STOPPED' });
    expect(await resize(type, 20)).toEqual({ ok: false, error: 'STOPPED' });
  });
});

describe('stock split anew', () => {
  it('lies evenly in as many blocks as its buyers need, and never in fewer than before', async () => {
    const type = await putOnSale(db.table, NOW, { capacity: 3_000 });
    const spread = await spreadStock(db.table, type.poolId, 200, occasion);
    expect(spread).toMatchObject({ ok: true, value: { pool: { blocks: 30, capacity: 3_000 } } });
    expect(frees(await stockOf(type))).toEqual(Array.from({ length: 30 }, () => 100));
    expect((await findTicketTypes(db.table, [type.ticketTypeId], 'strong')).get(type.ticketTypeId)?.blocks).toBe(30);
    expect(await spreadStock(db.table, type.poolId, 1, occasion)).toMatchObject({
      ok: true,
      value: { pool: { blocks: 30 } },
    });
    expect(await broken()).toEqual([]);
  });

  it('while it is sold refuses nobody: all tickets are sold, and not one more', async () => {
    const type = await putOnSale(db.table, NOW, { capacity: 120, blocks: 2 });
    const selling = (async (): Promise<readonly string[]> => {
      const outcomes: string[] = [];
      for (let wave = 0; wave < 15; wave += 1)
        outcomes.push(...(await Promise.all(Array.from({ length: 4 }, () => hold(type, 2)))));
      return outcomes;
    })();
    const spread = await spreadStock(db.table, type.poolId, 250, occasion);
    const outcomes = await selling;
    expect(spread).toMatchObject({ ok: true, value: { pool: { blocks: 38 } } });
    expect(
      outcomes.filter((outcome) => !isHeld(outcome)),
      'sixty times two are a hundred and twenty',
    ).toEqual([]);
    expect(total(await stockOf(type))).toBe(0);
    expect(await hold(type)).toBe('SOLD_OUT');
    expect(await broken()).toEqual([]);
  });

  it('may lie in as many blocks as there ever are', async () => {
    const type = await putOnSale(db.table, NOW, { capacity: 50_000, blocks: 16, opensAt: NOW + 60_000 });
    const split = await spreadStock(db.table, type.poolId, 100_000, occasion);
    expect(split.ok).toBe(true);
    const stock = await stockOf(type);
    expect([stock.states.length, total(stock)]).toEqual([1_600, 50_000]);
    expect(Math.min(...frees(stock)), 'evenly').toBeGreaterThanOrEqual(28);
    const copies = await findTicketTypes(db.table, [type.ticketTypeId], 'strong');
    expect(copies.get(type.ticketTypeId)?.blocks).toBe(1_600);
    expect(await broken()).toEqual([]);
  });

  it('reads all blocks when it begins and before it ends, and not for each of its many steps', async () => {
    const sizes = Array.from({ length: 400 }, (_, block) => (block === 7 ? 4_000 : 0));
    const type = await putOnSale(db.table, NOW, { blocks: 400 }, sizes);
    const client = testClient();
    const sent: string[] = [];
    client.middlewareStack.add(
      (next, context) => (args) => {
        sent.push(String(context['commandName']));
        return next(args);
      },
      { step: 'initialize' },
    );
    const split = await spreadStock(tableOn(client, db.table.name), type.poolId, 12, occasion);
    client.destroy();
    expect(split.ok).toBe(true);
    const count = (name: string): number => sent.filter((each) => each === name).length;
    expect(count('TransactWriteItemsCommand')).toBeGreaterThan(15);
    expect(count('BatchGetItemCommand')).toBeLessThanOrEqual(2 * (400 / 100 + 1));
    const stock = await stockOf(type);
    expect(total(stock)).toBe(4_000);
    expect(Math.min(...frees(stock))).toBeGreaterThanOrEqual(9);
    expect(await broken()).toEqual([]);
  });

  it('keeps whoever brings its blocks in line meanwhile from it, who is told to come again', async () => {
    const type = await putOnSale(db.table, NOW, { blocks: 2 }, [50, 50]);
    const client = testClient();
    let blocked = 0;
    client.middlewareStack.add(
      (next, context) => async (args) => {
        if (context['commandName'] === 'TransactWriteItemsCommand')
          await blockStock(db.table, type.poolId, (blocked += 1), occasion);
        return next(args);
      },
      { step: 'initialize' },
    );
    const aligning = alignBlocks(tableOn(client, db.table.name), [type.ticketTypeId], [type.poolId]);
    await expect(aligning).rejects.toThrow(StoreBusyError);
    client.destroy();
    expect(blocked).toBe(5);
    await alignBlocks(db.table, [type.ticketTypeId], [type.poolId]);
    expect(await broken()).toEqual([]);
  });

  it('leaves nothing stranded at the tail: the last tickets are found one by one in many small blocks', async () => {
    const type = await putOnSale(
      db.table,
      NOW,
      { blocks: 120 },
      Array.from({ length: 120 }, () => 1),
    );
    expect(isHeld(await hold(type, 60))).toBe(true);
    const last = await hold(type, 59);
    expect(isHeld(last)).toBe(true);
    expect(await hold(type, 2)).toBe('NOT_ENOUGH_TICKETS');
    expect(isHeld(await hold(type))).toBe(true);
    expect(await hold(type)).toBe('SOLD_OUT');
    const order = await findOrder(db.table, last);
    if (order !== undefined) await releaseHold(db.table, order, occasion);
    expect(total(await stockOf(type)), 'each goes back where it came from').toBe(59);
    expect(await broken()).toEqual([]);
  });
});

/** What is wrong with a pool of which nothing is held: its own rows alone, so that each death can be looked at. */
async function brokenPool({ poolId, ticketTypeId }: TicketTypeCopy): Promise<unknown> {
  const { pool } = await stockOf({ poolId });
  const keys = [poolKey(poolId), ticketTypeKey(ticketTypeId), ...blockKeys(poolId, pool.blocks)];
  return faultsOf(await getItems(db.table, keys, 'strong'));
}

/** Operations that a process may die in, on stock that takes them several steps. */
const OPERATIONS: readonly {
  readonly what: string;
  readonly sizes: readonly number[];
  readonly steps: number;
  readonly run: (table: Table, type: TicketTypeCopy) => Promise<Result<unknown, unknown>>;
  readonly done: (stock: CountedStock) => unknown;
  readonly as: unknown;
}[] = [
  {
    what: 'splitting over 300 blocks',
    sizes: [3_000],
    steps: 4,
    run: (table, { poolId }) => spreadStock(table, poolId, 2_000, occasion),
    done: (stock) => [stock.states.length, new Set(frees(stock))],
    as: [300, new Set([10])],
  },
  {
    what: 'fewer tickets out of 120 blocks',
    sizes: Array.from({ length: 120 }, () => 1),
    steps: 2,
    run: (table, type) => resize(type, 9, table),
    done: (stock) => [stock.pool.capacity, total(stock)],
    as: [9, 9],
  },
  {
    what: 'blocking and giving back out of 120 blocks',
    sizes: Array.from({ length: 120 }, () => 1),
    steps: 3,
    run: async (table, { poolId }) => {
      const blocked = await blockStock(table, poolId, 110, occasion);
      return blocked.ok ? blockStock(table, poolId, 3, occasion) : blocked;
    },
    done: (stock) => [stock.pool.blocked, total(stock)],
    as: [3, 117],
  },
];

it.each(OPERATIONS)(
  '$what, killed before or after any of its writes, leaves sound stock and is finished when asked for again',
  async ({ sizes, steps, run, done, as }) => {
    const whole = dyingTable(db.table);
    const type = await putOnSale(db.table, NOW, { blocks: sizes.length }, sizes);
    expect(await run(whole.table, type)).toMatchObject({ ok: true });
    expect(done(await stockOf(type))).toEqual(as);
    expect(whole.writes()).toBe(steps);
    const deaths = Array.from({ length: steps }, (_unused, index): readonly Death[] => [
      { at: index + 1, when: 'BEFORE' },
      { at: index + 1, when: 'AFTER' },
    ]).flat();
    for (const death of deaths) {
      const victim = await putOnSale(db.table, NOW, { blocks: sizes.length }, sizes);
      await expect(run(dyingTable(db.table, death).table, victim)).rejects.toThrow('killed');
      expect(await brokenPool(victim), JSON.stringify(death)).toEqual([]);
      expect(await run(db.table, victim), JSON.stringify(death)).toMatchObject({ ok: true });
      expect(done(await stockOf(victim))).toEqual(as);
      expect(await brokenPool(victim), JSON.stringify(death)).toEqual([]);
    }
  },
);
