import type Stripe from 'stripe';
import type { Delivery, Store } from './store.ts';

/** All money the stand-in has seen, for auditors and tests. Oldest first. */
export interface Ledger {
  /** Unix milliseconds on the stand-in's clock. */
  readonly now: number;
  readonly paymentIntents: readonly Stripe.PaymentIntent[];
  readonly charges: readonly Stripe.Charge[];
  readonly refunds: readonly Stripe.Refund[];
  readonly disputes: readonly Stripe.Dispute[];
  readonly balanceTransactions: readonly Stripe.BalanceTransaction[];
  readonly events: readonly Stripe.Event[];
  readonly deliveries: readonly Delivery[];
}

/** Reads the whole ledger. */
export function ledgerOf(store: Store, now: number): Ledger {
  return {
    now,
    paymentIntents: store.paymentIntents.all(),
    charges: store.charges.all(),
    refunds: store.refunds.all(),
    disputes: store.disputes.all(),
    balanceTransactions: store.balanceTransactions.all(),
    events: store.events.all(),
    deliveries: store.deliveries.all(),
  };
}
