import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import {
  listVenues,
  planGeometry,
  putSeatingPlan,
  venueView,
  type VenueView,
} from '../../functions/venues/contract.ts';
import { acceptPlan } from '../../functions/venues/app/accept-plan.ts';
import { changeVenue } from '../../functions/venues/app/change-venue.ts';
import { findSupply, findVenue } from '../../functions/venues/reads.ts';
import { requireVenue } from '../../functions/venues/writes.ts';
import type { HttpHandler } from '../../functions/shared/runtime/http.ts';
import { commit } from '../../functions/shared/table/commit.ts';
import { generatePlan } from '../../scripts/plan/generate.ts';
import { startTestTable, useTestEnvironment, type TestTable } from '../support/dynamodb.ts';
import { apiEvent, call, TEST_CONTEXT, type TestAnswer, type TestRequest } from '../support/http.ts';
import { randomKey, randomKeyRing, serveParameters, type TestParameters } from '../support/parameters.ts';
import { signInOrganizer, type TestPerson } from '../support/sessions.ts';
import { currentPlan, olderPlan } from './plans.ts';
import { pretixPlan } from './pretix-schema.ts';

const OURS = '01J00000000000000000000001';
const THEIRS = '01J00000000000000000000002';
const KEYS = '/onsale/test/session-keys';
const CURSOR_KEY = '/onsale/test/cursor-key';
const VENUE = 'GET /api/venues/{venueId}';
const PLAN = '/api/venues/{venueId}/seating-plan';
const HALL = {
  name: 'Quay 7',
  timeZone: 'Europe/Berlin',
  address: { street: 'Kai 7', postalCode: '20457', city: 'Hamburg', country: 'DE' },
  coordinates: { latitude: 53.541, longitude: 9.984 },
  mapUrl: 'https://maps.example/quay-7',
  accessibilityNotes: 'Step-free from the north gate.\nLift to the balcony.',
};

let db: TestTable;
let parameters: TestParameters;
let handler: HttpHandler;
let seats: HttpHandler;
let organizer: TestPerson;
let stranger: TestPerson;

beforeAll(async () => {
  db = await startTestTable();
  parameters = await serveParameters({ [KEYS]: randomKeyRing(), [CURSOR_KEY]: randomKey() });
  useTestEnvironment(db, { SESSION_KEYS_PARAMETER: KEYS, CURSOR_KEY_PARAMETER: CURSOR_KEY });
  ({ handler } = await import('../../functions/venues/handlers/http-venues.ts'));
  ({ handler: seats } = await import('../../functions/venues/handlers/http-seats.ts'));
  organizer = await signInOrganizer(db.table, KEYS, OURS);
  stranger = await signInOrganizer(db.table, KEYS, THEIRS);
});

afterAll(async () => {
  await parameters.close();
  await db.drop();
});

const send = (request: TestRequest, by = organizer): Promise<TestAnswer> =>
  call(handler, { token: by.accessToken, ...request });
const put = (venueId: string, plan: unknown, headers: Record<string, string> = {}): Promise<TestAnswer> =>
  send({ route: `PUT ${PLAN}`, params: { venueId }, body: plan, headers });

async function givenVenue(as: object = {}): Promise<VenueView> {
  const made = await send({ route: 'POST /api/venues', body: { ...HALL, ...as } });
  if (made.status !== 201) throw new Error(made.text);
  return venueView.parse(made.json);
}

const occasion = { now: 1_000, correlationId: 'test', by: 'system' };
async function recordOf(venueId: string): Promise<NonNullable<Awaited<ReturnType<typeof findVenue>>>> {
  const venue = await findVenue(db.table, venueId);
  if (venue === undefined) throw new Error('no venue');
  return venue;
}

describe('a venue', () => {
  it('is created once for one key, read with its ETag, and listed', async () => {
    const request = { route: 'POST /api/venues', body: HALL, headers: { 'idempotency-key': 'quay' } };
    const first = await send(request);
    expect(first.status).toBe(201);
    const { id } = venueView.parse(first.json);
    expect(first.headers).toMatchObject({ location: `/api/venues/${id}`, etag: '"v1"' });
    expect((await send(request)).json).toEqual(first.json);
    expect(await send({ ...request, body: { ...HALL, name: 'Other' } })).toMatchObject({ status: 409 });
    const read = await send({ route: VENUE, params: { venueId: id } });
    expect(read.json).toMatchObject({ ...HALL, organizationId: OURS, status: 'ACTIVE', seatingPlan: null });
    const again = await send({ route: VENUE, params: { venueId: id }, headers: { 'if-none-match': '"v1"' } });
    expect([again.status, again.text]).toEqual([304, '']);

    await givenVenue({ name: 'Second' });
    const page = await send({ route: 'GET /api/venues', query: { limit: '1' } });
    const next = await send({ route: 'GET /api/venues', query: { cursor: String(page.json['nextCursor']) } });
    const listed = [page, next].map(({ json }) => listVenues.responses[200].parse(json));
    // Which comes first is not promised: an id that comes of an idempotency key has no time in it.
    expect(listed.flatMap(({ items }) => items.map(({ name }) => name)).toSorted()).toEqual(['Quay 7', 'Second']);
    expect(listed[1]?.nextCursor).toBeNull();
  });

  it('is nobody else’s', async () => {
    const { id } = await givenVenue();
    for (const route of [
      VENUE,
      'PATCH /api/venues/{venueId}',
      'DELETE /api/venues/{venueId}',
      `PUT ${PLAN}`,
      `GET ${PLAN}`,
    ]) {
      const answer = await send(
        { route, params: { venueId: id }, ...(/P(UT|ATCH)/.test(route) ? { body: {} } : {}) },
        stranger,
      );
      expect([route, answer.status, answer.json['code']]).toEqual([route, 404, 'VENUE_NOT_FOUND']);
    }
    const theirs = await send({ route: 'GET /api/venues' }, stranger);
    expect(theirs.json).toEqual({ items: [], nextCursor: null });
    const asked = await send({ route: 'GET /api/venues', query: { organizationId: OURS } }, stranger);
    expect(asked.json['code']).toBe('ORGANIZATION_NOT_FOUND');
  });

  it('is changed in the version that was seen, and in no other', async () => {
    const { id } = await givenVenue();
    const patch = (body: object, headers: Record<string, string> = {}): Promise<TestAnswer> =>
      send({ route: 'PATCH /api/venues/{venueId}', params: { venueId: id }, body, headers });
    const changed = await patch({ name: 'Quay 8', mapUrl: null }, { 'if-match': '"v1"' });
    expect([changed.status, changed.headers['etag'], changed.json['name'], changed.json['mapUrl']]).toEqual([
      200,
      '"v2"',
      'Quay 8',
      null,
    ]);
    expect((await patch({ name: 'Quay 9' }, { 'if-match': '"v1"' })).json['code']).toBe('PRECONDITION_FAILED');
    expect((await patch({ name: 'Quay 8' }, { 'if-match': '*' })).headers['etag'], 'nothing changed').toBe('"v2"');
    const blind = await patch({ name: 'Quay 9' });
    expect([blind.status, blind.json['code']]).toEqual([428, 'PRECONDITION_REQUIRED']);
    // Two who have read the same version: the second one's write fails on its condition.
    const seen = await recordOf(id);
    expect(await changeVenue(db.table, seen, { name: 'A' }, occasion)).toMatchObject({ ok: true });
    expect(await changeVenue(db.table, seen, { name: 'B' }, occasion)).toMatchObject({
      ok: false,
      error: { code: 'PRECONDITION_FAILED' },
    });
  });

  it('is archived for good: nothing is changed or published there any more', async () => {
    const { id } = await givenVenue();
    const archive = { route: 'DELETE /api/venues/{venueId}', params: { venueId: id } };
    const required = (): ReturnType<typeof commit> => commit(db.table, [requireVenue(id, () => 'ARCHIVED')]);
    expect((await required()).ok).toBe(true);
    expect([(await send(archive)).status, (await send(archive)).status]).toEqual([204, 204]);
    expect(await required()).toEqual({ ok: false, error: 'ARCHIVED' });
    const patched = await send({
      route: 'PATCH /api/venues/{venueId}',
      params: { venueId: id },
      body: { name: 'X' },
      headers: { 'if-match': '*' },
    });
    expect(patched.json['code']).toBe('VENUE_ARCHIVED');
    expect((await put(id, currentPlan(), { 'if-match': '*' })).json['code']).toBe('VENUE_ARCHIVED');
  });

  it('is refused with every fault at once', async () => {
    const answer = await send({
      route: 'POST /api/venues',
      body: {
        name: 'Quay\u202E 7',
        timeZone: 'Mars/Olympus',
        coordinates: { latitude: 91, longitude: 0 },
        mapUrl: 'javascript:alert(1)',
        address: { country: 'Germany' },
        accessibilityNotes: 'x'.repeat(2_001),
        extra: 1,
      },
    });
    expect(answer.status).toBe(400);
    const paths = [answer.json['errors']]
      .flat()
      .map((fault) => (fault instanceof Object && 'path' in fault ? String(fault.path) : ''));
    expect(paths.toSorted()).toEqual([
      '',
      'accessibilityNotes',
      'address.country',
      'coordinates.latitude',
      'mapUrl',
      'name',
      'timeZone',
    ]);
  });
});

describe('a seating plan', () => {
  it('becomes the next version, is given back as it came, and drawn for everybody', async () => {
    const { id } = await givenVenue();
    const first = await put(id, olderPlan());
    expect(first.status).toBe(200);
    const accepted = putSeatingPlan.responses[200].parse(first.json);
    expect(accepted).toMatchObject({ seatingPlan: { version: 1, seats: 2, standing: 0 } });
    expect(accepted.warnings.length).toBe(3);
    const blind = await put(id, currentPlan());
    expect([blind.status, blind.json['code']], 'nobody replaces what they have not seen').toEqual([
      428,
      'PRECONDITION_REQUIRED',
    ]);
    const stale = await put(id, currentPlan(), { 'if-match': '"v1"' });
    expect([stale.status, stale.json['code']]).toEqual([412, 'PRECONDITION_FAILED']);
    const tag = { 'if-match': String((await send({ route: VENUE, params: { venueId: id } })).headers['etag']) };
    expect((await put(id, olderPlan(), tag)).json, 'the same plan makes no new version').toEqual(first.json);

    const second = putSeatingPlan.responses[200].parse((await put(id, currentPlan(), tag)).json);
    expect(second.seatingPlan).toMatchObject({ version: 2, seats: 6, standing: 400 });
    const exported = await send({ route: `GET ${PLAN}`, params: { venueId: id } });
    const byPlan = await put(id, currentPlan(), { 'if-match': String(exported.headers['etag']) });
    expect([byPlan.status, byPlan.json['seatingPlan']], 'by the tag of the plan').toEqual([200, second.seatingPlan]);
    expect(pretixPlan.parse(exported.json).zones[0]?.rows[0]?.seats[0]?.seat_guid).toBe('stalls-A-1');
    const older = await send({ route: `GET ${PLAN}`, params: { venueId: id }, query: { version: '1' } });
    expect(pretixPlan.parse(older.json).name).toBe('Old Hall');
    const none = await send({ route: `GET ${PLAN}`, params: { venueId: id }, query: { version: '3' } });
    expect(none.json['code']).toBe('SEATING_PLAN_NOT_FOUND');

    const planId = second.seatingPlan?.id ?? '';
    const drawn = await call(seats, { route: 'GET /api/seating-plans/{planId}', params: { planId } });
    expect(drawn.headers).toMatchObject({
      'cache-control': 'public, max-age=31536000, immutable',
      etag: `"${planId}"`,
    });
    const geometry = planGeometry.parse(drawn.json);
    expect(geometry.zones[0]?.rows[0]?.seats[0]).toEqual({
      id: '0-1',
      number: '1',
      label: 'Seat 1',
      x: 100,
      y: 200,
      category: 0,
      features: ['wheelchair'],
    });
    const cached = await call(seats, {
      route: 'GET /api/seating-plans/{planId}',
      params: { planId },
      headers: { 'if-none-match': `W/"${planId}"` },
    });
    expect([cached.status, cached.text]).toEqual([304, '']);
    const picture = await call(seats, { route: 'GET /api/seating-plans/{planId}/picture.svg', params: { planId } });
    expect(picture.headers['content-type']).toBe('image/svg+xml');
    expect(picture.text).toMatch(/^<svg /);
  });

  it('with faults changes nothing and names them all', async () => {
    const { id } = await givenVenue();
    const answer = await put(id, currentPlan({ name: '<script>', categories: [{ name: 'Stalls' }] }));
    expect([answer.status, answer.json['code']]).toEqual([422, 'SEATING_PLAN_INVALID']);
    expect(answer.json['errors']).toEqual([
      { path: 'name', message: 'Markup and scripts are not allowed' },
      { path: 'zones.0.areas.1.text', message: 'There is no such category in the plan' },
    ]);
    expect((await recordOf(id)).planId).toBeUndefined();
    expect(
      (await db.items()).filter(({ pk }) => String(pk).startsWith('SEATING#')).every((row) => row['venueId'] !== id),
    ).toBe(true);
  });

  it('of 20,000 seats goes in as gzip and comes out packed; more than Lambda takes is refused by size', async () => {
    const { id } = await givenVenue();
    const plan = generatePlan(20_000);
    const event = apiEvent({ route: `PUT ${PLAN}`, params: { venueId: id }, token: organizer.accessToken });
    const body = gzipSync(JSON.stringify(plan));
    const packedIn = (bytes: Buffer, headers: object): ReturnType<HttpHandler> =>
      handler(
        { ...event, body: bytes.toString('base64'), isBase64Encoded: true, headers: { ...event.headers, ...headers } },
        TEST_CONTEXT,
      );
    const accepted = await packedIn(body, { 'content-type': 'application/gzip' });
    expect(accepted.body).toContain('"seats":20000');
    const encoded = await packedIn(body, {
      'content-type': 'application/json',
      'content-encoding': 'gzip',
      'if-match': '*',
    });
    expect(encoded.body).toBe(accepted.body);
    const broken = await packedIn(body.subarray(0, 1_000), { 'content-type': 'application/gzip' });
    expect(broken.body).toContain('MALFORMED_JSON');
    const bomb = await packedIn(gzipSync(Buffer.alloc(65 * 1024 * 1024, ' ')), { 'content-type': 'application/gzip' });
    expect([bomb.statusCode, bomb.body?.includes('BODY_TOO_LARGE')]).toEqual([413, true]);

    const planId = (await recordOf(id)).planId ?? '';
    const supply = await findSupply(db.table, planId);
    expect(supply?.categories.reduce((count, { seats: here }) => count + here, 0)).toBe(20_000);
    const drawn = await seats(
      apiEvent({
        route: 'GET /api/seating-plans/{planId}',
        params: { planId },
        headers: { 'accept-encoding': 'gzip, br' },
      }),
      TEST_CONTEXT,
    );
    expect(drawn.headers?.['content-encoding']).toBe('br');
    expect(Buffer.from(drawn.body ?? '', 'base64').length).toBeLessThan(250_000);
  });

  it('of two at once, one becomes the version and the other is told', async () => {
    const { id } = await givenVenue();
    const seen = await recordOf(id);
    const [one, two] = await Promise.all([
      acceptPlan(db.table, seen, currentPlan(), occasion),
      acceptPlan(db.table, seen, olderPlan(), occasion),
    ]);
    expect([one.ok, two.ok].filter(Boolean)).toHaveLength(1);
    const venue = await recordOf(id);
    expect(venue.planVersion).toBe(1);
    expect(await findSupply(db.table, venue.planId ?? '')).toBeDefined();
  });
});
