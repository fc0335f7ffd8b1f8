import { createServer } from 'node:http';
import Stripe from 'stripe';
import { onTestFinished } from 'vitest';
import { startStripeStandIn, type StripeStandIn, type StripeStandInOptions } from '../../local/stripe/server.ts';

export const SECRET_KEY = 'sk_test_harness_0123456789';
export const WEBHOOK_SECRET = 'whsec_harness';

/** A stand-in for one test, closed when it ends. */
export async function standIn(options: Partial<StripeStandInOptions> = {}): Promise<StripeStandIn> {
  const started = await startStripeStandIn({
    secretKey: SECRET_KEY,
    webhookSecret: WEBHOOK_SECRET,
    webhookRetryDelaysMs: [1, 1, 1],
    log: (line) => console.error(line),
    ...options,
  });
  onTestFinished(() => started.close());
  return started;
}

/** The unmodified SDK, pointed at the stand-in. */
export function sdk(server: StripeStandIn, key = SECRET_KEY): Stripe {
  return new Stripe(key, {
    host: '127.0.0.1',
    port: server.port,
    protocol: 'http',
    telemetry: false,
    maxNetworkRetries: 0,
  });
}

/** Calls the control API. */
export async function control(server: StripeStandIn, method: string, path: string, body?: object): Promise<unknown> {
  const answer = await fetch(`${server.url}/_stand-in/${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${answer.status} ${text}`);
  return JSON.parse(text);
}

/** The error that a call fails with. */
export async function errorOf(call: Promise<unknown>): Promise<Stripe.errors.StripeError> {
  const failure: unknown = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (failure instanceof Stripe.errors.StripeError) return failure;
  throw new Error(`expected a Stripe error, got ${String(failure)}`);
}

/** A paid PaymentIntent of 45.00 €. */
export function paid(
  stripe: Stripe,
  more: Partial<Stripe.PaymentIntentCreateParams> = {},
): Promise<Stripe.PaymentIntent> {
  return stripe.paymentIntents.create({
    amount: 4_500,
    currency: 'eur',
    confirm: true,
    payment_method: 'pm_card_visa',
    ...more,
  });
}

/** An authorised, uncaptured PaymentIntent of 45.00 €. */
export function held(
  stripe: Stripe,
  more: Partial<Stripe.PaymentIntentCreateParams> = {},
): Promise<Stripe.PaymentIntent> {
  return paid(stripe, { capture_method: 'manual', ...more });
}

/** A receiver of webhooks that verifies each signature with the SDK. */
export interface Receiver {
  readonly url: string;
  readonly events: readonly Stripe.Event[];
  /** What the next requests are answered with; then 200. */
  answerNext(...statuses: number[]): void;
  /** Resolves when the condition holds, which is looked at on each arrival. */
  until(condition: (events: readonly Stripe.Event[]) => boolean): Promise<void>;
  /** How many requests came, refused ones too. */
  readonly requests: number;
}

/** Starts a receiver for one test. */
export async function receiver(secret: () => string = () => WEBHOOK_SECRET): Promise<Receiver> {
  const events: Stripe.Event[] = [];
  const answers: number[] = [];
  let watchers: (() => void)[] = [];
  let requests = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      requests += 1;
      const status = answers.shift() ?? 200;
      const signature = request.headers['stripe-signature'] ?? '';
      const event = Stripe.webhooks.constructEvent(Buffer.concat(chunks), signature, secret());
      if (status === 200) events.push(event);
      response.writeHead(status).end();
      for (const look of watchers) look();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/hook`,
    events,
    answerNext: (...statuses) => answers.push(...statuses),
    until: (condition) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!condition(events)) return;
          watchers = watchers.filter((watcher) => watcher !== look);
          resolve();
        };
        watchers.push(look);
        look();
      }),
    get requests() {
      return requests;
    },
  };
}

/** The id of the charge that an unexpanded PaymentIntent names. */
export function chargeOf(intent: Stripe.PaymentIntent): string {
  if (typeof intent.latest_charge === 'string') return intent.latest_charge;
  throw new Error(`${intent.id} has no charge`);
}
