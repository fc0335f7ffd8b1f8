import type Stripe from 'stripe';
import type { StripeFailure } from './errors.ts';
import type { EventDraft } from './events.ts';
import type { PaymentMethodRecord } from './payment-methods.ts';

/** Something that happens later by itself, on the stand-in's clock. */
export interface Timer {
  readonly id: string;
  /** Unix milliseconds on the stand-in's clock. */
  readonly dueAt: number;
  readonly what: 'settle_payment' | 'settle_refund' | 'expire_authorization';
  /** PaymentIntent or refund id. */
  readonly subject: string;
}

/**
 * What a decision changes: whole new versions of the objects concerned, the events that tell of
 * it in order, and what is due later. A decline both changes state and fails: `failure` is thrown
 * after the changes are stored.
 */
export interface Changes {
  readonly paymentIntents?: readonly Stripe.PaymentIntent[];
  readonly charges?: readonly Stripe.Charge[];
  readonly refunds?: readonly Stripe.Refund[];
  readonly disputes?: readonly Stripe.Dispute[];
  readonly balanceTransactions?: readonly Stripe.BalanceTransaction[];
  readonly paymentMethods?: readonly PaymentMethodRecord[];
  readonly events?: readonly EventDraft[];
  readonly timers?: readonly Timer[];
  readonly failure?: StripeFailure;
}

/** What pure decisions need from outside. */
export interface Tools {
  /** Unix milliseconds on the stand-in's clock. */
  readonly nowMs: number;
  /** A new id such as `ch_…`. */
  readonly newId: (prefix: string) => string;
  /** Origin of the stand-in, for links such as the 3-D Secure page. */
  readonly baseUrl: string;
  /** How long asynchronous outcomes take, in milliseconds of the stand-in's clock. */
  readonly asyncDelayMs: number;
}

/** Unix seconds, the unit of Stripe's timestamps. */
export function seconds(tools: Tools): number {
  return Math.floor(tools.nowMs / 1_000);
}
