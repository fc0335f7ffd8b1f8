import Stripe from 'stripe';

type PaymentIntentEvents =
  | 'payment_intent.created'
  | 'payment_intent.requires_action'
  | 'payment_intent.processing'
  | 'payment_intent.amount_capturable_updated'
  | 'payment_intent.succeeded'
  | 'payment_intent.payment_failed'
  | 'payment_intent.canceled';
type ChargeEvents =
  | 'charge.pending'
  | 'charge.succeeded'
  | 'charge.captured'
  | 'charge.failed'
  | 'charge.refunded'
  | 'charge.expired';
type RefundEvents = 'refund.created' | 'refund.updated' | 'refund.failed' | 'charge.refund.updated';
type DisputeEvents =
  | 'charge.dispute.created'
  | 'charge.dispute.updated'
  | 'charge.dispute.closed'
  | 'charge.dispute.funds_withdrawn'
  | 'charge.dispute.funds_reinstated';

/** An event that a decision raises: its type and the object as it is at that moment. */
export type EventDraft =
  | { readonly type: PaymentIntentEvents; readonly object: Stripe.PaymentIntent }
  | { readonly type: ChargeEvents; readonly object: Stripe.Charge }
  | { readonly type: RefundEvents; readonly object: Stripe.Refund }
  | { readonly type: DisputeEvents; readonly object: Stripe.Dispute };

/** Everything of an event but its type and data. */
export type EventEnvelope = Omit<Stripe.PaymentIntentCreatedEvent, 'type' | 'data'>;

/**
 * The envelope of a new event.
 * @param created Unix seconds
 * @param pendingWebhooks how many endpoints it goes to
 */
export function eventEnvelope(
  id: string,
  created: number,
  request: Stripe.Event.Request,
  pendingWebhooks: number,
): EventEnvelope {
  return {
    id,
    object: 'event',
    api_version: Stripe.API_VERSION,
    created,
    livemode: false,
    pending_webhooks: pendingWebhooks,
    request,
  };
}

/** The event as Stripe sends it. */
export function toEvent(draft: EventDraft, envelope: EventEnvelope): Stripe.Event {
  switch (draft.type) {
    case 'payment_intent.created':
    case 'payment_intent.requires_action':
    case 'payment_intent.processing':
    case 'payment_intent.amount_capturable_updated':
    case 'payment_intent.succeeded':
    case 'payment_intent.payment_failed':
    case 'payment_intent.canceled':
      return { ...envelope, type: draft.type, data: { object: draft.object } };
    case 'charge.pending':
    case 'charge.succeeded':
    case 'charge.captured':
    case 'charge.failed':
    case 'charge.refunded':
    case 'charge.expired':
      return { ...envelope, type: draft.type, data: { object: draft.object } };
    case 'refund.created':
    case 'refund.updated':
    case 'refund.failed':
    case 'charge.refund.updated':
      return { ...envelope, type: draft.type, data: { object: draft.object } };
    case 'charge.dispute.created':
    case 'charge.dispute.updated':
    case 'charge.dispute.closed':
    case 'charge.dispute.funds_withdrawn':
    case 'charge.dispute.funds_reinstated':
      return { ...envelope, type: draft.type, data: { object: draft.object } };
  }
}

/** The PaymentIntent an event is about: its deliveries are kept in order. */
export function subjectOf(event: Stripe.Event): string {
  const object: unknown = event.data.object;
  if (typeof object !== 'object' || object === null) return event.id;
  if ('payment_intent' in object && typeof object.payment_intent === 'string') return object.payment_intent;
  return 'id' in object && typeof object.id === 'string' ? object.id : event.id;
}
