/**
 * What the auditor needs of the payment provider's books, in Stripe's own member names: the stand-in's
 * ledger has this shape, and so have the lists of Stripe's API.
 */

/** A PaymentIntent; amounts in minor units. */
export interface LedgerPayment {
  readonly id: string;
  readonly amount: number;
  /** What was captured. */
  readonly amount_received: number;
  /** ISO 4217 in lower case. */
  readonly currency: string;
  readonly status: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Money on its way back, or back. */
export interface LedgerRefund {
  readonly id: string;
  readonly amount: number;
  /** `succeeded`, `pending`, `requires_action`, `failed` or `canceled`. */
  readonly status: string | null;
  readonly payment_intent: string | { readonly id: string } | null;
  readonly metadata: Readonly<Record<string, string>> | null;
}

export interface PaymentLedger {
  readonly paymentIntents: readonly LedgerPayment[];
  readonly refunds: readonly LedgerRefund[];
}

/** The PaymentIntent that a refund belongs to. */
export function paymentOf({ payment_intent: intent }: LedgerRefund): string | undefined {
  return typeof intent === 'string' ? intent : intent?.id;
}

/** Whether the money is back or promised: what failed or was canceled is still with us. */
export function counts({ status }: LedgerRefund): boolean {
  return status !== 'failed' && status !== 'canceled';
}

/** What of each payment is back or promised, by PaymentIntent. */
export function refundedByPayment(ledger: PaymentLedger): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const refund of ledger.refunds) {
    const id = paymentOf(refund);
    if (id !== undefined && counts(refund)) sums.set(id, (sums.get(id) ?? 0) + refund.amount);
  }
  return sums;
}
