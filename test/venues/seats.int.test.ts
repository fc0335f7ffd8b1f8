import { brotliDecompressSync } from 'node:zlib';
import { ulid } from 'ulid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { parseEvent } from '../../functions/catalog/domain/event.ts';
import { eventKey } from '../../functions/catalog/keys.ts';
import { findEvent } from '../../functions/catalog/reads.ts';
import { putEvent } from '../../functions/catalog/writes.ts';
import { findTicketTypes } from '../../functions/inventory/reads.ts';
import { changeCopies } from '../../functions/inventory/sale-writes.ts';
import { giveBackToBlock, takeAgainFromBlock } from '../../functions/inventory/writes.ts';
import type { HttpHandler } from '../../functions/shared/runtime/http.ts';
import { commit } from '../../functions/shared/table/commit.ts';
import { answerSeats } from '../../functions/venues/answers.ts';
import { SeatsDisplay } from '../../functions/venues/app/show-seats.ts';
import { eventSeats, type EventSeats } from '../../functions/venues/contract.ts';
import { STAMPS_LATE_MS } from '../../functions/venues/domain/seat-status.ts';
import { seatSourcesOn } from '../../functions/venues/seat-sources.ts';
import { markSeats } from '../../functions/venues/writes.ts';
import { generatePlan } from '../../scripts/plan/generate.ts';
import { startTestTable, useTestEnvironment, type TestTable } from '../support/dynamodb.ts';
import { apiEvent, call, TEST_CONTEXT, type TestAnswer } from '../support/http.ts';
import { currentPlan } from './plans.ts';
import { putSeatedEvent, type SeatedEvent } from './seated-event.ts';

const ROUTE = 'GET /api/events/{eventId}/seats';
const LARGEST_ANSWER = 300 * 1024;
const NOW = Date.now();

let db: TestTable;
let handler: HttpHandler;

beforeAll(async () => {
  db = await startTestTable();
  useTestEnvironment(db, {});
  ({ handler } = await import('../../functions/venues/handlers/http-seats.ts'));
});
afterAll(() => db.drop());

/** What a map that is opened at `now` is told, from the rows as they are. */
async function seen(eventId: string, since?: number): Promise<EventSeats> {
  const shown = await new SeatsDisplay(seatSourcesOn(db.table)).show(eventId, NOW);
  const answer = answerSeats(shown, since, {});
  if (!answer.ok) throw new Error(answer.error.code);
  return eventSeats.parse(JSON.parse(Buffer.from(answer.value.file?.bytes ?? []).toString()));
}

const statusOf = ({ seats }: EventSeats, seatId: string): string | undefined =>
  seats.find(({ id }) => id === seatId)?.status;

/** Takes seats of the first row of a category as a buyer would, at `now`. */
async function take({ typeOf }: SeatedEvent, seats: readonly string[], now: number): Promise<() => Promise<void>> {
  const copy = (await findTicketTypes(db.table, [typeOf('Stalls')], 'strong')).get(typeOf('Stalls'));
  const from = { poolId: copy?.poolId ?? '', take: { block: 0, quantity: seats.length, seats: [...seats] } };
  const done = await commit(db.table, [takeAgainFromBlock(from, now, () => 'TAKEN')]);
  expect(done.ok).toBe(true);
  return async () => void (await commit(db.table, [giveBackToBlock(from, now + 1)]));
}

describe('the seats of an event', () => {
  it('cost what rules have made of their price, from its instant on', async () => {
    const event = await putSeatedEvent(db.table, NOW, currentPlan());
    const nextPrice = { unitPrice: 12_000, from: NOW, reasons: [] };
    await commit(db.table, changeCopies([event.typeOf('Stalls')], { nextPrice }));
    expect((await seen(event.eventId)).categories).toMatchObject([
      { name: 'Stalls', ticketTypes: [{ price: { amount: 12_000, currency: 'EUR' } }] },
      { name: 'Floor' },
    ]);
  });

  it('have the category and price of their plan, and the status of stock and sales', async () => {
    const event = await putSeatedEvent(db.table, NOW, currentPlan());
    const before = await seen(event.eventId);
    expect(before.plan.geometryUrl).toBe(`/api/seating-plans/${event.planId}`);
    expect(before.seats.map(({ status }) => status)).toEqual(Array.from({ length: 6 }, () => 'free'));
    expect(before.zones).toEqual([{ name: 'Stalls', seats: 6, free: 6 }]);
    expect(before.categories).toMatchObject([
      { name: 'Stalls', seats: 6, free: 6, ticketTypes: [{ price: { amount: 9_000, currency: 'EUR' } }] },
      { name: 'Floor', seats: 0, standing: 400 },
    ]);

    await take(event, ['0-1', '0-2'], NOW + 100_000);
    const mark = { eventId: event.eventId, rowId: '0', marks: new Set(['0-2@ORDER']) };
    await commit(db.table, [markSeats({ ...mark, kind: 'sold' }, NOW + 100_001)]);
    const after = await seen(event.eventId);
    expect(['0-1', '0-2', '0-3'].map((seatId) => statusOf(after, seatId))).toEqual(['held', 'sold', 'free']);
    expect(after.zones).toEqual([{ name: 'Stalls', seats: 6, free: 4 }]);

    await commit(db.table, [markSeats({ ...mark, kind: 'undone' }, NOW + 100_002)]);
    expect(statusOf(await seen(event.eventId), '0-2')).toBe('held');
  });

  it('come as changes since a version, and a mark of a sale that was undone hides no free seat', async () => {
    const event = await putSeatedEvent(db.table, NOW, generatePlan(400));
    const whole = await seen(event.eventId);
    const [first] = event.supply.categories.find(({ name }) => name === 'Stalls')?.rows ?? [];
    const seats = first?.seats.slice(0, 2).map(({ id }) => id) ?? [];
    const later = NOW + STAMPS_LATE_MS + 60_000;
    const giveBack = await take(event, seats, later);
    const delta = await seen(event.eventId, whole.version);
    expect(delta).toMatchObject({ since: whole.version, version: later });
    expect(new Set(delta.seats.map(({ id }) => id))).toEqual(new Set(first?.seats.map(({ id }) => id)));
    expect(seats.map((seatId) => statusOf(delta, seatId))).toEqual(['held', 'held']);
    // Whoever has the version before, put together with the changes, has the whole.
    const together = new Map([...whole.seats, ...delta.seats].map((seat) => [seat.id, seat]));
    expect([...together.values()]).toEqual((await seen(event.eventId)).seats);
    expect((await seen(event.eventId, later + STAMPS_LATE_MS)).seats, 'nothing is new').toEqual([]);

    await commit(db.table, [
      markSeats(
        { eventId: event.eventId, rowId: first?.rowId ?? '', kind: 'sold', marks: new Set([`${seats[0]}@GONE`]) },
        later,
      ),
    ]);
    await giveBack();
    expect(statusOf(await seen(event.eventId, later), seats[0] ?? '')).toBe('free');
  });

  it('of a draft, of an event without a plan and of none are not shown', async () => {
    const seatsOf = (eventId: string, query = {}): Promise<TestAnswer> =>
      call(handler, { route: ROUTE, params: { eventId }, query });
    expect((await seatsOf('01J00000000000000000000009')).json['code']).toBe('EVENT_NOT_FOUND');
    const { eventId } = await putSeatedEvent(db.table, NOW, currentPlan());
    expect((await seatsOf(eventId, { since: '-1' })).status).toBe(400);
    const event = await findEvent(db.table, eventId);
    if (event === undefined) throw new Error('no event');
    const { planId: _planId, ...unseated } = event;
    for (const [status, code] of [
      ['DRAFT', 'EVENT_NOT_FOUND'],
      ['PUBLISHED', 'SEATING_PLAN_NOT_FOUND'],
    ] as const) {
      const other = { ...unseated, eventId: ulid(), status };
      const occasion = { now: NOW, correlationId: 'fixture', by: 'system' };
      await commit(db.table, [putEvent(parseEvent({ ...other, ...eventKey(other.eventId) }), occasion, () => 'THERE')]);
      expect((await seatsOf(other.eventId)).json['code']).toBe(code);
    }
  });
});

/** Numbers from 0 to 1 that look like chance and are the same for the same seed (Park and Miller). */
function lottery(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

describe('20,000 seats', () => {
  it('come in at most 300 KB, are not sent again while nothing changes, and may be kept for 2 s', async () => {
    const event = await putSeatedEvent(db.table, NOW, generatePlan(20_000));
    // One seat in three is gone, without any order to it.
    const chance = lottery(20_000);
    for (const category of event.supply.categories) {
      const copy = (await findTicketTypes(db.table, [event.typeOf(category.name)], 'strong')).get(
        event.typeOf(category.name),
      );
      for (const [block, { seats }] of category.rows.entries()) {
        const taken = seats.map(({ id }) => id).filter(() => chance() < 1 / 3);
        const from = { poolId: copy?.poolId ?? '', take: { block, quantity: taken.length, seats: taken } };
        if (taken.length === 0) continue;
        await commit(db.table, [takeAgainFromBlock(from, NOW, () => 'TAKEN')]);
      }
    }
    const ask = (headers: Record<string, string>): ReturnType<HttpHandler> =>
      handler(apiEvent({ route: ROUTE, params: { eventId: event.eventId }, headers }), TEST_CONTEXT);
    const sizes: Record<string, number> = {};
    for (const encoding of ['br', 'gzip']) {
      const answer = await ask({ 'accept-encoding': encoding });
      const bytes = Buffer.from(answer.body ?? '', 'base64');
      expect(answer.headers).toMatchObject({ 'content-encoding': encoding, 'cache-control': 'public, max-age=2' });
      expect(answer.headers?.['etag']).toMatch(new RegExp(`^"[\\w-]{22}-${encoding}"$`));
      expect(bytes.length).toBeLessThanOrEqual(LARGEST_ANSWER);
      sizes[encoding] = bytes.length;
      const again = await ask({ 'accept-encoding': encoding, 'if-none-match': String(answer.headers?.['etag']) });
      expect([again.statusCode, again.body ?? '', again.headers?.['etag']]).toEqual([
        304,
        '',
        answer.headers?.['etag'],
      ]);
      if (encoding !== 'br') continue;
      const { seats } = eventSeats.parse(JSON.parse(brotliDecompressSync(bytes).toString()));
      expect(seats).toHaveLength(20_000);
      expect(seats.filter(({ status }) => status === 'held').length).toBeGreaterThan(6_000);
    }
    console.log(`20,000 seats, a third of them taken: ${JSON.stringify(sizes)} bytes`);
  });
});
