import type Stripe from 'stripe';
import type { Collection } from './collection.ts';
import { decideDispute, submitEvidence } from './disputes.ts';
import { invalidParam, missing, refused, unexpectedState } from './errors.ts';
import { page } from './lists.ts';
import {
  emptyable,
  expandField,
  flag,
  hashOf,
  inRange,
  integer,
  mergeMetadata,
  metadata,
  oneOf,
  pageFields,
  params,
  text,
  timeRange,
} from './params.ts';
import { cancelRefund, createRefund } from './refunds.ts';
import { balanceRoutes } from './routes-balance.ts';
import { route, type Call, type Route } from './routing.ts';

/** The object of the path. */
function found<T extends { readonly id: string }>(source: Collection<T>, kind: string, id: string): T {
  const object = source.get(id);
  if (object === undefined) throw missing(kind, id, 'id');
  return object;
}

/** A route that answers one object by its id. */
function retrieveRoute<T extends { readonly id: string }>(
  path: string,
  kind: string,
  pick: (call: Call<unknown>) => Collection<T>,
): Route {
  return route('GET', `${path}/:id`, params(expandField), (call) => found(pick(call), kind, call.id));
}

const related = {
  ...pageFields,
  created: timeRange,
  payment_intent: text(100),
  charge: text(100),
} as const;

/** The charge that a refund is asked for: by its id, or as the PaymentIntent's latest. */
function chargeFor(call: Call<{ readonly charge?: string; readonly payment_intent?: string }>): Stripe.Charge {
  const { charge: chargeId, payment_intent: intentId } = call.params;
  const { store } = call.engine;
  if (chargeId !== undefined) {
    const charge = store.charges.get(chargeId);
    if (charge === undefined) throw missing('charge', chargeId, 'charge', 'param');
    if (intentId !== undefined && charge.payment_intent !== intentId) {
      throw invalidParam(`The charge ${chargeId} does not belong to the PaymentIntent ${intentId}.`, 'charge');
    }
    return charge;
  }
  if (intentId === undefined) {
    throw invalidParam(
      'One of the following params should be provided for this request: payment_intent or charge.',
      'payment_intent',
      'parameter_missing',
    );
  }
  const intent = store.paymentIntents.get(intentId);
  if (intent === undefined) throw missing('payment_intent', intentId, 'payment_intent', 'param');
  const charge = call.engine.chargeOf(intent);
  if (charge === undefined || intent.status !== 'succeeded') {
    throw unexpectedState(`This PaymentIntent (${intent.id}) does not have a successful charge to refund.`, intent);
  }
  return charge;
}

const refundRoutes: readonly Route[] = [
  route(
    'POST',
    '/v1/refunds',
    params(
      {
        amount: integer(1),
        charge: text(100),
        payment_intent: text(100),
        reason: oneOf('duplicate', 'fraudulent', 'requested_by_customer'),
        metadata,
        ...expandField,
      },
      [],
      ['currency', 'customer', 'instructions_email', 'origin', 'refund_application_fee', 'reverse_transfer'],
    ),
    (call) => {
      const charge = chargeFor(call);
      if (call.balanceInsufficient) {
        throw refused('Insufficient funds in your Stripe balance to refund this amount.', 'balance_insufficient');
      }
      const { amount, reason } = call.params;
      const made = createRefund(
        charge,
        call.engine.methodOf(charge),
        {
          ...(amount === undefined ? {} : { amount }),
          reason: reason ?? null,
          metadata: mergeMetadata({}, call.params.metadata),
        },
        call.engine.tools(),
      );
      call.engine.commit(made, call.cause);
      return made.refund;
    },
  ),
  retrieveRoute('/v1/refunds', 'refund', (call) => call.engine.store.refunds),
  route('POST', '/v1/refunds/:id', params({ metadata, ...expandField }), (call) => {
    const refund = found(call.engine.store.refunds, 'refund', call.id);
    const next: Stripe.Refund = {
      ...refund,
      metadata: mergeMetadata(refund.metadata ?? {}, call.params.metadata),
    };
    call.engine.commit({ refunds: [next], events: [{ type: 'refund.updated', object: next }] }, call.cause);
    return next;
  }),
  route('POST', '/v1/refunds/:id/cancel', params(expandField), (call) => {
    const { store } = call.engine;
    const refund = found(store.refunds, 'refund', call.id);
    const charge = found(store.charges, 'charge', typeof refund.charge === 'string' ? refund.charge : '');
    call.engine.commit(cancelRefund(refund, charge, call.engine.tools()), call.cause);
    return found(store.refunds, 'refund', call.id);
  }),
  route('GET', '/v1/refunds', params(related), (call) => {
    const { payment_intent: intent, charge, created } = call.params;
    return page(
      call.engine.store.refunds,
      '/v1/refunds',
      call.params,
      (refund) =>
        (intent === undefined || refund.payment_intent === intent) &&
        (charge === undefined || refund.charge === charge) &&
        inRange(refund.created, created),
    );
  }),
];

const chargeRoutes: readonly Route[] = [
  retrieveRoute('/v1/charges', 'charge', (call) => call.engine.store.charges),
  route(
    'GET',
    '/v1/charges',
    params(
      { ...pageFields, created: timeRange, payment_intent: text(100), transfer_group: text(200) },
      [],
      ['customer'],
    ),
    (call) => {
      const { payment_intent: intent, transfer_group: group, created } = call.params;
      return page(
        call.engine.store.charges,
        '/v1/charges',
        call.params,
        (charge) =>
          (intent === undefined || charge.payment_intent === intent) &&
          (group === undefined || charge.transfer_group === group) &&
          inRange(charge.created, created),
      );
    },
  ),
];

const disputeRoutes: readonly Route[] = [
  retrieveRoute('/v1/disputes', 'dispute', (call) => call.engine.store.disputes),
  route(
    'POST',
    '/v1/disputes/:id',
    params(
      {
        evidence: hashOf({ uncategorized_text: emptyable(text(150_000)) }),
        submit: flag,
        metadata,
        ...expandField,
      },
      [],
      ['intended_submission_method'],
    ),
    (call) => {
      const dispute = found(call.engine.store.disputes, 'dispute', call.id);
      const evidence = call.params.evidence?.uncategorized_text ?? null;
      // Stripe submits evidence to the bank unless told not to.
      const submit = call.params.submit ?? evidence !== null;
      call.engine.commit(
        submitEvidence(dispute, { text: evidence, submit, metadata: call.params.metadata }, call.engine.tools()),
        call.cause,
      );
      return found(call.engine.store.disputes, 'dispute', call.id);
    },
  ),
  route('POST', '/v1/disputes/:id/close', params(expandField), (call) => {
    const dispute = found(call.engine.store.disputes, 'dispute', call.id);
    call.engine.commit(decideDispute(dispute, 'lost', call.engine.tools()), call.cause);
    return found(call.engine.store.disputes, 'dispute', call.id);
  }),
  route('GET', '/v1/disputes', params(related), (call) => {
    const { payment_intent: intent, charge, created } = call.params;
    return page(
      call.engine.store.disputes,
      '/v1/disputes',
      call.params,
      (dispute) =>
        (intent === undefined || dispute.payment_intent === intent) &&
        (charge === undefined || dispute.charge === charge) &&
        inRange(dispute.created, created),
    );
  }),
];

/** Refunds, charges, disputes and the balance. */
export const moneyRoutes: readonly Route[] = [...refundRoutes, ...chargeRoutes, ...disputeRoutes, ...balanceRoutes];
