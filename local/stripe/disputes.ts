import type Stripe from 'stripe';
import { newBalanceTransaction } from './charges.ts';
import { seconds, type Changes, type Tools } from './changes.ts';
import { refused } from './errors.ts';
import { mergeMetadata } from './params.ts';

/** Stripe's dispute fee, in minor units of the charge's currency. */
const DISPUTE_FEE = 1_500;
/** Evidence is due about a week after the dispute opens. */
const EVIDENCE_DUE_SECONDS = 8 * 86_400;

const NO_EVIDENCE: Stripe.Dispute.Evidence = {
  access_activity_log: null,
  billing_address: null,
  cancellation_policy: null,
  cancellation_policy_disclosure: null,
  cancellation_rebuttal: null,
  customer_communication: null,
  customer_email_address: null,
  customer_name: null,
  customer_purchase_ip: null,
  customer_signature: null,
  duplicate_charge_documentation: null,
  duplicate_charge_explanation: null,
  duplicate_charge_id: null,
  enhanced_evidence: {},
  product_description: null,
  receipt: null,
  refund_policy: null,
  refund_policy_disclosure: null,
  refund_refusal_explanation: null,
  service_date: null,
  service_documentation: null,
  shipping_address: null,
  shipping_carrier: null,
  shipping_date: null,
  shipping_documentation: null,
  shipping_tracking_number: null,
  uncategorized_file: null,
  uncategorized_text: null,
};

/**
 * The cardholder disputes a charge: its amount and a fee leave the balance at once.
 * @param command amount in minor units, at most what was captured
 * @throws StripeFailure 400 when the charge is not captured or already disputed
 */
export function openDispute(
  charge: Stripe.Charge,
  command: { readonly amount: number; readonly reason: string },
  tools: Tools,
): Changes {
  if (!charge.captured || charge.status !== 'succeeded')
    throw refused(`Charge ${charge.id} is not captured, so it cannot be disputed.`);
  if (charge.disputed) throw refused(`Charge ${charge.id} is already disputed.`, 'charge_disputed');
  if (command.amount < 1 || command.amount > charge.amount_captured) {
    throw refused('The disputed amount must lie between 1 and the captured amount.', undefined, {
      param: 'amount',
    });
  }
  const id = tools.newId('dp');
  const withdrawal = newBalanceTransaction(
    {
      type: 'adjustment',
      reportingCategory: 'dispute',
      amount: -command.amount,
      fee: DISPUTE_FEE,
      currency: charge.currency,
      source: id,
      description: `Chargeback withdrawal for ${charge.id}`,
    },
    tools,
  );
  const now = seconds(tools);
  const card = charge.payment_method_details?.card;
  const dispute: Stripe.Dispute = {
    id,
    object: 'dispute',
    amount: command.amount,
    balance_transactions: [withdrawal],
    charge: charge.id,
    created: now,
    currency: charge.currency,
    enhanced_eligibility_types: [],
    evidence: NO_EVIDENCE,
    evidence_details: {
      due_by: now + EVIDENCE_DUE_SECONDS,
      enhanced_eligibility: {},
      has_evidence: false,
      past_due: false,
      submission_count: 0,
      submission_method: 'not_submitted',
    },
    intended_submission_method: null,
    is_charge_refundable: false,
    livemode: false,
    metadata: {},
    payment_intent: charge.payment_intent,
    payment_method_details: {
      type: 'card',
      card: {
        brand: card?.brand ?? 'visa',
        case_type: 'chargeback',
        network: card?.network ?? 'visa',
        network_reason_code: '10.4',
      },
    },
    reason: command.reason,
    status: 'needs_response',
  };
  return {
    disputes: [dispute],
    charges: [{ ...charge, disputed: true }],
    balanceTransactions: [withdrawal],
    events: [
      { type: 'charge.dispute.created', object: dispute },
      { type: 'charge.dispute.funds_withdrawn', object: dispute },
    ],
  };
}

/** Evidence given. `winning_evidence` and `losing_evidence` decide at once, as in Stripe's test mode. */
export interface EvidenceCommand {
  readonly text: string | null;
  readonly submit: boolean;
  readonly metadata: Record<string, string | null> | null | undefined;
}

/**
 * Adds evidence to a dispute.
 * @throws StripeFailure 400 once it is closed
 */
export function submitEvidence(dispute: Stripe.Dispute, command: EvidenceCommand, tools: Tools): Changes {
  const given = command.text !== null;
  if (given && dispute.status !== 'needs_response') throw alreadyClosed(dispute);
  const updated: Stripe.Dispute = {
    ...dispute,
    metadata: mergeMetadata(dispute.metadata, command.metadata),
    ...(given
      ? {
          evidence: { ...dispute.evidence, uncategorized_text: command.text },
          evidence_details: {
            ...dispute.evidence_details,
            has_evidence: true,
            submission_count: dispute.evidence_details.submission_count + (command.submit ? 1 : 0),
            submission_method: command.submit ? 'manual' : 'not_submitted',
          },
          status: command.submit ? 'under_review' : dispute.status,
        }
      : {}),
  };
  const told: Changes = {
    disputes: [updated],
    events: [{ type: 'charge.dispute.updated', object: updated }],
  };
  if (!command.submit) return told;
  if (command.text === 'winning_evidence') return join(told, decideDispute(updated, 'won', tools));
  if (command.text === 'losing_evidence') return join(told, decideDispute(updated, 'lost', tools));
  return told;
}

function join(first: Changes, second: Changes): Changes {
  return { ...second, events: [...(first.events ?? []), ...(second.events ?? [])] };
}

/**
 * Ends a dispute. Won, the amount returns to the balance (the fee does not).
 * @throws StripeFailure 400 when it is closed already
 */
export function decideDispute(dispute: Stripe.Dispute, outcome: 'won' | 'lost', tools: Tools): Changes {
  if (dispute.status === 'won' || dispute.status === 'lost') throw alreadyClosed(dispute);
  if (outcome === 'lost') {
    const lost: Stripe.Dispute = { ...dispute, status: 'lost' };
    return { disputes: [lost], events: [{ type: 'charge.dispute.closed', object: lost }] };
  }
  const returned = newBalanceTransaction(
    {
      type: 'adjustment',
      reportingCategory: 'dispute_reversal',
      amount: dispute.amount,
      fee: 0,
      currency: dispute.currency,
      source: dispute.id,
      description: 'Chargeback reversal',
    },
    tools,
  );
  const won: Stripe.Dispute = {
    ...dispute,
    status: 'won',
    balance_transactions: [...dispute.balance_transactions, returned],
  };
  return {
    disputes: [won],
    balanceTransactions: [returned],
    events: [
      { type: 'charge.dispute.closed', object: won },
      { type: 'charge.dispute.funds_reinstated', object: won },
    ],
  };
}

function alreadyClosed(dispute: Stripe.Dispute): Error {
  return refused(
    `This dispute is already closed or under review (status ${dispute.status}).`,
    'status_transition_invalid',
  );
}
