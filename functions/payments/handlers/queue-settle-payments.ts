import { orderCancelled, orderExpired, orderFailed, paymentReturnDue } from '../../orders/contract.ts';
import { readEnv } from '../../shared/runtime/env.ts';
import { consumerOf, queueFunction } from '../../shared/runtime/queue.ts';
import { openTable } from '../../shared/table/client.ts';
import { settlePayment } from '../app/settle-payment.ts';
import { paymentReported, settleEnv } from '../contract.ts';
import type { Occasion } from '../../shared/table/aggregate.ts';
import { stripeGateway } from '../gateway.ts';
import { purchaseRuns } from '../purchase-runs.ts';

const env = readEnv(settleEnv);
const deps = {
  table: openTable(env.TABLE_NAME),
  gateway: stripeGateway(env.STRIPE_API_URL, env.STRIPE_KEY_PARAMETER),
  runs: purchaseRuns(env.PURCHASE_STATE_MACHINE_ARN),
};

/**
 * Settles the payment that a message names; an order that never had one is done. Money that belongs to no
 * order of ours must wake somebody: its message ends in the dead-letter queue, whose alarm has a runbook entry.
 */
async function settle(
  data: { readonly orderId: string; readonly paymentIntentId?: string | undefined },
  occasion: Omit<Occasion, 'now'>,
): Promise<void> {
  if (data.paymentIntentId === undefined) return;
  const settlement = await settlePayment(deps, data.orderId, data.paymentIntentId, { ...occasion, now: Date.now() });
  if (settlement === 'UNMATCHED') throw new Error(`Payment ${data.paymentIntentId} matches no order`);
}

export const handler = queueFunction([
  consumerOf(paymentReported, ({ data, correlationId }) => settle(data, { correlationId, by: 'stripe' })),
  consumerOf(orderExpired, ({ data, correlationId }) => settle(data, { correlationId, by: 'system' })),
  consumerOf(orderFailed, ({ data, correlationId }) => settle(data, { correlationId, by: 'system' })),
  consumerOf(orderCancelled, ({ data, correlationId }) => settle(data, { correlationId, by: 'system' })),
  consumerOf(paymentReturnDue, ({ data, correlationId }) => settle(data, { correlationId, by: 'system' })),
]);
