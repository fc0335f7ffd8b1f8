import type { Instant } from '../shared/kernel/clock.ts';
import { shortHash } from '../shared/kernel/hash.ts';
import {
  countAgainstLimit,
  giveBackToBlock,
  returnToLimit,
  takeAgainFromBlock,
  takesByBlock,
} from '../inventory/writes.ts';
import type { ChargeLine } from '../pricing/views.ts';
import { begin, type Occasion } from '../shared/table/aggregate.ts';
import { above, atMost, mustHold, type Otherwise, type Put, type Update, type Write } from '../shared/table/writes.ts';
import {
  delivered,
  holdTakenOver,
  latePaymentReturned,
  orderCancelled,
  orderCreated,
  orderExpired,
  orderFailed,
  orderPaid,
  orderSecured,
  paymentDeclined,
  paymentFailed,
  paymentReturnDue,
  reservationHeld,
  type OrderLine,
} from './contract.ts';
import { customerOrderKey, eventOrdersKey, orderKey } from './keys.ts';
import { countedFor, move, record, type Order, type OrderChange } from './domain/order.ts';
import { LEASE_MS } from './domain/purchase.ts';

export type { Occasion };

/** What a new reservation is made of. */
export interface NewReservation {
  readonly orderId: string;
  readonly customerId: string;
  /** Whom limits are counted for, unless for the customer. */
  readonly limitKey?: string | undefined;
  /** Whether a vendor buys it, for whomever. */
  readonly vendor?: true | undefined;
  readonly number: string;
  readonly lines: readonly OrderLine[];
  readonly currency: string;
  readonly charges?: readonly ChargeLine[] | undefined;
  readonly total: number;
  /** Set where the price of one of its types follows what is sold. */
  readonly dynamic?: boolean;
  readonly expiresAt: Instant;
  readonly requestHash: string;
}

/** Puts the reservation's row, in state HELD; to go into one transaction with the takes from the blocks. */
export function putReservation<E>(reservation: NewReservation, occasion: Occasion, otherwise: Otherwise<E>): Put<E> {
  return begin(
    orderKey(reservation.orderId),
    { ...reservation, state: 'HELD', createdAt: occasion.now },
    { ...occasion, event: reservationHeld.name },
    otherwise,
  );
}

/**
 * A hold of an anonymous session becomes that of who logged in with it, while it stands (invariant I7). The counts of
 * limits move in the same transaction.
 *
 * @param lines its lines, marked as limited where they count for the person
 */
export function takeOverHold<E>(
  order: Order,
  { customerId, limitKey }: Pick<NewReservation, 'customerId' | 'limitKey'>,
  lines: readonly OrderLine[],
  occasion: Occasion,
  otherwise: Otherwise<E>,
): OrderChange<E> {
  return record(
    order,
    { customerId, limitKey, lines },
    { ...occasion, event: holdTakenOver.name },
    otherwise,
    above('expiresAt', occasion.now),
  );
}

/** HELD → PENDING with its PaymentIntent, while the hold stands (invariant I7). */
export function orderReservation<E>(
  order: Order,
  paymentIntentId: string,
  occasion: Occasion,
  otherwise: Otherwise<E>,
): OrderChange<E> {
  const changes = { paymentIntentId, paymentCreatedAt: occasion.now };
  return move(
    order,
    'PENDING',
    changes,
    { ...occasion, event: orderCreated.name },
    otherwise,
    above('expiresAt', occasion.now),
  );
}

/** HELD → PAID for a total of zero, while the hold stands: there is nothing to pay. */
export function payFreeOrder<E>(order: Order, occasion: Occasion, otherwise: Otherwise<E>): OrderChange<E> {
  const changes = { paidAt: occasion.now };
  return move(
    order,
    'PAID',
    changes,
    { ...occasion, event: orderPaid.name },
    otherwise,
    above('expiresAt', occasion.now),
  );
}

/** Ties a PaymentIntent to an order that lost it between Stripe's answer and our write, in the state it is in. */
export function adoptPaymentIntent<E>(
  order: Order,
  paymentIntentId: string,
  occasion: Occasion,
  otherwise: Otherwise<E>,
): OrderChange<E> {
  const changes = { paymentIntentId, paymentCreatedAt: occasion.now };
  const cause = { ...occasion, event: orderCreated.name };
  return order.state === 'HELD'
    ? move(order, 'PENDING', changes, cause, otherwise, above('expiresAt', occasion.now))
    : record(order, changes, cause, otherwise);
}

/** → SECURED, naming the run that owns the order from now on, while the hold stands. */
export function secureHeld<E>(order: Order, run: string, occasion: Occasion, otherwise: Otherwise<E>): OrderChange<E> {
  return move(
    order,
    'SECURED',
    lease(run, occasion.now),
    { ...occasion, event: orderSecured.name },
    otherwise,
    above('expiresAt', occasion.now),
  );
}

/** Takes a SECURED order over from a run that fell silent; its stock is its own already. */
export function takeOverRun<E>(order: Order, run: string, occasion: Occasion, otherwise: Otherwise<E>): OrderChange<E> {
  return record(
    order,
    lease(run, occasion.now),
    { ...occasion, event: orderSecured.name },
    otherwise,
    atMost('leaseUntil', occasion.now),
  );
}

/**
 * EXPIRED or FAILED → SECURED with stock taken anew: money came late. The row and its blocks change in one
 * transaction; the person's limit counts again.
 *
 * @param lines the order's lines with their new takes, marked as limited where `limits` says so now
 * @param overLimit what it means that the person has used up the limit meanwhile
 */
export function secureAgain<E>(
  order: Order,
  lines: readonly OrderLine[],
  limits: ReadonlyMap<string, number>,
  run: string,
  occasion: Occasion,
  otherwise: Otherwise<E>,
  overLimit: Otherwise<E>,
): { readonly order: Order; readonly writes: readonly Write<E>[] } {
  const changed = move(
    order,
    'SECURED',
    { ...lease(run, occasion.now), lines },
    { ...occasion, event: orderSecured.name },
    otherwise,
  );
  const takes = takesByBlock(lines).map((from) => takeAgainFromBlock(from, occasion.now, otherwise));
  const counts = lines.flatMap((line) => {
    const limit = limits.get(line.ticketTypeId);
    return limit === undefined
      ? []
      : [countAgainstLimit(line.ticketTypeId, countedFor(order), line.quantity, limit, overLimit)];
  });
  return { order: changed.order, writes: [changed.write, ...takes, ...counts] };
}

/** SECURED → PAID by the run that owns it. */
export function confirmPaid<E>(order: Order, run: string, occasion: Occasion, otherwise: Otherwise<E>): OrderChange<E> {
  const changes = {
    ...released,
    paidAt: occasion.now,
    lastError: undefined,
    attempts: attempted(order, run, 'PAID', occasion.now),
  };
  return move(order, 'PAID', changes, { ...occasion, event: orderPaid.name }, otherwise);
}

/** SECURED → PENDING: nothing was paid, the buyer may try another card until the hold ends. */
export function reopen<E>(
  order: Order,
  run: string,
  reason: string,
  occasion: Occasion,
  otherwise: Otherwise<E>,
): OrderChange<E> {
  const changes = { ...released, lastError: reason, attempts: attempted(order, run, reason, occasion.now) };
  return move(
    order,
    'PENDING',
    changes,
    { ...occasion, event: paymentDeclined.name },
    otherwise,
    above('expiresAt', occasion.now),
  );
}

/** Records on a PENDING order that a card was refused; nothing else changes (design.md, "A declined card"). */
export function recordDecline<E>(
  order: Order,
  reason: string,
  occasion: Occasion,
  otherwise: Otherwise<E>,
): OrderChange<E> {
  return record(order, { lastError: reason }, { ...occasion, event: paymentDeclined.name }, otherwise);
}

/**
 * SECURED → FAILED with the stock given back.
 *
 * @param settlement RETURN_DUE when something was authorised or captured that must go back to the buyer
 */
export function failSecured<E>(
  order: Order,
  run: string,
  reason: string,
  settlement: 'RETURN_DUE' | undefined,
  occasion: Occasion,
  otherwise: Otherwise<E>,
): { readonly order: Order; readonly writes: readonly Write<E>[] } {
  const changes = { ...released, lastError: reason, settlement, attempts: attempted(order, run, reason, occasion.now) };
  const changed = move(order, 'FAILED', changes, { ...occasion, event: orderFailed.name }, otherwise);
  return { order: changed.order, writes: [changed.write, ...giveBack([order], occasion.now)] };
}

/**
 * Marks an EXPIRED or FAILED order whose late payment cannot be fulfilled: from here on its money only goes
 * back. The mark comes before the money moves, so that no other run captures what this one gives back.
 */
export function markReturnDue<E>(
  order: Order,
  reason: string,
  occasion: Occasion,
  otherwise: Otherwise<E>,
): OrderChange<E> {
  const changes = { settlement: 'RETURN_DUE', lastError: reason };
  return record(order, changes, { ...occasion, event: paymentReturnDue.name }, otherwise);
}

/**
 * Records that the payment of an order that came to nothing is settled.
 *
 * @param moneyMoved whether anything was voided or refunded, of which the buyer is told; otherwise only the
 *   PaymentIntent was closed
 */
export function recordReturned<E>(
  order: Order,
  moneyMoved: boolean,
  occasion: Occasion,
  otherwise: Otherwise<E>,
): OrderChange<E> {
  const changes = { settlement: 'RETURNED', lastError: order.lastError ?? 'returned' };
  const event = moneyMoved ? latePaymentReturned.name : orderFailed.name;
  return record(order, changes, { ...occasion, event }, otherwise);
}

/**
 * Records on an EXPIRED or FAILED order that nobody can pay it any more and nothing was ever authorised, of which the
 * buyer is told. The mark on the row is what makes that once.
 */
export function recordPaymentFailed<E>(order: Order, occasion: Occasion, otherwise: Otherwise<E>): OrderChange<E> {
  return record(order, { paymentFailed: true }, { ...occasion, event: paymentFailed.name }, otherwise);
}

/**
 * HELD or PENDING → CANCELLED by the buyer, with the stock given back.
 *
 * @param reason why it is given up, where that is not the buyer's wish
 */
export function cancelUnpaid<E>(
  order: Order,
  occasion: Occasion,
  otherwise: Otherwise<E>,
  reason?: string,
): { readonly order: Order; readonly writes: readonly Write<E>[] } {
  const changes = reason === undefined ? {} : { lastError: reason };
  const changed = move(order, 'CANCELLED', changes, { ...occasion, event: orderCancelled.name }, otherwise);
  return { order: changed.order, writes: [changed.write, ...giveBack([order], occasion.now)] };
}

/**
 * HELD or PENDING → EXPIRED, or FAILED where a card was refused before, once the hold has lapsed. The
 * caller adds {@link giveBack} for all orders of its transaction at once.
 */
export function lapse<E>(order: Order, occasion: Occasion, otherwise: Otherwise<E>): OrderChange<E> {
  const failed = order.lastError !== undefined;
  const event = failed ? orderFailed.name : orderExpired.name;
  return move(
    order,
    failed ? 'FAILED' : 'EXPIRED',
    {},
    { ...occasion, event },
    otherwise,
    atMost('expiresAt', occasion.now),
  );
}

/** Marks that all tickets of a paid order exist; raised as `delivery.TicketsGenerated.v1`. */
export function markTicketsIssued<E>(order: Order, occasion: Occasion, otherwise: Otherwise<E>): OrderChange<E> {
  return record(order, { ticketsIssued: true }, { ...occasion, event: delivered.name }, otherwise);
}

/**
 * The writes that put the stock of `orders` back, one per block and one per limited person: a transaction
 * may touch an item once, so the quantities of all orders are summed first.
 */
export function giveBack(orders: readonly Order[], now: Instant): readonly Update<never>[] {
  const limits = new Map<string, { ticketTypeId: string; personId: string; quantity: number }>();
  for (const order of orders) {
    const personId = countedFor(order);
    for (const { ticketTypeId, limited, quantity } of order.lines) {
      if (limited !== true) continue;
      const key = `${ticketTypeId} ${personId}`;
      limits.set(key, { ticketTypeId, personId, quantity: quantity + (limits.get(key)?.quantity ?? 0) });
    }
  }
  return [
    ...takesByBlock(orders.flatMap(({ lines }) => lines)).map((from) => giveBackToBlock(from, now)),
    ...[...limits.values()].map(({ ticketTypeId, personId, quantity }) =>
      returnToLimit(ticketTypeId, personId, quantity),
    ),
  ];
}

/** The entry of an order in its customer's list. */
export function listForCustomer(order: Order): Put<never> {
  return {
    kind: 'put',
    key: customerOrderKey(order.customerId, order.createdAt, order.orderId),
    item: { orderId: order.orderId },
    otherwise: () => {
      throw new Error('A put without a condition cannot fail one');
    },
  };
}

/** Orders in one entry of an event's list, so that it stays within a few kilobytes. */
const LISTED_TOGETHER = 100;

/** The entries of orders in the lists of their events; the same orders make the same entries. */
export function listForEvents(orders: readonly Order[]): readonly Put<never>[] {
  const byEvent = Map.groupBy(
    orders.flatMap((order) =>
      [...new Set(order.lines.map(({ eventId }) => eventId))].map((eventId) => ({ eventId, order })),
    ),
    ({ eventId }) => eventId,
  );
  return [...byEvent].flatMap(([eventId, listed]) =>
    Array.from({ length: Math.ceil(listed.length / LISTED_TOGETHER) }, (_unused, part): Put<never> => {
      const together = listed.slice(part * LISTED_TOGETHER, (part + 1) * LISTED_TOGETHER).map(({ order }) => order);
      const orderIds = together.map(({ orderId }) => orderId);
      const entry = `${new Date(together[0]?.createdAt ?? 0).toISOString()}#${shortHash(orderIds.join())}`;
      return {
        kind: 'put',
        key: eventOrdersKey(eventId, entry),
        item: { orderIds },
        otherwise: mustHold('an entry is put without a condition'),
      };
    }),
  );
}

const released = { run: undefined, leaseUntil: undefined } as const;

function lease(run: string, now: Instant): { run: string; leaseUntil: Instant } {
  return { run, leaseUntil: now + LEASE_MS };
}

/** The last attempts with their outcome; older ones are in the timeline. */
const ATTEMPTS_KEPT = 5;

function attempted(order: Order, run: string, outcome: string, at: Instant): Order['attempts'] & object {
  return [...(order.attempts ?? []), { run, at, outcome }].slice(-ATTEMPTS_KEPT);
}
