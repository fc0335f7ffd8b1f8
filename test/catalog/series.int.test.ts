import { ulid } from 'ulid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createSeries as createSeriesUseCase } from '../../functions/catalog/app/create-series.ts';
import { createSeries, editSeries, seriesDraft, type SeriesView } from '../../functions/catalog/series-routes.ts';
import { eventView, type EventView } from '../../functions/catalog/views.ts';
import { findTicketTypes } from '../../functions/inventory/reads.ts';
import { placeHold } from '../../functions/reservations/app/place-hold.ts';
import { derivedId } from '../../functions/shared/kernel/ids.ts';
import type { HttpHandler } from '../../functions/shared/runtime/http.ts';
import { loadSession } from '../../functions/shared/runtime/session.ts';
import { tableOn, type Table } from '../../functions/shared/table/client.ts';
import { startTestTable, testClient, useTestEnvironment, type TestTable } from '../support/dynamodb.ts';
import { call, type TestAnswer } from '../support/http.ts';
import { randomKey, randomKeyRing, serveParameters, type TestParameters } from '../support/parameters.ts';
import { signInOrganizer, type TestPerson } from '../support/sessions.ts';
import { catalogHandlers } from './catalog-handlers.ts';

const OURS = '01J00000000000000000000001';
const KEYS = '/onsale/test/session-keys';
const CURSOR_KEY = '/onsale/test/cursor-key';

let db: TestTable;
let parameters: TestParameters;
let handler: HttpHandler;
let organizer: TestPerson;
let stranger: TestPerson;

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
  stranger = await signInOrganizer(db.table, KEYS, '01J00000000000000000000002');
});

afterAll(async () => {
  await parameters.close();
  await db.drop();
});

const BODY = {
  title: 'Organ at noon',
  description: 'Half an hour each Friday.',
  category: 'classical',
  timeZone: 'Europe/Berlin',
  startsAtLocal: '2090-03-24T12:00',
  durationMinutes: 30,
  rrule: 'FREQ=WEEKLY;COUNT=6',
  exdates: ['2090-04-14T12:00'],
  ticketTypes: [
    { name: 'Nave', price: { amount: 1_000, currency: 'EUR' }, quantity: 100 },
    { name: 'Gallery', price: { amount: 1_500, currency: 'EUR' }, quantity: 20 },
  ],
};

const send = (route: string, sent: object): Promise<TestAnswer> =>
  call(handler, { route, token: organizer.accessToken, ...sent });
const post = (body: unknown, key?: string): Promise<TestAnswer> =>
  send('POST /api/series', { body, ...(key === undefined ? {} : { headers: { 'idempotency-key': key } }) });
const seriesOf = (answer: TestAnswer): SeriesView => createSeries.responses[201].parse(answer.json).series;
const readEvent = async (eventId: string): Promise<EventView> =>
  eventView.parse((await send('GET /api/events/{eventId}', { params: { eventId } })).json);
const edit = (series: SeriesView, body: object, version = series.version): Promise<TestAnswer> =>
  send('PATCH /api/series/{seriesId}', {
    params: { seriesId: series.id },
    body,
    headers: { 'if-match': `"v${version}"` },
  });
/** The table for a process that dies at its `write`-th write. */
function dyingAt(write: number): Table {
  let writes = 0;
  const client = tableOn(testClient(), db.table.name).client;
  client.middlewareStack.add(
    (next, context) => async (args) => {
      if (/Write|Put|Update/.test(String(context['commandName']))) writes += 1;
      if (writes >= write) throw new Error('killed');
      return next(args);
    },
    { step: 'initialize' },
  );
  return { client, name: db.table.name };
}

const eventRows = async (seriesId: string): Promise<number> =>
  (await db.items()).filter((item) => item['seriesId'] === seriesId && item['sk'] === 'EVENT').length;

describe('a series', () => {
  it('is an event of its own for each date, at the same local time across a change of clocks', async () => {
    const series = seriesOf(await post(BODY));
    expect(series).toMatchObject({ complete: true, organizationId: OURS, rrule: BODY.rrule });
    expect(series.dates.map(({ date, startsAt }) => [date, startsAt])).toEqual([
      ['2090-03-24T12:00:00', '2090-03-24T11:00:00.000Z'],
      ['2090-03-31T12:00:00', '2090-03-31T10:00:00.000Z'],
      ['2090-04-07T12:00:00', '2090-04-07T10:00:00.000Z'],
      ['2090-04-21T12:00:00', '2090-04-21T10:00:00.000Z'],
      ['2090-04-28T12:00:00', '2090-04-28T10:00:00.000Z'],
    ]);
    const [first] = series.dates;
    const event = await readEvent(first?.eventId ?? '');
    expect(event).toMatchObject({ status: 'DRAFT', seriesId: series.id, endsAt: '2090-03-24T11:30:00.000Z' });
    const published = await send('POST /api/events/{eventId}/publish', { params: { eventId: event.id } });
    expect(published).toMatchObject({ status: 200, json: { status: 'PUBLISHED', availableTickets: 120 } });
    expect((await readEvent(series.dates[1]?.eventId ?? '')).status, 'the others stay drafts').toBe('DRAFT');
  });

  it('is made once under a key, also by two requests at once, and is told from another body', async () => {
    const answers = await Promise.all([post(BODY, 'twice'), post(BODY, 'twice')]);
    expect(answers.map(({ status }) => status)).toEqual([201, 201]);
    const [series] = answers.map(seriesOf);
    expect(new Set(answers.map(({ json }) => json['seriesId'])).size).toBe(1);
    expect(await eventRows(series?.id ?? '')).toBe(5);
    expect(await post({ ...BODY, title: 'Another' }, 'twice')).toMatchObject({
      status: 409,
      json: { code: 'IDEMPOTENCY_KEY_REUSED' },
    });
  });

  it('that died half-way is finished by the same request', async () => {
    const body = { ...BODY, rrule: 'FREQ=DAILY;COUNT=90', exdates: [] };
    const session = await loadSession(db.table, organizer, Date.now());
    const request = { draft: seriesDraft.parse(body), session, idempotencyKey: 'killed' };
    const occasion = { now: Date.now(), correlationId: 'test', by: organizer.userId };
    // The series, its pointers in batches, then some of its events: the process dies at the eleventh write.
    await expect(createSeriesUseCase(dyingAt(11), request, occasion)).rejects.toThrow('killed');
    const halfWay = await eventRows(derivedId('series', organizer.userId, 'killed'));
    expect(halfWay).toBeGreaterThan(0);
    expect(halfWay).toBeLessThan(90);
    const again = seriesOf(await post(body, 'killed'));
    expect(again).toMatchObject({ complete: true });
    expect(again.dates).toHaveLength(90);
    expect(await eventRows(again.id)).toBe(90);
  });

  it('is refused with every fault, and nothing of it is stored', async () => {
    const before = (await db.items()).length;
    const answer = await post({ ...BODY, title: '', durationMinutes: -1, startsAtLocal: '2090-03-26T02:30' });
    expect(answer).toMatchObject({ status: 400 });
    expect(JSON.stringify(answer.json['errors'])).toMatch(/title.*durationMinutes|durationMinutes.*title/s);
    expect(await post({ ...BODY, rrule: 'FREQ=DAILY' })).toMatchObject({
      status: 400,
      json: { errors: [{ path: 'rrule' }] },
    });
    expect(await post({ ...BODY, startsAtLocal: '2020-03-24T12:00' })).toMatchObject({ status: 400 });
    expect(await post({ ...BODY, startsAtLocal: '2020-03-24T12:00', exdates: [] })).toMatchObject({
      status: 422,
      json: { code: 'EVENT_IN_PAST' },
    });
    expect((await db.items()).length).toBe(before);
  });
});

describe('editing a series', () => {
  it('changes the dates that follow it and says which it left', async () => {
    const series = seriesOf(await post(BODY));
    const [alone, archived] = series.dates;
    await send('PATCH /api/events/{eventId}', {
      params: { eventId: alone?.eventId ?? '' },
      body: { title: 'Opening night' },
      headers: { 'if-match': '"v1"' },
    });
    await send('POST /api/events/{eventId}/archive', { params: { eventId: archived?.eventId ?? '' } });

    const answer = await edit(series, { title: 'Organ at one', tags: ['organ'] });
    const { changed, left, series: after } = editSeries.responses[200].parse(answer.json);
    expect(left).toEqual([
      { eventId: alone?.eventId, reason: 'ITS_OWN_WAY' },
      { eventId: archived?.eventId, reason: 'CLOSED' },
    ]);
    expect(changed).toEqual(series.dates.slice(2).map(({ eventId }) => eventId));
    expect(await readEvent(changed[0] ?? '')).toMatchObject({ title: 'Organ at one', tags: ['organ'] });
    expect((await readEvent(alone?.eventId ?? '')).title).toBe('Opening night');

    expect((await edit(series, { title: 'Stale' })).status, 'the version has been used').toBe(412);
    const again = await edit(after, { title: 'Organ at one', tags: ['organ'] });
    expect(again.json['changed'], 'sent again it is done already').toEqual(changed);
  });

  const SHARED = {
    ...BODY,
    pools: [{ name: 'Church', quantity: 100 }],
    ticketTypes: [
      { name: 'Adult', price: { amount: 1_000, currency: 'EUR' }, quantity: 100, pool: 'Church' },
      { name: 'Child', price: { amount: 500, currency: 'EUR' }, quantity: 50, pool: 'Church' },
    ],
  };
  const publishedDate = async (series: SeriesView, date: number): Promise<EventView> => {
    const params = { eventId: series.dates[date]?.eventId ?? '' };
    return eventView.parse((await send('POST /api/events/{eventId}/publish', { params })).json);
  };

  it('leaves the dates of which a ticket is out, whatever is shown, and of house seats thinks nothing', async () => {
    const series = seriesOf(await post(SHARED));
    const [quiet, held, house] = await Promise.all([0, 1, 2].map((date) => publishedDate(series, date)));
    const childOf = (event: EventView | undefined): string => event?.ticketTypes[1]?.id ?? '';
    const types = await findTicketTypes(db.table, [childOf(held)], 'strong');
    const wishes = [{ ticketTypeId: childOf(held), quantity: 1 }];
    const order = { orderId: ulid(), customerId: ulid(), wishes, types, accessCode: undefined, retriable: false };
    const occasion = { now: Date.now(), correlationId: 'test', by: 'system' };
    expect((await placeHold(db.table, order, occasion)).ok).toBe(true);
    const blocked = await send('PUT /api/ticket-types/{ticketTypeId}/blocked', {
      params: { ticketTypeId: childOf(house) },
      body: { quantity: 60 },
    });
    expect(blocked.status).toBe(200);

    const answer = await edit(series, { description: 'Three quarters of an hour.' });
    const { changed, left } = editSeries.responses[200].parse(answer.json);
    expect(left).toEqual([{ eventId: held?.id, reason: 'SOLD' }]);
    expect(changed).toEqual(expect.arrayContaining([quiet?.id, house?.id]));
    expect((await readEvent(held?.id ?? '')).description).toBe(BODY.description);
  });

  it('that a date would not take stores nothing', async () => {
    const series = seriesOf(await post(BODY));
    await publishedDate(series, 3);
    const before = await db.items();
    // Capacities of a date on sale stay; those of the drafts before it would have been changed by then.
    const refused = await edit(series, { title: 'Never', venueId: '01J0000000000000000000000V' });
    expect(refused).toMatchObject({ status: 422, json: { code: 'EVENT_IS_PUBLISHED' } });
    expect(await db.items()).toEqual(before);
  });

  it('is for its organizers', async () => {
    const series = seriesOf(await post(BODY));
    const answer = await send('GET /api/series/{seriesId}', {
      params: { seriesId: series.id },
      token: stranger.accessToken,
    });
    expect(answer).toMatchObject({ status: 404, json: { code: 'SERIES_NOT_FOUND' } });
    expect((await send('PATCH /api/series/{seriesId}', { params: { seriesId: series.id }, body: {} })).status).toBe(
      428,
    );
  });
});
