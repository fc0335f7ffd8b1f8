import { ulid } from 'ulid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod/mini';

import { createEvent } from '../../functions/catalog/organizer-routes.ts';
import type { EventDraft } from '../../functions/catalog/schemas.ts';
import { eventView, type EventView } from '../../functions/catalog/views.ts';
import type { TicketTypeCopy } from '../../functions/inventory/contract.ts';
import { findTicketTypes } from '../../functions/inventory/reads.ts';
import { findOrder } from '../../functions/orders/reads.ts';
import { placeHold } from '../../functions/reservations/app/place-hold.ts';
import { releaseHold } from '../../functions/reservations/app/release-hold.ts';
import { DAY, HOUR, toTimestamp } from '../../functions/shared/kernel/clock.ts';
import type { HttpHandler } from '../../functions/shared/runtime/http.ts';
import { startTestTable, useTestEnvironment, type TestTable } from '../support/dynamodb.ts';
import { call, type TestAnswer } from '../support/http.ts';
import { randomKey, randomKeyRing, serveParameters, type TestParameters } from '../support/parameters.ts';
import { signInOrganizer, type TestPerson } from '../support/sessions.ts';
import { catalogHandlers } from './catalog-handlers.ts';
import { draftBody } from './drafts.ts';

const KEYS = '/onsale/test/session-keys';
const CURSOR_KEY = '/onsale/test/cursor-key';
const YEAR = new Date().getUTCFullYear() + 1;

let db: TestTable;
let parameters: TestParameters;
let handler: HttpHandler;
let organizer: TestPerson;

beforeAll(async () => {
  db = await startTestTable();
  parameters = await serveParameters({ [KEYS]: randomKeyRing(), [CURSOR_KEY]: randomKey() });
  useTestEnvironment(db, { SESSION_KEYS_PARAMETER: KEYS, CURSOR_KEY_PARAMETER: CURSOR_KEY });
  handler = await catalogHandlers();
  organizer = await signInOrganizer(db.table, KEYS, ulid());
});

afterAll(async () => {
  await parameters.close();
  await db.drop();
});

const onEvent = (eventId: string, what: string, body: unknown = {}, headers = {}): Promise<TestAnswer> =>
  call(handler, {
    route: `POST /api/events/{eventId}${what}`,
    params: { eventId },
    token: organizer.accessToken,
    body,
    headers,
  });

const codeOf = ({ status, json }: TestAnswer): unknown => [status, json['code']];

async function draft(as: Partial<EventDraft> = {}): Promise<EventView> {
  const answer = await call(handler, {
    route: 'POST /api/events',
    token: organizer.accessToken,
    body: draftBody(as),
  });
  if (answer.status !== 201) throw new Error(answer.text);
  return createEvent.responses[201].parse(answer.json).event;
}

async function published(as: Partial<EventDraft> = {}): Promise<EventView> {
  const answer = await onEvent((await draft(as)).id, '/publish');
  if (answer.status !== 200) throw new Error(answer.text);
  return eventView.parse(answer.json);
}

const row = z.looseObject({ status: z.string(), ev: z.string() });

async function rowOf(eventId: string): Promise<z.infer<typeof row>> {
  return row.parse((await db.items()).find(({ pk, sk }) => pk === `EVENT#${eventId}` && sk === 'EVENT'));
}

const copiesOf = ({ ticketTypes }: EventView): Promise<ReadonlyMap<string, TicketTypeCopy>> =>
  findTicketTypes(
    db.table,
    ticketTypes.map(({ id }) => id),
    'strong',
  );

/** Holds a ticket, of a type as the buyer has read it. @returns the id of the hold, or why there is none */
async function hold(
  ticketTypeId: string,
  types: ReadonlyMap<string, TicketTypeCopy>,
  now = Date.now(),
): Promise<string> {
  const orderId = ulid();
  const request = { orderId, customerId: ulid(), wishes: [{ ticketTypeId, quantity: 1 }], types, retriable: false };
  const held = await placeHold(db.table, request, { now, correlationId: 'test', by: 'system' });
  return held.ok ? orderId : held.error.code;
}

const typeOf = ({ ticketTypes: [type] }: EventView): string => type?.id ?? '';

describe('taking an event back', () => {
  it('makes it a draft of which nothing can be bought, and lets it be published anew', async () => {
    const event = await published();
    const types = await copiesOf(event);
    const back = await onEvent(event.id, '/unpublish');
    expect([back.status, back.json['status'], back.json['publishedAt']]).toEqual([200, 'DRAFT', null]);
    expect(await rowOf(event.id)).toMatchObject({ ev: 'catalog.EventUnpublished.v1' });
    expect(await rowOf(event.id), 'it is in no list').not.toHaveProperty('gsi1pk');
    expect((await copiesOf(event)).size).toBe(0);
    expect(await hold(typeOf(event), types), 'who has read it before gets nothing').toBe('SALE_NOT_OPEN');
    expect(codeOf(await onEvent(event.id, '/unpublish'))).toEqual([409, 'EVENT_NOT_PUBLISHED']);

    expect((await onEvent(event.id, '/publish')).status).toBe(200);
    expect(await hold(typeOf(event), await copiesOf(event))).toMatch(/^01/);
  });

  it('is refused while a ticket is held, and done once it is given back', async () => {
    const event = await published();
    const orderId = await hold(typeOf(event), await copiesOf(event));
    expect(codeOf(await onEvent(event.id, '/unpublish'))).toEqual([409, 'EVENT_HAS_SALES']);
    expect(await rowOf(event.id)).toMatchObject({ status: 'PUBLISHED' });
    const other = await hold(typeOf(event), await copiesOf(event));
    expect(other, 'the refusal stopped nothing').toMatch(/^01/);
    for (const id of [orderId, other]) {
      const order = await findOrder(db.table, id);
      if (order === undefined) throw new Error('The hold is gone');
      await releaseHold(db.table, order, { now: Date.now(), correlationId: 'test', by: 'system' });
    }
    expect((await onEvent(event.id, '/unpublish')).status).toBe(200);
  });

  it('and a hold at the same moment: exactly one of them comes about', async () => {
    const outcomes = new Set<string>();
    for (let round = 0; round < 12; round += 1) {
      const event = await published();
      const types = await copiesOf(event);
      const [back, ...holds] = await Promise.all([
        onEvent(event.id, '/unpublish'),
        ...Array.from({ length: round % 4 }, () => hold(typeOf(event), types)),
      ]);
      const held = holds.filter((outcome) => outcome.startsWith('01')).length;
      outcomes.add(`${back.status} with ${held > 0 ? 'holds' : 'none'}`);
      expect(back.status === 200 ? held : Math.sign(held)).toBe(back.status === 200 ? 0 : 1);
      expect((await rowOf(event.id)).status).toBe(back.status === 200 ? 'DRAFT' : 'PUBLISHED');
    }
    expect(outcomes).toContain('200 with none');
    expect([...outcomes].every((outcome) => outcome !== '200 with holds' && outcome !== '409 with none')).toBe(true);
  });
});

describe('moving an event', () => {
  const withWindows = (now: number): Partial<EventDraft> => ({
    ticketTypes: [
      { name: 'Open', price: { amount: 1_000, currency: 'EUR' }, quantity: 20 },
      {
        name: 'Later',
        price: { amount: 1_000, currency: 'EUR' },
        quantity: 20,
        saleStartsAt: toTimestamp(now + 5 * DAY),
        saleEndsAt: toTimestamp(now + 28 * DAY),
      },
    ],
  });

  it('moves its sale windows, in the blocks too, and what tickets tell of it', async () => {
    const event = await published(withWindows(Date.now()));
    const former = Date.parse(event.startsAt);
    const startsAt = former + 10 * DAY;
    const moved = await onEvent(event.id, '/reschedule', { startsAt: toTimestamp(startsAt) });
    expect([moved.status, moved.json]).toMatchObject([
      200,
      {
        startsAt: toTimestamp(startsAt),
        endsAt: toTimestamp(startsAt + 3 * HOUR),
        rescheduledFrom: event.startsAt,
        status: 'PUBLISHED',
      },
    ]);
    expect(await rowOf(event.id)).toMatchObject({
      ev: 'catalog.EventRescheduled.v1',
      gsi1sk: `${toTimestamp(startsAt)}#${event.id}`,
    });
    const [open, later] = [...(await copiesOf(event)).values()].toSorted((one, other) =>
      other.name.localeCompare(one.name),
    );
    expect(open).toMatchObject({ eventStartsAt: startsAt, closesAt: startsAt, eventEndsAt: startsAt + 3 * HOUR });
    const [, second] = event.ticketTypes;
    expect(later).toMatchObject({
      opensAt: Date.parse(second?.saleStartsAt ?? '') + 10 * DAY,
      closesAt: Date.parse(second?.saleEndsAt ?? '') + 10 * DAY,
    });
    // Between the former start and the new one only a block that knows of the move sells.
    expect(await hold(typeOf(event), await copiesOf(event), former + HOUR)).toMatch(/^01/);
    expect(await hold(typeOf(event), await copiesOf(event), startsAt)).toBe('SALE_NOT_OPEN');

    const again = await onEvent(event.id, '/reschedule', { startsAt: toTimestamp(startsAt) });
    expect(again.json['version'], 'again, it is as it is').toBe(moved.json['version']);
    const back = await onEvent(event.id, '/reschedule', { startsAt: event.startsAt });
    expect(back.json).toMatchObject({ startsAt: event.startsAt, rescheduledFrom: event.startsAt });
  });

  it('takes local times, and none that clocks skip or show twice', async () => {
    const event = await published();
    const summer = { startsAtLocal: `${YEAR}-07-01T20:00`, timeZone: 'Europe/Berlin' };
    const moved = await onEvent(event.id, '/reschedule', summer);
    expect(moved.json).toMatchObject({ startsAt: `${YEAR}-07-01T18:00:00.000Z` });
    const lastSunday = (month: number): string => {
      const last = new Date(Date.UTC(YEAR, month, 0));
      last.setUTCDate(last.getUTCDate() - last.getUTCDay());
      return last.toISOString().slice(0, 10);
    };
    for (const local of [`${lastSunday(3)}T02:30`, `${lastSunday(10)}T02:30`]) {
      const refused = await onEvent(event.id, '/reschedule', { startsAtLocal: local });
      expect(codeOf(refused), local).toEqual([400, 'INVALID_INPUT']);
      expect(refused.text).toContain('startsAtLocal');
    }
    const meant = { startsAtLocal: `${lastSunday(10)}T02:30`, startsAtOccurrence: 'later' };
    expect((await onEvent(event.id, '/reschedule', meant)).json['startsAt']).toBe(`${lastSunday(10)}T01:30:00.000Z`);
  });

  it('refuses the past, an end before the start, drafts and what has changed meanwhile', async () => {
    const event = await published();
    expect(codeOf(await onEvent(event.id, '/reschedule', { startsAt: '2020-01-01T00:00:00Z' }))).toEqual([
      422,
      'EVENT_IN_PAST',
    ]);
    const reversed = { startsAt: '2090-01-02T00:00:00Z', endsAt: '2090-01-01T00:00:00Z' };
    expect(codeOf(await onEvent(event.id, '/reschedule', reversed))).toEqual([400, 'INVALID_INPUT']);
    const stale = await onEvent(event.id, '/reschedule', { startsAt: '2090-01-01T00:00:00Z' }, { 'if-match': '"v1"' });
    expect(codeOf(stale)).toEqual([412, 'PRECONDITION_FAILED']);
    expect((await rowOf(event.id))['ver']).toBe(event.version);
    const unpublished = await draft();
    expect(codeOf(await onEvent(unpublished.id, '/reschedule', { startsAt: '2090-01-01T00:00:00Z' }))).toEqual([
      409,
      'EVENT_NOT_PUBLISHED',
    ]);
  });

  it('of two moves at once, leaves the one that the row tells of in every block', async () => {
    const event = await published();
    const days = [10, 20, 30];
    await Promise.all(
      days.map((day) =>
        onEvent(event.id, '/reschedule', { startsAt: toTimestamp(Date.parse(event.startsAt) + day * DAY) }),
      ),
    );
    const { startsAt } = await rowOf(event.id);
    const copies = [...(await copiesOf(event)).values()];
    expect(copies.map(({ closesAt }) => closesAt)).toEqual([startsAt, startsAt]);
    const pools = new Set(copies.map(({ poolId }) => poolId));
    const blocks = (await db.items()).filter(({ pk, sk }) => sk === 'BLOCK' && pools.has(String(pk).slice(5, 31)));
    expect(blocks.map(({ closesAt }) => closesAt)).toEqual([startsAt, startsAt]);
  });
});
