import type { Instant } from '../shared/kernel/clock.ts';
import {
  above,
  absent,
  allOf,
  anyOf,
  atLeast,
  atMost,
  contains,
  exists,
  lacks,
  mustHold,
  type Check,
  type Condition,
  type Otherwise,
  type Update,
} from '../shared/table/writes.ts';
import type { Take } from './contract.ts';
import { allot } from './domain/blocks.ts';
import { windowAttributes, windowIn } from './domain/pool.ts';
import type { Gap } from './domain/singles.ts';
import { blockKey, personLimitKey, ticketTypeKey } from './keys.ts';

/**
 * What buyers write: tickets taken from blocks and given back, counted against the limits of persons. How a sale is
 * opened, changed and closed is in `sale-writes.ts`, which the functions that sell do not carry.
 */

// How takes are split over lines, and the window in which a block refused, is for those who write to blocks.
export { allot as allotTakes, windowIn };

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

/**
 * That tickets of a type which were held at `heldAt` may still be given back in full at `now`, since their event has moved:
 * goes into the transaction that gives them back.
 *
 * @param otherwise what it means that its event was moved once more, and the time is over or another
 */
export function whileOptingOut<E>(
  ticketTypeId: string,
  heldAt: Instant,
  now: Instant,
  otherwise: Otherwise<E>,
): Check<E> {
  const when = allOf(above('optOutHeldBefore', heldAt), above('optOutUntil', now));
  return { kind: 'check', key: ticketTypeKey(ticketTypeId), when, otherwise };
}

/** Under which conditions a buyer takes from a block. */
export interface Terms {
  readonly now: Instant;
  /** The numbers of the sale windows of the types that draw on the pool; all must be open. */
  readonly windows: readonly number[];
  /** What the sale leaves beside its seats, where it may leave no single one (invariant I22). */
  readonly gaps?: readonly Gap[];
}

/**
 * Takes tickets or seats out of a block within the sale window; stock and window are conditions of the same
 * write (invariants I1, I2).
 *
 * @param otherwise reads the block that refused: too few free, a seat taken, or outside the window
 */
export function takeFromBlock<E>(
  from: PoolTake,
  { now, windows, gaps = [] }: Terms,
  otherwise: Otherwise<E>,
): Update<E> {
  const open = windows.flatMap((window) => {
    const { opensAt, closesAt } = windowAttributes(window);
    return [atMost(opensAt, now), above(closesAt, now)];
  });
  return takeWhen(from, now, [...gaps.map(isClosed), ...open], otherwise);
}

/**
 * Takes tickets for money that has already moved: the sale window has been passed before, so only stock
 * counts, unless the sale was stopped for good, which closes the first window at 0 (failure catalogue 37).
 */
export function takeAgainFromBlock<E>(from: PoolTake, now: Instant, otherwise: Otherwise<E>): Update<E> {
  return takeWhen(from, now, [above(windowAttributes().closesAt, 0)], otherwise);
}

function takeWhen<E>(
  { poolId, take: { block, quantity, seats } }: PoolTake,
  now: Instant,
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
        ...stamped(now),
        exclude: { free: new Set(seats) },
        when: allOf(...seats.map(isFree), ...conditions),
        otherwise,
      };
}

/** A gap leaves no single seat: it is not free, or the one beyond is free as well. */
function isClosed({ seatId, beyond }: Gap): Condition {
  const gone = lacks('free', seatId);
  return beyond === undefined ? gone : anyOf(gone, isFree(beyond));
}

function isFree(seatId: string): Condition {
  return contains('free', seatId);
}

/** A row of seats tells when it was last written, so that maps can be told what has changed since. */
function stamped(now: Instant): Pick<Update<never>, 'set'> {
  return { set: { touched: now } };
}

/** Puts tickets or seats back into the block that they were taken from. */
export function giveBackToBlock({ poolId, take: { block, quantity, seats } }: PoolTake, now: Instant): Update<never> {
  const key = blockKey(poolId, block);
  const otherwise = mustHold('a block exists as long as its tickets are out');
  return seats === undefined
    ? { kind: 'update', key, add: { free: quantity }, when: exists('pk'), otherwise }
    : { kind: 'update', key, ...stamped(now), include: { free: new Set(seats) }, when: exists('pk'), otherwise };
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
