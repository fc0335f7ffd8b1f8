import type Stripe from 'stripe';
import { newBalanceTransaction } from './charges.ts';
import { seconds, type Changes, type Tools } from './changes.ts';
import { formatMoney } from './currencies.ts';
import { refused } from './errors.ts';
import type { TestMethod } from './payment-methods.ts';

/** A refund asked for. */
export interface RefundCommand {
  /** Minor units; undefined refunds all that is left. */
  readonly amount?: number;
  readonly reason: Stripe.Refund.Reason | null;
  readonly metadata: Record<string, string>;
}

/**
 * Refunds part or all of a captured charge, never more than is left of it. Pending refunds count.
 * @throws StripeFailure 400: uncaptured, fully refunded, disputed, or more than is left
 */
export function createRefund(
  charge: Stripe.Charge,
  method: TestMethod | undefined,
  command: RefundCommand,
  tools: Tools,
): Changes & { readonly refund: Stripe.Refund } {
  if (charge.status !== 'succeeded') {
    throw refused(`Charge ${charge.id} is not successful, so it cannot be refunded.`, 'charge_not_refundable');
  }
  if (charge.refunded) throw refused(`Charge ${charge.id} has already been refunded.`, 'charge_already_refunded');
  if (!charge.captured) {
    throw refused(
      `Charge ${charge.id} has not been captured; cancel its PaymentIntent instead of refunding it.`,
      'charge_not_refundable',
    );
  }
  if (charge.disputed) {
    throw refused(`Charge ${charge.id} has been charged back; cannot issue a refund.`, 'charge_disputed');
  }
  const left = charge.amount - charge.amount_refunded;
  const amount = command.amount ?? left;
  if (amount > left) {
    throw refused(
      `Refund amount (${formatMoney(amount, charge.currency)}) is greater than unrefunded amount on charge (${formatMoney(left, charge.currency)})`,
      undefined,
      { param: 'amount' },
    );
  }
  const id = tools.newId('re');
  const pending = method?.refunds === 'pending';
  const transaction = newBalanceTransaction(
    {
      type: 'refund',
      reportingCategory: 'refund',
      amount: -amount,
      fee: 0,
      currency: charge.currency,
      source: id,
      description: charge.description === null ? null : `REFUND FOR CHARGE (${charge.description})`,
    },
    tools,
  );
  const refund: Stripe.Refund = {
    id,
    object: 'refund',
    amount,
    balance_transaction: transaction.id,
    charge: charge.id,
    created: seconds(tools),
    currency: charge.currency,
    customer: null,
    customer_account: null,
    destination_details: {
      type: 'card',
      card: {
        reference_status: 'pending',
        reference_type: 'acquirer_reference_number',
        type: 'refund',
      },
    },
    metadata: command.metadata,
    payment_intent: charge.payment_intent,
    payment_method: charge.payment_method,
    ...(pending ? { pending_reason: 'processing' } : {}),
    reason: command.reason,
    receipt_number: null,
    source_transfer_reversal: null,
    status: pending ? 'pending' : 'succeeded',
    transfer_reversal: null,
  };
  const after = withRefunded(charge, charge.amount_refunded + amount);
  return {
    refund,
    refunds: [refund],
    charges: [after],
    balanceTransactions: [transaction],
    events: [
      { type: 'refund.created', object: refund },
      { type: 'charge.refunded', object: after },
    ],
    ...(method?.refunds === undefined
      ? {}
      : {
          timers: [
            {
              id: tools.newId('tmr'),
              dueAt: tools.nowMs + tools.asyncDelayMs,
              what: 'settle_refund',
              subject: id,
            },
          ],
        }),
  };
}

function withRefunded(charge: Stripe.Charge, amountRefunded: number): Stripe.Charge {
  return { ...charge, amount_refunded: amountRefunded, refunded: amountRefunded === charge.amount };
}

/**
 * The bank answered a refund: a pending one succeeds or fails, one that had succeeded fails.
 * @param outcome null takes the test method's script
 */
export function settleRefund(
  refund: Stripe.Refund,
  charge: Stripe.Charge,
  method: TestMethod | undefined,
  outcome: 'succeeded' | 'failed' | null,
  tools: Tools,
): Changes {
  const fails = outcome === null ? method?.refunds === 'fail' : outcome === 'failed';
  if (refund.status === 'pending' && !fails) {
    const { pending_reason: _done, ...rest } = refund;
    const settled: Stripe.Refund = { ...rest, status: 'succeeded' };
    return {
      refunds: [settled],
      events: [
        { type: 'refund.updated', object: settled },
        { type: 'charge.refund.updated', object: settled },
      ],
    };
  }
  const open = refund.status === 'pending' || refund.status === 'succeeded';
  return open && fails ? returnMoney(refund, charge, 'failed', tools) : {};
}

/**
 * Cancels a refund that is still pending.
 * @throws StripeFailure 400 when it is not
 */
export function cancelRefund(refund: Stripe.Refund, charge: Stripe.Charge, tools: Tools): Changes {
  if (refund.status !== 'pending' && refund.status !== 'requires_action') {
    throw refused(
      `Refund ${refund.id} cannot be canceled because it has a status of ${refund.status ?? 'null'}.`,
      'status_transition_invalid',
    );
  }
  return returnMoney(refund, charge, 'canceled', tools);
}

/** The refund comes to nothing: its amount is back on the balance and refundable again. */
function returnMoney(
  refund: Stripe.Refund,
  charge: Stripe.Charge,
  status: 'failed' | 'canceled',
  tools: Tools,
): Changes {
  const transaction = newBalanceTransaction(
    {
      type: 'refund_failure',
      reportingCategory: 'refund_failure',
      amount: refund.amount,
      fee: 0,
      currency: refund.currency,
      source: refund.id,
      description: null,
    },
    tools,
  );
  const { pending_reason: _done, ...rest } = refund;
  const ended: Stripe.Refund = {
    ...rest,
    status,
    failure_balance_transaction: transaction.id,
    ...(status === 'failed' ? { failure_reason: 'unknown' } : {}),
  };
  const after = withRefunded(charge, charge.amount_refunded - refund.amount);
  return {
    refunds: [ended],
    charges: [after],
    balanceTransactions: [transaction],
    events: [
      ...(status === 'failed' ? [{ type: 'refund.failed', object: ended } as const] : []),
      { type: 'refund.updated', object: ended },
      { type: 'charge.refund.updated', object: ended },
    ],
  };
}
