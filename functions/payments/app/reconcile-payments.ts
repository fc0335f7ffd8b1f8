import { findOrders, type Order } from '../../orders/reads.ts';
import { HOUR, MINUTE } from '../../shared/kernel/clock.ts';
import { logFault } from '../../shared/runtime/log.ts';
import type { Occasion } from '../../orders/writes.ts';
import type { JobReport } from '../../shared/runtime/schedule.ts';
import type { CaseAbout } from '../../support/contract.ts';
import { openCase } from './open-case.ts';
import { reconcileOrders } from './reconcile-orders.ts';
import type { PaymentIntentState } from '../gateway.ts';
import { closeIntent, isOver, settlePayment, type SettleDeps } from './settle-payment.ts';
import { takeRefundsOf } from './take-charge-report.ts';

/** How far back the provider's ledger is read: longer than any purchase lives, with a day of outage. */
const WINDOW_MS = 26 * HOUR;
/** Younger payments are still the buyer's and the webhook's business. */
const SETTLES_BY_ITSELF_MS = 2 * MINUTE;

/** By then every hold has lapsed for whose order a payment was made. */
const HOLDS_ARE_OVER_MS = 15 * MINUTE;
/** States of a payment that nobody has paid yet. */
const OPEN: readonly PaymentIntentState['status'][] = [
  'requires_payment_method',
  'requires_confirmation',
  'requires_action',
];

/** Payments whose orders are read together; most are paid long since and need no more than that look. */
const BATCH = 100;

/**
 * Compares the provider's ledger with our orders every 15 minutes: money that was authorised or captured
 * must belong to a paid order, or go back (invariant I3), and what went back of a paid order must be what its refunds
 * say. It is what finds a payment whose browser closed and whose webhook never came (failure catalogue 6). Money that
 * belongs to no order of ours, that is another amount than its order's, and refunds that nobody of ours gave, are cases.
 * A payment that was made for an order which died before it knew of it is closed, so that it can never be paid. Then
 * the other way round: paid orders must have a payment in the ledger, see {@link reconcileOrders}.
 */
export async function reconcilePayments(deps: SettleDeps, occasion: Occasion): Promise<JobReport> {
  const since = occasion.now - WINDOW_MS;
  const counts = { seen: 0, closed: 0, settled: 0, unmatched: 0, undecided: 0, refundsDiffer: 0 };
  const matched = new Set<string>();
  let batch: Suspect[] = [];
  for await (const intent of deps.gateway.intentsSince(since)) {
    counts.seen += 1;
    const moneyMoved = intent.status === 'requires_capture' || intent.status === 'succeeded';
    const { id, orderId, amount, currency, amountRefunded, createdAt } = intent;
    const isOpen = OPEN.includes(intent.status) && createdAt <= occasion.now - HOLDS_ARE_OVER_MS;
    if (orderId === undefined || !(moneyMoved || isOpen) || createdAt > occasion.now - SETTLES_BY_ITSELF_MS) continue;
    const isWithUs = intent.status === 'requires_capture' || amountRefunded < amount;
    const isCaptured = intent.status === 'succeeded';
    batch.push({ id, orderId, amount, currency, amountRefunded, isWithUs, isCaptured, isOpen });
    if (batch.length < BATCH) continue;
    await settleBatch(deps, batch, { counts, matched }, occasion);
    batch = [];
  }
  await settleBatch(deps, batch, { counts, matched }, occasion);
  const within = { since, until: occasion.now - SETTLES_BY_ITSELF_MS };
  return { ...counts, ...(await reconcileOrders(deps, within, matched, occasion)) };
}

/** A payment with money in it, or that could still be paid, and the order that it names. */
interface Suspect {
  readonly isOpen: boolean;
  readonly isCaptured: boolean;
  readonly id: string;
  readonly orderId: string;
  /** Minor units, as the refunded ones. */
  readonly amount: number;
  readonly currency: string;
  readonly amountRefunded: number;
  /** Whether some of the money is not back with its buyer. */
  readonly isWithUs: boolean;
}

/** What of a paid order the provider must have given back, by its refunds: minor units. */
function refundedOf({ refunds = [] }: Order): number {
  return refunds
    .filter(({ state, cause }) => cause !== 'DISPUTE' && (state === 'PENDING' || state === 'SUCCEEDED'))
    .reduce((sum, { amount }) => sum + amount, 0);
}

/** Whether a payment is of what its order costs. */
function isPaymentOf({ total, currency }: Order, paid: Pick<PaymentIntentState, 'amount' | 'currency'>): boolean {
  return paid.amount === total && paid.currency === currency;
}

/** Money that belongs to no order, or to one in another way than it says. */
function about(paymentIntentId: string, order: Order | undefined): CaseAbout {
  const of = order === undefined ? {} : { orderId: order.orderId, amount: order.total, currency: order.currency };
  return { paymentIntentId, detail: order === undefined ? 'no such order' : 'not the payment of its order', ...of };
}

/** What a run has found so far. */
interface Tally {
  readonly counts: { closed: number; settled: number; unmatched: number; undecided: number; refundsDiffer: number };
  /** Paid orders whose payment the ledger has as they say. */
  readonly matched: Set<string>;
}

async function settleBatch(
  deps: SettleDeps,
  batch: readonly Suspect[],
  { counts, matched }: Tally,
  occasion: Occasion,
): Promise<void> {
  const ids = batch.map(({ orderId }) => orderId);
  const orders = new Map((await findOrders(deps.table, ids, 'strong')).map((order) => [order.orderId, order]));
  for (const { id, orderId, isWithUs, isOpen, isCaptured, ...intent } of batch) {
    const order = orders.get(orderId);
    const isPaid = order?.paymentIntentId === id && order.paidAt !== undefined;
    if (isPaid && isCaptured && isPaymentOf(order, intent)) matched.add(orderId);
    // What waits for a card is closed once its order has died; while the order lives, so may it.
    if (
      isOpen ? order === undefined || !isOver(order) : isPaid ? refundedOf(order) === intent.amountRefunded : !isWithUs
    )
      continue;
    try {
      if (isOpen) {
        await closeIntent(deps.gateway, { id }, occasion);
        counts.closed += 1;
        continue;
      }
      if (isPaid) {
        counts.refundsDiffer += 1;
        await takeRefundsOf(deps, id, occasion);
        continue;
      }
      const settlement = await settlePayment(deps, orderId, id, occasion);
      counts[settlement === 'UNMATCHED' ? 'unmatched' : 'settled'] += 1;
      if (settlement === 'UNMATCHED') await openCase(deps.table, 'PAYMENT_DIFFERS', id, about(id, order), occasion);
    } catch (error) {
      counts.undecided += 1;
      logFault('JOB_FAULT', error, { orderId });
    }
  }
}
