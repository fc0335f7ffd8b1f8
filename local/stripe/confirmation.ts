import type Stripe from 'stripe';
import type { Changes, Tools } from './changes.ts';
import { AUTHORIZATION_MS, newCharge, settleCharge, type Attempt } from './charges.ts';
import { openDispute } from './disputes.ts';
import { StripeFailure, refused, unexpectedState } from './errors.ts';
import type { EventDraft } from './events.ts';
import type { Behaviour, Decline, PaymentMethodRecord, TestMethod } from './payment-methods.ts';

/** A payment method with its script. */
export interface Payer {
  readonly record: PaymentMethodRecord;
  readonly method: TestMethod;
}

/** How a confirmation is made. */
export interface ConfirmOptions {
  readonly returnUrl: string | null;
  /** Off-session, or `error_on_requires_action`: a needed authentication is a decline. */
  readonly cannotAuthenticate: boolean;
}

const CONFIRMABLE = ['requires_payment_method', 'requires_confirmation', 'requires_action'];

/**
 * Confirms a PaymentIntent with a payment method: authorised, captured, declined, processing, or
 * waiting for the buyer's authentication.
 * @throws StripeFailure 400 when its state or the method's type does not allow it
 */
export function confirmIntent(
  intent: Stripe.PaymentIntent,
  payer: Payer | null,
  options: ConfirmOptions,
  tools: Tools,
): Changes {
  if (!CONFIRMABLE.includes(intent.status)) {
    throw unexpectedState(
      intent.status === 'succeeded' || intent.status === 'requires_capture'
        ? 'You cannot confirm this PaymentIntent because it has already succeeded after being previously confirmed.'
        : `You cannot confirm this PaymentIntent because it has a status of ${intent.status}.`,
      intent,
    );
  }
  if (payer === null) {
    throw unexpectedState(
      "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a payment method or ConfirmationToken.",
      intent,
    );
  }
  if (!intent.payment_method_types.includes(payer.method.type)) {
    throw refused(
      `The PaymentMethod provided (${payer.method.type}) is not allowed for this PaymentIntent. Please attach a PaymentMethod of one of the following types: ${intent.payment_method_types.join(', ')}.`,
      'payment_intent_incompatible_payment_method',
      { param: 'payment_method', payment_intent: intent },
    );
  }
  const open: Stripe.PaymentIntent = {
    ...intent,
    last_payment_error: null,
    next_action: null,
    payment_method: payer.record.id,
  };
  return attempt(open, payer, asked(intent, payer.method), options, false, tools);
}

/** A card's own way, after the bank has asked its owner where the merchant wants that of every card. */
function asked(intent: Stripe.PaymentIntent, { type, behaviour }: TestMethod): Behaviour {
  const wanted = intent.payment_method_options?.card?.request_three_d_secure ?? 'automatic';
  return type === 'card' && wanted !== 'automatic' && behaviour.kind !== 'authenticate'
    ? { kind: 'authenticate', afterwards: behaviour }
    : behaviour;
}

/** One attempt with a scripted behaviour, now or after the challenge. */
export function attempt(
  intent: Stripe.PaymentIntent,
  payer: Payer,
  behaviour: Behaviour,
  options: ConfirmOptions,
  authenticated: boolean,
  tools: Tools,
): Changes {
  switch (behaviour.kind) {
    case 'approve':
      return approve(intent, payer, authenticated, tools);
    case 'decline':
      return decline(intent, payer, behaviour.decline, tools);
    case 'process':
      return process(intent, payer, tools);
    case 'authenticate': {
      if (options.cannotAuthenticate) {
        return decline(
          intent,
          payer,
          {
            code: 'authentication_required',
            declineCode: 'authentication_required',
            message: 'Your card was declined. This transaction requires authentication.',
          },
          tools,
        );
      }
      const waiting: Stripe.PaymentIntent = {
        ...intent,
        status: 'requires_action',
        next_action: {
          type: 'redirect_to_url',
          redirect_to_url: {
            return_url: options.returnUrl,
            url: `${tools.baseUrl}/_stand-in/authenticate/${intent.id}?client_secret=${intent.client_secret ?? ''}`,
          },
        },
      };
      return {
        paymentIntents: [waiting],
        events: [{ type: 'payment_intent.requires_action', object: waiting }],
      };
    }
  }
}

/** Whether the authorisation waits for a capture: the method's own setting wins. */
function capturesLater(intent: Stripe.PaymentIntent, method: TestMethod): boolean {
  const own = method.type === 'card' ? intent.payment_method_options?.card?.capture_method : undefined;
  return (own ?? intent.capture_method) === 'manual';
}

function approve(intent: Stripe.PaymentIntent, payer: Payer, authenticated: boolean, tools: Tools): Changes {
  const later = capturesLater(intent, payer.method);
  const made: Attempt = { kind: 'approved', captured: !later, authenticated };
  const charge = newCharge(intent, payer.record, payer.method, made, tools);
  if (later) {
    const held: Stripe.PaymentIntent = {
      ...intent,
      amount_capturable: intent.amount,
      latest_charge: charge.id,
      status: 'requires_capture',
    };
    return {
      paymentIntents: [held],
      charges: [charge],
      events: [
        { type: 'charge.succeeded', object: charge },
        { type: 'payment_intent.amount_capturable_updated', object: held },
      ],
      timers: [
        {
          id: tools.newId('tmr'),
          dueAt: tools.nowMs + AUTHORIZATION_MS,
          what: 'expire_authorization',
          subject: intent.id,
        },
      ],
    };
  }
  return succeed(intent, charge, payer.method, tools);
}

/** The money arrived: the charge is settled, and a disputing card disputes at once. */
export function succeed(
  intent: Stripe.PaymentIntent,
  charge: Stripe.Charge,
  method: TestMethod,
  tools: Tools,
): Changes {
  const settled = settleCharge(charge, tools);
  const paid: Stripe.PaymentIntent = {
    ...intent,
    amount_received: intent.amount,
    latest_charge: charge.id,
    status: 'succeeded',
    processing: null,
  };
  const events: EventDraft[] = [
    { type: 'charge.succeeded', object: settled.charge },
    { type: 'payment_intent.succeeded', object: paid },
  ];
  const plain: Changes = {
    paymentIntents: [paid],
    charges: [settled.charge],
    balanceTransactions: [settled.transaction],
    events,
  };
  return withDispute(plain, settled.charge, method, tools);
}

/** Adds the dispute of a disputing test card to the changes that captured its charge. */
export function withDispute(
  changes: Changes,
  charge: Stripe.Charge | undefined,
  method: TestMethod | undefined,
  tools: Tools,
): Changes {
  if (method?.dispute === undefined || charge === undefined) return changes;
  const disputed = openDispute(charge, { amount: charge.amount_captured, reason: method.dispute }, tools);
  return {
    ...changes,
    charges: disputed.charges ?? [],
    disputes: disputed.disputes ?? [],
    balanceTransactions: [...(changes.balanceTransactions ?? []), ...(disputed.balanceTransactions ?? [])],
    events: [...(changes.events ?? []), ...(disputed.events ?? [])],
  };
}

function process(intent: Stripe.PaymentIntent, payer: Payer, tools: Tools): Changes {
  const charge = newCharge(intent, payer.record, payer.method, { kind: 'pending' }, tools);
  const waiting: Stripe.PaymentIntent = {
    ...intent,
    latest_charge: charge.id,
    status: 'processing',
  };
  return {
    paymentIntents: [waiting],
    charges: [charge],
    events: [
      { type: 'charge.pending', object: charge },
      { type: 'payment_intent.processing', object: waiting },
    ],
    timers: [
      {
        id: tools.newId('tmr'),
        dueAt: tools.nowMs + tools.asyncDelayMs,
        what: 'settle_payment',
        subject: intent.id,
      },
    ],
  };
}

function decline(intent: Stripe.PaymentIntent, payer: Payer, why: Decline, tools: Tools): Changes {
  const charge = newCharge(intent, payer.record, payer.method, { kind: 'declined', decline: why }, tools);
  const refusedIntent = afterFailure(intent, payer, charge.id, why);
  return {
    paymentIntents: [refusedIntent],
    charges: [charge],
    events: [
      { type: 'charge.failed', object: charge },
      { type: 'payment_intent.payment_failed', object: refusedIntent },
    ],
    failure: new StripeFailure(402, {
      type: 'card_error',
      code: why.code,
      ...(why.declineCode === undefined ? {} : { decline_code: why.declineCode }),
      message: why.message,
      ...(why.code === 'incorrect_cvc' ? { param: 'cvc' } : {}),
      charge: charge.id,
      payment_intent: refusedIntent,
      payment_method: payer.record.object,
    }),
  };
}

/** Any failed attempt leaves the PaymentIntent open for another method. */
export function afterFailure(
  intent: Stripe.PaymentIntent,
  payer: Payer,
  chargeId: string | null,
  why: Decline,
): Stripe.PaymentIntent {
  return {
    ...intent,
    ...(chargeId === null ? {} : { latest_charge: chargeId }),
    payment_method: null,
    next_action: null,
    processing: null,
    status: 'requires_payment_method',
    last_payment_error: {
      type: payer.method.type === 'card' && chargeId !== null ? 'card_error' : 'invalid_request_error',
      code: why.code,
      ...(why.declineCode === undefined ? {} : { decline_code: why.declineCode }),
      ...(chargeId === null ? {} : { charge: chargeId }),
      doc_url: `https://docs.stripe.com/error-codes/${why.code.replaceAll('_', '-')}`,
      message: why.message,
      payment_method: payer.record.object,
    },
  };
}
