import type { Instant } from '../shared/kernel/clock.ts';
import { above, type Otherwise, type Write } from '../shared/table/writes.ts';
import { orderFailed, reviewApproved, reviewOpened } from './contract.ts';
import { move, record, type Order, type OrderChange } from './domain/order.ts';
import { NOT_ACCEPTED } from './domain/review.ts';
import { giveBack, type Occasion } from './writes.ts';

/**
 * Lays a SECURED order aside for a person to decide, with its stock; to go into one transaction with its case. No run owns
 * it until then: its lease ends with the time to decide, so that who finishes silent runs comes by at the end of it.
 */
export function openReview<E>(
  order: Order,
  until: Instant,
  occasion: Occasion,
  otherwise: Otherwise<E>,
): OrderChange<E> {
  const changes = { run: undefined, leaseUntil: until, review: { state: 'OPEN', openedAt: occasion.now, until } };
  return record(order, changes, { ...occasion, event: reviewOpened.name }, otherwise);
}

/** Lets a purchase go on that waited for a person, while there was time to decide; the next run takes it over. */
export function approveReview<E>(order: Order, occasion: Occasion, otherwise: Otherwise<E>): OrderChange<E> {
  // Over by anybody's clock.
  const changes = { leaseUntil: 0, review: decided(order, 'APPROVED') };
  const guard = above('leaseUntil', occasion.now);
  return record(order, changes, { ...occasion, event: reviewApproved.name }, otherwise, guard);
}

/** SECURED → FAILED with the stock given back and the money due back: a person refused, or the time to decide is over. */
export function refuseReview<E>(
  order: Order,
  occasion: Occasion,
  otherwise: Otherwise<E>,
): { readonly order: Order; readonly writes: readonly Write<E>[] } {
  const changes = {
    run: undefined,
    leaseUntil: undefined,
    lastError: NOT_ACCEPTED,
    settlement: 'RETURN_DUE',
    review: decided(order, 'REFUSED'),
  };
  const changed = move(order, 'FAILED', changes, { ...occasion, event: orderFailed.name }, otherwise);
  return { order: changed.order, writes: [changed.write, ...giveBack([order], occasion.now)] };
}

function decided({ review }: Order, state: 'APPROVED' | 'REFUSED'): NonNullable<Order['review']> {
  if (review?.state !== 'OPEN') throw new Error('An order is decided about that nobody looks at');
  return { ...review, state };
}
