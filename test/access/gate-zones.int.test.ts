import * as z from 'zod/mini';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { scanView, verdict, type Verdict } from '../../functions/access/contract.ts';
import { createEvent } from '../../functions/catalog/organizer-routes.ts';
import { eventView, type EventView } from '../../functions/catalog/views.ts';
import { issueTickets } from '../../functions/delivery/app/issue-tickets.ts';
import { signQr, type TicketSeeds } from '../../functions/delivery/codes.ts';
import { qrSubjectOf } from '../../functions/delivery/domain/ticket.ts';
import { findTicket, findTicketsOf } from '../../functions/delivery/reads.ts';
import { findTicketTypes } from '../../functions/inventory/reads.ts';
import type { HttpHandler } from '../../functions/shared/runtime/http.ts';
import { catalogHandlers } from '../catalog/catalog-handlers.ts';
import { draftBody } from '../catalog/drafts.ts';
import { placePaidOrder } from '../delivery/paid-order.ts';
import { startTestTable, useTestEnvironment, type TestTable } from '../support/dynamodb.ts';
import { call, type TestAnswer } from '../support/http.ts';
import { randomKey, randomKeyRing, serveParameters, type TestParameters } from '../support/parameters.ts';
import { signIn, signInOrganizer, type TestPerson } from '../support/sessions.ts';

const OURS = '01J00000000000000000000001';
const seed = randomKey();
const seeds: TicketSeeds = [Buffer.from(seed, 'hex')];
const scans = z.object({ items: z.array(scanView) });

let db: TestTable;
let parameters: TestParameters;
let catalog: HttpHandler;
let gates: HttpHandler;
let organizer: TestPerson;
let staff: TestPerson;

beforeAll(async () => {
  db = await startTestTable();
  parameters = await serveParameters({ '/session-keys': randomKeyRing(), '/seed': seed, '/cursor': randomKey() });
  useTestEnvironment(db, {
    CANCEL_EVENT_STATE_MACHINE_ARN: 'arn:aws:states:eu-central-1:000000000000:stateMachine:none',
    SESSION_KEYS_PARAMETER: '/session-keys',
    TICKET_SEED_PARAMETER: '/seed',
    CURSOR_KEY_PARAMETER: '/cursor',
  });
  catalog = await catalogHandlers();
  ({ handler: gates } = await import('../../functions/access/handlers/http-scan.ts'));
  organizer = await signInOrganizer(db.table, '/session-keys', OURS);
  staff = await signIn(db.table, '/session-keys', {
    roles: ['customer', 'staff'],
    memberships: [{ organizationId: OURS, post: 'gate' }],
  });
});
afterAll(async () => {
  await parameters.close();
  await db.drop();
});

const PRICE = { amount: 4_500, currency: 'EUR' };
const TYPES = [
  { name: 'Floor', price: PRICE, quantity: 50, accessLevel: 'Floor' },
  { name: 'Gallery', price: PRICE, quantity: 50, zones: ['Gallery', 'Bar'] },
  { name: 'Everywhere', price: PRICE, quantity: 50 },
];
const GATES = [
  { name: 'North', zones: ['Floor', 'Backstage'] },
  { name: 'Stairs', zones: ['Gallery'] },
];

const organize = (route: string, sent: object): Promise<TestAnswer> =>
  call(catalog, { route, token: organizer.accessToken, ...sent });
async function published(as: object): Promise<EventView> {
  const created = await organize('POST /api/events', { body: { ...draftBody(), ticketTypes: TYPES, ...as } });
  if (created.status !== 201) throw new Error(created.text);
  const params = { eventId: createEvent.responses[201].parse(created.json).event.id };
  return eventView.parse((await organize('POST /api/events/{eventId}/publish', { params })).json);
}
async function edit(event: EventView, body: object): Promise<void> {
  const sent = { params: { eventId: event.id }, body, headers: { 'if-match': '*' } };
  expect((await organize('PATCH /api/events/{eventId}', sent)).status).toBe(200);
}
const typeNamed = (event: EventView, name: string): string =>
  event.ticketTypes.find((type) => type.name === name)?.id ?? '';

/** A fresh ticket of the type `name`: its id and the text of its code. */
async function ticket(event: EventView, name: string): Promise<{ readonly id: string; readonly qr: string }> {
  const id = typeNamed(event, name);
  const type = (await findTicketTypes(db.table, [id], 'strong')).get(id);
  if (type === undefined) throw new Error('The type is not on sale');
  const now = Date.now();
  const order = await placePaidOrder(db.table, now, { lines: [{ type, quantity: 1 }] });
  await issueTickets(db.table, order.orderId, { now, correlationId: 'test', by: 'system' });
  const [issued] = await findTicketsOf(db.table, [order], 'strong');
  if (issued === undefined) throw new Error('No ticket was issued');
  return { id: issued.ticketId, qr: signQr(seeds, qrSubjectOf(issued, issued)) };
}

async function scan(body: object): Promise<Verdict> {
  const answer = await call(gates, { route: 'POST /api/tickets/validate', token: staff.accessToken, body });
  expect(answer.status).toBe(200);
  return z.parse(verdict, answer.json);
}

describe('a gate that leads to zones', () => {
  it('refuses a ticket of another zone, uses nothing up, and the right gate lets it in', async () => {
    const event = await published({ gates: GATES });
    const { id, qr } = await ticket(event, 'Floor');
    const refused = await scan({ qr, gate: 'Stairs' });
    expect(refused).toMatchObject({
      result: 'REFUSE',
      reason: 'WRONG_ZONE',
      ticket: { id, status: 'VALID', accessLevel: 'Floor' },
    });
    expect(await findTicket(db.table, id, 'strong')).toMatchObject({ status: 'VALID', ver: 1 });
    const log = await call(gates, {
      route: 'GET /api/events/{eventId}/scans',
      token: staff.accessToken,
      params: { eventId: event.id },
    });
    expect(z.parse(scans, log.json).items).toMatchObject([{ reason: 'WRONG_ZONE', gate: 'Stairs', ticketId: id }]);

    expect(await scan({ qr, gate: 'North' })).toMatchObject({ result: 'ADMIT', ticket: { id, status: 'USED' } });
    expect(await scan({ qr, gate: 'Stairs' }), 'used is used, wherever').toMatchObject({ reason: 'ALREADY_USED' });
  });

  it.each([
    ['Floor', 'North', 'ADMIT'],
    ['Floor', 'Stairs', 'WRONG_ZONE'],
    ['Gallery', 'Stairs', 'ADMIT'],
    ['Gallery', 'North', 'WRONG_ZONE'],
    ['Everywhere', 'North', 'ADMIT'],
    ['Everywhere', 'Stairs', 'ADMIT'],
    ['Floor', 'A door that nobody has declared', 'ADMIT'],
    ['Floor', undefined, 'ADMIT'],
    ['Floor', ' stairs ', 'WRONG_ZONE'],
    ['Gallery', 'ＮＯＲＴＨ', 'WRONG_ZONE'],
  ])('%s at %s: %s', async (type, gate, expected) => {
    const event = await published({ gates: GATES });
    const { result, reason } = await scan({ qr: (await ticket(event, type)).qr, gate });
    expect(reason ?? result).toBe(expected);
  });

  it('follows its event: gates that open, zones that a type gains, also for tickets issued before', async () => {
    const event = await published({ gates: GATES });
    const tickets = [await ticket(event, 'Floor'), await ticket(event, 'Gallery')];
    const [floor, gallery] = tickets.map(({ qr }) => qr);
    expect(await scan({ qr: gallery, gate: 'North' })).toMatchObject({ reason: 'WRONG_ZONE' });
    const sent = {
      params: { ticketTypeId: typeNamed(event, 'Gallery') },
      body: { zones: ['Gallery', 'Floor'] },
      headers: { 'if-match': '*' },
    };
    expect((await organize('PATCH /api/ticket-types/{ticketTypeId}', sent)).status).toBe(200);
    expect(await scan({ qr: gallery, gate: 'North' })).toMatchObject({ result: 'ADMIT' });
    expect(await scan({ qr: floor, gate: 'Stairs' })).toMatchObject({ reason: 'WRONG_ZONE' });
    await edit(event, { gates: null });
    expect(await scan({ qr: floor, gate: 'Stairs' })).toMatchObject({ result: 'ADMIT' });
  });

  it('is declared while the event is on sale, too, and shown with it; a type that is added later follows', async () => {
    const event = await published({});
    expect(event.gates).toEqual([]);
    await edit(event, { gates: GATES });
    const read = await organize('GET /api/events/{eventId}', { params: { eventId: event.id } });
    expect(eventView.parse(read.json).gates).toEqual(GATES);
    const added = await organize('POST /api/events/{eventId}/ticket-types', {
      params: { eventId: event.id },
      body: { name: 'Late', price: PRICE, quantity: 5, accessLevel: 'Bar' },
    });
    expect(added.status).toBe(201);
    const after = eventView.parse(
      (await organize('GET /api/events/{eventId}', { params: { eventId: event.id } })).json,
    );
    expect(await scan({ qr: (await ticket(after, 'Late')).qr, gate: 'north' })).toMatchObject({ reason: 'WRONG_ZONE' });
  });

  it('goes with copies of its event', async () => {
    const event = await published({ gates: GATES });
    const copy = await organize('POST /api/events/{eventId}/duplicate', { params: { eventId: event.id }, body: {} });
    expect(JSON.stringify(copy.json)).toContain(JSON.stringify(GATES));
  });

  it('is refused with every fault, and nothing stored', async () => {
    const before = (await db.items()).length;
    const answer = await organize('POST /api/events', {
      body: {
        ...draftBody(),
        gates: [
          { name: 'North', zones: ['Floor'] },
          { name: 'ｎｏｒｔｈ', zones: ['Bar'] },
          { name: 'South', zones: [] },
          { name: 'a\nb', zones: ['\u202Ex'] },
        ],
      },
    });
    expect(answer).toMatchObject({ status: 400, json: { code: 'INVALID_INPUT' } });
    const errors = z.parse(z.object({ errors: z.array(z.object({ path: z.string() })) }), answer.json).errors;
    expect(errors.map(({ path }) => path).toSorted()).toEqual([
      'gates.1.name',
      'gates.2.zones',
      'gates.3.name',
      'gates.3.zones.0',
    ]);
    expect((await db.items()).length).toBe(before);
  });
});
