import * as z from 'zod/mini';

import type { Instant } from '../shared/kernel/clock.ts';
import { err, ok, type Result } from '../shared/kernel/result.ts';
import { advance, type Occasion } from '../shared/table/aggregate.ts';
import type { Table } from '../shared/table/client.ts';
import { commit, StoreBusyError } from '../shared/table/commit.ts';
import type { Key } from '../shared/table/keys.ts';
import { getItem, getItems } from '../shared/table/read.ts';
import { absent, equals, type Otherwise, type Put, type Update } from '../shared/table/writes.ts';
import { soldOut, stockReturned, type TicketTypeCopy } from './contract.ts';
import { blockRow, countOf } from './domain/block-row.ts';
import type { Pool } from './domain/pool.ts';
import { freeIn } from './domain/spread.ts';
import { availabilityKey, blockKeys, poolOfBlock } from './keys.ts';
import { findCountedStock } from './reads.ts';

/** What is shown of stock as available: one small item for each pool, which the stream keeps up (ADR 37). */

const shownRow = z.object({ pk: z.string(), free: z.int(), count: z.int() });

/** What is shown of a pool, and which count of it that was. */
export interface Shown {
  readonly free: number;
  readonly count: number;
}

/** What is shown of a pool as available. Strong: a new count replaces it and no other. */
export async function findShown(table: Table, poolId: string): Promise<Shown | undefined> {
  const item = await getItem(table, availabilityKey(poolId), 'strong');
  return item === undefined ? undefined : z.parse(shownRow, item);
}

/**
 * How many tickets of each type are free, roughly: for display, never for a refusal. It is what the stream has last
 * counted, one item for each pool; the blocks of a pool that it has not come to yet are read instead. Types that share
 * a pool show the same.
 */
export async function roughlyAvailable(
  table: Table,
  copies: readonly TicketTypeCopy[],
): Promise<ReadonlyMap<string, number>> {
  const poolIds = [...new Set(copies.map(({ poolId }) => poolId))];
  const rows = await getItems(table, poolIds.map(availabilityKey), 'eventual');
  const shown = new Map(rows.map((item) => z.parse(shownRow, item)).map(({ pk, free }) => [pk, free]));
  const freeOf = ({ poolId }: TicketTypeCopy): number | undefined => shown.get(availabilityKey(poolId).pk);
  const counted = await countRoughly(
    table,
    copies.filter((copy) => freeOf(copy) === undefined),
  );
  return new Map(copies.map((copy) => [copy.ticketTypeId, freeOf(copy) ?? counted.get(copy.poolId) ?? 0]));
}

/**
 * Whether so many tickets of a type are free: by what is shown of it, and where that says no by a strong read of all of
 * its blocks, which is the proof on which anybody is refused (invariant I21). It takes nothing.
 */
export async function isEnoughFree(
  table: Table,
  copy: TicketTypeCopy,
  quantity: number,
): Promise<Result<void, { readonly available: number }>> {
  const shown = (await roughlyAvailable(table, [copy])).get(copy.ticketTypeId) ?? 0;
  if (shown >= quantity) return ok(undefined);
  const stock = await findCountedStock(table, copy.poolId);
  const available = stock === undefined || stock.pool.state === 'STOPPED' ? 0 : freeIn(stock.states);
  return available >= quantity ? ok(undefined) : err({ available });
}

/** What is free in pools, by their blocks: read together, a hundred at a time. */
async function countRoughly(table: Table, copies: readonly TicketTypeCopy[]): Promise<ReadonlyMap<string, number>> {
  const owners = new Map(
    copies.flatMap(({ poolId, blocks }) => blockKeys(poolId, blocks).map((key) => [key.pk, { key, poolId }])),
  );
  const free = new Map<string, number>();
  for (const item of await getItems(
    table,
    [...owners.values()].map(({ key }) => key),
    'eventual',
  )) {
    const row = z.parse(blockRow, item);
    const poolId = owners.get(row.pk)?.poolId ?? '';
    free.set(poolId, (free.get(poolId) ?? 0) + countOf(row.free));
  }
  return free;
}

/**
 * Shows that so many tickets of a pool are free.
 *
 * @param before what was shown when they were counted
 * @param otherwise what it means that another count has come in between
 */
export function showAvailable<E>(
  poolId: string,
  free: number,
  before: Shown | undefined,
  now: Instant,
  otherwise: Otherwise<E>,
): Put<E> {
  return {
    kind: 'put',
    key: availabilityKey(poolId),
    item: { free, count: (before?.count ?? 0) + 1, countedAt: now },
    when: before === undefined ? absent('pk') : equals('count', before.count),
    otherwise,
  };
}

/** Tells that nothing of a pool is free any more, or something again; raised as an event each time. */
export function markSoldOut<E>(pool: Pool, isSoldOut: boolean, occasion: Occasion, otherwise: Otherwise<E>): Update<E> {
  const { name: event } = isSoldOut ? soldOut : stockReturned;
  return advance(pool, { soldOut: isSoldOut ? true : undefined }, { ...occasion, event }, otherwise).write;
}

/** Times that a pool is counted anew because another count or an operation came in between. */
const ROUNDS = 6;
/** Pools that are counted at the same time. */
const AT_ONCE = 4;

/**
 * Counts what of pools is free and shows it, after blocks of theirs have changed; any number of times. A count
 * is written only over the one that stood when it began, so an older one never replaces a newer one; whoever is late
 * counts again. That a pool is sold out is told once, after a strong read of all of its blocks, and again only after
 * tickets have come back.
 *
 * @param changed keys of whatever has changed; what is no block is passed over
 * @throws StoreBusyError when others keep counting in between; the change comes again
 */
export async function refreshAvailability(table: Table, changed: readonly Key[], occasion: Occasion): Promise<void> {
  const waiting = [...new Set(changed.flatMap((key) => poolOfBlock(key) ?? []))];
  const count = async (): Promise<void> => {
    for (let poolId = waiting.pop(); poolId !== undefined; poolId = waiting.pop())
      await refreshPool(table, poolId, occasion);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, count));
}

async function refreshPool(table: Table, poolId: string, occasion: Occasion): Promise<void> {
  for (let round = 1; round <= ROUNDS; round += 1) {
    const before = await findShown(table, poolId);
    const stock = await findCountedStock(table, poolId);
    // Half-put stock is nobody's business yet.
    if (stock === undefined || (stock.pool.state === 'PREPARING' && stock.pool.prepared < stock.pool.blocks)) return;
    const free = freeIn(stock.states);
    const writes = [
      showAvailable(poolId, free, before, occasion.now, moved),
      ...tell(stock.pool, free === 0, occasion),
    ];
    if ((await commit(table, writes)).ok) return;
  }
  throw new StoreBusyError('Others kept counting the pool');
}

const moved = (): 'MOVED' => 'MOVED';

/** Tells that a pool is sold out, or no longer; with the count that shows it, so that a late one tells nothing. */
function tell(pool: Pool, isSoldOut: boolean, occasion: Occasion): readonly Update<'MOVED'>[] {
  if (pool.state !== 'OPEN' || (pool.soldOut ?? false) === isSoldOut) return [];
  return [markSoldOut(pool, isSoldOut, occasion, moved)];
}
