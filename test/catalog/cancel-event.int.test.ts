import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { planCancellation } from '../../functions/catalog/domain/ending.ts';
import { parseEvent } from '../../functions/catalog/domain/event.ts';
import { tendEvents } from '../../functions/catalog/operations.ts';
import { changeRow } from '../../functions/catalog/writes.ts';
import { findStockOnSale } from '../../functions/inventory/reads.ts';
import { stopSale } from '../../functions/inventory/sale-writes.ts';
import { relayChanges } from '../../functions/outbox/app/relay-changes.ts';
import { DAY, HOUR, MINUTE, toTimestamp } from '../../functions/shared/kernel/clock.ts';
import type { JobReport } from '../../functions/shared/runtime/schedule.ts';
import { marked } from '../../functions/shared/table/aggregate.ts';
import { commit } from '../../functions/shared/table/commit.ts';
import { rememberRun } from '../../functions/shared/table/due-list.ts';
import { mustHold } from '../../functions/shared/table/writes.ts';
import { codeOf, startCatalog, typeOf, type CatalogWorld } from './catalog-world.ts';

let world: CatalogWorld;

beforeAll(async () => {
  world = await startCatalog();
});
afterAll(() => world.close());

const cancel = (eventId: string, reason = 'The hall is flooded'): ReturnType<CatalogWorld['onEvent']> =>
  world.onEvent(eventId, '/cancel', { reason });
const cancellationOf = (eventId: string): ReturnType<CatalogWorld['send']> =>
  world.send('GET /api/events/{eventId}/cancellation', { params: { eventId } });

/** Messages go nowhere. */
const sqs = new SQSClient({ region: 'eu-west-1' });
mockClient(sqs).on(SendMessageBatchCommand).resolves({});

/** Hands the event's row to the relay, as the stream does, at the time `now`. */
async function relay(eventId: string, now = Date.now()): Promise<void> {
  const row = await world.rowOf(eventId);
  const queueUrls = { tickets: '', mail: '', payments: '' };
  const change = { before: undefined, after: marked(row) };
  await relayChanges({ table: world.db.table, sqs, queueUrls }, [change], now);
}

/** The workflow that these tests do not run: who would be started. */
const started: string[] = [];
const runs = {
  start: async ({ cancellationId }: { readonly cancellationId: string }): Promise<void> =>
    void started.push(cancellationId),
};

const tend = (now: number): Promise<JobReport> =>
  tendEvents(world.db.table, runs, { now, correlationId: 'test', by: 'schedule:expire-holds' });

/** The job has run every quarter of an hour until then. */
const ranUntil = (now: number): Promise<void> => rememberRun(world.db.table, 'EVENTS', now);

describe('cancelling', () => {
  it('ends at once where nothing is out: no sale, no list, and calendars are told', async () => {
    const event = await world.published();
    const types = await world.copiesOf(event);
    const begun = await cancel(event.id);
    expect(begun.status).toBe(202);
    expect(await world.rowOf(event.id)).toMatchObject({
      ev: 'catalog.EventCancelled.v1',
      ver: event.version + 2,
      status: 'CANCELLED',
    });
    expect(await world.rowOf(event.id)).not.toHaveProperty('gsi1pk');
    expect(await world.hold(typeOf(event), types), 'by a copy read before').toBe('SALE_NOT_OPEN');
    expect(await world.hold(typeOf(event), await world.copiesOf(event))).toBe('SALE_NOT_OPEN');
    const shown = await world.send('GET /api/events/{eventId}', { params: { eventId: event.id } });
    expect(shown.json).toMatchObject({ status: 'CANCELLED', ticketTypes: [{ status: 'SALE_ENDED' }, {}] });
    expect((await cancellationOf(event.id)).json).toMatchObject({
      cancellationId: begun.json['cancellationId'],
      status: 'CANCELLED',
      reason: 'The hall is flooded',
      ticketsOut: 0,
    });
    const again = await cancel(event.id, 'Another reason');
    expect([again.status, again.json]).toEqual([202, begun.json]);
    expect((await cancellationOf(event.id)).json['reason'], 'the first reason stands').toBe('The hall is flooded');
    const ofType = { params: { ticketTypeId: typeOf(event) } };
    expect((await world.anonymously('GET /api/ticket-types/{ticketTypeId}', ofType)).status).toBe(200);
    expect((await world.onEvent(event.id, '/archive')).status).toBe(200);
    const archived = await world.anonymously('GET /api/ticket-types/{ticketTypeId}', ofType);
    expect(codeOf(archived), 'its types go from sight along with it').toEqual([404, 'TICKET_TYPE_NOT_FOUND']);
  });

  it('waits for what is held, and ends once it is given back', async () => {
    const event = await world.published();
    const orderId = await world.hold(typeOf(event), await world.copiesOf(event));
    expect((await cancel(event.id)).status).toBe(202);
    await relay(event.id);
    expect((await cancellationOf(event.id)).json).toMatchObject({ status: 'CANCELLING', ticketsOut: 1 });
    expect(await world.hold(typeOf(event), await world.copiesOf(event))).toBe('SALE_NOT_OPEN');
    expect(codeOf(await world.onEvent(event.id, '/archive'))).toEqual([409, 'EVENT_NOT_OVER']);

    const later = Date.now() + 15 * MINUTE;
    expect(await tend(later), 'the ticket is still out').toMatchObject({ events: 0, eventFaults: 0 });
    expect((await world.rowOf(event.id)).status).toBe('CANCELLING');
    await world.release(orderId);
    expect(await tend(later + HOUR + MINUTE)).toMatchObject({ events: 1, eventFaults: 0 });
    expect(await world.rowOf(event.id)).toMatchObject({ status: 'CANCELLED', ev: 'catalog.EventCancelled.v1' });
    expect((await cancellationOf(event.id)).json['completedAt']).toBe(toTimestamp(later + HOUR + MINUTE));
  });

  it('and holds at the same moment: none comes about after it has ended', async () => {
    for (let round = 0; round < 10; round += 1) {
      const event = await world.published();
      const types = await world.copiesOf(event);
      const [begun, ...holds] = await Promise.all([
        cancel(event.id),
        ...Array.from({ length: 3 }, () => world.hold(typeOf(event), types)),
      ]);
      expect(begun.status).toBe(202);
      const held = holds.filter((outcome) => outcome.startsWith('01')).length;
      expect((await cancellationOf(event.id)).json).toMatchObject({
        status: held === 0 ? 'CANCELLED' : 'CANCELLING',
        ticketsOut: held,
      });
    }
  });

  it('is finished by the job where it died between its transaction and the blocks of a large house', async () => {
    const type = { price: { amount: 1_000, currency: 'EUR' as const }, quantity: 6_000 };
    const ticketTypes = Array.from({ length: 20 }, (_unused, index) => ({ ...type, name: `Block ${index}` }));
    const event = await world.published({ ticketTypes });
    const types = await world.copiesOf(event);
    const now = Date.now();
    const occasion = { now, correlationId: 'test', by: 'system' };
    const row = parseEvent(await world.rowOf(event.id));
    const planned = planCancellation(row, { reason: 'Flood', by: 'me', now });
    if (!planned.ok || planned.value === 'UNCHANGED') throw new Error('It cannot be cancelled');
    const { raises, changes } = planned.value;
    const moved = mustHold('nobody else is there');
    const stock = await findStockOnSale(
      world.db.table,
      event.ticketTypes.map(({ id }) => id),
    );
    const stopped = stopSale(stock, occasion, 99, moved);
    expect(stopped.later.length).toBeGreaterThan(0);
    await commit(world.db.table, [
      changeRow(row, changes, { ...occasion, event: raises }, moved).write,
      ...stopped.writes,
    ]);
    // Dead here. Who has read the copies before still gets tickets out of blocks that are open.
    const late = [...types.values()].find(({ poolId }) => stopped.later.includes(poolId))?.ticketTypeId ?? '';
    const orderId = await world.hold(late, types);
    expect(orderId).toMatch(/^01/);
    await relay(event.id);
    await tend(now + 15 * MINUTE);
    expect((await cancellationOf(event.id)).json).toMatchObject({ status: 'CANCELLING', ticketsOut: 1 });
    expect(await world.hold(late, types), 'the job has closed every block').toBe('SALE_NOT_OPEN');
    await world.release(orderId);
    await tend(now + 15 * MINUTE + HOUR + MINUTE);
    expect((await world.rowOf(event.id)).status).toBe('CANCELLED');
  });

  it('is for published events, with a reason', async () => {
    const draft = await world.draft();
    expect(codeOf(await cancel(draft.id))).toEqual([409, 'EVENT_NOT_PUBLISHED']);
    expect(codeOf(await cancellationOf(draft.id))).toEqual([404, 'CANCELLATION_NOT_FOUND']);
    const event = await world.published();
    expect(codeOf(await cancel(event.id, ' '))).toEqual([400, 'INVALID_INPUT']);
    expect((await world.rowOf(event.id)).status).toBe('PUBLISHED');
  });
});

describe('an event that is over', () => {
  it('is completed by the job when it ends, and not at the end that it had before it was moved', async () => {
    const event = await world.published();
    const ends = Date.parse(event.endsAt ?? '');
    await relay(event.id);
    await world.onEvent(event.id, '/reschedule', { startsAt: toTimestamp(Date.parse(event.startsAt) + 2 * DAY) });
    await relay(event.id);
    await ranUntil(ends);
    expect(await tend(ends + 15 * MINUTE)).toMatchObject({ events: 0, eventFaults: 0 });
    expect((await world.rowOf(event.id)).status).toBe('PUBLISHED');
    await ranUntil(ends + 2 * DAY);
    expect(await tend(ends + 2 * DAY + 15 * MINUTE)).toMatchObject({ events: 1 });
    expect(await world.rowOf(event.id)).toMatchObject({ status: 'COMPLETED', ev: 'catalog.EventCompleted.v1' });
    expect(await world.rowOf(event.id)).not.toHaveProperty('gsi1pk');
    expect(codeOf(await cancel(event.id))).toEqual([409, 'EVENT_NOT_PUBLISHED']);
    expect((await world.onEvent(event.id, '/archive')).status).toBe(200);
  });
});
