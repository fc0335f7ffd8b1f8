import { ulid } from 'ulid';
import * as z from 'zod/mini';

import { SESSION_COOKIE } from '../../functions/shared/runtime/authenticate.ts';
import type { KeyRing } from '../../functions/shared/runtime/secrets.ts';
import type { Table } from '../../functions/shared/table/client.ts';
import { mintSession, type MintedSession, type SessionFor } from '../../functions/users/app/mint-session.ts';
import { fetchFrom } from '../audit/local-system.ts';
import type { Pool } from './arbitraries.ts';

/** The system that is to be fuzzed. */
export interface FuzzSystem {
  readonly url: string;
  readonly stripeUrl: string;
  readonly table: Table;
  readonly ring: KeyRing;
  /** Accounts that nobody needs, of people who send no requests: they may be barred and erased. */
  readonly spareUserIds?: readonly string[];
}

/** Who sends requests, and what exists for them to be about. */
export interface FuzzWorld {
  readonly callers: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly pool: Pool;
}

/** Holds of the buyer that requests may order, release or leave alone. */
const SPARE_HOLDS = 8;

const created = z.object({
  eventId: z.string(),
  event: z.object({ ticketTypes: z.array(z.object({ id: z.string() })) }),
});
const held = z.object({ reservationId: z.string() });
const ordered = z.object({ orderId: z.string(), paymentIntentId: z.string(), paymentClientSecret: z.string() });
const tickets = z.object({
  items: z.array(z.object({ id: z.string(), code: z.string(), qr: z.nullable(z.string()) })),
});

/** Puts an event on sale, buys from it, and signs in everybody who is to send requests. */
export async function furnish(system: FuzzSystem): Promise<FuzzWorld> {
  const organizationId = ulid();
  const session = (as: Partial<SessionFor>): Promise<MintedSession> =>
    mintSession(system.table, system.ring, {
      userId: ulid(),
      roles: ['customer'],
      memberships: [],
      now: Date.now(),
      ...as,
    });
  const organizer = await session({
    roles: ['customer', 'organizer'],
    memberships: [{ organizationId, post: 'organizer' }],
  });
  const gate = await session({ roles: ['customer', 'staff'], memberships: [{ organizationId, post: 'gate' }] });
  const buyer = await session({ userId: await demoBuyerId(system) });
  const [stranger, leaver, browser] = [await session({}), await session({}), await session({})];
  const admin = await session({ roles: ['customer', 'admin'] });

  const [watched, draft] = [await draftEvent(system, organizer), await draftEvent(system, organizer)];
  await post(system, organizer, `/api/events/${watched.eventId}/publish`, {}, z.unknown());
  const { ticketTypeId } = watched;
  const hold = (): Promise<z.infer<typeof held>> =>
    post(system, buyer, '/api/reservations', { items: [{ ticketTypeId, quantity: 2 }] }, held);
  const open = await order(system, buyer, await hold());
  const paid = await order(system, buyer, await hold());
  const reserved: string[] = [];
  for (let count = 0; count < SPARE_HOLDS; count += 1) reserved.push((await hold()).reservationId);
  await pay(system, paid);
  await post(
    system,
    buyer,
    '/api/payments/confirm',
    { orderId: paid.orderId, paymentIntentId: paid.paymentIntentId },
    z.unknown(),
  );
  const issued = await ticketsOf(system, buyer, paid.orderId);

  const bearer = ({ accessToken }: MintedSession): Readonly<Record<string, string>> => ({
    authorization: `Bearer ${accessToken}`,
  });
  const cookie = ({ accessToken }: MintedSession): string => `${SESSION_COOKIE}=${accessToken}`;
  return {
    callers: {
      nobody: {},
      forger: { authorization: 'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4Iiwic2lkIjoieSJ9.' },
      buyer: bearer(buyer),
      stranger: bearer(stranger),
      organizer: bearer(organizer),
      gate: bearer(gate),
      admin: bearer(admin),
      leaver: bearer(leaver),
      browser: { cookie: cookie(browser), 'x-xsrf-token': browser.csrfToken },
      'another site': { cookie: cookie(buyer) },
    },
    pool: {
      eventId: [watched.eventId, draft.eventId],
      ticketTypeId: [ticketTypeId, draft.ticketTypeId],
      reservationId: [...reserved, open.orderId],
      orderId: [open.orderId, paid.orderId, ...reserved.slice(0, 1)],
      paymentIntentId: [open.paymentIntentId, paid.paymentIntentId],
      ticketId: issued.map(({ id }) => id),
      code: issued.map(({ code }) => code),
      qr: issued.flatMap(({ qr }) => qr ?? []),
      organizationId: [organizationId],
      userId: system.spareUserIds ?? [],
      // Dates in an order that makes sense, which a schema cannot ask for.
      startsAt: [inDays(30)],
      endsAt: [inDays(31)],
      saleStartsAt: [inDays(1)],
      saleEndsAt: [inDays(20)],
      currency: ['EUR'],
      timeZone: ['Europe/Berlin', 'Asia/Kathmandu'],
      email: ['buyer@onsale.example', 'nobody@onsale.example'],
    },
  };
}

function inDays(days: number): string {
  return new Date(Date.now() + days * 24 * 3_600_000).toISOString();
}

/** The id of the demo's buyer, whose account is behind a session of their own. */
async function demoBuyerId({ url }: FuzzSystem): Promise<string> {
  const answer = await fetchFrom('The API', `${url}/api/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'buyer@onsale.example', password: 'Onsale-demo-2026!' }),
  });
  return z.parse(z.object({ user: z.object({ id: z.string() }) }), await answer.json()).user.id;
}

async function draftEvent(
  system: FuzzSystem,
  organizer: MintedSession,
): Promise<{ readonly eventId: string; readonly ticketTypeId: string }> {
  const startsAt = inDays(30);
  const { eventId, event } = await post(
    system,
    organizer,
    '/api/events',
    {
      title: 'Fuzzed Evening',
      description: '',
      category: 'music',
      startsAt,
      timeZone: 'Europe/Berlin',
      ticketTypes: [{ name: 'Standing', price: { amount: 4_500, currency: 'EUR' }, quantity: 400 }],
    },
    created,
  );
  return { eventId, ticketTypeId: event.ticketTypes[0]?.id ?? '' };
}

function order(
  system: FuzzSystem,
  buyer: MintedSession,
  { reservationId }: z.infer<typeof held>,
): Promise<z.infer<typeof ordered>> {
  return post(system, buyer, '/api/orders', { reservationId }, ordered);
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
  { accessToken }: MintedSession,
  orderId: string,
): Promise<z.infer<typeof tickets>['items']> {
  const deadline = Date.now() + TICKETS_WITHIN_MS;
  for (;;) {
    const answer = await fetchFrom('The API', `${url}/api/tickets?orderId=${orderId}`, {
      headers: { authorization: `Bearer ${accessToken}` },
    });
    const { items } = z.parse(tickets, await answer.json());
    if (items.length > 0) return items;
    if (Date.now() > deadline) throw new Error('The tickets of a paid order did not come');
  }
}

async function post<S extends z.ZodMiniType>(
  { url }: FuzzSystem,
  { accessToken }: MintedSession,
  path: string,
  body: unknown,
  schema: S,
): Promise<z.infer<S>> {
  const answer = await fetchFrom('The API', `${url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`POST ${path} answered ${answer.status}: ${text}`);
  return z.parse(schema, JSON.parse(text));
}
