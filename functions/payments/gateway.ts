import type StripeSdk from 'stripe';

import { readSecret } from '../shared/runtime/secrets.ts';
import { SECOND } from '../shared/kernel/clock.ts';
import { err, ok, type Result } from '../shared/kernel/result.ts';
import type { Money } from '../shared/kernel/money.ts';

/** One call may take 4 s, inside the function's 5 s and the state's 5 s (design.md, "Timeouts nest"). */
const ANSWER_WITHIN_MS = 4 * SECOND;
/** Names under which the payment of an order is asked for, where the provider keeps a fault of its own under those before. */
const CREATE_NAMES = 5;

const STATUSES = [
  'requires_payment_method',
  'requires_confirmation',
  'requires_action',
  'processing',
  'requires_capture',
  'succeeded',
  'canceled',
] as const;

/** What Onsale needs to know of a PaymentIntent, as fetched from the provider just now. */
export interface PaymentIntentState {
  readonly id: string;
  readonly status: (typeof STATUSES)[number];
  readonly amount: number;
  /** ISO 4217, upper case. */
  readonly currency: string;
  readonly orderId: string | undefined;
  readonly clientSecret: string | null;
  /** Stripe's code of the last refusal, such as `card_declined`. */
  readonly lastError: string | undefined;
  readonly amountRefunded: number;
  /** Whether money was authorised, be it voided since; known where the charge was fetched along. */
  readonly authorised: boolean;
  /** What the provider makes of the last attempt to pay, where that is more than usual and the charge was fetched along. */
  readonly risk: 'ELEVATED' | 'HIGHEST' | undefined;
  /** Whether the bank asks the buyer for every card (3-D Secure). */
  readonly challenged: boolean;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

/**
 * Why the provider did not do what was asked: it said no (`REFUSED`, nothing was changed), or nobody can
 * know (`UNKNOWN`: time-out, broken connection, 5xx, 429). An unknown outcome is never compensated.
 */
export type GatewayError =
  | { readonly kind: 'REFUSED'; readonly code: string; readonly intent: PaymentIntentState | undefined }
  | { readonly kind: 'UNKNOWN'; readonly cause: unknown };

/** A refund as the provider has it. */
export interface RefundStatus {
  readonly id: string;
  readonly status: 'pending' | 'succeeded' | 'failed';
  readonly amount: number;
  readonly paymentIntentId: string | undefined;
  /** What of our metadata it carries. */
  readonly refundId: string | undefined;
  readonly cause: string | undefined;
  /** Why it failed, as the provider's code. */
  readonly failure: string | undefined;
}

/** A dispute as the provider has it. */
export interface DisputeStatus {
  readonly id: string;
  /** Stripe's, such as `needs_response`, `won`, `lost`. */
  readonly status: string;
  readonly amount: number;
  readonly reason: string;
  readonly paymentIntentId: string | undefined;
}

/** A part of a payment that is to go back. */
export interface PartialRefund {
  readonly paymentIntentId: string;
  /** Minor units. */
  readonly amount: number;
  readonly refundId: string;
  readonly orderId: string;
  /** Which attempt at which refund: kept with it at the provider, one refund for each. */
  readonly cause: string;
  /** Whether it may have been asked for before: then it is looked for first, since keys are forgotten after a day. */
  readonly askedBefore: boolean;
  /** Names this try, so that a fault which the provider stored is not replayed for ever. */
  readonly tryName: string;
  /** Set after a refusal that passes, such as too little balance, which is replayed under its key as well. */
  readonly keyTurn: number | undefined;
}

/** An attempt to pay that was refused. */
export interface RefusedAttempt {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** What the provider calls the card, the same each time; no card data. */
  readonly fingerprint: string | undefined;
}

type Answer<T> = Promise<Result<T, GatewayError>>;

/** The payment port: what the purchase needs of a payment provider, with Stripe behind it. */
export interface PaymentGateway {
  /**
   * Makes the PaymentIntent of an order; the same order gets the same one however often and whenever it is asked for. Where
   * the provider stored a fault of its own under its name it is asked under the next one, always in the same order.
   */
  createIntent(orderId: string, amount: Money): Answer<PaymentIntentState>;
  retrieveIntent(paymentIntentId: string): Answer<PaymentIntentState>;
  /** From now on the bank asks the buyer for every card, of an intent that nobody has paid yet. */
  challengeIntent(paymentIntentId: string, attempt: string): Answer<PaymentIntentState>;
  /** The refused attempts to pay an intent, the last hundred. */
  refusedAttempts(paymentIntentId: string): Answer<readonly RefusedAttempt[]>;
  /** Captures the authorised amount, all of it. `attempt` names the try, so a stored failure is not replayed. */
  captureIntent(paymentIntentId: string, amount: number, attempt: string): Answer<PaymentIntentState>;
  /** Voids an authorisation, or closes an intent that nobody paid. */
  cancelIntent(paymentIntentId: string, attempt: string): Answer<PaymentIntentState>;
  /**
   * Gives a captured payment back whole, hence once however often it is asked for: the provider refuses a second
   * refund (I4). `cause` is noted with it; `attempt` names the try, so a stored failure is not replayed.
   */
  refundIntent(paymentIntentId: string, cause: string, attempt: string): Answer<void>;
  /**
   * Gives a part of a captured payment back, once for its `cause` however often and late it is asked for: within a day
   * by the idempotency key, after it because refunds of the payment are looked through first.
   */
  refundPart(refund: PartialRefund): Answer<RefundStatus>;
  retrieveRefund(providerId: string): Answer<RefundStatus>;
  /** All refunds of a payment. */
  refundsOf(paymentIntentId: string): Answer<readonly RefundStatus[]>;
  retrieveDispute(disputeId: string): Answer<DisputeStatus>;
  /** PaymentIntents made since `since` (milliseconds), newest first. @throws when the provider fails */
  intentsSince(since: number): AsyncIterable<PaymentIntentState>;
}

/**
 * Stripe as the payment port. The SDK is loaded at the first call, so functions that only sometimes pay
 * start without it.
 *
 * @param apiUrl where Stripe is reached; empty for Stripe itself
 * @param keyParameter the SSM parameter that holds the secret key
 */
export function stripeGateway(apiUrl: string, keyParameter: string): PaymentGateway {
  let client: Promise<StripeSdk> | undefined;
  const stripe = (): Promise<StripeSdk> =>
    (client ??= connect(apiUrl, keyParameter).catch((error: unknown) => {
      client = undefined;
      throw error;
    }));

  return gatewayOn(stripe);
}

/** The payment port over a client of Stripe's SDK, which is asked for when it is needed. */
export function gatewayOn(stripe: () => Promise<StripeSdk>): PaymentGateway {
  const answer = async <T>(call: (sdk: StripeSdk) => Promise<T>): Answer<T> => {
    try {
      return ok(await call(await stripe()));
    } catch (error) {
      return err(gatewayError(error));
    }
  };
  const ask = (call: (sdk: StripeSdk) => Promise<StripeSdk.PaymentIntent>): Answer<PaymentIntentState> =>
    answer(async (sdk) => stateOf(await call(sdk)));
  const refundsOf = (id: string): Answer<readonly RefundStatus[]> =>
    answer(async (sdk) => {
      const found: RefundStatus[] = [];
      for await (const each of sdk.refunds.list({ payment_intent: id, limit: 100 })) found.push(refundStatusOf(each));
      return found;
    });
  const expand = ['latest_charge'];

  return {
    createIntent: async (orderId, { amount, currency }) => {
      const create = (idempotencyKey: string): Answer<PaymentIntentState> =>
        ask((sdk) =>
          sdk.paymentIntents.create(
            {
              amount,
              currency: currency.toLowerCase(),
              metadata: { orderId },
              allowed_payment_method_types: ['card'],
              payment_method_options: { card: { capture_method: 'manual' } },
            },
            { idempotencyKey },
          ),
        );
      let created = await create(`create/${orderId}`);
      for (let name = 2; name <= CREATE_NAMES && !created.ok && isServerFault(created.error); name += 1)
        created = await create(`create/${orderId}/${name}`);
      return created;
    },
    retrieveIntent: (id) => ask((sdk) => sdk.paymentIntents.retrieve(id, { expand })),
    challengeIntent: (id, attempt) =>
      ask((sdk) =>
        sdk.paymentIntents.update(
          id,
          { payment_method_options: { card: { capture_method: 'manual', request_three_d_secure: 'challenge' } } },
          { idempotencyKey: `challenge/${id}/${attempt}` },
        ),
      ),
    refusedAttempts: (id) =>
      answer(async (sdk) => {
        const { data } = await sdk.charges.list({ payment_intent: id, limit: 100 });
        return data
          .filter(({ status }) => status === 'failed')
          .map((charge) => ({
            id: charge.id,
            at: charge.created * 1_000,
            fingerprint: charge.payment_method_details?.card?.fingerprint ?? undefined,
          }));
      }),
    captureIntent: (id, amount, attempt) =>
      ask((sdk) =>
        sdk.paymentIntents.capture(id, { amount_to_capture: amount }, { idempotencyKey: `capture/${id}/${attempt}` }),
      ),
    cancelIntent: (id, attempt) =>
      ask((sdk) => sdk.paymentIntents.cancel(id, {}, { idempotencyKey: `cancel/${id}/${attempt}` })),
    refundIntent: (id, cause, attempt) => refund(stripe, id, cause, attempt),
    refundsOf,
    refundPart: async (wanted) => {
      const { paymentIntentId, amount, refundId, orderId, cause, askedBefore, tryName, keyTurn } = wanted;
      const madeBefore = async (): Answer<RefundStatus | undefined> => {
        const refunds = await refundsOf(paymentIntentId);
        return refunds.ok ? ok(refunds.value.find((each) => each.cause === cause)) : refunds;
      };
      const create = (idempotencyKey: string): Answer<RefundStatus> =>
        answer(async (sdk) =>
          refundStatusOf(
            await sdk.refunds.create(
              { payment_intent: paymentIntentId, amount, metadata: { refundId, orderId, cause } },
              { idempotencyKey },
            ),
          ),
        );
      const lookFirst = async (idempotencyKey: string): Answer<RefundStatus> => {
        const found = await madeBefore();
        if (!found.ok) return found;
        return found.value === undefined ? create(idempotencyKey) : ok(found.value);
      };
      const key = keyTurn === undefined ? `refund/${cause}` : `refund/${cause}/turn-${keyTurn}`;
      const made = askedBefore ? await lookFirst(key) : await create(key);
      // A fault of the provider's own says nothing of whether it happened, and is replayed under its key for a day.
      return !made.ok && isServerFault(made.error) ? lookFirst(`${key}/${tryName}`) : made;
    },
    retrieveRefund: (id) => answer(async (sdk) => refundStatusOf(await sdk.refunds.retrieve(id))),
    retrieveDispute: (id) =>
      answer(async (sdk) => {
        const { status, amount, reason, payment_intent: intent } = await sdk.disputes.retrieve(id);
        return { id, status, amount, reason, paymentIntentId: idOf(intent) };
      }),
    intentsSince: async function* (since) {
      const sdk = await stripe();
      for await (const intent of sdk.paymentIntents.list({
        created: { gte: Math.floor(since / 1_000) },
        limit: 100,
        expand: ['data.latest_charge'],
      })) {
        yield stateOf(intent);
      }
    },
  };
}

async function refund(stripe: () => Promise<StripeSdk>, id: string, cause: string, attempt: string): Answer<void> {
  try {
    const sdk = await stripe();
    await sdk.refunds.create(
      { payment_intent: id, metadata: { cause } },
      { idempotencyKey: `refund/${cause}/${attempt}` },
    );
    return ok(undefined);
  } catch (error) {
    const mapped = gatewayError(error);
    // Refunded by another try: the money is back, which is what was asked.
    if (mapped.kind === 'REFUSED' && mapped.code === 'charge_already_refunded') return ok(undefined);
    return err(mapped);
  }
}

async function connect(apiUrl: string, keyParameter: string): Promise<StripeSdk> {
  const [{ default: Stripe }, key] = await Promise.all([import('stripe'), readSecret(keyParameter)]);
  const shared = { maxNetworkRetries: 0, timeout: ANSWER_WITHIN_MS, telemetry: false };
  if (apiUrl === '') return new Stripe(key, shared);
  const { hostname, port, protocol } = new URL(apiUrl);
  return new Stripe(key, { ...shared, host: hostname, port, protocol: protocol === 'https:' ? 'https' : 'http' });
}

const RISKS: Readonly<Record<string, PaymentIntentState['risk']>> = { elevated: 'ELEVATED', highest: 'HIGHEST' };

function stateOf(intent: StripeSdk.PaymentIntent): PaymentIntentState {
  const { latest_charge: charge } = intent;
  return {
    id: intent.id,
    // A status that this version does not know is not a decision yet.
    status: STATUSES.find((known) => known === intent.status) ?? 'processing',
    amount: intent.amount,
    currency: intent.currency.toUpperCase(),
    orderId: intent.metadata['orderId'],
    clientSecret: intent.client_secret,
    lastError: intent.last_payment_error?.decline_code ?? intent.last_payment_error?.code ?? undefined,
    authorised: typeof charge === 'object' && charge?.status === 'succeeded',
    risk: typeof charge === 'object' ? RISKS[charge?.outcome?.risk_level ?? ''] : undefined,
    challenged: intent.payment_method_options?.card?.request_three_d_secure === 'challenge',
    amountRefunded: typeof charge === 'object' && charge !== null ? charge.amount_refunded : 0,
    createdAt: intent.created * 1_000,
  };
}

function refundStatusOf(refund: StripeSdk.Refund): RefundStatus {
  const { id, status, amount, payment_intent: intent, metadata, failure_reason: failure } = refund;
  const ended = status === 'failed' || status === 'canceled';
  return {
    id,
    // What is neither here nor there waits for somebody: the bank, or the buyer.
    status: ended ? 'failed' : status === 'succeeded' ? 'succeeded' : 'pending',
    amount,
    paymentIntentId: idOf(intent),
    refundId: metadata?.['refundId'],
    cause: metadata?.['cause'],
    failure: ended ? (failure ?? status) : undefined,
  };
}

function idOf(object: string | { readonly id: string } | null): string | undefined {
  return typeof object === 'string' ? object : object?.id;
}

/**
 * A refusal decides something about the payment. Not so a time-out, a 5xx, a conflict, a rate limit, or a key
 * that may not do this: those say nothing, and somebody has to look again.
 */
function gatewayError(error: unknown): GatewayError {
  if (!isStripeError(error)) return { kind: 'UNKNOWN', cause: error };
  const status = error.statusCode ?? 0;
  const definite =
    status >= 400 && status < 500 && status !== 409 && status !== 429 && status !== 401 && status !== 403;
  if (!definite) return { kind: 'UNKNOWN', cause: error };
  return {
    kind: 'REFUSED',
    code: error.decline_code ?? error.code ?? error.type,
    intent: error.payment_intent === undefined ? undefined : stateOf(error.payment_intent),
  };
}

/** The provider's own fault, which it stores under the idempotency key and replays for a day (failure catalogue 15). */
function isServerFault(error: GatewayError): boolean {
  return error.kind === 'UNKNOWN' && isStripeError(error.cause) && (error.cause.statusCode ?? 0) >= 500;
}

function isStripeError(error: unknown): error is StripeSdk.errors.StripeError {
  return error instanceof Error && 'type' in error && typeof error.type === 'string' && error.type.startsWith('Stripe');
}
