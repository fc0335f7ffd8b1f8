import * as z from 'zod/mini';

import { orderView, refundCause, refundState, stripeEnv } from '../orders/contract.ts';
import { ULID_PATTERN } from '../shared/kernel/ids.ts';
import { httpEnv, sessionEnv, tableEnv } from '../shared/runtime/env.ts';
import { defineEvent } from '../shared/runtime/events.ts';
import { route } from '../shared/runtime/route.ts';

/** Events that the webhook endpoint is registered for; setup and handler share this list. */
export const HANDLED_STRIPE_EVENTS = [
  'payment_intent.amount_capturable_updated',
  'payment_intent.succeeded',
  'payment_intent.payment_failed',
  'payment_intent.canceled',
  'charge.refunded',
  'refund.updated',
  'refund.failed',
  'charge.dispute.created',
  'charge.dispute.updated',
  'charge.dispute.closed',
  'charge.dispute.funds_withdrawn',
  'charge.dispute.funds_reinstated',
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

/** What a refund's row keeps beside its mark. */
export const refundRow = z.object({
  refundId: z.string(),
  orderId: z.string(),
  /** The order's readable number. */
  number: z.string(),
  customerId: z.string(),
  /** Absent where there was nothing to pay, or the bank took the money itself. */
  paymentIntentId: z.optional(z.string()),
  amount: z.int(),
  currency: z.string(),
  cause: refundCause,
  reason: z.string(),
  /** The event that was cancelled, for that cause. */
  eventId: z.optional(z.string()),
  /** What of each line: tickets given up, and minor units. */
  lines: z.array(z.object({ id: z.string(), quantity: z.int(), amount: z.int() })),
  /** Hash of the request that asked for it, to tell a retry from a reused key. */
  requestHash: z.string(),
  state: refundState,
  /** When it was last found to be due: what is overdue is looked after every quarter of an hour. */
  dueAt: z.int(),
  /** How often the provider was asked, over all attempts. */
  tries: z.optional(z.int()),
  /** The try that a definite but passing refusal ended: the provider replays it under its key, so another follows. */
  keyTurn: z.optional(z.int()),
  /** Whoever asks the provider has this long to tell what it said. */
  leaseUntil: z.optional(z.int()),
  /** Grows when somebody lets a failed refund be tried anew: it is another refund to the provider. */
  attempt: z.optional(z.int()),
  /** The provider's id of the last attempt. */
  providerId: z.optional(z.string()),
  /** Why it failed, as the provider's code. */
  failure: z.optional(z.string()),
  settledAt: z.optional(z.int()),
});
export type RefundDetails = z.infer<typeof refundRow>;

const ofRefund = z.object({ refundId: z.string(), orderId: z.string() });
const toldOfRefund = z.extend(ofRefund, {
  customerId: z.string(),
  number: z.string(),
  amount: z.int(),
  currency: z.string(),
  cause: refundCause,
  eventId: z.optional(z.string()),
  lines: z.array(z.object({ id: z.string(), quantity: z.int(), amount: z.int() })),
  /** Set once it was tried anew after a failure. */
  attempt: z.optional(z.int()),
});

/** Money is to go back: recorded with the tickets that are given up for it. */
export const refundDue = defineEvent('payments.RefundDue.v1', 'a refund is recorded, or is to be tried anew', ofRefund);
/** The provider is being asked. */
export const refundTried = defineEvent('payments.RefundTried.v1', 'the provider is about to be asked', ofRefund);
/** The money is on its way: the provider took the refund, or there was nothing to pay back. */
export const refundIssued = defineEvent(
  'payments.RefundIssued.v1',
  'the provider takes a refund, or there is no money to it',
  toldOfRefund,
);
/** The bank has it. */
export const refundSucceeded = defineEvent(
  'payments.RefundSucceeded.v1',
  'a refund that was pending has arrived',
  ofRefund,
);
/** The money is still with us; a case is open. */
export const refundFailed = defineEvent(
  'payments.RefundFailed.v1',
  'the provider refuses a refund, or it fails later',
  z.extend(toldOfRefund, { failure: z.optional(z.string()) }),
);
/** Stripe says something of a charge, a refund or a dispute; all of it is fetched anew. */
export const chargeReported = defineEvent(
  'payments.ChargeReported.v1',
  'Stripe reports on a charge, a refund or a dispute by its webhook',
  z.object({
    stripeEventId: z.string(),
    type: z.string(),
    objectId: z.string(),
    paymentIntentId: z.optional(z.string()),
  }),
);

export const paymentsEvents = [
  paymentReported,
  chargeReported,
  refundDue,
  refundTried,
  refundIssued,
  refundSucceeded,
  refundFailed,
] as const;

export const confirmEnv = z.extend(sessionEnv, { PURCHASE_STATE_MACHINE_ARN: z.string() });
export const webhookEnv = z.extend(httpEnv, { WEBHOOK_SECRET_PARAMETER: z.string(), PAYMENTS_QUEUE_URL: z.string() });
/** Also the environment of the reconciler, which settles in the same way. */
export const settleEnv = z.extend(tableEnv, { ...stripeEnv.shape, PURCHASE_STATE_MACHINE_ARN: z.string() });
export const purchasePaymentsEnv = stripeEnv;
export const takeOverEnv = z.extend(tableEnv, { PURCHASE_STATE_MACHINE_ARN: z.string() });
