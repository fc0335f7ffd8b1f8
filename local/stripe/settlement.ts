import type Stripe from 'stripe';
import type { Changes, Tools } from './changes.ts';
import { afterFailure, attempt, succeed, type ConfirmOptions, type Payer } from './confirmation.ts';
import type { Behaviour, Decline } from './payment-methods.ts';

/** The buyer answered the 3-D Secure challenge. Answering twice changes nothing. */
export function finishAuthentication(
  intent: Stripe.PaymentIntent,
  payer: Payer,
  passed: boolean,
  tools: Tools,
): Changes {
  if (intent.status !== 'requires_action') return {};
  if (!passed) {
    const failed = afterFailure(intent, payer, null, {
      code: 'payment_intent_authentication_failure',
      message:
        'We are unable to authenticate your payment method. Please choose a different payment method and try again.',
    });
    return {
      paymentIntents: [failed],
      events: [{ type: 'payment_intent.payment_failed', object: failed }],
    };
  }
  const behaviour = payer.method.behaviour;
  const next: Behaviour = behaviour.kind === 'authenticate' ? behaviour.afterwards : behaviour;
  const open: Stripe.PaymentIntent = { ...intent, next_action: null };
  const options: ConfirmOptions = { returnUrl: null, cannotAuthenticate: true };
  return attempt(open, payer, next, options, true, tools);
}

/** The bank answered a payment that was `processing`; `outcome` overrides the method's script. */
export function settlePayment(
  intent: Stripe.PaymentIntent,
  charge: Stripe.Charge | undefined,
  payer: Payer,
  outcome: 'succeeded' | 'failed' | null,
  tools: Tools,
): Changes {
  if (intent.status !== 'processing' || charge === undefined) return {};
  const scripted = payer.method.behaviour.kind === 'process' ? payer.method.behaviour.decline : null;
  const why: Decline | null =
    outcome === 'succeeded'
      ? null
      : outcome === 'failed'
        ? (scripted ?? {
            code: 'payment_method_provider_decline',
            message: 'The payment was declined by the bank.',
          })
        : scripted;
  if (why === null) {
    return succeed(
      intent,
      { ...charge, status: 'succeeded', paid: true, amount_captured: charge.amount },
      payer.method,
      tools,
    );
  }
  const failedCharge: Stripe.Charge = {
    ...charge,
    status: 'failed',
    captured: false,
    failure_code: why.code,
    failure_message: why.message,
  };
  const failed = afterFailure(intent, payer, charge.id, why);
  return {
    paymentIntents: [failed],
    charges: [failedCharge],
    events: [
      { type: 'charge.failed', object: failedCharge },
      { type: 'payment_intent.payment_failed', object: failed },
    ],
  };
}
