import type Stripe from 'stripe';

/** The error object inside Stripe's `{ "error": … }` body (docs.stripe.com/api/errors). */
export interface ErrorBody {
  readonly type: 'api_error' | 'card_error' | 'idempotency_error' | 'invalid_request_error';
  readonly message: string;
  readonly code?: string;
  readonly decline_code?: string;
  readonly param?: string;
  readonly doc_url?: string;
  readonly charge?: string;
  readonly payment_intent?: Stripe.PaymentIntent;
  readonly payment_method?: Stripe.PaymentMethod;
}

/**
 * Whether Stripe keeps the answer under the idempotency key: a request that failed validation
 * never started, so it may be repeated with the same key (docs.stripe.com/api/idempotent_requests).
 */
export type FailurePhase = 'validation' | 'execution';

/** A refusal, thrown by routes and answered as Stripe answers it. */
export class StripeFailure extends Error {
  readonly status: number;
  readonly body: ErrorBody;
  readonly phase: FailurePhase;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    body: ErrorBody,
    phase: FailurePhase = 'execution',
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(body.message);
    this.name = 'StripeFailure';
    this.status = status;
    this.body =
      body.code === undefined
        ? body
        : {
            ...body,
            doc_url: `https://docs.stripe.com/error-codes/${body.code.replaceAll('_', '-')}`,
          };
    this.phase = phase;
    this.headers = headers;
  }
}

/** A request whose parameters are wrong: 400, never kept under the idempotency key. */
export function invalidParam(message: string, param: string, code?: string): StripeFailure {
  return new StripeFailure(
    400,
    { type: 'invalid_request_error', message, param, ...(code === undefined ? {} : { code }) },
    'validation',
  );
}

/** A well-formed request that the object's present state refuses: 400. */
export function refused(message: string, code?: string, extra: Partial<ErrorBody> = {}): StripeFailure {
  return new StripeFailure(400, {
    type: 'invalid_request_error',
    message,
    ...(code === undefined ? {} : { code }),
    ...extra,
  });
}

/**
 * The object named does not exist.
 * @param where `path` answers 404, `param` (an id inside the parameters) answers 400.
 */
export function missing(kind: string, id: string, param: string, where: 'path' | 'param' = 'path'): StripeFailure {
  return new StripeFailure(where === 'path' ? 404 : 400, {
    type: 'invalid_request_error',
    code: 'resource_missing',
    message: `No such ${kind}: '${id}'`,
    param,
  });
}

/** The PaymentIntent is in a state that does not allow the call. */
export function unexpectedState(message: string, intent: Stripe.PaymentIntent): StripeFailure {
  return refused(message, 'payment_intent_unexpected_state', { payment_intent: intent });
}

/** 401 for a missing or wrong key; the key is echoed masked, as Stripe does. */
export function unauthenticated(message: string, code?: string): StripeFailure {
  return new StripeFailure(
    401,
    { type: 'invalid_request_error', message, ...(code === undefined ? {} : { code }) },
    'validation',
    { 'www-authenticate': 'Bearer realm="Stripe"' },
  );
}

/** 500 as Stripe words it. */
export function serverError(headers: Readonly<Record<string, string>> = {}): StripeFailure {
  return new StripeFailure(500, { type: 'api_error', message: 'An unknown error occurred' }, 'execution', headers);
}

/** 429 as Stripe words it (docs.stripe.com/rate-limits). */
export function rateLimited(): StripeFailure {
  return new StripeFailure(
    429,
    {
      type: 'invalid_request_error',
      code: 'rate_limit',
      message: 'Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits.',
    },
    'validation',
    { 'stripe-rate-limited-reason': 'global-rate' },
  );
}
