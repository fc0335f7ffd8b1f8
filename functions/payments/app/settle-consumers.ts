import { orderCancelled, orderExpired, orderFailed, paymentReturnDue, reviewApproved } from '../../orders/contract.ts';
import type { Clock } from '../../shared/kernel/clock.ts';
import { consumerOf, type Consumer } from '../../shared/runtime/queue.ts';
import type { Occasion } from '../../shared/table/aggregate.ts';
import { chargeReported, paymentReported, refundDue } from '../contract.ts';
import { takeChargeReport } from './take-charge-report.ts';
import { settleRefund } from './settle-refund.ts';
import { settlePayment, type SettleDeps } from './settle-payment.ts';
import { watchPayment } from './watch-payment.ts';

/** What is done with the messages of the payments queue: whatever it is that happened, order and payment are brought together. */
export function settleConsumers(deps: SettleDeps, clock: Clock): readonly Consumer[] {
  const watching: SettleDeps = {
    ...deps,
    watch: (order, intent, occasion) => watchPayment(deps, order, intent, occasion),
  };
  /**
   * Settles the payment that a message names; an order that never had one is done. Money that belongs to no
   * order of ours must wake somebody: its message ends in the dead-letter queue, whose alarm has a runbook entry.
   */
  const settle = async (
    data: { readonly orderId: string; readonly paymentIntentId?: string | undefined },
    occasion: Omit<Occasion, 'now'>,
  ): Promise<void> => {
    if (data.paymentIntentId === undefined) return;
    const settlement = await settlePayment(watching, data.orderId, data.paymentIntentId, { ...occasion, now: clock() });
    if (settlement === 'UNMATCHED') throw new Error(`Payment ${data.paymentIntentId} matches no order`);
  };
  // A refund that is not over after this is on the list of `reconcile-payments`: no need to wait for it here.
  const refund = async (refundId: string, correlationId: string): Promise<void> => {
    await settleRefund(deps, refundId, { correlationId, by: 'system', now: clock() });
  };
  return [
    consumerOf(paymentReported, ({ data, correlationId }) => settle(data, { correlationId, by: 'stripe' })),
    consumerOf(chargeReported, ({ data, correlationId }) =>
      takeChargeReport(deps, data, { correlationId, by: 'stripe', now: clock() }),
    ),
    consumerOf(refundDue, ({ data, correlationId }) => refund(data.refundId, correlationId)),
    consumerOf(orderExpired, ({ data, correlationId }) => settle(data, { correlationId, by: 'system' })),
    consumerOf(orderFailed, ({ data, correlationId }) => settle(data, { correlationId, by: 'system' })),
    consumerOf(orderCancelled, ({ data, correlationId }) => settle(data, { correlationId, by: 'system' })),
    consumerOf(reviewApproved, ({ data, correlationId }) => settle(data, { correlationId, by: 'system' })),
    consumerOf(paymentReturnDue, ({ data, correlationId }) => settle(data, { correlationId, by: 'system' })),
  ];
}
