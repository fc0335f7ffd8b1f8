import type Stripe from 'stripe';
import { seconds, type Changes, type Tools } from './changes.ts';
import { refused, unexpectedState } from './errors.ts';
import { mergeMetadata } from './params.ts';

/** What a new PaymentIntent is made from, already validated. Amounts in minor units. */
export interface NewIntent {
  readonly amount: number;
  readonly currency: string;
  readonly captureMethod: Stripe.PaymentIntent.CaptureMethod;
  readonly cardCaptureMethod: 'manual' | null;
  readonly threeDSecure: ThreeDSecure;
  readonly metadata: Record<string, string>;
  readonly automaticPaymentMethods: Stripe.PaymentIntent.AutomaticPaymentMethods;
  readonly allowedTypes: readonly string[] | null;
  readonly paymentMethod: string | null;
  readonly description: string | null;
  readonly receiptEmail: string | null;
  readonly statementDescriptor: string | null;
  readonly statementDescriptorSuffix: string | null;
  readonly transferGroup: string | null;
}

/** The methods this account has switched on: cards, and bank debits in dollars. */
export function methodTypes(currency: string, captureMethod: string, allowed: readonly string[] | null): string[] {
  const switchedOn = currency === 'usd' && captureMethod !== 'manual' ? ['card', 'us_bank_account'] : ['card'];
  return allowed === null ? switchedOn : switchedOn.filter((type) => allowed.includes(type));
}

/** Whether 3-D Secure is asked for by the merchant, whatever the card. */
export type ThreeDSecure = Stripe.PaymentIntent.PaymentMethodOptions.Card['request_three_d_secure'];

/** Method options in the shape Stripe answers with. */
export function methodOptions(
  cardCaptureMethod: 'manual' | null,
  threeDSecure: ThreeDSecure,
): Stripe.PaymentIntent.PaymentMethodOptions {
  return {
    card: {
      ...(cardCaptureMethod === null ? {} : { capture_method: cardCaptureMethod }),
      installments: null,
      mandate_options: null,
      network: null,
      request_three_d_secure: threeDSecure,
    },
  };
}

/** A new PaymentIntent: waiting for a method, or for confirmation when it already has one. */
export function createIntent(input: NewIntent, tools: Tools): Changes & { readonly intent: Stripe.PaymentIntent } {
  const id = tools.newId('pi');
  const types = methodTypes(input.currency, input.captureMethod, input.allowedTypes);
  if (types.length === 0) {
    throw refused('No valid payment method types for this PaymentIntent.', 'payment_intent_invalid_parameter', {
      param: 'allowed_payment_method_types',
    });
  }
  const intent: Stripe.PaymentIntent = {
    id,
    object: 'payment_intent',
    allowed_payment_method_types: input.allowedTypes === null ? null : [...input.allowedTypes],
    amount: input.amount,
    amount_capturable: 0,
    amount_details: { tip: {} },
    amount_received: 0,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: input.automaticPaymentMethods,
    canceled_at: null,
    cancellation_reason: null,
    capture_method: input.captureMethod,
    client_secret: `${id}_secret_${tools.newId('').slice(1)}`,
    confirmation_method: 'automatic',
    created: seconds(tools),
    currency: input.currency,
    customer: null,
    customer_account: null,
    description: input.description,
    excluded_payment_method_types: null,
    last_payment_error: null,
    latest_charge: null,
    livemode: false,
    managed_payments: null,
    metadata: input.metadata,
    next_action: null,
    on_behalf_of: null,
    payment_method: input.paymentMethod,
    payment_method_configuration_details: { id: 'pmc_standin', parent: null },
    payment_method_options: methodOptions(input.cardCaptureMethod, input.threeDSecure),
    payment_method_types: types,
    payment_record: null,
    processing: null,
    receipt_email: input.receiptEmail,
    review: null,
    setup_future_usage: null,
    shipping: null,
    source: null,
    statement_descriptor: input.statementDescriptor,
    statement_descriptor_suffix: input.statementDescriptorSuffix,
    status: input.paymentMethod === null ? 'requires_payment_method' : 'requires_confirmation',
    transfer_data: null,
    transfer_group: input.transferGroup,
  };
  return {
    intent,
    paymentIntents: [intent],
    events: [{ type: 'payment_intent.created', object: intent }],
  };
}

/** What an update may change; undefined leaves a field, null unsets it. */
export interface IntentUpdate {
  readonly amount?: number;
  readonly currency?: string;
  readonly captureMethod?: Stripe.PaymentIntent.CaptureMethod;
  readonly cardCaptureMethod?: 'manual' | null;
  readonly threeDSecure?: ThreeDSecure;
  readonly metadata?: Record<string, string | null> | null;
  readonly paymentMethod?: string;
  readonly description?: string;
  readonly receiptEmail?: string | null;
  readonly transferGroup?: string;
}

const MONEY_IS_OPEN = ['requires_payment_method', 'requires_confirmation', 'requires_action'];

/**
 * Updates a PaymentIntent. Once money is authorised or moved only descriptive fields change.
 * @throws StripeFailure 400 `payment_intent_unexpected_state`
 */
export function updateIntent(
  intent: Stripe.PaymentIntent,
  change: IntentUpdate,
): Changes & { readonly intent: Stripe.PaymentIntent } {
  const touchesMoney =
    (change.amount !== undefined && change.amount !== intent.amount) ||
    (change.currency !== undefined && change.currency !== intent.currency) ||
    change.captureMethod !== undefined ||
    change.cardCaptureMethod !== undefined ||
    change.threeDSecure !== undefined ||
    change.paymentMethod !== undefined;
  if (touchesMoney && !MONEY_IS_OPEN.includes(intent.status)) {
    throw unexpectedState(
      `This PaymentIntent's amount could not be updated because it has a status of ${intent.status}. You may only update the amount of a PaymentIntent with one of the following statuses: ${MONEY_IS_OPEN.join(', ')}.`,
      intent,
    );
  }
  const currency = change.currency ?? intent.currency;
  const captureMethod = change.captureMethod ?? intent.capture_method;
  const cardCapture =
    change.cardCaptureMethod === undefined
      ? (intent.payment_method_options?.card?.capture_method ?? null)
      : change.cardCaptureMethod;
  const next: Stripe.PaymentIntent = {
    ...intent,
    amount: change.amount ?? intent.amount,
    currency,
    capture_method: captureMethod,
    payment_method_options: methodOptions(
      cardCapture,
      change.threeDSecure ?? intent.payment_method_options?.card?.request_three_d_secure ?? 'automatic',
    ),
    payment_method_types: methodTypes(currency, captureMethod, intent.allowed_payment_method_types),
    metadata: mergeMetadata(intent.metadata, change.metadata),
    description: change.description ?? intent.description,
    receipt_email: change.receiptEmail === undefined ? intent.receipt_email : change.receiptEmail,
    transfer_group: change.transferGroup ?? intent.transfer_group,
    ...(change.paymentMethod === undefined
      ? {}
      : {
          payment_method: change.paymentMethod,
          status: 'requires_confirmation',
          next_action: null,
        }),
    ...(touchesMoney && change.paymentMethod === undefined && intent.status === 'requires_action'
      ? { status: 'requires_confirmation', next_action: null }
      : {}),
  };
  return { intent: next, paymentIntents: [next] };
}

/** The fields a caller with only the client secret sees, as Stripe.js does. */
export function publicView(intent: Stripe.PaymentIntent): Partial<Stripe.PaymentIntent> {
  return {
    id: intent.id,
    object: intent.object,
    amount: intent.amount,
    amount_details: { tip: {} },
    automatic_payment_methods: intent.automatic_payment_methods,
    canceled_at: intent.canceled_at,
    cancellation_reason: intent.cancellation_reason,
    capture_method: intent.capture_method,
    client_secret: intent.client_secret,
    confirmation_method: intent.confirmation_method,
    created: intent.created,
    currency: intent.currency,
    description: intent.description,
    last_payment_error: intent.last_payment_error,
    livemode: intent.livemode,
    next_action: intent.next_action,
    payment_method: intent.payment_method,
    payment_method_configuration_details: intent.payment_method_configuration_details,
    payment_method_types: intent.payment_method_types,
    processing: intent.processing,
    receipt_email: intent.receipt_email,
    setup_future_usage: intent.setup_future_usage,
    shipping: intent.shipping,
    source: intent.source,
    status: intent.status,
  };
}
