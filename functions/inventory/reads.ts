import * as z from 'zod/mini';

import type { Instant } from '../shared/kernel/clock.ts';
import { err, ok, type Result } from '../shared/kernel/result.ts';
import type { Table } from '../shared/table/client.ts';
import { StoreBusyError } from '../shared/table/commit.ts';
import { getItem, getItems, MOST_KEYS, queryAll, type Consistency } from '../shared/table/read.ts';
import { ticketTypeCopy, type Take, type TicketTypeCopy } from './contract.ts';
import { gather, probeOrder, type BlockState } from './domain/blocks.ts';
import { blockRow, countOf } from './domain/block-row.ts';
import { parsePool, type Pool } from './domain/pool.ts';
import { freeIn, type CountedBlock } from './domain/spread.ts';
import { parseSeatRows, seatMapOf, type SeatMap } from './domain/seat-map.ts';
import { blockKey, blockKeys, blockNumberOf, poolKey, ticketTypeKey } from './keys.ts';
import type { Shortages } from './shortages.ts';

export type { BlockState } from './domain/blocks.ts';
export { stockMemory, type StockMemory } from './stock-memory.ts';

/**
 * The copies of ticket types by id, absent ones left out. Read eventually by who buys: a copy hardly changes,
 * and what must hold (stock, window) is a condition on the blocks.
 */
export async function findTicketTypes(
  table: Table,
  ticketTypeIds: readonly string[],
  consistency: Consistency = 'eventual',
): Promise<ReadonlyMap<string, TicketTypeCopy>> {
  const items = await getItems(table, ticketTypeIds.map(ticketTypeKey), consistency);
  return new Map(items.map((item) => z.parse(ticketTypeCopy, item)).map((copy) => [copy.ticketTypeId, copy]));
}

/** The pool `poolId`, or undefined. Strong: operations decide on it. */
export async function findPool(table: Table, poolId: string): Promise<Pool | undefined> {
  const item = await getItem(table, poolKey(poolId), 'strong');
  return item === undefined ? undefined : parsePool(item);
}

/** What the ticket types of an event sell, as operations on all of it need to know. */
export interface StockOnSale {
  readonly copies: readonly TicketTypeCopy[];
  readonly pools: readonly Pool[];
}

/**
 * The copies of ticket types on sale, and the pools that they draw on. Strong: operations decide on them. Copies are
 * read once more after their pools: whoever pins a pool's version then pins what its copies say, too.
 */
export async function findStockOnSale(table: Table, ticketTypeIds: readonly string[]): Promise<StockOnSale> {
  const named = [...(await findTicketTypes(table, ticketTypeIds, 'strong')).values()];
  const poolIds = [...new Set(named.map(({ poolId }) => poolId))];
  const pools = (await getItems(table, poolIds.map(poolKey), 'strong')).map(parsePool);
  const copies = [...(await findTicketTypes(table, ticketTypeIds, 'strong')).values()];
  return { copies, pools };
}

/**
 * The pool that a ticket type draws on, with the copies of all types that draw on it. Strong, as
 * {@link findStockOnSale}.
 *
 * @param ticketTypeIds all types of its event
 */
export async function findStockOfType(
  table: Table,
  ticketTypeIds: readonly string[],
  ticketTypeId: string,
): Promise<StockOnSale> {
  const { copies, pools } = await findStockOnSale(table, ticketTypeIds);
  const own = copies.find((copy) => copy.ticketTypeId === ticketTypeId);
  if (own === undefined) throw new Error(`Ticket type ${ticketTypeId} is not on sale`);
  return {
    pools: pools.filter(({ poolId }) => poolId === own.poolId),
    copies: copies.filter(({ poolId }) => poolId === own.poolId),
  };
}

/** A pool with all of its blocks and types, as they were at one moment. */
export interface CountedStock {
  readonly pool: Pool;
  readonly copies: readonly TicketTypeCopy[];
  /** The blocks in their order; of seats, how many. */
  readonly states: readonly CountedBlock[];
}

/**
 * The pool `poolId` with what its blocks hold, for operations on it. The pool's row, read before and after, tells that
 * no stock was moved past the reader, so that what is free is not told too low.
 *
 * @throws StoreBusyError when other operations on it keep getting in between
 */
export async function findCountedStock(table: Table, poolId: string): Promise<CountedStock | undefined> {
  let pool = await findPool(table, poolId);
  for (let look = 1; pool !== undefined; look += 1) {
    const [states, types] = await Promise.all([
      readCounts(table, poolId, [...Array(pool.blocks).keys()], 'strong'),
      findTicketTypes(table, pool.ticketTypeIds, 'strong'),
    ]);
    const after = await findPool(table, poolId);
    if (after?.ver === pool.ver)
      return {
        pool,
        copies: [...types.values()],
        states: states.toSorted((left, right) => left.block - right.block),
      };
    if (look === LOOKS) throw new StoreBusyError('Other operations kept moving the stock');
    pool = after;
  }
  return undefined;
}

/** The blocks in which a buyer looks for tickets one after the other; `seed` spreads buyers evenly. */
export function blocksToProbe({ poolId, blocks }: TicketTypeCopy, seed: string): number[] {
  return [...probeOrder(ringSeed(poolId, seed), blocks)];
}

/**
 * Of some blocks of a counted pool those with at least `quantity` tickets, the fullest first and else in the order given: in
 * those nobody is at home yet. By a read that may lag.
 */
export async function withEnough(
  table: Table,
  poolId: string,
  blocks: readonly number[],
  quantity: number,
): Promise<readonly BlockState[]> {
  const states = new Map((await readCounts(table, poolId, blocks, 'eventual')).map((state) => [state.block, state]));
  return blocks
    .flatMap((block) => states.get(block) ?? [])
    .filter(({ free }) => free >= quantity)
    .toSorted((left, right) => right.free - left.free);
}

function ringSeed(poolId: string, seed: string): string {
  return `${seed} ${poolId}`;
}

/** Times that the blocks are read anew because an operation moved stock between them meanwhile. */
const LOOKS = 3;

/**
 * Where `quantity` tickets of a counted pool can be taken, from a strong read of its blocks; or how many are free when
 * they do not suffice. It is the one proof on which anybody is told "sold out" (invariant I21): it reads all blocks, and
 * the pool's row, read before and after, tells that no stock was moved past the reader. Who finds a block with enough
 * on the way reads no further.
 *
 * @param seed spreads buyers who look at the same moment over the blocks that have enough
 * @param shortages is told of a proof
 * @throws StoreBusyError when operations keep moving stock past the reader
 */
export async function findTakes(
  table: Table,
  { poolId }: TicketTypeCopy,
  quantity: number,
  seed: string,
  shortages?: Shortages,
): Promise<Result<readonly Take[], { readonly available: number }>> {
  let began = shortages?.begin();
  let pool = await findPool(table, poolId);
  for (let look = 1; ; look += 1) {
    if (pool === undefined || pool.state === 'STOPPED') return err({ available: 0 });
    const ring = probeOrder(ringSeed(poolId, seed), pool.blocks);
    const states: CountedBlock[] = [];
    for (let from = 0; from < ring.length; from += MOST_KEYS) {
      states.push(...(await readCounts(table, poolId, ring.slice(from, from + MOST_KEYS), 'strong')));
      if (states.some(({ free }) => free >= quantity)) break;
    }
    const takes = gather(states, quantity, ring[0]);
    if (takes !== undefined) return ok(takes);
    const next = shortages?.begin();
    const after = await findPool(table, poolId);
    const available = freeIn(states);
    if (after?.ver === pool.ver && began !== undefined) shortages?.keep(poolId, began, available);
    if (after?.ver === pool.ver) return err({ available });
    // What was moved meanwhile may have passed the reader by, so this proves nothing.
    if (look === LOOKS) throw new StoreBusyError('Other operations kept moving the stock');
    [pool, began] = [after, next];
  }
}

/** How much of an event's stock is out, and whether any of it can still go out. */
export interface StockOut {
  /** Tickets and seats that are held or sold. */
  readonly out: number;
  /** No block sells any more, so `out` can only fall. */
  readonly closed: boolean;
}

/** What of pools is out. Strong; where all blocks are closed, that nothing is out stays so. */
export async function findStockOut(table: Table, pools: readonly Pool[]): Promise<StockOut> {
  const keys = pools.flatMap(({ poolId, blocks }) => blockKeys(poolId, blocks));
  const rows = (await getItems(table, keys, 'strong')).map((item) => z.parse(countedRow, item));
  return {
    out: rows.reduce((sum, { size, free, blocked }) => sum + size - countOf(free) - countOf(blocked), 0),
    closed: rows.length === keys.length && rows.every(({ closesAt }) => closesAt === 0),
  };
}

/** A block by its first window: it is closed with all others. */
const countedRow = z.extend(blockRow, { size: z.int(), closesAt: z.int() });

async function readCounts(
  table: Table,
  poolId: string,
  blocks: readonly number[],
  consistency: Consistency,
): Promise<readonly CountedBlock[]> {
  const items = await getItems(
    table,
    blocks.map((block) => blockKey(poolId, block)),
    consistency,
  );
  return items.map((item) => {
    const { pk, free, blocked } = z.parse(blockRow, item);
    return { block: blockNumberOf(pk), free: countOf(free), blocked: countOf(blocked) };
  });
}

/** The seats that are free in each of the blocks `blocks` of a seated pool. */
export async function freeSeatsIn(
  table: Table,
  poolId: string,
  blocks: readonly number[],
  consistency: Consistency,
): Promise<ReadonlyMap<number, ReadonlySet<string>>> {
  const items = await getItems(
    table,
    blocks.map((block) => blockKey(poolId, block)),
    consistency,
  );
  return new Map(
    items.map((item) => {
      const { pk, free } = z.parse(blockRow, item);
      return [blockNumberOf(pk), typeof free === 'object' ? free : new Set<string>()];
    }),
  );
}

/** A row of seats as its block has it. */
export interface SeatBlock {
  readonly poolId: string;
  readonly block: number;
  readonly free: ReadonlySet<string>;
  /** Off sale, as the house wishes. */
  readonly blocked: ReadonlySet<string>;
  /** When a buyer or the house last changed it; 0 where nobody has. */
  readonly touched: Instant;
}

/** A row of seats as operations on house seats need it. */
export type HouseRow = Pick<SeatBlock, 'block' | 'free' | 'blocked'>;

/** Rows of a seated pool with what is free and what the house keeps. Strong: operations decide on them. */
export async function findHouseRows(
  table: Table,
  poolId: string,
  blocks: readonly number[],
): Promise<readonly HouseRow[]> {
  const items = await getItems(
    table,
    blocks.map((block) => blockKey(poolId, block)),
    'strong',
  );
  return items.map((item) => {
    const { pk, free = NO_SEATS, blocked = NO_SEATS } = z.parse(seatBlockRow, item);
    return { block: blockNumberOf(pk), free, blocked };
  });
}

const NO_SEATS: ReadonlySet<string> = new Set();

const seatBlockRow = z.object({
  pk: z.string(),
  free: z.optional(z.set(z.string())),
  blocked: z.optional(z.set(z.string())),
  touched: z.optional(z.int()),
});

/** All rows of the seated pools that `copies` draw on, for display: read together, so one round trip in all. */
export async function findSeatBlocks(table: Table, copies: readonly TicketTypeCopy[]): Promise<readonly SeatBlock[]> {
  const pools = new Map(copies.filter(({ seated }) => seated === true).map((copy) => [copy.poolId, copy]));
  const keys = [...pools.values()].flatMap(({ poolId, blocks }) =>
    blockKeys(poolId, blocks).map((key) => ({ key, poolId })),
  );
  const owners = new Map(keys.map(({ key, poolId }) => [key.pk, poolId]));
  const batches = Array.from({ length: Math.ceil(keys.length / MOST_KEYS) }, (_unused, index) =>
    keys.slice(index * MOST_KEYS, (index + 1) * MOST_KEYS).map(({ key }) => key),
  );
  const items = await Promise.all(batches.map((batch) => getItems(table, batch, 'eventual')));
  return items.flat().map((item) => {
    const { pk, free = NO_SEATS, blocked = NO_SEATS, touched = 0 } = z.parse(seatBlockRow, item);
    return { poolId: owners.get(pk) ?? '', block: blockNumberOf(pk), free, blocked, touched };
  });
}

/** Whether all the seats of `takes` are free and their pool still sells, by a strong read. */
export async function seatsAreFree(table: Table, poolId: string, takes: readonly Take[]): Promise<boolean> {
  const blocks = takes.map(({ block }) => block);
  const [pool, free] = await Promise.all([findPool(table, poolId), freeSeatsIn(table, poolId, blocks, 'strong')]);
  if (pool === undefined || pool.state === 'STOPPED') return false;
  return takes.every(({ block, seats = [] }) => seats.every((seatId) => free.get(block)?.has(seatId) === true));
}

/** Maps that this execution environment has read: they never change, so they are kept, the oldest making room. */
const seatMaps = new Map<string, Promise<SeatMap>>();
const MAPS_KEPT = 8;

/** The rows of a seated pool. */
export function findSeatMap(table: Table, poolId: string): Promise<SeatMap> {
  const known = seatMaps.get(poolId);
  if (known !== undefined) return known;
  const reading = readSeatMap(table, poolId);
  seatMaps.set(poolId, reading);
  // A failed read must not be remembered.
  reading.catch(() => seatMaps.delete(poolId));
  const [oldest] = seatMaps.keys();
  if (seatMaps.size > MAPS_KEPT && oldest !== undefined) seatMaps.delete(oldest);
  return reading;
}

const seatRowsRow = z.object({ rows: z.string() });

async function readSeatMap(table: Table, poolId: string): Promise<SeatMap> {
  const parts: string[] = [];
  for await (const item of queryAll(table, { pk: poolKey(poolId).pk, skPrefix: 'ROWS#' }))
    parts.push(z.parse(seatRowsRow, item).rows);
  if (parts.length === 0) throw new Error(`The rows of pool ${poolId} are missing`);
  return seatMapOf(parseSeatRows(parts));
}
