import { findOrders } from '../../orders/reads.ts';
import { HOUR, MINUTE } from '../../shared/kernel/clock.ts';
import { logFault } from '../../shared/runtime/log.ts';
import type { Occasion } from '../../orders/writes.ts';
import type { JobReport } from '../../shared/runtime/schedule.ts';
import { settlePayment, type SettleDeps } from './settle-payment.ts';

/** How far back the provider's ledger is read: longer than any purchase lives, with a day of outage. */
const WINDOW_MS = 26 * HOUR;
/** Younger payments are still the buyer's and the webhook's business. */
const SETTLES_BY_ITSELF_MS = 2 * MINUTE;

/** Payments whose orders are read together; most are paid long since and need no more than that look. */
const BATCH = 100;

/**
 * Compares the provider's ledger with our orders every 15 minutes: money that was authorised or captured
 * must belong to a paid order, or go back (invariant I3). It is what finds a payment whose browser closed
 * and whose webhook never came (failure catalogue 6).
 */
export async function reconcilePayments(deps: SettleDeps, occasion: Occasion): Promise<JobReport> {
  const counts = { seen: 0, settled: 0, unmatched: 0, undecided: 0 };
  let batch: Suspect[] = [];
  for await (const intent of deps.gateway.intentsSince(occasion.now - WINDOW_MS)) {
    counts.seen += 1;
    const moneyMoved =
      intent.status === 'requires_capture' || (intent.status === 'succeeded' && intent.amountRefunded < intent.amount);
    const { id, orderId } = intent;
    if (!moneyMoved || orderId === undefined || intent.createdAt > occasion.now - SETTLES_BY_ITSELF_MS) continue;
    batch.push({ id, orderId });
    if (batch.length < BATCH) continue;
    await settleBatch(deps, batch, counts, occasion);
    batch = [];
  }
  await settleBatch(deps, batch, counts, occasion);
  return counts;
}

/** A payment with money in it, and the order that it names. */
interface Suspect {
  readonly id: string;
  readonly orderId: string;
}

async function settleBatch(
  deps: SettleDeps,
  batch: readonly Suspect[],
  counts: { settled: number; unmatched: number; undecided: number },
  occasion: Occasion,
): Promise<void> {
  const ids = batch.map(({ orderId }) => orderId);
  const orders = new Map((await findOrders(deps.table, ids, 'strong')).map((order) => [order.orderId, order]));
  for (const { id, orderId } of batch) {
    const order = orders.get(orderId);
    if (order?.paymentIntentId === id && order.paidAt !== undefined) continue;
    try {
      const settlement = await settlePayment(deps, orderId, id, occasion);
      counts[settlement === 'UNMATCHED' ? 'unmatched' : 'settled'] += 1;
    } catch (error) {
      counts.undecided += 1;
      logFault('JOB_FAULT', error, { orderId });
    }
  }
}
