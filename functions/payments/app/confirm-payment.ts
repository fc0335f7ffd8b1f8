import type { Instant } from '../../shared/kernel/clock.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { OrderView } from '../../orders/contract.ts';
import type { PurchaseRequest, PurchaseRuns } from '../purchase-runs.ts';

/** A confirmed purchase: done, or still being processed. */
export interface Confirmation {
  readonly done: boolean;
  readonly view: OrderView;
}

/**
 * Finishes a buyer's purchase by running the saga; webhook and reconciler run the same one, and whichever
 * comes first decides. A run without an answer is `done: false`, unless another one has paid the order by then:
 * the buyer is told to wait, never to pay again.
 *
 * @param pending reads the order as it stands, for when the run itself has no answer
 */
export async function confirmPayment(
  runs: PurchaseRuns,
  request: Required<PurchaseRequest>,
  now: Instant,
  pending: () => Promise<OrderView | undefined>,
): Promise<Result<Confirmation, Problem>> {
  const ran = await runs.run(request, now);
  if (!ran.ok) {
    return ran.error === 'ORDER_NOT_FOUND'
      ? err(problem('ORDER_NOT_FOUND', 'You have no such order.'))
      : err(problem('PAYMENT_INTENT_MISMATCH', 'Send the paymentIntentId of this order.'));
  }
  const ending = ran.value;
  if (ending === undefined || ending.outcome === 'PROCESSING') {
    // Another run may have decided the order while this one found it busy.
    const view = await pending();
    return view === undefined
      ? err(problem('ORDER_NOT_FOUND', 'You have no such order.'))
      : ok({ done: view.status === 'PAID', view });
  }
  switch (ending.outcome) {
    case 'PAID':
      return ok({ done: true, view: ending.view });
    case 'PAYMENT_FAILED': {
      const again =
        ending.view.status === 'PENDING' ? 'Try another card while the hold lasts.' : 'Hold the tickets again.';
      return err(problem('PAYMENT_FAILED', again, { extra: { reason: ending.reason ?? 'not_authorised' } }));
    }
    case 'SOLD_OUT_REFUNDED':
      return err(
        problem(
          'SOLD_OUT_REFUNDED',
          'The tickets went to others after the hold lapsed. You have not been charged, or get it all back.',
        ),
      );
    case 'NOT_PENDING':
      return err(problem('NOT_PENDING', 'This order does not wait for a payment.'));
  }
}
