import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod/mini';

import { createEvent, duplicateEvent, listOrganizationEvents } from '../../functions/catalog/organizer-routes.ts';
import { eventView, ticketTypeView, type EventView } from '../../functions/catalog/views.ts';
import type { EventDraft } from '../../functions/catalog/schemas.ts';
import { DAY, HOUR, toTimestamp } from '../../functions/shared/kernel/clock.ts';
import type { HttpHandler } from '../../functions/shared/runtime/http.ts';
import { startTestTable, useTestEnvironment, type TestTable } from '../support/dynamodb.ts';
import { call, type TestAnswer } from '../support/http.ts';
import { randomKey, randomKeyRing, serveParameters, type TestParameters } from '../support/parameters.ts';
import { signIn, signInOrganizer, type TestPerson } from '../support/sessions.ts';
import { catalogHandlers } from './catalog-handlers.ts';
import { draftBody } from './drafts.ts';

const OURS = '01J00000000000000000000001';
const THEIRS = '01J00000000000000000000002';
const KEYS = '/onsale/test/session-keys';
const CURSOR_KEY = '/onsale/test/cursor-key';

let db: TestTable;
let parameters: TestParameters;
let handler: HttpHandler;
let organizer: TestPerson;
let stranger: TestPerson;
let admin: TestPerson;

beforeAll(async () => {
  db = await startTestTable();
  parameters = await serveParameters({ [KEYS]: randomKeyRing(), [CURSOR_KEY]: randomKey() });
  useTestEnvironment(db, {
    CANCEL_EVENT_STATE_MACHINE_ARN: 'arn:aws:states:eu-central-1:000000000000:stateMachine:none',
    SESSION_KEYS_PARAMETER: KEYS,
    CURSOR_KEY_PARAMETER: CURSOR_KEY,
  });
  handler = await catalogHandlers();
  organizer = await signInOrganizer(db.table, KEYS, OURS);
  stranger = await signInOrganizer(db.table, KEYS, THEIRS);
  admin = await signIn(db.table, KEYS, { roles: ['customer', 'admin'] });
});

afterAll(async () => {
  await parameters.close();
  await db.drop();
});

interface Sent {
  readonly params?: Record<string, string>;
  readonly query?: Record<string, string>;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  readonly token?: string;
}

const send = (route: string, sent: Sent = {}): Promise<TestAnswer> =>
  call(handler, { route, token: organizer.accessToken, ...sent });

const onEvent = (method: string, eventId: string, what: string, sent: Sent = {}): Promise<TestAnswer> =>
  send(`${method} /api/events/{eventId}${what}`, { params: { eventId }, ...sent });

const tagged = (version: number): Record<string, string> => ({ 'if-match': `"v${version}"` });

const edit = (event: EventView, body: unknown, headers = tagged(event.version)): Promise<TestAnswer> =>
  onEvent('PATCH', event.id, '', { body, headers });

async function givenDraft(as: Partial<EventDraft> = {}): Promise<EventView> {
  const answer = await send('POST /api/events', { body: draftBody(as) });
  if (answer.status !== 201) throw new Error(answer.text);
  return createEvent.responses[201].parse(answer.json).event;
}

async function given(view: Promise<TestAnswer>): Promise<EventView> {
  const answer = await view;
  if (answer.status !== 200) throw new Error(answer.text);
  return eventView.parse(answer.json);
}

const rowOf = async (eventId: string): Promise<Readonly<Record<string, unknown>> | undefined> =>
  (await db.items()).find(({ pk, sk }) => pk === `EVENT#${eventId}` && sk === 'EVENT');

const codeOf = ({ status, json }: TestAnswer): unknown => [status, json['code']];

describe('editing', () => {
  it('changes what is named, takes away what is null, and leaves the rest', async () => {
    const draft = await givenDraft({ tags: ['brass', 'quay'], ageLimit: 16, performers: ['Tide Orchestra'] });
    const changed = await given(
      edit(draft, {
        title: 'Harbour at Dawn',
        tags: null,
        performers: ['Tide Orchestra', 'The Gulls'],
        location: { name: 'Pier 3', city: 'Kiel', latitude: 54.3, longitude: 10.1 },
        cancellationPolicy: { windowHours: 48, feePercent: 10 },
      }),
    );
    expect(changed).toMatchObject({
      title: 'Harbour at Dawn',
      tags: [],
      performers: ['Tide Orchestra', 'The Gulls'],
      ageLimit: 16,
      venue: { name: 'Pier 3', city: 'Kiel', latitude: 54.3 },
      cancellationPolicy: { windowHours: 48, feeAmount: null, feePercent: 10 },
      startsAt: draft.startsAt,
      version: draft.version + 1,
    });
    expect(await rowOf(draft.id)).toMatchObject({
      ev: 'catalog.EventEdited.v1',
      changed: ['cancellationPolicy', 'performers', 'tags', 'title', 'venue'],
    });
  });

  it('takes local times with their zone', async () => {
    const draft = await givenDraft();
    const year = new Date().getUTCFullYear() + 2;
    const changed = await given(
      edit(draft, { startsAtLocal: `${year}-07-01T20:00`, endsAtLocal: `${year}-07-01T23:00`, timeZone: 'Asia/Tokyo' }),
    );
    expect(changed).toMatchObject({ startsAt: `${year}-07-01T11:00:00.000Z`, timeZone: 'Asia/Tokyo' });
  });

  it('lets of two editors of one version one win, and tells the other', async () => {
    const draft = await givenDraft();
    const answers = await Promise.all([
      edit(draft, { title: 'First' }),
      edit(draft, { title: 'Second' }),
      edit(draft, { title: 'Third' }),
    ]);
    expect(answers.map(({ status }) => status).toSorted((left, right) => left - right)).toEqual([200, 412, 412]);
    expect((await rowOf(draft.id))?.['ver']).toBe(draft.version + 1);
  });

  it('wants to be told the version, and takes the ETag that a read gave', async () => {
    const draft = await givenDraft();
    expect(codeOf(await edit(draft, { title: 'Blind' }, {}))).toEqual([428, 'PRECONDITION_REQUIRED']);
    expect(codeOf(await edit(draft, { title: 'Old' }, tagged(99)))).toEqual([412, 'PRECONDITION_FAILED']);
    expect(codeOf(await edit(draft, { title: 'Odd' }, { 'if-match': '"somebody-else"' }))).toEqual([
      412,
      'PRECONDITION_FAILED',
    ]);
    const read = await onEvent('GET', draft.id, '');
    expect((await edit(draft, { title: 'Read first' }, { 'if-match': String(read.headers['etag']) })).status).toBe(200);
  });

  it('writes nothing when nothing changes', async () => {
    const draft = await givenDraft();
    const answer = await edit(draft, { title: draft.title, ageLimit: null });
    expect(answer).toMatchObject({ status: 200, json: { version: draft.version } });
  });

  it('names every fault of the merged event at once and stores none of it', async () => {
    const draft = await givenDraft({
      ticketTypes: [
        {
          name: 'Standing',
          price: { amount: 1_000, currency: 'EUR' },
          quantity: 5,
          saleEndsAt: toTimestamp(Date.now() + 29 * DAY),
        },
      ],
    });
    const answer = await edit(draft, {
      startsAt: toTimestamp(Date.now() + 20 * DAY),
      endsAt: toTimestamp(Date.now() + 19 * DAY),
      cancellationPolicy: { windowHours: 1, feeAmount: 1, feePercent: 1 },
    });
    const { errors } = z.object({ errors: z.array(z.object({ path: z.string() })) }).parse(answer.json);
    expect([answer.status, errors.map(({ path }) => path).toSorted()]).toEqual([
      400,
      ['cancellationPolicy.feePercent', 'endsAt', 'ticketTypes.0.saleEndsAt'],
    ]);
    expect((await rowOf(draft.id))?.['ver']).toBe(draft.version);
    expect(codeOf(await edit(draft, { startsAt: '2020-01-01T00:00:00Z', endsAt: null }))).toEqual([
      400,
      'INVALID_INPUT',
    ]);
    expect(codeOf(await edit(await givenDraft(), { startsAt: '2020-01-01T00:00:00Z', endsAt: null }))).toEqual([
      422,
      'EVENT_IN_PAST',
    ]);
  });

  it('leaves a published event in its venue', async () => {
    const draft = await givenDraft();
    const event = eventView.parse((await onEvent('POST', draft.id, '/publish')).json);
    for (const venueId of ['01J0000000000000000000000V', null]) {
      const refused = await edit(event, { venueId });
      expect(codeOf(refused)).toEqual([422, 'EVENT_IS_PUBLISHED']);
      expect(refused.json['errors']).toMatchObject([{ path: 'venueId' }]);
    }
    expect((await rowOf(draft.id))?.['ver']).toBe(event.version);
  });

  it('keeps scripts as the text that they are', async () => {
    const draft = await givenDraft();
    const script = '<script>alert(1)</script>{{constructor}}';
    const changed = await given(edit(draft, { title: script, description: `${script}\n=HYPERLINK("x")` }));
    expect(changed).toMatchObject({ title: script, description: `${script}\n=HYPERLINK("x")` });
  });

  it('refuses ten megabytes of description with 413', async () => {
    const draft = await givenDraft();
    expect(codeOf(await edit(draft, { description: 'x'.repeat(10_000_000) }))).toEqual([413, 'BODY_TOO_LARGE']);
  });

  it('is for organizers of the event', async () => {
    const draft = await givenDraft();
    for (const [method, what] of [
      ['PATCH', ''],
      ['DELETE', ''],
      ['POST', '/archive'],
      ['POST', '/duplicate'],
    ] as const) {
      const answer = await onEvent(method, draft.id, what, {
        token: stranger.accessToken,
        headers: tagged(draft.version),
        ...(method === 'DELETE' ? {} : { body: {} }),
      });
      expect(codeOf(answer), `${method} ${what}`).toEqual([404, 'EVENT_NOT_FOUND']);
    }
  });
});

describe('deleting and archiving', () => {
  it('deletes a draft: it is gone from every list, its timeline stays', async () => {
    const draft = await givenDraft();
    expect((await onEvent('DELETE', draft.id, '')).status).toBe(204);
    expect(codeOf(await onEvent('GET', draft.id, ''))).toEqual([404, 'EVENT_NOT_FOUND']);
    expect(codeOf(await onEvent('DELETE', draft.id, ''))).toEqual([404, 'EVENT_NOT_FOUND']);
    expect(await rowOf(draft.id)).toMatchObject({ status: 'DELETED', ev: 'catalog.EventDeleted.v1', ver: 2 });
  });

  it('archives a draft, and again changes nothing', async () => {
    const draft = await givenDraft();
    const [once, again] = [await onEvent('POST', draft.id, '/archive'), await onEvent('POST', draft.id, '/archive')];
    expect(once).toMatchObject({ status: 200, json: { status: 'ARCHIVED', version: 2 } });
    expect(again.json).toEqual(once.json);
    expect(codeOf(await edit(eventView.parse(once.json), { title: 'Late' }))).toEqual([409, 'EVENT_NOT_EDITABLE']);
  });

  it('archives nothing that is on sale', async () => {
    const draft = await givenDraft();
    await given(onEvent('POST', draft.id, '/publish'));
    expect(codeOf(await onEvent('POST', draft.id, '/archive'))).toEqual([409, 'EVENT_NOT_OVER']);
    expect(codeOf(await onEvent('DELETE', draft.id, ''))).toEqual([409, 'NOT_DRAFT']);
  });
});

describe('duplicating', () => {
  it('makes another draft with ticket types of its own, moved with its sale windows', async () => {
    const source = await givenDraft({
      tags: ['brass'],
      ticketTypes: [
        {
          name: 'Early',
          price: { amount: 1_000, currency: 'EUR' },
          quantity: 5,
          hidden: true,
          saleEndsAt: toTimestamp(Date.now() + 10 * DAY),
        },
      ],
    });
    const startsAt = toTimestamp(Date.parse(source.startsAt) + 7 * DAY);
    const answer = await onEvent('POST', source.id, '/duplicate', {
      body: { startsAt, title: 'Once more' },
      headers: { 'idempotency-key': 'copy' },
    });
    const { event } = duplicateEvent.responses[201].parse(answer.json);
    expect(event).toMatchObject({ title: 'Once more', status: 'DRAFT', startsAt, tags: ['brass'] });
    expect(Date.parse(event.endsAt ?? '') - Date.parse(startsAt)).toBe(3 * HOUR);
    const [type] = event.ticketTypes;
    expect(type).toMatchObject({ name: 'Early', hidden: true });
    expect(type?.id).not.toBe(source.ticketTypes[0]?.id);
    expect(Date.parse(type?.saleEndsAt ?? '') - Date.parse(source.ticketTypes[0]?.saleEndsAt ?? '')).toBe(7 * DAY);

    await given(edit(source, { title: 'Edited in between' }));
    const again = await onEvent('POST', source.id, '/duplicate', {
      body: { startsAt, title: 'Once more' },
      headers: { 'idempotency-key': 'copy' },
    });
    expect(again.json['eventId']).toBe(event.id);
  });
});

describe('ticket types of a draft', () => {
  const addType = (event: EventView, as: object = {}, headers = {}): Promise<TestAnswer> =>
    onEvent('POST', event.id, '/ticket-types', {
      body: { name: 'Balcony', price: { amount: 2_000, currency: 'EUR' }, quantity: 10, ...as },
      headers,
    });
  const onType = (method: string, ticketTypeId: string, sent: Sent = {}, what = ''): Promise<TestAnswer> =>
    send(`${method} /api/ticket-types/{ticketTypeId}${what}`, { params: { ticketTypeId }, ...sent });

  it('are added once, changed, priced in versions, and deleted', async () => {
    const draft = await givenDraft();
    const first = await addType(draft, {}, { 'idempotency-key': 'b' });
    const again = await addType(draft, {}, { 'idempotency-key': 'b' });
    expect([first.status, again.json]).toEqual([201, first.json]);
    const { id } = ticketTypeView.parse(first.json);

    const version = draft.version + 1;
    const dearer = await onType('PATCH', id, {
      body: { price: { amount: 2_500, currency: 'EUR' }, maxPerPerson: 2 },
      headers: tagged(version),
    });
    expect(dearer).toMatchObject({ status: 200, json: { price: { amount: 2_500 }, priceVersion: 2, maxPerPerson: 2 } });
    expect(await rowOf(draft.id)).toMatchObject({ ev: 'catalog.TicketTypePriceChanged.v1', changedType: id });
    const unlimited = await onType('PATCH', id, { body: { maxPerPerson: null }, headers: tagged(version + 1) });
    expect(unlimited).toMatchObject({ status: 200, json: { maxPerPerson: null, priceVersion: 2 } });
    expect(await rowOf(draft.id)).toMatchObject({ ev: 'catalog.TicketTypeChanged.v1' });

    const prices = await onType('GET', id, {}, '/prices');
    expect(prices).toMatchObject({
      json: {
        items: [
          { priceVersion: 2, price: { amount: 2_500 }, until: null },
          { price: { amount: 2_000 }, from: null },
        ],
      },
    });
    expect((await onType('DELETE', id)).status).toBe(204);
    expect(codeOf(await onType('GET', id, {}, '/prices'))).toEqual([404, 'TICKET_TYPE_NOT_FOUND']);
  });

  it('keep the rules of the whole event, told as of their own body', async () => {
    const draft = await givenDraft();
    const faults = async (answer: Promise<TestAnswer>): Promise<unknown> => (await answer).json['errors'];
    expect(await faults(addType(draft, { price: { amount: 1, currency: 'USD' }, pool: 'Hall' }))).toMatchObject([
      { path: 'price.currency' },
      { path: 'pool' },
    ]);
    expect(await faults(addType(draft, { name: 'standing' }))).toMatchObject([{ path: 'name' }]);
    expect(await faults(addType(draft, { quantity: -1, price: { amount: 0.5, currency: 'XXX' } }))).toMatchObject([
      { path: 'price.amount' },
      { path: 'price.currency' },
      { path: 'quantity' },
    ]);
  });

  it('are never none', async () => {
    const draft = await givenDraft({
      ticketTypes: [{ name: 'Only', price: { amount: 1, currency: 'EUR' }, quantity: 1 }],
    });
    expect(codeOf(await onType('DELETE', draft.ticketTypes[0]?.id ?? ''))).toEqual([409, 'LAST_TICKET_TYPE']);
  });

  it('are found by nobody else', async () => {
    const draft = await givenDraft();
    const id = draft.ticketTypes[0]?.id ?? '';
    const token = stranger.accessToken;
    expect(codeOf(await onType('PATCH', id, { body: {}, headers: tagged(1), token }))).toEqual([
      404,
      'TICKET_TYPE_NOT_FOUND',
    ]);
    expect(codeOf(await onType('DELETE', id, { token }))).toEqual([404, 'TICKET_TYPE_NOT_FOUND']);
    expect(codeOf(await addType(draft))).toEqual([201, undefined]);
  });
});

describe('the events of an organisation', () => {
  it('are listed with drafts, newest first, page by page, for its organizers alone', async () => {
    const own = await signInOrganizer(db.table, KEYS, '01J00000000000000000000007');
    const ids: string[] = [];
    for (const title of ['One', 'Two', 'Three']) {
      const answer = await send('POST /api/events', { body: draftBody({ title }), token: own.accessToken });
      ids.unshift(String(answer.json['eventId']));
    }
    const page = async (
      query: Record<string, string>,
    ): Promise<z.infer<(typeof listOrganizationEvents)['responses'][200]>> => {
      const answer = await send('GET /api/organizations/{organizationId}/events', {
        params: { organizationId: '01J00000000000000000000007' },
        query,
        token: own.accessToken,
      });
      return listOrganizationEvents.responses[200].parse(answer.json);
    };
    const first = await page({ limit: '2' });
    const rest = await page({ limit: '2', cursor: first.nextCursor ?? '' });
    expect([...first.items, ...rest.items].map(({ id }) => id)).toEqual(ids);
    expect(rest.nextCursor).toBeNull();
    const others = await send('GET /api/organizations/{organizationId}/events', { params: { organizationId: THEIRS } });
    expect(codeOf(others)).toEqual([404, 'ORGANIZATION_NOT_FOUND']);
  });
});

it('lets admins feature an event, and nobody else', async () => {
  const draft = await givenDraft();
  const feature = (featured: boolean, token: string): Promise<TestAnswer> =>
    onEvent('PUT', draft.id, '/featured', { body: { featured }, token });
  expect(codeOf(await feature(true, organizer.accessToken))).toEqual([403, 'NOT_ALLOWED']);
  expect(await feature(true, admin.accessToken)).toMatchObject({ status: 200, json: { featured: true } });
  expect(await feature(true, admin.accessToken)).toMatchObject({ json: { version: draft.version + 1 } });
  expect(await feature(false, admin.accessToken)).toMatchObject({ json: { featured: false } });
});

describe('a published event', () => {
  const copyOf = async (ticketTypeId: string): Promise<Readonly<Record<string, unknown>> | undefined> =>
    (await db.items()).find(({ pk, sk }) => pk === `TT#${ticketTypeId}` && sk === 'TYPE');
  const onType = (ticketTypeId: string, body: object, version: number): Promise<TestAnswer> =>
    send('PATCH /api/ticket-types/{ticketTypeId}', { params: { ticketTypeId }, body, headers: tagged(version) });

  it('changes together with what the ticketing side knows of it, and tells holders what they must know', async () => {
    const { id } = await givenDraft();
    const event = await given(onEvent('POST', id, '/publish'));
    const [type] = event.ticketTypes;
    const moved = await given(edit(event, { title: 'Harbour at Dawn', venue: { name: 'Pier 3' } }));
    expect(await rowOf(id)).toMatchObject({ ev: 'catalog.EventUpdated.v1', changed: ['title', 'venue'] });
    const copy = await copyOf(type?.id ?? '');
    expect(copy).toMatchObject({ eventTitle: 'Harbour at Dawn', venueName: 'Pier 3' });
    expect(copy, 'the former city is gone').not.toHaveProperty('city');
    const worded = await given(edit(moved, { description: 'Earlier than ever.' }));
    expect(await rowOf(id)).toMatchObject({ ev: 'catalog.EventEdited.v1', changed: ['description'] });
    expect(codeOf(await edit(worded, { startsAt: '2090-01-01T00:00:00Z' }))).toEqual([422, 'EVENT_IS_PUBLISHED']);
  });

  it('is repriced for holds from now on', async () => {
    const { id } = await givenDraft();
    const event = await given(onEvent('POST', id, '/publish'));
    const typeId = event.ticketTypes[0]?.id ?? '';
    const dearer = await onType(typeId, { price: { amount: 5_000, currency: 'EUR' } }, event.version);
    expect(dearer).toMatchObject({ status: 200, json: { price: { amount: 5_000 }, priceVersion: 2 } });
    expect(await copyOf(typeId)).toMatchObject({ unitPrice: 5_000, currency: 'EUR' });
    expect(await rowOf(id)).toMatchObject({ ev: 'catalog.TicketTypePriceChanged.v1', changedType: typeId });
    const version = event.version + 1;
    expect(codeOf(await onType(typeId, { price: { amount: 5_000, currency: 'USD' } }, version))).toEqual([
      400,
      'INVALID_INPUT',
    ]);
    expect((await rowOf(id))?.['ver']).toBe(version);
  });
});
