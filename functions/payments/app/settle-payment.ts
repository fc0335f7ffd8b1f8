import { endReview } from '../../orders/operations.ts';
import { findOrder, isUnderReview, type Order } from '../../orders/reads.ts';
import { adoptPaymentIntent, recordDecline, recordPaymentFailed, type Occasion } from '../../orders/writes.ts';
import { logInfo } from '../../shared/runtime/log.ts';
import { NotYet } from '../../shared/runtime/queue.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit } from '../../shared/table/commit.ts';
import type { PaymentGateway, PaymentIntentState } from '../gateway.ts';
import type { PurchaseRuns } from '../purchase-runs.ts';

/** What settling a payment came to. */
export type Settlement = 'NOTHING_TO_DO' | 'RAN' | 'WATCHED' | 'DECLINE_RECORDED' | 'INTENT_CLOSED' | 'UNMATCHED';

/** What {@link settlePayment} works with. */
export interface SettleDeps {
  readonly table: Table;
  readonly gateway: PaymentGateway;
  readonly runs: PurchaseRuns;
  /** Told of each order and its payment before they are brought together; it must not fail. */
  readonly watch?: (order: Order, intent: PaymentIntentState, occasion: Occasion) => Promise<void>;
}

/** The order is not decided yet; the message comes back and is looked at again. */
export class StillUndecided extends NotYet {
  override readonly name = 'StillUndecided';
}

/** Times that a changing order is looked at again. */
const ROUNDS = 3;

const OVER: readonly Order['state'][] = ['EXPIRED', 'FAILED', 'CANCELLED'];

/** Whether nobody should pay for an order any more. */
export function isOver({ state }: Pick<Order, 'state'>): boolean {
  return OVER.includes(state);
}

/**
 * Brings an order and its PaymentIntent together, whatever brought us here: a webhook, an order that died,
 * the reconciler. The intent is fetched anew and the order read anew, so it may run twice, late, or in any
 * order.
 *
 * @throws StillUndecided when the outcome is not known yet, so that the caller comes back
 */
export async function settlePayment(
  { table, gateway, runs, watch }: SettleDeps,
  orderId: string,
  paymentIntentId: string,
  occasion: Occasion,
): Promise<Settlement> {
  const fetched = await gateway.retrieveIntent(paymentIntentId);
  if (!fetched.ok) {
    if (fetched.error.kind === 'UNKNOWN')
      throw new StillUndecided('The payment provider did not answer', { cause: fetched.error.cause });
    return unmatched(orderId, paymentIntentId, fetched.error.code);
  }
  const intent = fetched.value;
  const order = await orderOf(table, intent, orderId, occasion);
  if (order === undefined) return unmatched(orderId, paymentIntentId, intent.status);
  await watch?.(order, intent, occasion);

  switch (intent.status) {
    case 'requires_capture':
    case 'succeeded': {
      const ran = await runs.run({ orderId, paymentIntentId }, occasion.now);
      if (!ran.ok) return unmatched(orderId, paymentIntentId, ran.error);
      const decided = ran.value !== undefined && ran.value.outcome !== 'PROCESSING';
      return decided ? 'RAN' : watchedElsewhere(table, orderId);
    }
    case 'requires_payment_method':
    case 'requires_confirmation':
    case 'requires_action':
      if (isOver(order)) {
        const closed = await closeIntent(gateway, intent, occasion);
        await noteFailure(table, order, intent, occasion);
        return closed;
      }
      return intent.lastError === undefined ? 'NOTHING_TO_DO' : noteDecline(table, order, intent.lastError, occasion);
    case 'canceled':
      if (isUnderReview(order)) {
        // Nothing is left to decide about; who finishes silent runs tells the buyer.
        await endReview(table, order, occasion);
        return 'WATCHED';
      }
      // Whoever closed it may have died before this was noted.
      await noteFailure(table, order, intent, occasion);
      return 'NOTHING_TO_DO';
    case 'processing':
      return 'NOTHING_TO_DO';
  }
}

/**
 * The order that the intent pays for. Amount, currency and order must be those of the price snapshot
 * (invariant I5). An order that lost the id of its intent between Stripe's answer and our write gets it
 * back here (failure catalogue 4).
 */
async function orderOf(
  table: Table,
  intent: PaymentIntentState,
  orderId: string,
  occasion: Occasion,
): Promise<Order | undefined> {
  const order = await findOrder(table, orderId);
  if (
    order === undefined ||
    intent.orderId !== orderId ||
    intent.amount !== order.total ||
    intent.currency !== order.currency
  )
    return undefined;
  if (order.paymentIntentId === intent.id) return order;
  if (order.paymentIntentId !== undefined) return undefined;
  // A hold that has lapsed is nobody's to order: the sweep ends it first, then money that came is late money.
  if (order.state === 'HELD' && order.expiresAt <= occasion.now)
    throw new StillUndecided('The hold waits for the sweep');
  const adopted = adoptPaymentIntent(order, intent.id, occasion, () => 'MOVED_ON');
  const done = await commit(table, [adopted.write]);
  if (!done.ok) throw new StillUndecided('The order changed while its payment was tied to it');
  return adopted.order;
}

/** An order that a run owns, or whose money is due back, is on the list of `take-over-runs`: no need to wait here. */
async function watchedElsewhere(table: Table, orderId: string): Promise<Settlement> {
  const order = await findOrder(table, orderId);
  const watched = order?.state === 'SECURED' || order?.settlement === 'RETURN_DUE' || order?.paidAt !== undefined;
  if (!watched) throw new StillUndecided('The purchase is still being processed');
  return 'WATCHED';
}

/** Notes a refused card while the order still waits for its payment; once it does not, the refusal is history. */
async function noteDecline(table: Table, given: Order, reason: string, occasion: Occasion): Promise<Settlement> {
  let order: Order | undefined = given;
  for (let round = 0; round < ROUNDS; round += 1) {
    if (order?.state !== 'PENDING' || order.lastError === reason) return 'NOTHING_TO_DO';
    const done = await commit(table, [recordDecline(order, reason, occasion, () => 'MOVED_ON').write]);
    if (done.ok) return 'DECLINE_RECORDED';
    order = await findOrder(table, order.orderId);
  }
  throw new StillUndecided('The order kept changing while a decline was noted');
}

/** Last errors of an order that no bank gave: the buyer had chosen no card yet, or the order ended for another reason. */
const NO_REFUSAL: ReadonlySet<string | undefined> = new Set([
  undefined,
  'requires_payment_method',
  'requires_confirmation',
  'not_authorised',
  'canceled',
  'SOLD_OUT',
  'LIMIT_EXCEEDED',
]);

/** Whether the buyer tried to pay `order` and nothing came of it: neither tickets, nor money that goes back. */
function hasFailed(
  order: Order,
  { lastError, authorised }: Pick<PaymentIntentState, 'lastError' | 'authorised'>,
): boolean {
  const lapsedOrFailed = order.state === 'EXPIRED' || order.state === 'FAILED';
  return lapsedOrFailed && !authorised && (lastError !== undefined || !NO_REFUSAL.has(order.lastError));
}

/**
 * Notes, once, that a payment failed for good, now that its intent is closed: before that a card may still be authorised
 * and lead the order back. A buyer who cancelled knows; where money goes back, that is told instead.
 */
async function noteFailure(table: Table, given: Order, intent: PaymentIntentState, occasion: Occasion): Promise<void> {
  let order: Order | undefined = given;
  for (let round = 0; round < ROUNDS; round += 1) {
    if (order === undefined || order.paymentFailed === true || !hasFailed(order, intent)) return;
    const done = await commit(table, [recordPaymentFailed(order, occasion, () => 'MOVED_ON').write]);
    if (done.ok) return;
    order = await findOrder(table, order.orderId);
  }
  throw new StillUndecided('The order kept changing while the end of its payment was noted');
}

/** Nobody can pay any more for an order that is over. A payment that came first is seen when it is retried. */
export async function closeIntent(
  gateway: PaymentGateway,
  intent: Pick<PaymentIntentState, 'id'>,
  { correlationId, now }: Occasion,
): Promise<Settlement> {
  // The correlation id outlives redeliveries, so alone it would replay a stored failure each time.
  const closed = await gateway.cancelIntent(intent.id, `${correlationId}/${now}`);
  if (!closed.ok) throw new StillUndecided('The PaymentIntent could not be closed yet');
  return 'INTENT_CLOSED';
}

function unmatched(orderId: string, paymentIntentId: string, why: string): Settlement {
  logInfo('PAYMENT_UNMATCHED', { orderId, paymentIntentId, why });
  return 'UNMATCHED';
}
