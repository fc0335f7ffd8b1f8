import { whileOptingOut } from '../inventory/writes.ts';
import { readTicketsOf } from '../delivery/operations.ts';
import { putRefund } from '../payments/writes.ts';
import { findRefund, refundAt, type Refund } from '../payments/reads.ts';
import { problem, type Problem } from '../shared/kernel/problems.ts';
import { err, ok, type Result } from '../shared/kernel/result.ts';
import type { Table } from '../shared/table/client.ts';
import { commit, MOST_ACTIONS, StoreBusyError } from '../shared/table/commit.ts';
import type { Write } from '../shared/table/writes.ts';
import { planRefund, type RefundPlan, type RefundWish } from './domain/refund.ts';
import type { Order } from './domain/order.ts';
import { findOrder } from './reads.ts';
import { awaitsRestock, refundLines, restock } from './refund-writes.ts';
import type { Occasion } from './writes.ts';

export { endReview } from './app/review-steps.ts';

/** A refund that is asked for. */
export interface RefundRequest {
  /** Follows from its cause, so that asking again finds the first. */
  readonly refundId: string;
  /** Hash of what was asked for. */
  readonly requestHash: string;
  readonly reason: string;
  readonly wish: RefundWish;
}

/** A refund that is recorded, with its order as it is after it. */
export interface RecordedRefund {
  readonly order: Order;
  readonly refund: Refund;
}

/** Looks at an order that keeps changing, or whose tickets do. */
const ROUNDS = 5;

/**
 * Records a refund: in one transaction its money is counted on the order, its tickets admit nobody any more, its row is
 * there, and their stock is on sale again (right after it, where there is too much of it). The money itself moves after
 * that, from the row. A refund that was recorded before is answered as it is: nothing moves twice.
 *
 * @returns the problems of {@link planRefund}, and IDEMPOTENCY_KEY_REUSED
 * @throws StoreBusyError when the order keeps changing
 */
export async function refundOrder(
  table: Table,
  found: Order,
  request: RefundRequest,
  occasion: Occasion,
): Promise<Result<RecordedRefund, Problem>> {
  let order: Order | undefined = found;
  for (let round = 0; round < ROUNDS && order !== undefined; round += 1) {
    const tickets = await readTicketsOf(table, order, occasion.now);
    const planned = planRefund(order, request.wish, tickets.use, occasion.now);
    if (!planned.ok) {
      const before = await recordedBefore(table, order, request);
      return before ?? planned;
    }
    const { value: plan } = planned;
    const given = plan.lines.flatMap(({ id, places }) =>
      places.flatMap((place) => tickets.giveUp<Hindrance>(id, place, occasion, movedOn)),
    );
    const row = putRefund<Hindrance>(rowOf(order, plan, request), occasion, (item) => ({ kind: 'RECORDED', item }));
    const { state } = row.item;
    const refund = {
      refundId: request.refundId,
      reason: request.reason,
      state: state === 'DUE' ? 'DUE' : 'SUCCEEDED',
    } as const;
    const { createdAt } = order;
    const optOuts = [...new Set(plan.optedOut)].map((ticketTypeId) =>
      whileOptingOut<Hindrance>(ticketTypeId, createdAt, occasion.now, () => ({ kind: 'WINDOW_MOVED' })),
    );
    const room = MOST_ACTIONS - given.length - optOuts.length - 2;
    const changed = refundLines<Hindrance>(order, plan, refund, room, occasion, movedOn);
    const writes: readonly Write<Hindrance>[] = [row, ...changed.writes, ...given, ...optOuts];
    const done = await commit(table, writes);
    if (done.ok) {
      const recorded = refundAt(request.refundId, row.item);
      return ok({ order: await restockOrder(table, changed.order, occasion), refund: recorded });
    }
    // The event was moved again since its terms were read: who asks once more is judged by the new ones.
    if (done.error.kind === 'WINDOW_MOVED') throw new StoreBusyError('The event is being moved');
    if (done.error.kind === 'RECORDED') return answerAgain(table, order, request, done.error.item);
    order = await findOrder(table, order.orderId);
  }
  throw new StoreBusyError('The order kept changing');
}

/** Brings stock of refunded tickets back on sale that did not fit their transaction; may be repeated at any time. */
export async function restockOrder(table: Table, found: Order, occasion: Occasion): Promise<Order> {
  let order: Order | undefined = found;
  for (let round = 0; round < ROUNDS && order !== undefined; round += 1) {
    if (!awaitsRestock(order)) return order;
    const restocked = restock<Hindrance>(order, occasion, movedOn);
    const done = await commit(table, restocked.writes);
    if (done.ok) return restocked.order;
    order = await findOrder(table, order.orderId);
  }
  throw new StoreBusyError('The order kept changing');
}

type Hindrance =
  | { readonly kind: 'MOVED_ON' }
  | { readonly kind: 'WINDOW_MOVED' }
  | { readonly kind: 'RECORDED'; readonly item: Readonly<Record<string, unknown>> | undefined };

function movedOn(): Hindrance {
  return { kind: 'MOVED_ON' };
}

function rowOf(order: Order, plan: RefundPlan, request: RefundRequest): Parameters<typeof putRefund>[0] {
  const { wish, refundId, requestHash, reason } = request;
  const byBank = plan.cause === 'DISPUTE' || order.paymentIntentId === undefined;
  return {
    refundId,
    requestHash,
    reason,
    orderId: order.orderId,
    number: order.number,
    customerId: order.customerId,
    amount: plan.amount,
    currency: order.currency,
    cause: plan.cause,
    lines: plan.lines.map(({ id, places, amount }) => ({ id, quantity: places.length, amount })),
    ...(byBank ? {} : { paymentIntentId: order.paymentIntentId }),
    ...(wish.cause === 'EVENT_CANCELLED' ? { eventId: wish.eventId } : {}),
  };
}

/** The refund of an earlier request with the same id, where there is one: what it asked for may be impossible by now. */
async function recordedBefore(
  table: Table,
  order: Order,
  request: RefundRequest,
): Promise<Result<RecordedRefund, Problem> | undefined> {
  const refund = await findRefund(table, request.refundId);
  return refund === undefined ? undefined : answerAgain(table, order, request, refund);
}

async function answerAgain(
  table: Table,
  { orderId }: Order,
  { refundId, requestHash }: RefundRequest,
  item: Readonly<Record<string, unknown>> | undefined,
): Promise<Result<RecordedRefund, Problem>> {
  const [order, refund] = await Promise.all([
    findOrder(table, orderId),
    item === undefined ? findRefund(table, refundId) : refundAt(refundId, item),
  ]);
  if (order === undefined || refund === undefined) throw new Error('A refund is gone right after it was recorded');
  if (refund.requestHash !== requestHash || refund.orderId !== orderId)
    return err(problem('IDEMPOTENCY_KEY_REUSED', 'Send another Idempotency-Key with another request.'));
  return ok({ order, refund });
}
