import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod/mini';

import { createEvent as createEventUseCase } from '../../functions/catalog/app/create-event.ts';
import { publishEvent } from '../../functions/catalog/app/publish-event.ts';
import { getEvent } from '../../functions/catalog/contract.ts';
import { createEvent } from '../../functions/catalog/organizer-routes.ts';
import type { EventDraft } from '../../functions/catalog/schemas.ts';
import { eventView, type EventView } from '../../functions/catalog/views.ts';
import { DAY, toTimestamp } from '../../functions/shared/kernel/clock.ts';
import { takeAgainFromBlock } from '../../functions/inventory/writes.ts';
import type { HttpHandler } from '../../functions/shared/runtime/http.ts';
import { loadSession } from '../../functions/shared/runtime/session.ts';
import { findEvent } from '../../functions/catalog/reads.ts';
import { commit } from '../../functions/shared/table/commit.ts';
import { logOut } from '../../functions/users/app/log-out.ts';
import { startTestTable, useTestEnvironment, type TestTable } from '../support/dynamodb.ts';
import { call, type TestAnswer, type TestRequest } from '../support/http.ts';
import { randomKey, randomKeyRing, serveParameters, type TestParameters } from '../support/parameters.ts';
import { signIn, signInOrganizer, type TestPerson } from '../support/sessions.ts';
import { catalogHandlers } from './catalog-handlers.ts';
import { draftBody } from './drafts.ts';

const CREATE = 'POST /api/events';
const GET = 'GET /api/events/{eventId}';
const PUBLISH = 'POST /api/events/{eventId}/publish';
const TYPES = 'GET /api/tickets/types';
const TYPE = 'GET /api/ticket-types/{ticketTypeId}';
const OURS = '01J00000000000000000000001';
const THEIRS = '01J00000000000000000000002';
const ABSENT = '01J00000000000000000000000';
const KEYS = '/onsale/test/session-keys';
const CURSOR_KEY = '/onsale/test/cursor-key';

let db: TestTable;
let parameters: TestParameters;
let handler: HttpHandler;
let organizer: TestPerson;
let stranger: TestPerson;
let buyer: TestPerson;

beforeAll(async () => {
  db = await startTestTable();
  parameters = await serveParameters({ [KEYS]: randomKeyRing(), [CURSOR_KEY]: randomKey() });
  useTestEnvironment(db, { SESSION_KEYS_PARAMETER: KEYS, CURSOR_KEY_PARAMETER: CURSOR_KEY });
  handler = await catalogHandlers();
  organizer = await signInOrganizer(db.table, KEYS, OURS);
  stranger = await signInOrganizer(db.table, KEYS, THEIRS);
  buyer = await signIn(db.table, KEYS);
});

afterAll(async () => {
  await parameters.close();
  await db.drop();
});

const send = (request: TestRequest): Promise<TestAnswer> => call(handler, request);
const post = (
  body: unknown,
  headers: Record<string, string> = {},
  token = organizer.accessToken,
): Promise<TestAnswer> => send({ route: CREATE, body, headers, token });
const publish = (eventId: string, token = organizer.accessToken): Promise<TestAnswer> =>
  send({ route: PUBLISH, params: { eventId }, token });
const read = (eventId: string, token?: string): Promise<TestAnswer> =>
  send({ route: GET, params: { eventId }, ...(token === undefined ? {} : { token }) });

async function givenDraft(as: Partial<EventDraft> = {}): Promise<EventView> {
  const answer = await post(draftBody(as));
  if (answer.status !== 201) throw new Error(answer.text);
  return createEvent.responses[201].parse(answer.json).event;
}

async function givenPublished(as: Partial<EventDraft> = {}): Promise<EventView> {
  const { id } = await givenDraft(as);
  return eventView.parse((await publish(id)).json);
}

const rowsOf = async (prefix: string): Promise<readonly Readonly<Record<string, unknown>>[]> =>
  (await db.items()).filter(({ pk }) => String(pk).startsWith(prefix));

describe('creating an event', () => {
  it('makes a draft with ids for its ticket types, and says where it is', async () => {
    const answer = await post(
      draftBody({ startsAt: '2090-07-01T20:00:00+02:00', endsAt: '2090-07-01T23:00:00+02:00' }),
    );
    expect(answer.status).toBe(201);
    const { eventId, event } = createEvent.responses[201].parse(answer.json);
    expect(answer.headers['location']).toBe(`/api/events/${eventId}`);
    expect(event).toMatchObject({
      id: eventId,
      status: 'DRAFT',
      organizationId: OURS,
      startsAt: '2090-07-01T18:00:00.000Z',
      timeZone: 'Europe/Berlin',
      venue: { name: 'Quay 7', city: 'Hamburg' },
      priceRange: { min: { amount: 4_500, currency: 'EUR' }, max: { amount: 7_500, currency: 'EUR' } },
      availableTickets: 150,
      ticketTypes: [
        { name: 'Standing', status: 'DRAFT', quantity: 120, maxPerPerson: null },
        { name: 'Seated', status: 'DRAFT', quantity: 30, maxPerPerson: 4 },
      ],
    });
    expect(await rowsOf(`EVENT#${eventId}`)).toEqual([
      expect.objectContaining({ ver: 1, ev: 'catalog.EventCreated.v1', createdBy: organizer.userId }),
    ]);
    expect(await rowsOf(`TT#${event.ticketTypes[0]?.id ?? ''}`), 'a draft has no stock').toEqual([]);
  });

  it('answers a retry with the same key the same, and makes one event of it', async () => {
    const body = draftBody();
    const first = await post(body, { 'idempotency-key': 'spring' });
    const again = await post(body, { 'idempotency-key': 'spring' });
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.json).toEqual(first.json);
  });

  it('makes one event of two requests at once with one key', async () => {
    const body = draftBody({ title: 'Twice at once' });
    const answers = await Promise.all([1, 2, 3].map(() => post(body, { 'idempotency-key': 'twice' })));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect(new Set(answers.map(({ json }) => json['eventId'])).size).toBe(1);
    expect((await rowsOf('EVENT#')).filter(({ title }) => title === 'Twice at once')).toHaveLength(1);
  });

  it('refuses another body under the same key, but keys of other people are their own', async () => {
    await post(draftBody(), { 'idempotency-key': 'k' });
    const other = draftBody({ title: 'Another one' });
    expect(await post(other, { 'idempotency-key': 'k' })).toMatchObject({
      status: 409,
      json: { code: 'IDEMPOTENCY_KEY_REUSED' },
    });
    expect((await post(other, { 'idempotency-key': 'k' }, stranger.accessToken)).status).toBe(201);
  });

  it('answers a retry the same even when the event has begun meanwhile', async () => {
    const session = await loadSession(db.table, organizer, Date.now());
    const request = { draft: draftBody(), session, idempotencyKey: 'late' };
    const startsAt = Date.parse(request.draft.startsAt);
    const at = (now: number): ReturnType<typeof createEventUseCase> =>
      createEventUseCase(db.table, request, { now, correlationId: 'test', by: 'system' });
    const first = await at(startsAt - 1);
    const again = await at(startsAt + 1);
    expect(first).toMatchObject({ ok: true });
    expect(again).toMatchObject({ ok: true, value: { event: { eventId: first.ok ? first.value.event.eventId : '' } } });
  });

  it('refuses a past date as such', async () => {
    const answer = await post(draftBody({ startsAt: '2020-01-01T20:00:00Z', endsAt: '2020-01-01T23:00:00Z' }));
    expect(answer).toMatchObject({ status: 422, json: { code: 'EVENT_IN_PAST', errors: [{ path: 'startsAt' }] } });
  });

  it.each([
    ['malformed JSON', { text: '{"title":' }, 400, 'MALFORMED_JSON'],
    ['a body that is not declared JSON', { text: '{}', headers: { 'content-type': 'text/plain' } }, 415, 'NOT_JSON'],
    ['no body', {}, 400, 'INVALID_INPUT'],
    ['an unknown field', { body: { ...draftBody(), isAdmin: true } }, 400, 'INVALID_INPUT'],
    ['null', { body: null }, 400, 'INVALID_INPUT'],
    [
      'an organisation that is somebody else’s',
      { body: { ...draftBody(), organizationId: THEIRS } },
      404,
      'ORGANIZATION_NOT_FOUND',
    ],
    ['an organisation id that is none', { body: { ...draftBody(), organizationId: '../' } }, 400, 'INVALID_INPUT'],
  ])('refuses %s', async (_case, request, status, code) => {
    expect(await send({ route: CREATE, token: organizer.accessToken, ...request })).toMatchObject({
      status,
      json: { code },
    });
  });

  it('names every fault and where it is', async () => {
    const answer = await post({
      ...draftBody(),
      title: '',
      endsAt: '2020-01-01T00:00:00Z',
      ticketTypes: [{ name: 'A', quantity: -1 }],
    });
    const { errors } = z.object({ errors: z.array(z.object({ path: z.string() })) }).parse(answer.json);
    expect(new Set(errors.map(({ path }) => path))).toEqual(
      new Set(['title', 'endsAt', 'ticketTypes.0.quantity', 'ticketTypes.0.price']),
    );
  });

  it('takes twenty large types, whose blocks no single transaction could put', async () => {
    const types = Array.from({ length: 20 }, (_unused, index) => ({
      name: `T${index}`,
      price: { amount: 1_000, currency: 'EUR' },
      quantity: 16_000,
    }));
    const { id } = await givenDraft({ ticketTypes: types });
    expect((await publish(id)).status).toBe(200);
    expect((await read(id)).json).toMatchObject({ availableTickets: 320_000 });
  });

  it('is for organizers: anonymous people sign in first, customers may not', async () => {
    expect(await send({ route: CREATE, body: draftBody() })).toMatchObject({
      status: 401,
      json: { code: 'NOT_SIGNED_IN' },
    });
    expect(await post(draftBody(), {}, buyer.accessToken)).toMatchObject({
      status: 403,
      json: { code: 'NOT_ALLOWED' },
    });
    expect(await post(draftBody(), {}, 'not.a.token')).toMatchObject({ status: 401 });
  });
});

describe('publishing', () => {
  it('makes the event public and puts exactly its tickets on sale', async () => {
    const draft = await givenDraft({
      ticketTypes: [{ name: 'Arena', price: { amount: 9_900, currency: 'EUR' }, quantity: 2_500, maxPerPerson: 6 }],
    });
    const answer = await publish(draft.id);
    expect(answer).toMatchObject({ status: 200, json: { status: 'PUBLISHED' } });
    const [typeId = ''] = draft.ticketTypes.map(({ id }) => id);
    const [row] = await rowsOf(`EVENT#${draft.id}`);
    expect(row).toMatchObject({
      ver: 2,
      ev: 'catalog.EventPublished.v1',
      status: 'PUBLISHED',
      gsi1pk: 'EVENTS#PUBLISHED',
    });

    const [type] = await rowsOf(`TT#${typeId}`);
    const pool = await rowsOf(`POOL#${String(type?.['poolId'])}`);
    const blocks = pool.filter(({ sk }) => sk === 'BLOCK');
    expect(blocks.reduce((total, { free }) => total + Number(free), 0)).toBe(2_500);
    expect(pool.find(({ sk }) => sk === 'POOL')).toMatchObject({
      state: 'OPEN',
      capacity: 2_500,
      prepared: blocks.length,
    });
    expect(type).toMatchObject({
      eventId: draft.id,
      organizationId: OURS,
      unitPrice: 9_900,
      currency: 'EUR',
      capacity: 2_500,
      maxPerPerson: 6,
      blocks: blocks.length,
      eventTitle: draft.title,
      timeZone: 'Europe/Berlin',
      city: 'Hamburg',
      opensAt: row?.['publishedAt'],
      closesAt: Date.parse(draft.startsAt),
    });
  });

  it('happens once when two try at once, with one inventory', async () => {
    const draft = await givenDraft();
    const answers = await Promise.all([publish(draft.id), publish(draft.id), publish(draft.id)]);
    expect(answers.map(({ status }) => status).toSorted((left, right) => left - right)).toEqual([200, 409, 409]);
    expect(answers.filter(({ status }) => status === 409).map(({ json }) => json['code'])).toEqual([
      'NOT_DRAFT',
      'NOT_DRAFT',
    ]);
    const event = eventView.parse((await read(draft.id)).json);
    expect(event.ticketTypes.map(({ available, quantity }) => [available, quantity])).toEqual([
      [120, 120],
      [30, 30],
    ]);
    expect((await rowsOf(`EVENT#${draft.id}`))[0]).toMatchObject({ ver: 2 });
  });

  it('is refused once the event has begun', async () => {
    const draft = await givenDraft();
    const startsAt = Date.parse(draft.startsAt);
    const event = await findEvent(db.table, draft.id);
    if (event === undefined) throw new Error('The draft is gone');
    const at = (now: number): ReturnType<typeof publishEvent> =>
      publishEvent(db.table, event, { now, correlationId: 'test', by: 'system' });
    expect(await at(startsAt)).toMatchObject({ ok: false, error: { code: 'EVENT_IN_PAST' } });
    expect(await at(startsAt - 1)).toMatchObject({ ok: true });
  });

  it('knows nothing of other people’s events', async () => {
    const { id } = await givenDraft();
    expect(await publish(id, stranger.accessToken)).toMatchObject({ status: 404, json: { code: 'EVENT_NOT_FOUND' } });
    expect(await publish(ABSENT)).toMatchObject({ status: 404, json: { code: 'EVENT_NOT_FOUND' } });
    expect(await publish('1; DROP')).toMatchObject({ status: 400, json: { code: 'INVALID_INPUT' } });
    expect(await publish(id, buyer.accessToken)).toMatchObject({ status: 403 });
    expect((await read(id, organizer.accessToken)).json['status']).toBe('DRAFT');
  });
});

describe('reading one event', () => {
  it('shows a draft to its organizers alone, and lets nobody keep it', async () => {
    const { id } = await givenDraft();
    const own = await read(id, organizer.accessToken);
    expect(own).toMatchObject({ status: 200, headers: { 'cache-control': 'no-store' } });
    for (const token of [undefined, buyer.accessToken, stranger.accessToken]) {
      expect(await read(id, token)).toMatchObject({ status: 404, json: { code: 'EVENT_NOT_FOUND' } });
      const types = await send({ route: TYPES, query: { eventId: id }, ...(token === undefined ? {} : { token }) });
      expect(types).toMatchObject({ status: 404, json: { code: 'EVENT_NOT_FOUND' } });
    }
  });

  it('shows a published one to anyone, even with the token of an ended session, for 5 s', async () => {
    const { id } = await givenPublished();
    const leaver = await signIn(db.table, KEYS);
    await logOut(db.table, leaver, Date.now());
    for (const token of [undefined, 'not.a.token', leaver.accessToken]) {
      const answer = await read(id, token);
      expect(answer).toMatchObject({ status: 200, headers: { 'cache-control': 'public, max-age=5' } });
      expect(eventView.parse(answer.json)).toMatchObject({ id, status: 'PUBLISHED', availableTickets: 150 });
    }
  });

  it('counts what is free from the blocks', async () => {
    const event = await givenPublished({
      ticketTypes: [{ name: 'Arena', price: { amount: 100, currency: 'EUR' }, quantity: 2_500 }],
    });
    const [type] = event.ticketTypes;
    const takes = [
      { block: 0, quantity: 3 },
      { block: 2, quantity: 40 },
    ];
    const poolId = String((await rowsOf(`TT#${type?.id}`))[0]?.['poolId']);
    await commit(
      db.table,
      takes.map((take) => takeAgainFromBlock({ poolId, take }, Date.now(), () => 'SHORT')),
    );
    expect(eventView.parse((await read(event.id)).json).ticketTypes[0]).toMatchObject({
      quantity: 2_500,
      available: 2_457,
      status: 'ON_SALE',
    });
    expect(await send({ route: TYPE, params: { ticketTypeId: type?.id ?? '' } })).toMatchObject({
      status: 200,
      json: { available: 2_457 },
    });
  });

  it('says of each type whether it can be bought', async () => {
    const price = { amount: 100, currency: 'EUR' };
    const event = await givenPublished({
      ticketTypes: [
        { name: 'Now', price, quantity: 1 },
        { name: 'Later', price, quantity: 1, saleStartsAt: toTimestamp(Date.now() + DAY) },
      ],
    });
    const types = await send({ route: TYPES, query: { eventId: event.id } });
    expect(types).toMatchObject({
      status: 200,
      json: { items: [{ status: 'ON_SALE' }, { status: 'NOT_YET_ON_SALE' }], nextCursor: null },
    });
  });

  it('answers unknown and impossible ids as such', async () => {
    expect(await read(ABSENT)).toMatchObject({ status: 404, json: { code: 'EVENT_NOT_FOUND' } });
    expect(await read('x'.repeat(5_000))).toMatchObject({
      status: 400,
      json: { code: 'INVALID_INPUT', errors: [{ path: 'path.eventId' }] },
    });
    expect(await send({ route: TYPE, params: { ticketTypeId: ABSENT } })).toMatchObject({
      status: 404,
      json: { code: 'TICKET_TYPE_NOT_FOUND' },
    });
    expect(await send({ route: TYPES })).toMatchObject({ status: 400, json: { errors: [{ path: 'query.eventId' }] } });
  });
});

it('answers what it does not know as a problem', async () => {
  expect(await send({ route: '$default' })).toMatchObject({ status: 404, json: { code: 'ROUTE_NOT_FOUND' } });
  expect(getEvent.responses[200]).toBe(eventView);
});
