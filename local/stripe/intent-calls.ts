import type Stripe from 'stripe';
import type { Changes } from './changes.ts';
import { confirmIntent, type ConfirmOptions, type Payer } from './confirmation.ts';
import { invalidParam, missing, unauthenticated } from './errors.ts';
import { emptyable, flag, hashOf, metadata, oneOf, text } from './params.ts';
import { publicView } from './payment-intents.ts';
import { newPaymentMethod, testMethod } from './payment-methods.ts';
import type { Call } from './routing.ts';
import { newId } from './store.ts';

export const captureMethod = oneOf('automatic', 'automatic_async', 'manual');
export const methodOptions = hashOf({
  card: hashOf({
    capture_method: emptyable(oneOf('manual')),
    request_three_d_secure: oneOf('any', 'automatic', 'challenge'),
  }),
});
export const descriptive = {
  description: text(1_000),
  receipt_email: emptyable(text(800)),
  statement_descriptor: text(22),
  statement_descriptor_suffix: text(22),
  transfer_group: text(200),
  metadata,
} as const;
export const confirming = {
  return_url: text(5_000),
  off_session: flag,
  error_on_requires_action: flag,
  use_stripe_sdk: flag,
} as const;

export const UNCOVERED = [
  'amount_details',
  'application_fee_amount',
  'confirmation_method',
  'confirmation_token',
  'customer',
  'customer_account',
  'excluded_payment_method_types',
  'hooks',
  'mandate',
  'mandate_data',
  'on_behalf_of',
  'payment_details',
  'payment_method_configuration',
  'payment_method_data',
  'radar_options',
  'setup_future_usage',
  'shipping',
  'transfer_data',
  'amount_to_confirm',
  'final_capture',
];

/** The PaymentIntent of the path; a client caller must hold its secret. */
export function intentOf<P extends { readonly client_secret?: string }>(call: Call<P>): Stripe.PaymentIntent {
  const intent = call.engine.store.paymentIntents.get(call.id);
  if (intent === undefined) throw missing('payment_intent', call.id, 'intent');
  const secret = call.params.client_secret;
  if (secret !== undefined && secret !== intent.client_secret) {
    throw invalidParam(
      'The client_secret provided does not match the client_secret associated with the PaymentIntent.',
      'client_secret',
      'payment_intent_invalid_parameter',
    );
  }
  if (call.client && secret === undefined) {
    throw unauthenticated(
      'This API call cannot be made with a publishable API key. Please use a secret API key. You can find a list of your API keys at https://dashboard.stripe.com/account/apikeys.',
      'secret_key_required',
    );
  }
  return intent;
}

/** Makes a payment method of a test id, or takes up the one that a former use made. */
export function payerFor(call: Call<unknown>, id: string): { readonly payer: Payer; readonly changes: Changes } {
  const used = call.engine.payerOf(id);
  if (used !== null) return { payer: used, changes: {} };
  const method = testMethod(id);
  if (method === undefined) throw missing('PaymentMethod', id, 'payment_method', 'param');
  const record = newPaymentMethod(newId('pm'), id, method, Math.floor(call.engine.clock.now() / 1_000));
  return { payer: { record, method }, changes: { paymentMethods: [record] } };
}

export function confirm(
  call: Call<unknown>,
  intent: Stripe.PaymentIntent,
  id: string | undefined,
  options: ConfirmOptions,
): void {
  const chosen = id ?? (typeof intent.payment_method === 'string' ? intent.payment_method : undefined);
  const found = chosen === undefined ? undefined : payerFor(call, chosen);
  const changes = confirmIntent(intent, found?.payer ?? null, options, call.engine.tools());
  call.engine.commit({ ...changes, ...found?.changes }, call.cause);
}

/** The PaymentIntent as the caller may see it, after a change. */
export function shown(call: Call<unknown>, id: string): object {
  const intent = call.engine.store.paymentIntents.get(id);
  if (intent === undefined) throw missing('payment_intent', id, 'intent');
  return call.client ? publicView(intent) : intent;
}

export function confirmOptions(given: {
  return_url?: string;
  off_session?: boolean;
  error_on_requires_action?: boolean;
}): ConfirmOptions {
  return {
    returnUrl: given.return_url ?? null,
    cannotAuthenticate: given.off_session === true || given.error_on_requires_action === true,
  };
}
