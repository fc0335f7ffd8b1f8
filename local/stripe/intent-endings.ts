import type Stripe from 'stripe';
import { seconds, type Changes, type Tools } from './changes.ts';
import { settleCharge } from './charges.ts';
import { formatMoney } from './currencies.ts';
import { StripeFailure, refused, unexpectedState } from './errors.ts';
import { mergeMetadata } from './params.ts';
import type { TestMethod } from './payment-methods.ts';

/** What a capture asks for. */
export interface CaptureCommand {
  /** Minor units; undefined captures all. The rest of the authorisation is released. */
  readonly amount?: number;
  readonly metadata?: Record<string, string | null> | null;
}

/**
 * Captures an authorised PaymentIntent once.
 * @throws StripeFailure 400 in another state or above what is capturable
 */
export function captureIntent(
  intent: Stripe.PaymentIntent,
  charge: Stripe.Charge | undefined,
  method: TestMethod | undefined,
  command: CaptureCommand,
  tools: Tools,
): Changes {
  if (intent.status !== 'requires_capture' || charge === undefined) {
    throw unexpectedState(
      `This PaymentIntent could not be captured because it has a status of ${intent.status}. Only a PaymentIntent with one of the following statuses may be captured: requires_capture.`,
      intent,
    );
  }
  const amount = command.amount ?? intent.amount_capturable;
  if (amount > intent.amount_capturable) {
    throw refused(
      `The amount to capture (${formatMoney(amount, intent.currency)}) is greater than the amount capturable (${formatMoney(intent.amount_capturable, intent.currency)}).`,
      'amount_too_large',
      { param: 'amount_to_capture', payment_intent: intent },
    );
  }
  if (method?.captureFails === true) {
    throw new StripeFailure(402, {
      type: 'card_error',
      code: 'card_declined',
      decline_code: 'generic_decline',
      message: 'Your card was declined.',
      charge: charge.id,
      payment_intent: intent,
    });
  }
  const released = charge.amount - amount;
  const settled = settleCharge(
    { ...charge, captured: true, amount_captured: amount, amount_refunded: released },
    tools,
  );
  const next: Stripe.PaymentIntent = {
    ...intent,
    amount_capturable: 0,
    amount_received: amount,
    status: 'succeeded',
    metadata: mergeMetadata(intent.metadata, command.metadata),
  };
  return {
    paymentIntents: [next],
    charges: [settled.charge],
    balanceTransactions: [settled.transaction],
    events: [
      { type: 'charge.captured', object: settled.charge },
      { type: 'payment_intent.succeeded', object: next },
    ],
  };
}

const CANCELABLE = [
  'requires_payment_method',
  'requires_capture',
  'requires_confirmation',
  'requires_action',
  'processing',
];

/**
 * Cancels a PaymentIntent and releases its authorisation, if it has one.
 * A bank debit under way can no longer be stopped, as at Stripe for most of its `processing`.
 * @throws StripeFailure 400 `payment_intent_unexpected_state`
 */
export function cancelIntent(
  intent: Stripe.PaymentIntent,
  charge: Stripe.Charge | undefined,
  reason: Stripe.PaymentIntent.CancellationReason | null,
  tools: Tools,
): Changes {
  if (!CANCELABLE.includes(intent.status)) {
    throw unexpectedState(
      `You cannot cancel this PaymentIntent because it has a status of ${intent.status}. Only a PaymentIntent with one of the following statuses may be canceled: ${CANCELABLE.join(', ')}.`,
      intent,
    );
  }
  if (intent.status === 'processing') {
    throw unexpectedState(
      'You cannot cancel this PaymentIntent because its payment is already being processed by the bank.',
      intent,
    );
  }
  return closeIntent(intent, charge, reason, 'charge.refunded', tools);
}

/** The authorisation lapsed uncaptured: Stripe cancels the PaymentIntent by itself. */
export function expireAuthorization(
  intent: Stripe.PaymentIntent,
  charge: Stripe.Charge | undefined,
  tools: Tools,
): Changes {
  if (intent.status !== 'requires_capture') return {};
  return closeIntent(intent, charge, 'automatic', 'charge.expired', tools);
}

function closeIntent(
  intent: Stripe.PaymentIntent,
  charge: Stripe.Charge | undefined,
  reason: Stripe.PaymentIntent.CancellationReason | null,
  chargeEvent: 'charge.refunded' | 'charge.expired',
  tools: Tools,
): Changes {
  const next: Stripe.PaymentIntent = {
    ...intent,
    amount_capturable: 0,
    canceled_at: seconds(tools),
    cancellation_reason: reason,
    next_action: null,
    status: 'canceled',
  };
  const canceled = { type: 'payment_intent.canceled', object: next } as const;
  if (intent.status !== 'requires_capture' || charge === undefined) {
    return { paymentIntents: [next], events: [canceled] };
  }
  const released: Stripe.Charge = { ...charge, amount_refunded: charge.amount, refunded: true };
  return {
    paymentIntents: [next],
    charges: [released],
    events: [{ type: chargeEvent, object: released }, canceled],
  };
}
