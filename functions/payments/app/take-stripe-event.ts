import { createHmac, timingSafeEqual } from 'node:crypto';
import * as z from 'zod/mini';

import { ULID_PATTERN } from '../../shared/kernel/ids.ts';
import { MINUTE, toTimestamp, type Instant } from '../../shared/kernel/clock.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { Envelope } from '../../shared/runtime/events.ts';
import { chargeReported, HANDLED_STRIPE_EVENTS, paymentReported } from '../contract.ts';

/** Stripe's own tolerance for the age of a signature. */
const TOLERANCE_MS = 5 * MINUTE;

const stripeEvent = z.object({
  id: z.string().check(z.regex(/^evt_\w{1,250}$/)),
  type: z.string(),
  data: z.object({
    object: z.object({
      id: z.string().check(z.regex(/^\w{1,255}$/)),
      metadata: z.optional(z.nullable(z.record(z.string(), z.string()))),
      payment_intent: z.optional(z.nullable(z.union([z.string(), z.object({ id: z.string() })]))),
    }),
  }),
});

/** Why a delivery is refused. */
export type Refusal = 'NO_SIGNATURE' | 'SIGNATURE_WRONG' | 'SIGNATURE_OLD' | 'NOT_AN_EVENT';

/**
 * Checks a webhook delivery over its raw bytes and says what is to be done: a message for the payments
 * queue, or nothing for events that are not ours. State is never taken from the payload: the message only
 * names what to look at.
 *
 * The check is Stripe's scheme v1 (HMAC-SHA-256 over `timestamp.payload`), done here because the SDK would
 * triple this function's start-up. Any of several live secrets may have signed, so they can be rotated.
 *
 * @param header the `Stripe-Signature` header
 * @see https://docs.stripe.com/webhooks#verify-manually
 */
export function takeStripeEvent(
  payload: string,
  header: string | undefined,
  secrets: readonly string[],
  now: Instant,
): Result<Envelope | undefined, Refusal> {
  const refusal = checkSignature(payload, header, secrets, now);
  if (refusal !== undefined) return err(refusal);
  const event = z.safeParse(stripeEvent, safeJson(payload));
  if (!event.success) return err('NOT_AN_EVENT');
  const { id: stripeEventId, type } = event.data;
  const { object } = event.data.data;
  if (!HANDLED_STRIPE_EVENTS.some((name) => name === type)) return ok(undefined);
  if (!type.startsWith('payment_intent.')) return ok(reportOfCharge(stripeEventId, type, object, now));
  const { id: paymentIntentId, metadata } = object;
  const orderId = metadata?.['orderId'];
  if (orderId === undefined || !ULID_PATTERN.test(orderId)) return ok(undefined);
  return ok({
    id: `stripe/${stripeEventId}`,
    name: paymentReported.name,
    occurredAt: toTimestamp(now),
    correlationId: stripeEventId,
    aggregate: { type: 'payment', id: paymentIntentId },
    version: 1,
    data: { stripeEventId, type, paymentIntentId, orderId },
  });
}

/** Refunds and disputes need not name an order: whoever made them at Stripe may have said nothing of one. */
function reportOfCharge(
  stripeEventId: string,
  type: string,
  { id: objectId, payment_intent: intent }: z.infer<typeof stripeEvent>['data']['object'],
  now: Instant,
): Envelope {
  const paymentIntentId = typeof intent === 'string' ? intent : intent?.id;
  return {
    id: `stripe/${stripeEventId}`,
    name: chargeReported.name,
    occurredAt: toTimestamp(now),
    correlationId: stripeEventId,
    aggregate: { type: 'charge', id: objectId },
    version: 1,
    data: { stripeEventId, type, objectId, ...(paymentIntentId === undefined ? {} : { paymentIntentId }) },
  };
}

function checkSignature(
  payload: string,
  header: string | undefined,
  secrets: readonly string[],
  now: Instant,
): Refusal | undefined {
  const parts = (header ?? '').split(',').map((part) => part.trim().split('='));
  const timestamp = parts.find(([name]) => name === 't')?.[1];
  const signatures = parts.filter(([name]) => name === 'v1').map(([, value]) => Buffer.from(value ?? '', 'hex'));
  if (timestamp === undefined || !/^\d{1,12}$/.test(timestamp) || signatures.length === 0) return 'NO_SIGNATURE';
  const expected = secrets.map((secret) => createHmac('sha256', secret).update(`${timestamp}.${payload}`).digest());
  const matches = signatures.some((given) =>
    expected.some((digest) => digest.length === given.length && timingSafeEqual(digest, given)),
  );
  if (!matches) return 'SIGNATURE_WRONG';
  return Math.abs(now - Number(timestamp) * 1_000) > TOLERANCE_MS ? 'SIGNATURE_OLD' : undefined;
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
