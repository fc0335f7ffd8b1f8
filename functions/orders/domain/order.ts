import * as z from 'zod/mini';

import { advance, marked, type Cause, type Marked } from '../../shared/table/aggregate.ts';
import type { Instant } from '../../shared/kernel/clock.ts';
import type { Item } from '../../shared/table/keys.ts';
import type { Attributes, Condition, Otherwise, Update } from '../../shared/table/writes.ts';
import { chargeLine } from '../../pricing/views.ts';
import { orderLine, orderRefund, orderState, type OrderState } from '../contract.ts';
import { hasEdge } from './lifecycle.ts';

const attempt = z.object({ run: z.string(), at: z.int(), outcome: z.string() });

const orderRow = z.object({
  orderId: z.string(),
  customerId: z.string(),
  /** Whom limits per person are counted for where that is not the customer: somebody whom a vendor buys for. */
  limitKey: z.optional(z.string()),
  /** Bought through a vendor, who is the customer of many people's orders. */
  vendor: z.optional(z.literal(true)),
  state: orderState,
  /** What people read out, for example `ON-7K3M-Q2XD`. */
  number: z.string(),
  lines: z.array(orderLine),
  currency: z.string(),
  /** Fees and taxes that the order bears. */
  charges: z.optional(z.array(chargeLine)),
  /** Minor units; with `lines` and `charges` the immutable price snapshot (invariant I5). */
  total: z.int(),
  createdAt: z.int(),
  /** When the hold lapses. */
  expiresAt: z.int(),
  /** Hash of the request that made the reservation, to tell a retry from a reused key. */
  requestHash: z.optional(z.string()),
  paymentIntentId: z.optional(z.string()),
  paymentCreatedAt: z.optional(z.int()),
  /** Why the last card was refused, as Stripe's code. */
  lastError: z.optional(z.string()),
  /** Outcome of each purchase run that came to one. */
  attempts: z.optional(z.array(attempt)),
  /** The purchase run that owns a SECURED order, and until when. */
  run: z.optional(z.string()),
  leaseUntil: z.optional(z.int()),
  /** Whether a person of ours decides about its payment, since when and until when; the case says why. */
  review: z.optional(z.object({ state: z.enum(['OPEN', 'APPROVED', 'REFUSED']), openedAt: z.int(), until: z.int() })),
  paidAt: z.optional(z.int()),
  /** Whether money must still go back to the buyer of an order that came to nothing, or has. */
  settlement: z.optional(z.enum(['RETURN_DUE', 'RETURNED'])),
  /** Set once its payment can never come any more, after a card was refused: the buyer is told so once. */
  paymentFailed: z.optional(z.literal(true)),
  ticketsIssued: z.optional(z.boolean()),
  /** Every refund, oldest first; `refundedAmount` is the sum of them all, failed ones included: they are still owed. */
  refunds: z.optional(z.array(orderRefund)),
  refundedAmount: z.optional(z.int()),
  /** The last dispute of its payment, by what the provider says of it; an open one freezes the tickets. */
  dispute: z.optional(z.object({ disputeId: z.string(), status: z.string(), amount: z.int(), at: z.int() })),
});

/** An order (or reservation) as its row holds it. */
export type Order = z.infer<typeof orderRow> & Marked & Item;

/** Reads a row, or the copy of one that travelled through a workflow, as an order. */
export function parseOrder(item: Item): Order {
  return { ...marked(item), ...z.parse(orderRow, item) };
}

/** As {@link parseOrder}, for JSON of unknown shape. */
export function orderFromJson(json: unknown): Order {
  return parseOrder(z.parse(z.looseObject({ pk: z.string(), sk: z.string() }), json));
}

/** Whom the tickets of an order count for, against limits per person (invariant I12). */
export function countedFor({ limitKey, customerId }: Pick<Order, 'limitKey' | 'customerId'>): string {
  return limitKey ?? customerId;
}

/**
 * Whose conduct the fraud check counts; nobody's where a vendor does not say whom it buys for, since what goes wrong for
 * one of its customers is not the next one's fault.
 */
export function scrutinised({
  limitKey,
  vendor,
  customerId,
}: Pick<Order, 'limitKey' | 'vendor' | 'customerId'>): string | undefined {
  return limitKey ?? (vendor === true ? undefined : customerId);
}

/** An order's next row and the one write that makes it so. */
export interface OrderChange<E> {
  readonly order: Order;
  readonly write: Update<E>;
}

/**
 * Moves `order` to `state` along the declared graph.
 *
 * @param changes further attributes; undefined removes one
 * @param guard a condition beyond the version, such as the clock of the hold
 * @throws when the graph has no such edge: a decision must not have asked for it
 */
export function move<E>(
  order: Order,
  state: OrderState,
  changes: Attributes,
  cause: Cause,
  otherwise: Otherwise<E>,
  guard?: Condition,
): OrderChange<E> {
  if (!hasEdge(order.state, state)) throw new Error(`An order cannot go from ${order.state} to ${state}`);
  const { row, write } = advance(order, { ...changes, state }, cause, otherwise, guard);
  return { order: parseOrder(row), write };
}

/** Records `changes` on an order that stays in its state; the parameters are those of {@link move}. */
export function record<E>(
  order: Order,
  changes: Attributes,
  cause: Cause,
  otherwise: Otherwise<E>,
  guard?: Condition,
): OrderChange<E> {
  const { row, write } = advance(order, changes, cause, otherwise, guard);
  return { order: parseOrder(row), write };
}

/** Why an order was given up whose amount the payment provider does not take: kept as its last error. */
export const AMOUNT_REFUSED = 'amount_refused';

/** Whether the hold of `order` still stands at `now`. */
export function holdStands(order: Order, now: Instant): boolean {
  return order.expiresAt > now;
}
