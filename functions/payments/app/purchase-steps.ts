import * as z from 'zod/mini';

import { step, StepRefusal, type Step } from '../../shared/runtime/step.ts';
import type { GatewayError, PaymentGateway, PaymentIntentState } from '../gateway.ts';

/** What the payment steps need of the run: the order's price snapshot and its PaymentIntent. */
export const paymentState = z.object({
  run: z.string(),
  order: z.object({ orderId: z.string(), paymentIntentId: z.string(), total: z.int(), currency: z.string() }),
});
type PaymentState = z.infer<typeof paymentState>;

/** Nobody can know yet: the workflow ends as PROCESSING and compensates nothing (failure catalogue 1b, 14). */
export class PaymentOutcomeUnknown extends Error {
  override readonly name = 'PAYMENT_OUTCOME_UNKNOWN';
}

/**
 * CapturePayment: takes the authorised money. A PaymentIntent that is captured already is success: another
 * run, or this one before its answer was lost, did it.
 *
 * @throws StepRefusal PAYMENT_NOT_AUTHORISED when the buyer has not paid yet or the card was declined (its
 *   message is the provider's code), PAYMENT_REFUSED when it can never be captured
 * @throws PaymentOutcomeUnknown when the provider does not say
 */
export async function capturePayment(
  gateway: PaymentGateway,
  { run, order }: PaymentState,
): Promise<{ status: 'CAPTURED' }> {
  const captured = await gateway.captureIntent(order.paymentIntentId, order.total, run);
  const intent = captured.ok ? captured.value : await intentAfter(gateway, order.paymentIntentId, captured.error);
  switch (intent.status) {
    case 'succeeded':
      assertSnapshot(intent, order);
      return { status: 'CAPTURED' };
    case 'requires_payment_method':
    case 'requires_confirmation':
    case 'requires_action':
      throw new StepRefusal('PAYMENT_NOT_AUTHORISED', intent.lastError ?? intent.status);
    case 'processing':
      throw new PaymentOutcomeUnknown('The payment is still being processed');
    case 'canceled':
      throw new StepRefusal('PAYMENT_REFUSED', 'canceled');
    case 'requires_capture':
      throw new StepRefusal(
        'PAYMENT_REFUSED',
        captured.ok || captured.error.kind === 'UNKNOWN' ? 'not_captured' : captured.error.code,
      );
  }
}

/**
 * VerifyAuthorisation: whether the money is there, for a person to decide about. Captured already is as good: then nothing
 * is left to hold back.
 *
 * @throws as {@link capturePayment}
 */
export async function verifyAuthorisation(
  gateway: PaymentGateway,
  { order }: PaymentState,
): Promise<{ status: 'AUTHORISED' | 'CAPTURED' }> {
  const intent = known(await gateway.retrieveIntent(order.paymentIntentId));
  switch (intent.status) {
    case 'requires_capture':
      assertSnapshot(intent, order);
      return { status: 'AUTHORISED' };
    case 'succeeded':
      assertSnapshot(intent, order);
      return { status: 'CAPTURED' };
    case 'requires_payment_method':
    case 'requires_confirmation':
    case 'requires_action':
      throw new StepRefusal('PAYMENT_NOT_AUTHORISED', intent.lastError ?? intent.status);
    case 'processing':
      throw new PaymentOutcomeUnknown('The payment is still being processed');
    case 'canceled':
      throw new StepRefusal('PAYMENT_REFUSED', 'canceled');
  }
}

/**
 * VoidOrRefundPayment: voids an authorisation (no refund fee), refunds what was captured, and only closes the
 * PaymentIntent where nothing was ever paid (NOTHING_DUE), so that nobody pays it now.
 *
 * @throws PaymentOutcomeUnknown when the provider does not say; the reconciler tries again
 */
export async function voidOrRefundPayment(
  gateway: PaymentGateway,
  { run, order }: PaymentState,
): Promise<{ status: 'VOIDED' | 'REFUNDED' | 'NOTHING_DUE' }> {
  const intent = known(await gateway.retrieveIntent(order.paymentIntentId));
  switch (intent.status) {
    case 'canceled':
      return { status: intent.authorised ? 'VOIDED' : 'NOTHING_DUE' };
    case 'requires_capture':
      known(await gateway.cancelIntent(intent.id, run));
      return { status: 'VOIDED' };
    case 'requires_payment_method':
    case 'requires_confirmation':
    case 'requires_action':
      known(await gateway.cancelIntent(intent.id, run));
      return { status: 'NOTHING_DUE' };
    case 'succeeded':
      if (intent.amountRefunded < intent.amount)
        known(await gateway.refundIntent(intent.id, `return/${order.orderId}`, run));
      return { status: 'REFUNDED' };
    case 'processing':
      throw new PaymentOutcomeUnknown('The payment is still being processed');
  }
}

/** The intent as it stands after a refused capture; an unknown outcome stays unknown. */
async function intentAfter(
  gateway: PaymentGateway,
  paymentIntentId: string,
  error: GatewayError,
): Promise<PaymentIntentState> {
  if (error.kind === 'UNKNOWN') throw new PaymentOutcomeUnknown('The capture was not answered', { cause: error.cause });
  return error.intent ?? known(await gateway.retrieveIntent(paymentIntentId));
}

function known<T>(answer: { ok: true; value: T } | { ok: false; error: GatewayError }): T {
  if (answer.ok) return answer.value;
  throw new PaymentOutcomeUnknown(
    answer.error.kind === 'REFUSED' ? `The provider refused: ${answer.error.code}` : 'The provider did not answer',
  );
}

/** What was captured is the price snapshot, to the minor unit (invariant I5). */
function assertSnapshot(intent: PaymentIntentState, order: PaymentState['order']): void {
  if (intent.amount !== order.total || intent.currency !== order.currency || intent.orderId !== order.orderId) {
    throw new Error(`PaymentIntent ${intent.id} is not the price snapshot of order ${order.orderId}`);
  }
}

/** The steps of the purchase saga that move money, by the names of their states. */
export function paymentSteps(gateway: PaymentGateway): readonly Step[] {
  return [
    step('VerifyAuthorisation', paymentState, (state) => verifyAuthorisation(gateway, state)),
    step('CapturePayment', paymentState, (state) => capturePayment(gateway, state)),
    step('VoidOrRefundPayment', paymentState, (state) => voidOrRefundPayment(gateway, state)),
  ];
}
