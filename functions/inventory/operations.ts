import { advance, begin, isOwnEffect, type Occasion } from '../shared/table/aggregate.ts';
import { putItems } from '../shared/table/batch.ts';
import type { Table } from '../shared/table/client.ts';
import { commit, MOST_ACTIONS, StoreBusyError } from '../shared/table/commit.ts';
import { absent, equals, mustHold, type Put, type Write } from '../shared/table/writes.ts';
import {
  MOST_TYPES_PER_POOL,
  stockPrepared,
  typeJoining,
  type PoolDraft,
  type Sale,
  type TicketTypeCopy,
} from './contract.ts';
import {
  blocksOf,
  capacityOf,
  closedWindows,
  copiesOf,
  drawingOn,
  parsePool,
  poolIdOf,
  windowsOf,
  type NewBlock,
  type Pool,
} from './domain/pool.ts';
import { partsOf } from './domain/seat-map.ts';
import { blockKey, blockKeys, poolKey, seatRowsKey } from './keys.ts';
import { findPool, findStockOnSale } from './reads.ts';
import { setWindows, type PreparedPool } from './sale-writes.ts';

/** Blocks put in one transaction, beside their pool. */
const BATCH = MOST_ACTIONS - 1;

/**
 * Puts the pools of `drafts` with all of their blocks, as many transactions as it takes; nobody can buy from
 * them until a type names them, which `openSale` makes so at once for all. Killed anywhere and called again
 * it goes on where it stopped: the pool's row counts the blocks that are put.
 */
export async function prepareStock(
  table: Table,
  drafts: readonly PoolDraft[],
  occasion: Occasion,
): Promise<readonly PreparedPool[]> {
  const prepared: PreparedPool[] = [];
  for (const draft of drafts) {
    const pool = await preparePool(table, draft, occasion);
    prepared.push({ pool, copies: copiesOf(draft, pool.poolId) });
  }
  return prepared;
}

async function preparePool(table: Table, draft: PoolDraft, occasion: Occasion): Promise<Pool> {
  const blocks = blocksOf(draft.stock);
  // Of a sale that is open already, the moment does not matter: a later try must find what an earlier one put.
  const types = draft.types.map((sale) => (sale.opensAt <= occasion.now ? { ...sale, opensAt: 0 } : sale));
  const standing: PoolDraft = { ...draft, types };
  for (let edition = 0; ; edition += 1) {
    const poolId = poolIdOf(standing, edition);
    let pool = await findPool(table, poolId);
    if (pool === undefined) {
      await putSeatRows(table, poolId, draft);
      pool = await beginPool(table, poolId, standing, blocks, occasion);
    }
    while (pool.state === 'PREPARING' && pool.prepared < blocks.length)
      pool = await putNextBlocks(table, pool, standing, blocks, occasion);
    // What was stopped stays so: an equal draft that is published again gets new stock.
    if (pool.state !== 'STOPPED') return pool;
  }
}

/** The rows of a plan follow from the pool's id, so that putting them twice puts the same. */
async function putSeatRows(table: Table, poolId: string, { stock }: PoolDraft): Promise<void> {
  if (stock.kind === 'COUNT') return;
  await putItems(
    table,
    partsOf(stock.rows).map((rows, part) => ({
      kind: 'put',
      key: seatRowsKey(poolId, part),
      item: { rows },
      otherwise: mustHold('a put without a condition'),
    })),
  );
}

async function beginPool(
  table: Table,
  poolId: string,
  draft: PoolDraft,
  blocks: readonly NewBlock[],
  occasion: Occasion,
): Promise<Pool> {
  const { name, stock, types } = draft;
  const [first] = types;
  if (first === undefined) throw new Error('A pool without a ticket type');
  const prepared = Math.min(BATCH, blocks.length);
  const attributes = {
    poolId,
    eventId: first.eventId,
    organizationId: first.organizationId,
    name,
    kind: stock.kind,
    state: 'PREPARING',
    capacity: capacityOf(stock),
    blocks: blocks.length,
    prepared,
    ticketTypeIds: types.map(({ ticketTypeId }) => ticketTypeId),
  };
  const pool = begin(poolKey(poolId), attributes, { ...occasion, event: stockPrepared.name }, () => 'BEGUN' as const);
  await commit(table, [pool, ...putBlocks(poolId, draft, blocks, 0, prepared)]);
  return reread(table, poolId);
}

async function putNextBlocks(
  table: Table,
  pool: Pool,
  draft: PoolDraft,
  blocks: readonly NewBlock[],
  occasion: Occasion,
): Promise<Pool> {
  const prepared = Math.min(pool.prepared + BATCH, blocks.length);
  const { row, write } = advance(pool, { prepared }, { ...occasion, event: stockPrepared.name }, (found) => found);
  const writes: Write<Readonly<Record<string, unknown>> | undefined>[] = [
    write,
    ...putBlocks(pool.poolId, draft, blocks, pool.prepared, prepared),
  ];
  const done = await commit(table, writes);
  // Another publisher was faster, or this is our own effect after a lost answer: go on from what is there.
  return done.ok || isOwnEffect(done.error, row) ? parsePool(row) : reread(table, pool.poolId);
}

function putBlocks(
  poolId: string,
  { types }: PoolDraft,
  blocks: readonly NewBlock[],
  from: number,
  to: number,
): readonly Put<undefined>[] {
  const windows = windowsOf(types);
  return blocks.slice(from, to).map(({ size, seats }, index) => ({
    kind: 'put',
    key: blockKey(poolId, from + index),
    item: { free: seats === undefined ? size : new Set(seats), size, ...windows },
    when: absent('pk'),
    otherwise: () => undefined,
  }));
}

async function reread(table: Table, poolId: string): Promise<Pool> {
  const pool = await findPool(table, poolId);
  if (pool === undefined) throw new StoreBusyError('A pool that was begun is not there yet');
  return pool;
}

/** Rounds in which others may change a pool while its blocks are brought in line. */
const ROUNDS = 5;

/**
 * Gives the blocks of pools the windows that their types have now, or closes them where the pool is stopped.
 * Each batch insists that the pool is as it was read; where it is not, all begins anew from what it is by then,
 * so of two operations the later one's windows stay. Repeating it changes nothing.
 *
 * @param ticketTypeIds all types of the event
 * @throws StoreBusyError when others keep changing a pool, as a sale does that is split anew; the sweep brings it in line
 */
export async function alignBlocks(
  table: Table,
  ticketTypeIds: readonly string[],
  poolIds: readonly string[],
): Promise<void> {
  for (const poolId of poolIds) {
    let aligned = false;
    for (let round = 1; !aligned; round += 1) {
      if (round > ROUNDS) throw new StoreBusyError('A pool kept changing while its blocks were brought in line');
      const { pools, copies } = await findStockOnSale(table, ticketTypeIds);
      const pool = pools.find((each) => each.poolId === poolId);
      // Withdrawn meanwhile, in one transaction with its blocks.
      aligned = pool === undefined || (await alignPool(table, pool, copies));
    }
  }
}

async function alignPool(table: Table, pool: Pool, copies: readonly TicketTypeCopy[]): Promise<boolean> {
  const windows = pool.state === 'STOPPED' ? closedWindows(pool) : windowsOf(drawingOn(pool, copies));
  const keys = blockKeys(pool.poolId, pool.blocks);
  for (let start = 0; start < keys.length; start += MOST_ACTIONS - 1) {
    const batch = keys.slice(start, start + MOST_ACTIONS - 1).map((key) => setWindows(key, windows));
    const done = await commit<'MOVED'>(table, [
      { kind: 'check', key: poolKey(pool.poolId), when: equals('ver', pool.ver), otherwise: () => 'MOVED' },
      ...batch,
    ]);
    if (!done.ok) return false;
  }
  return true;
}

/**
 * Gives all blocks of a pool on sale the window of one more type, which nobody can name before {@link joinSale} is
 * written: buyers never meet a block that does not know it. Killed anywhere and called again it goes on.
 *
 * @param ticketTypeIds all types of the event that are on sale
 * @returns the pool, to be joined in this very version; undefined where as many types have shared it as may
 */
export async function prepareToJoin(
  table: Table,
  found: Pool,
  { ticketTypeId, opensAt, closesAt }: Sale,
  ticketTypeIds: readonly string[],
  occasion: Occasion,
): Promise<Pool | undefined> {
  let pool = found;
  for (let round = 1; round <= ROUNDS; round += 1) {
    const known = pool.apart?.[ticketTypeId];
    if (known?.opensAt !== opensAt || known.closesAt !== closesAt) {
      const others = pool.ticketTypeIds.filter((each) => each !== ticketTypeId);
      if (others.length >= MOST_TYPES_PER_POOL) return undefined;
      const changes = {
        ticketTypeIds: others.length < pool.ticketTypeIds.length ? pool.ticketTypeIds : [...others, ticketTypeId],
        apart: { ...pool.apart, [ticketTypeId]: { opensAt, closesAt } },
      };
      const { row, write } = advance(pool, changes, { ...occasion, event: typeJoining.name }, (row) => row);
      const done = await commit(table, [write]);
      if (!done.ok && !isOwnEffect(done.error, row)) {
        pool = await reread(table, pool.poolId);
        continue;
      }
      pool = parsePool(row);
    }
    await alignBlocks(table, ticketTypeIds, [pool.poolId]);
    return pool;
  }
  throw new StoreBusyError('A pool kept changing while a type was to join it');
}
