import { MINUTE, type Instant } from '../../shared/kernel/clock.ts';
import type { Order } from './order.ts';
import { isUnderReview } from './review.ts';

/**
 * How long a purchase run owns the order that it secured. A run lives 10 s at most, so an owner that is
 * silent for this long is dead and the reconciler takes over (design.md, "Workflows").
 */
export const LEASE_MS = MINUTE;

/** What a purchase run may do with an order as it finds it. */
export type PurchaseDecision =
  /** The hold stands: secure the stock that the order already has. */
  | { readonly kind: 'SECURE_HELD' }
  /** A run died, or this is our own secured order: go on with its stock. */
  | { readonly kind: 'RESUME' }
  /** The hold lapsed but was not swept yet: let it lapse first, then take stock again. */
  | { readonly kind: 'LAPSE_THEN_RETAKE' }
  /** Swept or failed, and money may have come since: take stock again. */
  | { readonly kind: 'RETAKE' }
  /** The order came to nothing and holds no stock: whatever was paid goes back. */
  | { readonly kind: 'RETURN_PAYMENT' }
  /** A person is to decide about it, and may still. */
  | { readonly kind: 'UNDER_REVIEW' }
  /** Nobody has decided about it in time: it is given up. */
  | { readonly kind: 'REVIEW_LAPSED' }
  /** Another run owns it and is alive. */
  | { readonly kind: 'BUSY' }
  /** Nothing is left to decide: paid, or over and settled. */
  | { readonly kind: 'DECIDED' };

/**
 * Decides what run `run` may do with `order` at `now`. Confirm, webhook and reconciler may come at once,
 * twice or late: exactly one of them gets past this and the conditional write behind it.
 */
export function decidePurchase(order: Order, run: string, now: Instant): PurchaseDecision {
  if (order.settlement === 'RETURN_DUE') return { kind: 'RETURN_PAYMENT' };
  if (order.settlement === 'RETURNED') return { kind: 'DECIDED' };
  switch (order.state) {
    case 'HELD':
      // Not ordered yet: there is no payment that could be finished.
      return { kind: 'DECIDED' };
    case 'PENDING':
      return order.expiresAt > now ? { kind: 'SECURE_HELD' } : { kind: 'LAPSE_THEN_RETAKE' };
    case 'SECURED':
      if (isUnderReview(order)) return { kind: (order.leaseUntil ?? 0) > now ? 'UNDER_REVIEW' : 'REVIEW_LAPSED' };
      return order.run === run || (order.leaseUntil ?? 0) <= now ? { kind: 'RESUME' } : { kind: 'BUSY' };
    case 'EXPIRED':
    case 'FAILED':
      return order.paymentIntentId === undefined ? { kind: 'DECIDED' } : { kind: 'RETAKE' };
    case 'CANCELLED':
      return order.paidAt === undefined && order.paymentIntentId !== undefined
        ? { kind: 'RETURN_PAYMENT' }
        : { kind: 'DECIDED' };
    case 'PAID':
    case 'PARTIALLY_REFUNDED':
    case 'REFUNDED':
      return { kind: 'DECIDED' };
  }
}
