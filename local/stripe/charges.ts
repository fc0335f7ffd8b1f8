import type Stripe from 'stripe';
import { seconds, type Tools } from './changes.ts';
import { NO_BILLING, type Decline, type PaymentMethodRecord, type TestMethod } from './payment-methods.ts';

/** How long a card authorisation holds: 7 days for customer-present online payments at Stripe. */
export const AUTHORIZATION_MS = 7 * 24 * 3_600_000;

/** A fee like a European card's: 1.5 % and 25 minor units, rounded half up. Enough to reconcile with. */
export function feeFor(amount: number): number {
  return Math.floor((amount * 15 + 500) / 1_000) + 25;
}

/** What became of an attempt to pay. */
export type Attempt =
  | { readonly kind: 'approved'; readonly captured: boolean; readonly authenticated: boolean }
  | { readonly kind: 'pending' }
  | { readonly kind: 'declined'; readonly decline: Decline };

/** The charge that one attempt on a PaymentIntent leaves behind; declined attempts leave one too. */
export function newCharge(
  intent: Stripe.PaymentIntent,
  record: PaymentMethodRecord,
  method: TestMethod,
  attempt: Attempt,
  tools: Tools,
): Stripe.Charge {
  const captured = attempt.kind === 'pending' || (attempt.kind === 'approved' && attempt.captured);
  const declined = attempt.kind === 'declined' ? attempt.decline : null;
  return {
    id: tools.newId('ch'),
    object: 'charge',
    amount: intent.amount,
    amount_captured: attempt.kind === 'approved' && attempt.captured ? intent.amount : 0,
    amount_refunded: 0,
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: null,
    billing_details: NO_BILLING,
    calculated_statement_descriptor: intent.statement_descriptor ?? 'ONSALE',
    captured,
    created: seconds(tools),
    currency: intent.currency,
    customer: intent.customer,
    description: intent.description,
    disputed: false,
    failure_balance_transaction: null,
    failure_code: declined?.code ?? null,
    failure_message: declined?.message ?? null,
    fraud_details: {},
    livemode: false,
    metadata: intent.metadata,
    on_behalf_of: null,
    outcome: outcomeOf(attempt, method),
    paid: attempt.kind === 'approved',
    payment_intent: intent.id,
    payment_method: record.id,
    payment_method_details: detailsOf(intent, method, attempt, tools),
    receipt_email: intent.receipt_email,
    receipt_number: null,
    receipt_url: null,
    refunded: false,
    review: null,
    shipping: null,
    source: null,
    source_transfer: null,
    statement_descriptor: intent.statement_descriptor,
    statement_descriptor_suffix: intent.statement_descriptor_suffix,
    status: attempt.kind === 'approved' ? 'succeeded' : attempt.kind === 'pending' ? 'pending' : 'failed',
    transfer_data: null,
    transfer_group: intent.transfer_group,
  };
}

function outcomeOf(attempt: Attempt, { risk }: TestMethod): Stripe.Charge.Outcome {
  const decline = attempt.kind === 'declined' ? attempt.decline : null;
  return {
    advice_code: null,
    network_advice_code: null,
    network_decline_code: decline === null ? null : '05',
    network_status: decline === null ? 'approved_by_network' : 'declined_by_network',
    reason: decline === null ? null : (decline.declineCode ?? decline.code),
    risk_level: risk ?? 'normal',
    risk_score: risk === undefined ? 32 : { elevated: 68, highest: 92 }[risk],
    seller_message:
      decline === null ? 'Payment complete.' : 'The bank did not return any further details with this decline.',
    type: decline === null ? 'authorized' : 'issuer_declined',
  };
}

function detailsOf(
  intent: Stripe.PaymentIntent,
  method: TestMethod,
  attempt: Attempt,
  tools: Tools,
): Stripe.Charge.PaymentMethodDetails {
  if (method.type === 'us_bank_account') {
    return {
      type: 'us_bank_account',
      us_bank_account: {
        account_holder_type: 'individual',
        account_type: 'checking',
        bank_name: 'STRIPE TEST BANK',
        fingerprint: `standin${method.last4}`,
        last4: method.last4,
        payment_reference: null,
        routing_number: '110000000',
      },
    };
  }
  const held = attempt.kind === 'approved' && !attempt.captured;
  const authenticated = attempt.kind === 'approved' && attempt.authenticated;
  return {
    type: 'card',
    card: {
      amount_authorized: attempt.kind === 'approved' ? intent.amount : null,
      authorization_code: attempt.kind === 'approved' ? '123456' : null,
      brand: method.brand,
      ...(held ? { capture_before: Math.floor((tools.nowMs + AUTHORIZATION_MS) / 1_000) } : {}),
      checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: 'pass' },
      country: 'US',
      electronic_commerce_indicator: null,
      exp_month: 12,
      exp_year: 2034,
      fingerprint: `standin${method.last4}`,
      funding: 'credit',
      installments: null,
      last4: method.last4,
      mandate: null,
      network: method.brand,
      network_transaction_id: null,
      regulated_status: 'unregulated',
      three_d_secure: authenticated
        ? {
            authentication_flow: 'challenge',
            electronic_commerce_indicator: '05',
            exemption_indicator: null,
            result: 'authenticated',
            result_reason: null,
            transaction_id: null,
            version: '2.2.0',
          }
        : null,
      transaction_link_id: null,
      wallet: null,
    },
  };
}

/** What a balance transaction records. */
export interface BalanceEntry {
  readonly type: 'charge' | 'payment' | 'refund' | 'refund_failure' | 'payment_refund' | 'adjustment';
  readonly reportingCategory: 'charge' | 'refund' | 'refund_failure' | 'dispute' | 'dispute_reversal';
  /** Minor units; negative leaves the balance. */
  readonly amount: number;
  readonly fee: number;
  readonly currency: string;
  readonly source: string;
  readonly description: string | null;
}

/** Moves money on the account's balance; charges become available two days later. */
export function newBalanceTransaction(entry: BalanceEntry, tools: Tools): Stripe.BalanceTransaction {
  const now = seconds(tools);
  const waits = entry.amount > 0 ? 2 * 86_400 : 0;
  return {
    id: tools.newId('txn'),
    object: 'balance_transaction',
    amount: entry.amount,
    available_on: now + waits,
    balance_type: 'payments',
    created: now,
    currency: entry.currency,
    description: entry.description,
    exchange_rate: null,
    fee: entry.fee,
    fee_details:
      entry.fee === 0
        ? []
        : [
            {
              amount: entry.fee,
              application: null,
              currency: entry.currency,
              description: 'Stripe processing fees',
              type: 'stripe_fee',
            },
          ],
    net: entry.amount - entry.fee,
    reporting_category: entry.reportingCategory,
    source: entry.source,
    status: waits === 0 ? 'available' : 'pending',
    type: entry.type,
  };
}

/** The balance transaction of a captured charge, linked from it. */
export function settleCharge(
  charge: Stripe.Charge,
  tools: Tools,
): { readonly charge: Stripe.Charge; readonly transaction: Stripe.BalanceTransaction } {
  const transaction = newBalanceTransaction(
    {
      type: 'charge',
      reportingCategory: 'charge',
      amount: charge.amount_captured,
      fee: feeFor(charge.amount_captured),
      currency: charge.currency,
      source: charge.id,
      description: charge.description,
    },
    tools,
  );
  return { charge: { ...charge, balance_transaction: transaction.id }, transaction };
}
