import type { Key } from '../shared/table/keys.ts';

/** One refund. Its id follows from its cause, so asking twice meets the first. */
export function refundKey(refundId: string): Key {
  return { pk: `REFUND#${refundId}`, sk: 'REFUND' };
}

/** That an event of Stripe was dealt with; kept for 30 days, as long as Stripe sends it again. */
export function stripeEventKey(stripeEventId: string): Key {
  return { pk: `STRIPE#${stripeEventId}`, sk: 'SEEN' };
}
