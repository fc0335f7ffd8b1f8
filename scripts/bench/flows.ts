import type { Message } from '@aws-sdk/client-sqs';
import { createRequire } from 'node:module';
import * as z from 'zod/mini';

import { MINUTE } from '../../functions/shared/kernel/clock.ts';
import type { Bundles } from './bundles.ts';
import { callHandler, lambdaContext, type HttpAnswer, type HttpHandler } from './invoke.ts';
import type { RowChange } from './meter.ts';
import type { BenchBuyer, BenchWorld } from './world.ts';

type LambdaContext = ReturnType<typeof lambdaContext>;
/** A function behind a queue or the stream: answers which of its records failed. */
type QueueHandler = (event: unknown, context: LambdaContext) => Promise<{ batchItemFailures: readonly unknown[] }>;

/** The system's own functions, loaded into this process. */
export interface Handlers {
  readonly hold: HttpHandler;
  readonly checkout: HttpHandler;
  readonly confirm: HttpHandler;
  readonly relay: QueueHandler;
  readonly issueTickets: QueueHandler;
  readonly sendMail: QueueHandler;
  readonly expireHolds: (event: unknown, context: LambdaContext) => Promise<unknown>;
}

/**
 * The hold function loaded once more, past the meter: what is timed must be the handler and DynamoDB Local
 * alone. Its client takes the endpoint from the environment at the first request, so `first` makes one.
 */
export async function loadUnmetered(
  world: BenchWorld,
  bundles: Bundles,
  first: (hold: HttpHandler) => Promise<void>,
): Promise<HttpHandler> {
  const metered = process.env['AWS_ENDPOINT_URL_DYNAMODB'] ?? '';
  const load = createRequire(import.meta.url);
  const path = bundles.pathOf('reservations/handlers/http-hold.ts');
  delete load.cache[path];
  process.env['AWS_ENDPOINT_URL_DYNAMODB'] = world.dynamoDbUrl;
  try {
    const hold = httpHandler(z.parse(loaded, load(path)).handler);
    await first(hold);
    return hold;
  } finally {
    process.env['AWS_ENDPOINT_URL_DYNAMODB'] = metered;
  }
}

const loaded = z.object({
  handler: z.custom<(event: unknown, context: unknown) => Promise<unknown>>((value) => typeof value === 'function'),
});
const httpResult = z.looseObject({ statusCode: z.int(), body: z.optional(z.string()) });

function httpHandler(handler: z.infer<typeof loaded>['handler']): HttpHandler {
  return async (event, context) => {
    const { statusCode, body } = z.parse(httpResult, await handler(event, context));
    return { statusCode, ...(body === undefined ? {} : { body }) };
  };
}

const batchResult = z.object({ batchItemFailures: z.array(z.unknown()) });

/** Loads the handlers from their bundles, as Lambda would; the world must have set their environment. */
export function loadHandlers(world: BenchWorld, bundles: Bundles): Handlers {
  const load = createRequire(import.meta.url);
  const handlerOf = (entry: string): z.infer<typeof loaded>['handler'] =>
    z.parse(loaded, load(bundles.pathOf(entry))).handler;
  const http = (entry: string): HttpHandler => httpHandler(handlerOf(entry));
  const queue = (entry: string): QueueHandler => {
    const handler = handlerOf(entry);
    return async (event, context) => z.parse(batchResult, await handler(event, context));
  };
  world.control.functions = {
    PurchaseLedger: handlerOf('orders/handlers/step-purchase-ledger.ts'),
    PurchasePayments: handlerOf('payments/handlers/step-purchase-payments.ts'),
  };
  return {
    hold: http('reservations/handlers/http-hold.ts'),
    checkout: http('orders/handlers/http-checkout.ts'),
    confirm: http('payments/handlers/http-confirm-payment.ts'),
    relay: queue('outbox/handlers/stream-relay-events.ts'),
    issueTickets: queue('delivery/handlers/queue-issue-tickets.ts'),
    sendMail: queue('notifications/handlers/queue-send-mail.ts'),
    expireHolds: handlerOf('reservations/handlers/schedule-expire-holds.ts'),
  };
}

const held = z.object({ reservationId: z.string() });
const ordered = z.object({ orderId: z.string(), paymentIntentId: z.string(), paymentClientSecret: z.string() });
const confirmed = z.object({ status: z.string() });

/** Asks to hold tickets: so many, or seats by name. */
export function askHold(
  { hold }: Pick<Handlers, 'hold'>,
  { token }: BenchBuyer,
  ticketTypeId: string,
  wish: number | readonly string[],
): Promise<HttpAnswer> {
  const wished = typeof wish === 'number' ? { quantity: wish } : { seatIds: wish };
  return callHandler(hold, { route: 'POST /api/reservations', token, body: { items: [{ ticketTypeId, ...wished }] } });
}

/** Holds tickets. @returns the reservation's id */
export async function placeHold(
  handlers: Handlers,
  buyer: BenchBuyer,
  ticketTypeId: string,
  wish: number | readonly string[],
): Promise<string> {
  const answer = await askHold(handlers, buyer, ticketTypeId, wish);
  if (answer.status !== 201) throw new Error(`The hold answered ${answer.status}: ${JSON.stringify(answer.json)}`);
  return z.parse(held, answer.json).reservationId;
}

/**
 * Orders, pays and confirms a reservation, each labelled for the meter.
 *
 * @returns the order's id
 */
export async function buyHeld(
  world: BenchWorld,
  handlers: Handlers,
  { token }: BenchBuyer,
  reservationId: string,
): Promise<string> {
  const order = await world.meter.during('order', () =>
    callHandler(handlers.checkout, { route: 'POST /api/orders', token, body: { reservationId } }),
  );
  if (order.status !== 201) throw new Error(`The order answered ${order.status}: ${JSON.stringify(order.json)}`);
  const { orderId, paymentIntentId, paymentClientSecret } = z.parse(ordered, order.json);
  const paid = await fetch(`${world.stripe.url}/v1/payment_intents/${paymentIntentId}/confirm`, {
    method: 'POST',
    body: new URLSearchParams({ payment_method: 'pm_card_visa', client_secret: paymentClientSecret }),
  });
  if (!paid.ok) throw new Error(`The card answered ${paid.status}`);
  const answer = await world.meter.during('confirm', () =>
    callHandler(handlers.confirm, { route: 'POST /api/payments/confirm', token, body: { orderId, paymentIntentId } }),
  );
  if (answer.status !== 200 || z.parse(confirmed, answer.json).status !== 'PAID') {
    throw new Error(`The confirmation answered ${answer.status}: ${JSON.stringify(answer.json)}`);
  }
  return orderId;
}

/** Hands `changes` to the relay as one batch of the table's stream. @throws when one of them fails */
export async function relayBatch(handlers: Handlers, changes: readonly RowChange[]): Promise<void> {
  const Records = changes.map(({ before, after }, index) => ({
    eventID: String(index),
    dynamodb: { SequenceNumber: String(index), OldImage: before, NewImage: after },
  }));
  const { batchItemFailures } = await handlers.relay({ Records }, lambdaContext());
  if (batchItemFailures.length > 0) throw new Error(`${batchItemFailures.length} stream records were not taken`);
}

/** Hands messages to a queue's function, all in one batch. @throws when one of them fails */
export async function consume(handler: QueueHandler, messages: readonly Message[]): Promise<void> {
  const Records = messages.map(({ MessageId = '', Body = '' }) => ({
    messageId: MessageId,
    receiptHandle: '',
    body: Body,
    attributes: {
      ApproximateReceiveCount: '1',
      SentTimestamp: '0',
      SenderId: '',
      ApproximateFirstReceiveTimestamp: '0',
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: '',
    awsRegion: '',
  }));
  const { batchItemFailures } = await handler({ Records }, lambdaContext());
  if (batchItemFailures.length > 0) throw new Error(`${batchItemFailures.length} messages were not taken`);
}

/** Runs the sweep of lapsed holds as its schedule does at `time`. */
export async function sweep(handlers: Handlers, time: number): Promise<void> {
  const minute = Math.floor(time / MINUTE) * MINUTE;
  await handlers.expireHolds({ time: new Date(minute).toISOString() }, lambdaContext());
}

/** The changes that the stream would carry: of rows that name an event, copies left out by the relay itself. */
export function streamedChanges(world: BenchWorld, from: number): readonly RowChange[] {
  return world.meter.calls
    .slice(from)
    .flatMap(({ changes }) => changes)
    .filter(({ after }) => after?.['ev'] !== undefined && after['sk']?.S?.startsWith('TL#') !== true);
}
