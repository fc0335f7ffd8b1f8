import { giveBackToBlock, returnToLimit, takesByBlock } from '../inventory/writes.ts';
import type { Instant } from '../shared/kernel/clock.ts';
import type { Occasion } from '../shared/table/aggregate.ts';
import { absent, anyOf, atMost, type Otherwise, type Update } from '../shared/table/writes.ts';
import {
  orderRefunded,
  paymentDisputed,
  paidOrderCancelled,
  refundSettled,
  takesAt,
  ticketsRestocked,
  type OrderLine,
  type OrderRefund,
  type RefundState,
} from './contract.ts';
import { countedFor, move, record, type Order, type OrderChange } from './domain/order.ts';
import type { RefundPlan } from './domain/refund.ts';

/** A refund of an order as it is to be kept with it. */
export type NewOrderRefund = Pick<OrderRefund, 'refundId' | 'reason' | 'state'>;

/**
 * Counts a refund on its order and gives the tickets of its plan up, on condition that the order is as it was read and
 * that no more goes back than came in (invariant I4). Goes into one transaction with the refund's own row.
 *
 * @param room how many writes of stock still fit that transaction; where they do not, {@link restock} follows
 */
export function refundLines<E>(
  order: Order,
  plan: RefundPlan,
  refund: NewOrderRefund,
  room: number,
  occasion: Occasion,
  otherwise: Otherwise<E>,
): { readonly order: Order; readonly writes: readonly Update<E>[] } {
  const given = new Map(plan.lines.map((line) => [line.id, line]));
  const lines = order.lines.map((line): OrderLine => {
    const part = given.get(line.id);
    if (part === undefined) return line;
    const refunded = [...(line.refunded ?? []), ...part.places];
    return {
      ...line,
      ...(refunded.length === 0 ? {} : { refunded }),
      refundedAmount: (line.refundedAmount ?? 0) + part.amount,
    };
  });
  const stock = stockOf(order, lines, occasion.now);
  const fits = stock.length <= room;
  const kept: OrderRefund = {
    ...refund,
    cause: plan.cause,
    amount: plan.amount,
    worth: plan.worth,
    at: occasion.now,
  };
  const changes = {
    lines: fits ? lines.map(allRestocked) : lines,
    refunds: [...(order.refunds ?? []), kept],
    refundedAmount: (order.refundedAmount ?? 0) + plan.amount,
  };
  const event = plan.state === 'CANCELLED' && order.state !== 'CANCELLED' ? paidOrderCancelled : orderRefunded;
  const cause = { ...occasion, event: event.name };
  const within = anyOf(absent('refundedAmount'), atMost('refundedAmount', order.total - plan.amount));
  const changed =
    plan.state === order.state
      ? record(order, changes, cause, otherwise, within)
      : move(order, plan.state, changes, cause, otherwise, within);
  return { order: changed.order, writes: [changed.write, ...(fits ? stock : [])] };
}

/** Puts the stock of tickets that were given up before back on sale, where it did not fit their refund's transaction. */
export function restock<E>(
  order: Order,
  occasion: Occasion,
  otherwise: Otherwise<E>,
): { readonly order: Order; readonly writes: readonly Update<E>[] } {
  const cause = { ...occasion, event: ticketsRestocked.name };
  const changed = record(order, { lines: order.lines.map(allRestocked) }, cause, otherwise);
  return { order: changed.order, writes: [changed.write, ...stockOf(order, order.lines, occasion.now)] };
}

/** Whether stock of tickets that were given up is not on sale yet. */
export function awaitsRestock({ lines }: Pick<Order, 'lines'>): boolean {
  return lines.some(({ refunded = [], restocked = 0 }) => restocked < refunded.length);
}

/** Tells an order what became of one of its refunds; the same again is another step of its timeline. */
export function recordRefund<E>(
  order: Order,
  refundId: string,
  state: RefundState,
  occasion: Occasion,
  otherwise: Otherwise<E>,
): OrderChange<E> {
  const refunds = (order.refunds ?? []).map((refund) => (refund.refundId === refundId ? { ...refund, state } : refund));
  return record(order, { refunds }, { ...occasion, event: refundSettled.name }, otherwise);
}

/** Writes what the provider says of a dispute of the order's payment. */
export function recordDispute<E>(
  order: Order,
  dispute: NonNullable<Order['dispute']>,
  occasion: Occasion,
  otherwise: Otherwise<E>,
): OrderChange<E> {
  return record(order, { dispute }, { ...occasion, event: paymentDisputed.name }, otherwise);
}

function allRestocked(line: OrderLine): OrderLine {
  return line.refunded === undefined ? line : { ...line, restocked: line.refunded.length };
}

/** The writes that put the stock of `lines` back that is given up and not on sale yet: each block and counter once. */
function stockOf(order: Order, lines: readonly OrderLine[], now: Instant): readonly Update<never>[] {
  const parts = lines.flatMap(({ refunded = [], restocked = 0, ...line }) => {
    const due = new Set(refunded.slice(restocked));
    return due.size === 0
      ? []
      : [{ ...line, quantity: due.size, takes: takesAt(line.takes, (place) => due.has(place)) }];
  });
  const person = countedFor(order);
  const limited = Map.groupBy(
    parts.filter((part) => part.limited === true),
    ({ ticketTypeId }) => ticketTypeId,
  );
  return [
    ...takesByBlock(parts).map((from) => giveBackToBlock(from, now)),
    ...[...limited].map(([ticketTypeId, some]) =>
      returnToLimit(
        ticketTypeId,
        person,
        some.reduce((sum, { quantity }) => sum + quantity, 0),
      ),
    ),
  ];
}
