import { advance, type Occasion } from '../shared/table/aggregate.ts';
import type { Key } from '../shared/table/keys.ts';
import {
  absent,
  allOf,
  countsAs,
  equals,
  exists,
  mustHold,
  sameAs,
  type Attributes,
  type Condition,
  type Otherwise,
  type Put,
  type Update,
  type Write,
} from '../shared/table/writes.ts';
import type { PriceTag } from '../pricing/views.ts';
import {
  saleOpened,
  salesStopped,
  saleWindowChanged,
  typeLeft,
  type Sale,
  type SaleTerms,
  type TicketTypeCopy,
} from './contract.ts';
import { closedWindows, drawingOn, LEFT, windowAttributes, windowsOf, type Pool } from './domain/pool.ts';
import { blockKeys, ticketTypeKey } from './keys.ts';
import type { StockOnSale } from './reads.ts';

/** What organizers write: sales opened, joined, left, moved and stopped. What buyers write is in `writes.ts`. */

/** A pool whose blocks are all put, and the types that go on sale with it. */
export interface PreparedPool {
  readonly pool: Pool;
  readonly copies: readonly TicketTypeCopy[];
}

/**
 * The writes that put prepared pools on sale, to go into the transaction that publishes their event: one for
 * each pool and one for each ticket type. Until then nobody can buy, since no type names the pool.
 *
 * @param otherwise what it means that a pool or type is on sale already
 */
export function openSale<E>(
  prepared: readonly PreparedPool[],
  occasion: Occasion,
  otherwise: Otherwise<E>,
): readonly Write<E>[] {
  return prepared.flatMap(({ pool, copies }): Write<E>[] => {
    const opened = advance(pool, { state: 'OPEN' }, { ...occasion, event: saleOpened.name }, otherwise, allPut(pool));
    return [opened.write, ...copies.map((copy) => putCopy(copy, otherwise))];
  });
}

function allPut({ blocks }: Pool): Condition {
  return allOf(equals('state', 'PREPARING'), equals('prepared', blocks));
}

function putCopy<E>(copy: TicketTypeCopy, otherwise: Otherwise<E>): Put<E> {
  return { kind: 'put', key: ticketTypeKey(copy.ticketTypeId), item: { ...copy }, when: absent('pk'), otherwise };
}

/**
 * Changes fields of the copies of ticket types on sale, in the transaction of who changes them: a title, a price
 * for holds from now on. A field that is undefined is taken away.
 */
export function changeCopies(ticketTypeIds: readonly string[], fields: CopyFields): readonly Update<never>[] {
  const otherwise = mustHold('a ticket type on sale has its copy');
  return ticketTypeIds.map((ticketTypeId) => changeCopy(ticketTypeId, fields, otherwise));
}

type CopyFields = { readonly [Name in keyof TicketTypeCopy]?: TicketTypeCopy[Name] | undefined };

/**
 * As {@link changeCopies}, for one type, by who has not pinned its event.
 *
 * @param otherwise what it means that the type is not on sale any more
 */
export function changeCopy<E>(ticketTypeId: string, fields: CopyFields, otherwise: Otherwise<E>): Update<E> {
  const remove = Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [name] : []));
  return {
    kind: 'update',
    key: ticketTypeKey(ticketTypeId),
    set: fields,
    ...(remove.length === 0 ? {} : { remove }),
    when: exists('pk'),
    otherwise,
  };
}

/** What stands in the way of an operation on all stock of an event. */
export interface Obstacles<E> {
  /** A pool is not as it was read. */
  readonly moved: Otherwise<E>;
  /** Of a block something is held, sold or taken off sale. */
  readonly taken: Otherwise<E>;
}

/**
 * Takes the whole stock of an event off sale, in the transaction that takes the event back: each block on
 * condition that all of it is free, so that of a hold and this exactly one wins. The copies go, so the event can
 * be published again with new stock.
 */
export function withdrawSale<E>(
  { pools, copies }: StockOnSale,
  occasion: Occasion,
  { moved, taken }: Obstacles<E>,
): readonly Write<E>[] {
  return [
    ...pools.map((pool) => stop(pool, occasion, moved)),
    ...copies.map(({ ticketTypeId }): Write<E> => ({
      kind: 'delete',
      key: ticketTypeKey(ticketTypeId),
      otherwise: mustHold('a delete without a condition'),
    })),
    ...pools.flatMap((pool) =>
      blockKeys(pool.poolId, pool.blocks).map((key): Write<E> => ({
        kind: 'update',
        key,
        set: closedWindows(pool),
        when: wholeOf(pool),
        otherwise: taken,
      })),
    ),
  ];
}

/**
 * Puts a type on sale that draws on a pool which is on sale already, in the transaction that adds it to its event.
 *
 * @param pool with the type's window in all of its blocks, see {@link prepareToJoin}
 * @param beside the copy of a type that draws on it: both are split alike
 */
export function joinSale<E>(
  pool: Pool,
  beside: TicketTypeCopy,
  sale: Sale,
  occasion: Occasion,
  moved: Otherwise<E>,
): readonly Write<E>[] {
  const { [sale.ticketTypeId]: _joined, ...apart } = pool.apart ?? {};
  const { poolId, blocks, capacity, seated, noSingles } = beside;
  const window = pool.ticketTypeIds.indexOf(sale.ticketTypeId);
  const copy = { ...sale, poolId, blocks, capacity, seated, noSingles, ...(window === 0 ? {} : { window }) };
  return [advance(pool, { apart }, { ...occasion, event: saleOpened.name }, moved).write, putCopy(copy, moved)];
}

/**
 * Takes a type off sale, in the transaction that deletes it: each block of its pool on condition that all of it is
 * free, so that of a hold and this exactly one wins. Others that draw on the pool are sold on.
 *
 * @param stock its pool and the copies of all that draw on it
 */
export function leaveSale<E>(
  { pools, copies }: StockOnSale,
  ticketTypeId: string,
  occasion: Occasion,
  { moved, taken }: Obstacles<E>,
): readonly Write<E>[] {
  const [pool] = pools;
  if (pool === undefined || copies.length === 1) return withdrawSale({ pools, copies }, occasion, { moved, taken });
  const apart = { ...pool.apart, [ticketTypeId]: LEFT };
  const { opensAt, closesAt } = windowAttributes(pool.ticketTypeIds.indexOf(ticketTypeId));
  return [
    advance(pool, { apart }, { ...occasion, event: typeLeft.name }, moved).write,
    { kind: 'delete', key: ticketTypeKey(ticketTypeId), otherwise: mustHold('a delete without a condition') },
    ...blockKeys(pool.poolId, pool.blocks).map((key): Write<E> => ({
      kind: 'update',
      key,
      set: { [opensAt]: LEFT.opensAt, [closesAt]: LEFT.closesAt },
      when: wholeOf(pool),
      otherwise: taken,
    })),
  ];
}

/** All of a block is free. A row of seats that are all taken has no set any more, so it counts as nothing. */
function wholeOf({ kind }: Pool): Condition {
  return kind === 'COUNT' ? sameAs('free', 'size') : countsAs('free', 'size');
}

function stop<E>(pool: Pool, occasion: Occasion, moved: Otherwise<E>): Update<E> {
  return advance(pool, { state: 'STOPPED' }, { ...occasion, event: salesStopped.name }, moved).write;
}

/** The blocks that are to be given the windows of their types, or closed, and the writes that decide so. */
export interface Realigned<E> {
  readonly writes: readonly Write<E>[];
  /** Pools whose blocks do not fit the transaction: {@link alignBlocks} brings them in line after it. */
  readonly later: readonly string[];
}

/**
 * Stops the sale of an event for good: nobody can hold anything of it once this is written and the blocks that
 * did not fit the transaction are in line.
 *
 * @param room writes that still fit the transaction
 */
export function stopSale<E>(
  { pools, copies }: StockOnSale,
  occasion: Occasion,
  room: number,
  moved: Otherwise<E>,
): Realigned<E> {
  const writes: Write<E>[] = [
    ...pools.map((pool) => stop(pool, occasion, moved)),
    ...changeCopies(
      copies.map(({ ticketTypeId }) => ticketTypeId),
      { closesAt: 0 },
    ),
  ];
  return withBlocks(
    writes,
    pools.map((pool) => ({ pool, windows: closedWindows(pool) })),
    room,
  );
}

/**
 * Moves the sale windows of ticket types, and what else their copies say, in the transaction of who moves them.
 * Until a block is in line it sells by the former window, while buyers read the new one in the copy: nothing is
 * sold that neither of the two allows.
 *
 * @param stock the pools whose windows move, and the copies of all types that draw on them
 * @param next what the catalogue says from now on of the types that change
 * @param room writes that still fit the transaction
 */
export function moveSale<E>(
  { pools, copies }: StockOnSale,
  next: readonly (SaleTerms & Partial<PriceTag>)[],
  occasion: Occasion,
  room: number,
  moved: Otherwise<E>,
): Realigned<E> {
  const writes: Write<E>[] = [
    ...pools.map((pool) => advance(pool, {}, { ...occasion, event: saleWindowChanged.name }, moved).write),
    ...next.flatMap((sale) => changeCopies([sale.ticketTypeId], sale)),
  ];
  const after = copies.map(
    (copy): SaleTerms => next.find(({ ticketTypeId }) => ticketTypeId === copy.ticketTypeId) ?? copy,
  );
  return withBlocks(
    writes,
    pools.map((pool) => ({ pool, windows: windowsOf(drawingOn(pool, after)) })),
    room,
  );
}

interface Windows {
  readonly pool: Pool;
  readonly windows: Attributes;
}

/** Adds the blocks of as many pools as there is room for; the others are for later. */
function withBlocks<E>(decided: readonly Write<E>[], pools: readonly Windows[], room: number): Realigned<E> {
  const writes = [...decided];
  const later: string[] = [];
  for (const { pool, windows } of pools) {
    if (writes.length + pool.blocks > room) later.push(pool.poolId);
    else writes.push(...blockKeys(pool.poolId, pool.blocks).map((key) => setWindows(key, windows)));
  }
  return { writes, later };
}

/** Gives a block its sale windows. */
export function setWindows(key: Key, windows: Attributes): Update<never> {
  return {
    kind: 'update',
    key,
    set: windows,
    when: exists('pk'),
    otherwise: mustHold('a pool that was opened has its blocks'),
  };
}
