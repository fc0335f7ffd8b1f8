import * as z from 'zod/mini';

import type { KeyRing } from '../../functions/shared/runtime/secrets.ts';
import type { Table } from '../../functions/shared/table/client.ts';
import { fetchFrom } from '../audit/local-system.ts';
import { examplesAt } from './examples.ts';
import { CALLERS_BY_ROLE, sendAs, signIn } from './people.ts';
import { Pool } from './pool.ts';
import { CANARY } from './requests.ts';
import type { FuzzCaller, FuzzRun } from './run.ts';

/** The system that is to be fuzzed. */
export interface FuzzSystem {
  readonly url: string;
  readonly controlUrl: string;
  readonly stripeUrl: string;
  /** Variables by which its emulators are reached with the AWS SDK. */
  readonly environment: Readonly<Record<string, string>>;
  readonly table: Table;
  readonly ring: KeyRing;
}

/** Who sends requests, and what exists for them to be about. */
export type FuzzWorld = Pick<FuzzRun, 'callers' | 'callersByRole' | 'pool' | 'examples'>;

/** Holds of the buyer that requests may order, release or leave alone. */
const SPARE_HOLDS = 8;
/** Events that requests may take back or cancel. */
const LOST_EVENTS = 12;
/** So many that no run buys them all. */
const TICKETS_ON_SALE = 50_000;
/** Ids that answers tell of what requests have made, so that later ones find it. */
const LEARNT = [
  'eventId',
  'ticketTypeId',
  'seriesId',
  'venueId',
  'planId',
  'apiKeyId',
  'invitationId',
  'reservationId',
  'orderId',
];

const created = z.object({
  eventId: z.string(),
  event: z.object({ ticketTypes: z.array(z.object({ id: z.string() })) }),
});
const held = z.object({ reservationId: z.string() });
const ordered = z.object({ orderId: z.string(), paymentIntentId: z.string(), paymentClientSecret: z.string() });
const tickets = z.object({
  items: z.array(z.object({ id: z.string(), code: z.string(), qr: z.nullable(z.string()) })),
});
const madeId = z.object({ id: z.string() });

/** Signs everybody in, puts an event on sale, buys from it, and makes one of whatever requests may be about. */
export async function furnish(system: FuzzSystem): Promise<FuzzWorld> {
  reachSecretsOf(system);
  const { callers, organizationId, spares, lost, guessed } = await signIn(system);
  const { organizer, buyer } = callers;
  if (organizer === undefined || buyer === undefined) throw new Error('Nobody to begin with');
  const examples = examplesAt(inDays);
  const make = <S extends z.ZodMiniType>(route: `${'POST' | 'PUT'} ${string}`, operationId: string, schema: S) =>
    sendAs(system, organizer, route, filled(examples[operationId]?.[0], organizationId), schema);

  const watched = await onSale(system, organizer, organizationId);
  const lostEvents: string[] = [];
  for (let count = 0; count < LOST_EVENTS; count += 1)
    lostEvents.push((await onSale(system, organizer, organizationId)).eventId);
  const draft = await make('POST /api/events', 'createEvent', created);
  const { seriesId } = await make('POST /api/series', 'createSeries', z.object({ seriesId: z.string() }));
  const { id: venueId } = await make('POST /api/venues', 'createVenue', madeId);
  const { seatingPlan } = await make(
    `PUT /api/venues/${venueId}/seating-plan`,
    'putSeatingPlan',
    z.object({ seatingPlan: madeId }),
  );
  const seated = await onSale(system, organizer, organizationId, {
    venueId,
    ticketTypes: [{ name: 'Seat', price: { amount: 4_500, currency: 'EUR' }, quantity: 1, seatCategory: 'Stalls' }],
  });
  for (const userId of spares) {
    const body = { userId, posts: [{ post: 'gate' }] };
    await sendAs(system, organizer, `POST /api/organizations/${organizationId}/members`, body, z.unknown());
  }
  const bought = await buy(system, buyer, watched.ticketTypeId);
  const kept = {
    ...bought,
    organizationId: [organizationId],
    eventId: [watched.eventId, draft.eventId, seated.eventId],
    ticketTypeId: [watched.ticketTypeId, draft.event.ticketTypes[0]?.id ?? '', seated.ticketTypeId],
    seatedTypeId: [seated.ticketTypeId],
    seriesId: [seriesId],
    venueId: [venueId],
    planId: [seatingPlan.id],
    userId: spares,
    memberId: spares,
    lostUserId: lost,
    lostEventId: lostEvents,
    month: [`${inDays(30).slice(0, 7)}.xml`],
    // Dates in an order that makes sense, which a schema cannot ask for.
    startsAt: [inDays(30)],
    endsAt: [inDays(31)],
    saleStartsAt: [inDays(1)],
    saleEndsAt: [inDays(20)],
    currency: ['EUR'],
    category: ['music', 'theatre'],
    timeZone: ['Europe/Berlin', 'Asia/Kathmandu'],
    // Guesses lock the account that they are made at, so it is nobody's who has anything else to do.
    email: [guessed, 'nobody@onsale.example'],
    password: [CANARY],
    newPassword: [CANARY],
  };
  return { callers, callersByRole: CALLERS_BY_ROLE, pool: new Pool(kept, [...LEARNT, 'cursor']), examples };
}

/** Accounts are made as functions make them, which read their secrets from the parameters extension. */
function reachSecretsOf({ controlUrl, environment }: FuzzSystem): void {
  Object.assign(process.env, environment, { PARAMETERS_SECRETS_EXTENSION_HTTP_PORT: new URL(controlUrl).port });
}

function inDays(days: number): string {
  return new Date(Date.now() + days * 24 * 3_600_000).toISOString();
}

/** An example with the one organisation that there is by now. */
function filled(example: unknown, organizationId: string): unknown {
  return JSON.parse(new Pool({ organizationId: [organizationId] }, []).fill(JSON.stringify(example)));
}

async function onSale(
  system: FuzzSystem,
  organizer: FuzzCaller,
  organizationId: string,
  as: object = {},
): Promise<{ readonly eventId: string; readonly ticketTypeId: string }> {
  const body = {
    organizationId,
    title: 'Fuzzed Night',
    description: '',
    category: 'music',
    startsAt: inDays(30),
    timeZone: 'Europe/Berlin',
    ticketTypes: [{ name: 'Standing', price: { amount: 4_500, currency: 'EUR' }, quantity: TICKETS_ON_SALE }],
    ...as,
  };
  const { eventId, event } = await sendAs(system, organizer, 'POST /api/events', body, created);
  await sendAs(system, organizer, `POST /api/events/${eventId}/publish`, {}, z.unknown());
  return { eventId, ticketTypeId: event.ticketTypes[0]?.id ?? '' };
}

/** Holds, an order that waits for its payment, and a paid one with its tickets. */
async function buy(
  system: FuzzSystem,
  buyer: FuzzCaller,
  ticketTypeId: string,
): Promise<Readonly<Record<string, readonly string[]>>> {
  const hold = (): Promise<z.infer<typeof held>> =>
    sendAs(system, buyer, 'POST /api/reservations', { items: [{ ticketTypeId, quantity: 2 }] }, held);
  const order = async (): Promise<z.infer<typeof ordered>> =>
    sendAs(system, buyer, 'POST /api/orders', { reservationId: (await hold()).reservationId }, ordered);
  const [open, paid] = [await order(), await order()];
  const reserved: string[] = [];
  for (let count = 0; count < SPARE_HOLDS; count += 1) reserved.push((await hold()).reservationId);
  await pay(system, paid);
  const { orderId, paymentIntentId } = paid;
  await sendAs(system, buyer, 'POST /api/payments/confirm', { orderId, paymentIntentId }, z.unknown());
  const issued = await ticketsOf(system, buyer, orderId);
  return {
    reservationId: [...reserved, open.orderId],
    orderId: [open.orderId, orderId, ...reserved.slice(0, 1)],
    paymentIntentId: [open.paymentIntentId, paymentIntentId],
    ticketId: issued.map(({ id }) => id),
    code: issued.map(({ code }) => code),
    qr: issued.flatMap(({ qr }) => qr ?? []),
  };
}

async function pay(
  { stripeUrl }: FuzzSystem,
  { paymentIntentId, paymentClientSecret }: z.infer<typeof ordered>,
): Promise<void> {
  await fetchFrom('The Stripe stand-in', `${stripeUrl}/v1/payment_intents/${paymentIntentId}/confirm`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ payment_method: 'pm_card_visa', client_secret: paymentClientSecret }).toString(),
  });
}

const TICKETS_WITHIN_MS = 20_000;

/** The tickets of a paid order; they are issued a moment after the payment. */
async function ticketsOf(
  { url }: FuzzSystem,
  { headers }: FuzzCaller,
  orderId: string,
): Promise<z.infer<typeof tickets>['items']> {
  const deadline = Date.now() + TICKETS_WITHIN_MS;
  for (;;) {
    const answer = await fetchFrom('The API', `${url}/api/tickets?orderId=${orderId}`, { headers });
    const { items } = z.parse(tickets, await answer.json());
    if (items.length > 0) return items;
    if (Date.now() > deadline) throw new Error('The tickets of a paid order did not come');
  }
}
