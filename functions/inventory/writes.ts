import type { Instant } from '../shared/kernel/clock.ts';
import {
  above,
  absent,
  allOf,
  anyOf,
  atLeast,
  atMost,
  exists,
  mustHold,
  type Otherwise,
  type Put,
  type Update,
} from '../shared/table/writes.ts';
import type { Take, TicketTypeCopy } from './contract.ts';
import { blockCount, blockSizes } from './domain/blocks.ts';
import { blockKey, personLimitKey, ticketTypeKey } from './keys.ts';

/**
 * The writes that put a ticket type on sale: its copy and the blocks of its stock, to go into the
 * transaction that publishes the event. Block sizes add up to the capacity (invariant I1).
 *
 * @param otherwise what it means that the type is on sale already
 */
export function openSale<E>(copy: Omit<TicketTypeCopy, 'blocks'>, otherwise: Otherwise<E>): readonly Put<E>[] {
  const blocks = blockCount(copy.capacity);
  const { opensAt, closesAt } = copy;
  return [
    { kind: 'put', key: ticketTypeKey(copy.ticketTypeId), item: { ...copy, blocks }, when: absent('pk'), otherwise },
    ...blockSizes(copy.capacity, blocks).map((size, block): Put<E> => ({
      kind: 'put',
      key: blockKey(copy.ticketTypeId, block),
      item: { free: size, size, opensAt, closesAt },
      when: absent('pk'),
      otherwise,
    })),
  ];
}

/**
 * Takes tickets out of a block within its sale window; stock and window are conditions of the same write.
 *
 * @param otherwise reads the block that refused: too few free, or outside the window
 */
export function takeFromBlock<E>(
  ticketTypeId: string,
  { block, quantity }: Take,
  now: Instant,
  otherwise: Otherwise<E>,
): Update<E> {
  return {
    kind: 'update',
    key: blockKey(ticketTypeId, block),
    add: { free: -quantity },
    when: allOf(atLeast('free', quantity), atMost('opensAt', now), above('closesAt', now)),
    otherwise,
  };
}

/** Takes tickets for money that has already moved: the sale window has been passed before, so only stock counts. */
export function takeAgainFromBlock<E>(
  ticketTypeId: string,
  { block, quantity }: Take,
  otherwise: Otherwise<E>,
): Update<E> {
  return {
    kind: 'update',
    key: blockKey(ticketTypeId, block),
    add: { free: -quantity },
    when: atLeast('free', quantity),
    otherwise,
  };
}

/** Puts tickets back into the block that they were taken from. */
export function giveBackToBlock(ticketTypeId: string, { block, quantity }: Take): Update<never> {
  return {
    kind: 'update',
    key: blockKey(ticketTypeId, block),
    add: { free: quantity },
    when: exists('pk'),
    otherwise: mustHold('a block exists as long as its tickets are out'),
  };
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
