import { touchedOrders } from '../../audit/operations.ts';
import { findOrders, type Order } from '../../orders/reads.ts';
import type { Occasion } from '../../orders/writes.ts';
import type { Instant } from '../../shared/kernel/clock.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { JobReport } from '../../shared/runtime/schedule.ts';
import { caseIdOf, findCase } from '../../support/reads.ts';
import { openCase } from './open-case.ts';
import type { SettleDeps } from './settle-payment.ts';

/** Orders that are read together. */
const BATCH = 100;
/**
 * Payments that are fetched one by one in a run: those that the ledger's list does not have, of which there are none
 * unless something is badly wrong. What is over comes with the next run, since what has its case is not asked for again.
 */
const MOST_ASKED = 200;

/**
 * Holds the orders that were paid in a time against the provider: each must have a payment there, captured, of its
 * total (invariant I3, from our side). One that the provider does not know, or has otherwise, is a case. Those in
 * `matched` were found in its ledger already; of the others each is asked for.
 *
 * @param matched ids of orders whose payment is known to be as they say
 */
export async function reconcileOrders(
  deps: Pick<SettleDeps, 'table' | 'gateway'>,
  { since, until }: { readonly since: Instant; readonly until: Instant },
  matched: ReadonlySet<string>,
  occasion: Occasion,
): Promise<JobReport> {
  const counts = { ordersAsked: 0, ordersUnpaid: 0, ordersUndecided: 0 };
  const seen = new Set(matched);
  let batch: string[] = [];
  const look = async (): Promise<void> => {
    const orders = await findOrders(deps.table, batch, 'strong');
    batch = [];
    for (const order of orders) {
      const { paidAt, paymentIntentId } = order;
      if (paidAt === undefined || paidAt < since || paidAt > until || paymentIntentId === undefined) continue;
      if (counts.ordersAsked === MOST_ASKED) return;
      if ((await findCase(deps.table, caseIdOf('PAYMENT_DIFFERS', order.orderId))) !== undefined) continue;
      counts.ordersAsked += 1;
      const difference = await differenceOf(deps, order, paymentIntentId);
      if (!difference.ok) counts.ordersUndecided += 1;
      else if (difference.value !== undefined) {
        counts.ordersUnpaid += 1;
        const { orderId, total: amount, currency } = order;
        const about = { orderId, paymentIntentId, amount, currency, detail: difference.value };
        await openCase(deps.table, 'PAYMENT_DIFFERS', orderId, about, occasion);
      }
    }
  };
  for await (const { orderId } of touchedOrders(deps.table, since, until)) {
    if (seen.has(orderId)) continue;
    seen.add(orderId);
    batch.push(orderId);
    if (batch.length === BATCH) await look();
    if (counts.ordersAsked === MOST_ASKED) break;
  }
  if (batch.length > 0) await look();
  return counts;
}

/** How the provider's payment differs from what a paid order says, if it does; an error while nobody can know. */
async function differenceOf(
  { gateway }: Pick<SettleDeps, 'gateway'>,
  { orderId, total, currency }: Order,
  paymentIntentId: string,
): Promise<Result<string | undefined, 'UNKNOWN'>> {
  const found = await gateway.retrieveIntent(paymentIntentId);
  if (!found.ok) return found.error.kind === 'REFUSED' ? ok('the provider does not know the payment') : err('UNKNOWN');
  const { status, amount, currency: paidIn, orderId: named } = found.value;
  if (status !== 'succeeded') return ok(`the payment is ${status}`);
  if (named !== orderId) return ok('the payment names another order');
  return ok(amount === total && paidIn === currency ? undefined : `the payment is of ${amount} ${paidIn}`);
}
