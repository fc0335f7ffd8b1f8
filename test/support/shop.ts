import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ulid } from 'ulid';
import { inject } from 'vitest';

import { auditInvariants } from '../../scripts/audit/invariants.ts';
import type { LedgerPayment, PaymentLedger } from '../../scripts/audit/ledger.ts';
import { readRows } from '../../scripts/audit/local-system.ts';
import type { Row } from '../../scripts/audit/rows.ts';
import { getJson } from './json.ts';
import { standingKey } from '../../functions/fraud/keys.ts';
import { findOrder, scrutinised } from '../../functions/orders/reads.ts';
import { tableOn, type Table } from '../../functions/shared/table/client.ts';
import { commit } from '../../functions/shared/table/commit.ts';
import { mustHold } from '../../functions/shared/table/writes.ts';
import type { KeyRing } from '../../functions/shared/runtime/secrets.ts';
import { mintSession, type SessionFor } from '../../functions/users/app/mint-session.ts';

/** An answer of the API: status, headers, and its JSON if it is some. */
export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests assert on shapes
  readonly json: any;
  readonly text: string;
  readonly bytes: Uint8Array;
}

/** Somebody signed in to the running system. */
export interface Person {
  readonly userId: string;
  call(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<ApiAnswer>;
}

const HARBOUR_LIGHTS = ulid();

/** The running system's table, for looking at rows and minting sessions. */
export function systemTable(): Table {
  const { environment } = inject('system');
  const client = new DynamoDBClient({
    endpoint: environment['AWS_ENDPOINT_URL_DYNAMODB'] ?? '',
    region: environment['AWS_REGION'] ?? '',
    credentials: { accessKeyId: 'onsaletest', secretAccessKey: 'onsaletest' },
  });
  return tableOn(client, environment['TABLE_NAME'] ?? '');
}

/** Every row of the running system's table. */
export function systemRows(): Promise<readonly Row[]> {
  return readRows(systemTable());
}

/** The Stripe stand-in's whole ledger. */
export function paymentLedger(): Promise<PaymentLedger> {
  return getJson(`${inject('system').stripeUrl}/_stand-in/ledger`);
}

/** One PaymentIntent as the ledger has it. */
export async function paymentOf({ paymentIntentId }: PlacedOrder): Promise<LedgerPayment | undefined> {
  const { paymentIntents } = await paymentLedger();
  return paymentIntents.find(({ id }) => id === paymentIntentId);
}

/** A mail in the local inbox. */
export interface InboxMail {
  readonly subject: string;
  readonly [member: string]: unknown;
}

/** Mails whose subject contains `text`. */
export async function mailsAbout(text: string): Promise<readonly InboxMail[]> {
  const { emails } = await getJson<{ readonly emails: readonly InboxMail[] }>(`${inject('system').inboxUrl}/store`);
  return emails.filter(({ subject }) => subject.includes(text));
}

/** What is wrong with rows and ledger by the invariants; nothing, where all is well. */
export async function audit(): Promise<readonly unknown[]> {
  // What the schedule does each minute, which nothing does here by itself: a slow machine takes longer than holds live.
  await fire('expire-holds', Date.now());
  await settled();
  return auditInvariants({ rows: await systemRows(), ledger: await paymentLedger(), at: Date.now() }).differences;
}

/** Sends a request to the API as a client would. */
export async function call(
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<ApiAnswer> {
  const response = await fetch(`${inject('system').url}${path}`, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: isRaw(body) ? body : JSON.stringify(body) }),
  });
  const bytes = new Uint8Array(await response.arrayBuffer());
  const text = Buffer.from(bytes).toString();
  const isJson = (response.headers.get('content-type') ?? '').includes('json');
  return {
    status: response.status,
    headers: response.headers,
    json: isJson && text !== '' ? JSON.parse(text) : undefined,
    text,
    bytes,
  };
}

/** Texts and bytes are sent as they are. */
function isRaw(body: unknown): body is string | Uint8Array<ArrayBuffer> {
  return typeof body === 'string' || body instanceof Uint8Array;
}

/** Signs a new person in by minting a session. */
export async function person(as: Partial<SessionFor> = {}): Promise<Person> {
  const { current, keys }: { current: string; keys: Record<string, string> } = JSON.parse(inject('system').sessionKeys);
  const ring: KeyRing = {
    current,
    keys: new Map(Object.entries(keys).map(([id, hex]) => [id, Buffer.from(hex, 'hex')])),
  };
  const userId = as.userId ?? ulid();
  const { roles = ['customer'], memberships = [] } = as;
  const { accessToken } = await mintSession(systemTable(), ring, { userId, roles, memberships, now: Date.now() });
  return {
    userId,
    call: (method, path, body, headers) =>
      call(method, path, body, { authorization: `Bearer ${accessToken}`, ...headers }),
  };
}

/** The demo's buyer, signed in by password: the one who has an address that mail goes to. */
export async function demoBuyer(): Promise<Person> {
  const login = await call('POST', '/api/auth/login', { email: 'buyer@onsale.example', password: 'Onsale-demo-2026!' });
  if (login.status !== 200) throw new Error(`Logging in: ${login.text}`);
  const authorization = `Bearer ${login.json.accessToken}`;
  return {
    userId: login.json.user.id,
    call: (method, path, body, headers) => call(method, path, body, { authorization, ...headers }),
  };
}

/** An organizer of the tests' organisation. */
export function organizer(): Promise<Person> {
  return person({
    roles: ['customer', 'organizer'],
    memberships: [{ organizationId: HARBOUR_LIGHTS, post: 'organizer' }],
  });
}

/** Gate staff of the tests' organisation. */
export function gatekeeper(): Promise<Person> {
  return person({ roles: ['customer', 'staff'], memberships: [{ organizationId: HARBOUR_LIGHTS, post: 'gate' }] });
}

/** Box-office staff of the tests' organisation. */
export function boxOffice(): Promise<Person> {
  return person({
    roles: ['customer', 'staff'],
    memberships: [{ organizationId: HARBOUR_LIGHTS, post: 'box-office' }],
  });
}

/** What a test's event offers; one type of ten tickets at 45.00 EUR unless it says otherwise. */
export interface EventOffer {
  readonly quantity?: number;
  readonly amount?: number;
  readonly maxPerPerson?: number;
}

/** A published event with one ticket type. */
export interface OpenSale {
  readonly eventId: string;
  readonly ticketTypeId: string;
}

/** Creates and publishes an event over the API. */
export async function publishEvent({
  quantity = 10,
  amount = 4_500,
  maxPerPerson,
}: EventOffer = {}): Promise<OpenSale> {
  const host = await organizer();
  const startsAt = new Date(Date.now() + 30 * 24 * 3_600_000).toISOString();
  const created = await host.call('POST', '/api/events', {
    title: 'Lighthouse Concert',
    description: 'An evening by the sea.',
    category: 'music',
    startsAt,
    timeZone: 'Europe/Berlin',
    location: { name: 'Pier 7', city: 'Hamburg' },
    ticketTypes: [
      {
        name: 'Standing',
        price: { amount, currency: 'EUR' },
        quantity,
        ...(maxPerPerson === undefined ? {} : { maxPerPerson }),
      },
    ],
  });
  if (created.status !== 201) throw new Error(`Creating the event: ${created.text}`);
  const { eventId, event } = created.json;
  const published = await host.call('POST', `/api/events/${eventId}/publish`);
  if (published.status !== 200) throw new Error(`Publishing the event: ${published.text}`);
  return { eventId, ticketTypeId: event.ticketTypes[0].id };
}

/** An order that waits for its payment. */
export interface PlacedOrder {
  readonly orderId: string;
  readonly orderNumber: string;
  readonly paymentIntentId: string;
  readonly paymentClientSecret: string;
  readonly expiresAt: string;
}

/** Holds and orders tickets. */
export async function order(
  buyer: Person,
  ticketTypeId: string,
  quantity = 1,
  attendees?: readonly { readonly name: string }[],
): Promise<PlacedOrder> {
  const held = await buyer.call('POST', '/api/reservations', { items: [{ ticketTypeId, quantity }] });
  if (held.status !== 201) throw new Error(`Holding: ${held.status} ${held.text}`);
  const ordered = await buyer.call('POST', '/api/orders', {
    reservationId: held.json.reservationId,
    ...(attendees === undefined ? {} : { attendees }),
  });
  if (ordered.status !== 201) throw new Error(`Ordering: ${ordered.status} ${ordered.text}`);
  await forgetConduct(ordered.json);
  return ordered.json;
}

/** Pays on the stand-in as Stripe's page in the buyer's browser would; says yes where the bank asks about a common card. */
export async function payByCard(placed: PlacedOrder, card = 'pm_card_visa'): Promise<number> {
  const { status, asked } = await giveCard(placed, card);
  if (asked && card === 'pm_card_visa') await answerBank(placed);
  return status;
}

/** Gives a card to the stand-in, and nothing more. @returns the HTTP status, and whether the bank asks the buyer now */
export async function giveCard(
  { paymentIntentId, paymentClientSecret }: PlacedOrder,
  card: string,
): Promise<{ readonly status: number; readonly asked: boolean }> {
  const response = await fetch(`${inject('system').stripeUrl}/v1/payment_intents/${paymentIntentId}/confirm`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ payment_method: card, client_secret: paymentClientSecret }),
  });
  return { status: response.status, asked: (await response.text()).includes('"status":"requires_action"') };
}

/** The buyer says yes to the bank, which has asked. */
export async function answerBank({ paymentIntentId, paymentClientSecret }: PlacedOrder): Promise<void> {
  const url = `${inject('system').stripeUrl}/_stand-in/authenticate/${paymentIntentId}/complete`;
  await (await fetch(`${url}?client_secret=${paymentClientSecret}`, { method: 'POST' })).text();
}

/** The fraud check forgets who placed an order: a test lets more orders lapse within an hour than a person does. */
async function forgetConduct({ orderId }: PlacedOrder): Promise<void> {
  const table = systemTable();
  const order = await findOrder(table, orderId);
  const subject = order === undefined ? undefined : scrutinised(order);
  if (subject === undefined) return;
  await commit(table, [
    { kind: 'delete', key: standingKey(subject), otherwise: mustHold('a delete without a condition') },
  ]);
}

/** Confirms the payment to Onsale. */
export function confirm(buyer: Person, { orderId, paymentIntentId }: PlacedOrder): Promise<ApiAnswer> {
  return buyer.call('POST', '/api/payments/confirm', { orderId, paymentIntentId });
}

/** Plants a fault at the Stripe stand-in (see its README) and answers its id. */
export async function plantFault(fault: Readonly<Record<string, unknown>>): Promise<string> {
  const headers = { 'content-type': 'application/json' };
  const url = `${inject('system').stripeUrl}/_stand-in/faults`;
  return (await getJson<{ readonly id: string }>(url, { method: 'POST', body: JSON.stringify(fault), headers })).id;
}

/** Lets every webhook of a payment get lost, so that only what the test does moves it. */
export async function loseWebhooks({ paymentIntentId: paymentIntent }: PlacedOrder): Promise<void> {
  await plantFault({ on: 'webhook', event: '*', effect: 'drop', times: 20, paymentIntent });
}

/** Times that what waits for its next try is tried now, before a system that does not come to rest is a failure. */
const RESTS = 20;

/**
 * Waits until queues are empty, the stream is relayed and nothing runs. Messages that wait for their next
 * try are tried at once, so that no test waits for a visibility time-out.
 */
export async function settled(): Promise<void> {
  const { controlUrl } = inject('system');
  for (let rest = 1; ; rest += 1) {
    const response = await fetch(`${controlUrl}/_local/idle?timeoutMs=3000`);
    const text = await response.text();
    if (response.ok) return;
    if (rest === RESTS) throw new Error(`The system did not come to rest: ${text}`);
    await releaseQueues();
  }
}

/** Fires the schedule whose name contains `job`, at `time`, and answers what it reported. */
export async function fire(job: string, time: number): Promise<Readonly<Record<string, number>>> {
  const { controlUrl } = inject('system');
  const schedules = await getJson<readonly { readonly name: string }[]>(`${controlUrl}/_local/schedules`);
  const found = schedules.filter(({ name }) =>
    name.toLowerCase().replaceAll('-', '').includes(job.replaceAll('-', '')),
  );
  const [schedule] = found;
  if (schedule === undefined || found.length > 1) throw new Error(`${found.length} schedules are named like ${job}`);
  const url = `${controlUrl}/_local/schedules/${encodeURIComponent(schedule.name)}/fire`;
  const fired = await getJson<{ readonly outcome: string; readonly result: Readonly<Record<string, number>> }>(url, {
    method: 'POST',
    body: JSON.stringify({ time: new Date(time).toISOString() }),
  });
  if (fired.outcome !== 'success') throw new Error(`Firing ${schedule.name}: ${JSON.stringify(fired)}`);
  return fired.result;
}

/** Kills the workers of the function whose name contains `part`, in the middle of what they do, and says how many. */
export async function kill(part: string): Promise<number> {
  const { controlUrl } = inject('system');
  const functions = await getJson<readonly { readonly name: string }[]>(`${controlUrl}/_local/functions`);
  const found = functions.filter(({ name }) => name.toLowerCase().replaceAll('-', '').includes(part.toLowerCase()));
  const [target] = found;
  if (target === undefined || found.length > 1) throw new Error(`${found.length} functions are named like ${part}`);
  const url = `${controlUrl}/_local/functions/${encodeURIComponent(target.name)}/kill`;
  return (await getJson<{ readonly killed: number }>(url, { method: 'POST' })).killed;
}

/** Free tickets of a type, as the public page shows them once what has happened is counted. */
export async function available(eventId: string, ticketTypeId: string): Promise<number> {
  await settled();
  const { json } = await call('GET', `/api/events/${eventId}`);
  return json.ticketTypes.find(({ id }: { id: string }) => id === ticketTypeId).available;
}

/** Lets messages that wait for their next try be tried now. */
async function releaseQueues(): Promise<void> {
  const { controlUrl } = inject('system');
  const queues = await getJson<readonly { readonly name: string; readonly consumed: boolean }[]>(
    `${controlUrl}/_local/queues`,
  );
  for (const { name } of queues.filter(({ consumed }) => consumed)) {
    await fetch(`${controlUrl}/_local/queues/${encodeURIComponent(name)}/release`, { method: 'POST' });
  }
}
