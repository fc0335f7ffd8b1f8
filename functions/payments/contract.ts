import * as z from 'zod/mini';

import { orderView, stripeEnv } from '../orders/contract.ts';
import { ULID_PATTERN } from '../shared/kernel/ids.ts';
import { httpEnv, sessionEnv, tableEnv } from '../shared/runtime/env.ts';
import { defineEvent } from '../shared/runtime/events.ts';
import { route } from '../shared/runtime/route.ts';

/** Events that the webhook endpoint is registered for; setup and handler share this list. */
export const HANDLED_STRIPE_EVENTS = [
  'payment_intent.amount_capturable_updated',
  'payment_intent.succeeded',
  'payment_intent.payment_failed',
] as const;

export const confirmPayment = route({
  id: 'confirmPayment',
  method: 'POST',
  path: '/api/payments/confirm',
  summary: 'Finish the purchase after the payment was authorised',
  access: { who: ['customer', 'vendor'], owns: 'order', by: 'body', key: 'orders:write', checkedBy: 'use case' },
  body: z.strictObject({
    orderId: z.string().check(z.regex(ULID_PATTERN)),
    paymentIntentId: z.string().check(z.regex(/^pi_\w{1,250}$/)),
  }),
  responses: { 200: orderView, 202: orderView },
  problems: ['ORDER_NOT_FOUND', 'PAYMENT_INTENT_MISMATCH', 'PAYMENT_FAILED', 'SOLD_OUT_REFUNDED', 'NOT_PENDING'],
});

export const stripeWebhook = route({
  id: 'stripeWebhook',
  method: 'POST',
  path: '/api/payments/webhook',
  summary: 'Take an event from Stripe',
  access: { who: 'signature' },
  rawBody: true,
  responses: { 200: z.object({ received: z.literal(true) }) },
  problems: ['INVALID_SIGNATURE'],
});

export const paymentsRoutes = [confirmPayment, stripeWebhook] as const;

/** Stripe says something of a PaymentIntent; its state is always fetched anew, never taken from here. */
export const paymentReported = defineEvent(
  'payments.PaymentReported.v1',
  'Stripe reports on a PaymentIntent of ours by its webhook',
  z.object({ stripeEventId: z.string(), type: z.string(), paymentIntentId: z.string(), orderId: z.string() }),
);

export const paymentsEvents = [paymentReported] as const;

export const confirmEnv = z.extend(sessionEnv, { PURCHASE_STATE_MACHINE_ARN: z.string() });
export const webhookEnv = z.extend(httpEnv, { WEBHOOK_SECRET_PARAMETER: z.string(), PAYMENTS_QUEUE_URL: z.string() });
/** Also the environment of the reconciler, which settles in the same way. */
export const settleEnv = z.extend(tableEnv, { ...stripeEnv.shape, PURCHASE_STATE_MACHINE_ARN: z.string() });
export const purchasePaymentsEnv = stripeEnv;
export const takeOverEnv = z.extend(tableEnv, { PURCHASE_STATE_MACHINE_ARN: z.string() });
