import type { Instant } from '../shared/kernel/clock.ts';
import { advance, type Occasion } from '../shared/table/aggregate.ts';
import {
  above,
  absent,
  allOf,
  anyOf,
  atLeast,
  atMost,
  contains,
  equals,
  exists,
  mustHold,
  type Condition,
  type Otherwise,
  type Put,
  type Update,
  type Write,
} from '../shared/table/writes.ts';
import { saleOpened, type Take, type TicketTypeCopy } from './contract.ts';
import { allot } from './domain/blocks.ts';
import { windowAttributes, windowIn, type Pool } from './domain/pool.ts';
import { blockKey, personLimitKey, ticketTypeKey } from './keys.ts';

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

// How takes are split over lines, and the window in which a block refused, is for those who write to blocks.
export { allot as allotTakes, windowIn };

/**
 * Changes fields of the copies of ticket types on sale, in the transaction of who changes them: a title, a price
 * for holds from now on. A field that is undefined is taken away.
 */
export function changeCopies(
  ticketTypeIds: readonly string[],
  fields: { readonly [Name in keyof TicketTypeCopy]?: TicketTypeCopy[Name] | undefined },
): readonly Update<never>[] {
  const remove = Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [name] : []));
  return ticketTypeIds.map((ticketTypeId) => ({
    kind: 'update',
    key: ticketTypeKey(ticketTypeId),
    set: fields,
    ...(remove.length === 0 ? {} : { remove }),
    when: exists('pk'),
    otherwise: mustHold('a ticket type on sale has its copy'),
  }));
}

/** What is taken from one block, by one line of an order or by several that share the pool. */
export interface PoolTake {
  readonly poolId: string;
  readonly take: Take;
}

/** What lines take, block by block: a transaction may touch a block once, also where types share a pool. */
export function takesByBlock(
  lines: readonly { readonly poolId: string; readonly takes: readonly Take[] }[],
): readonly PoolTake[] {
  const blocks = new Map<string, PoolTake>();
  for (const { poolId, takes } of lines) {
    for (const take of takes) {
      const key = `${poolId} ${take.block}`;
      blocks.set(key, { poolId, take: both(blocks.get(key)?.take, take) });
    }
  }
  return [...blocks.values()];
}

function both(one: Take | undefined, other: Take): Take {
  if (one === undefined) return other;
  const seats = [...(one.seats ?? []), ...(other.seats ?? [])];
  return { block: other.block, quantity: one.quantity + other.quantity, ...(seats.length > 0 ? { seats } : {}) };
}

/** Under which conditions a buyer takes from a block. */
export interface Terms {
  readonly now: Instant;
  /** The numbers of the sale windows of the types that draw on the pool; all must be open. */
  readonly windows: readonly number[];
  /** Seats that must be free and stay so, lest the sale leaves a single one (invariant I22). */
  readonly keep?: readonly string[];
}

/**
 * Takes tickets or seats out of a block within the sale window; stock and window are conditions of the same
 * write (invariants I1, I2).
 *
 * @param otherwise reads the block that refused: too few free, a seat taken, or outside the window
 */
export function takeFromBlock<E>(
  from: PoolTake,
  { now, windows, keep = [] }: Terms,
  otherwise: Otherwise<E>,
): Update<E> {
  const open = windows.flatMap((window) => {
    const { opensAt, closesAt } = windowAttributes(window);
    return [atMost(opensAt, now), above(closesAt, now)];
  });
  return takeWhen(from, [...keep.map(isFree), ...open], otherwise);
}

/**
 * Takes tickets for money that has already moved: the sale window has been passed before, so only stock
 * counts, unless the sale was stopped for good, which closes the first window at 0 (failure catalogue 37).
 */
export function takeAgainFromBlock<E>(from: PoolTake, otherwise: Otherwise<E>): Update<E> {
  return takeWhen(from, [above(windowAttributes().closesAt, 0)], otherwise);
}

function takeWhen<E>(
  { poolId, take: { block, quantity, seats } }: PoolTake,
  conditions: readonly Condition[],
  otherwise: Otherwise<E>,
): Update<E> {
  const key = blockKey(poolId, block);
  return seats === undefined
    ? {
        kind: 'update',
        key,
        add: { free: -quantity },
        when: allOf(atLeast('free', quantity), ...conditions),
        otherwise,
      }
    : {
        kind: 'update',
        key,
        exclude: { free: new Set(seats) },
        when: allOf(...seats.map(isFree), ...conditions),
        otherwise,
      };
}

function isFree(seatId: string): Condition {
  return contains('free', seatId);
}

/** Puts tickets or seats back into the block that they were taken from. */
export function giveBackToBlock({ poolId, take: { block, quantity, seats } }: PoolTake): Update<never> {
  const key = blockKey(poolId, block);
  const otherwise = mustHold('a block exists as long as its tickets are out');
  return seats === undefined
    ? { kind: 'update', key, add: { free: quantity }, when: exists('pk'), otherwise }
    : { kind: 'update', key, include: { free: new Set(seats) }, when: exists('pk'), otherwise };
}

/** Counts `quantity` tickets against a person's limit, in the transaction that takes them (invariant I12). */
export function countAgainstLimit<E>(
  ticketTypeId: string,
  personId: string,
  quantity: number,
  limit: number,
  otherwise: Otherwise<E>,
): Update<E> {
  return {
    kind: 'update',
    key: personLimitKey(ticketTypeId, personId),
    add: { held: quantity },
    when: anyOf(absent('pk'), atMost('held', limit - quantity)),
    otherwise,
  };
}

/** Returns `quantity` tickets to a person's limit when their hold or sale goes. */
export function returnToLimit(ticketTypeId: string, personId: string, quantity: number): Update<never> {
  return {
    kind: 'update',
    key: personLimitKey(ticketTypeId, personId),
    add: { held: -quantity },
    when: atLeast('held', quantity),
    otherwise: mustHold('what is returned to a limit was counted before'),
  };
}
