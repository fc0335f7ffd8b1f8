import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { addTicketType } from '../../functions/catalog/app/change-ticket-types.ts';
import { findEvent } from '../../functions/catalog/reads.ts';
import { eventView, ticketTypeView, type EventView } from '../../functions/catalog/views.ts';
import { blockKeys } from '../../functions/inventory/keys.ts';
import { findTicketTypes } from '../../functions/inventory/reads.ts';
import { DAY, toTimestamp } from '../../functions/shared/kernel/clock.ts';
import { tableOn } from '../../functions/shared/table/client.ts';
import { getItems } from '../../functions/shared/table/read.ts';
import { auditInvariants } from '../../scripts/audit/invariants.ts';
import { testClient } from '../support/dynamodb.ts';
import type { TestAnswer } from '../support/http.ts';
import { codeOf, startCatalog, typeOf, type CatalogWorld } from './catalog-world.ts';

const PRICE = { amount: 1_000, currency: 'EUR' as const };
const BALCONY = { name: 'Balcony', price: PRICE, quantity: 3 };

let world: CatalogWorld;

beforeAll(async () => {
  world = await startCatalog();
});
afterAll(() => world.close());

const add = (eventId: string, body: object, headers: Record<string, string> = {}): Promise<TestAnswer> =>
  world.onEvent(eventId, '/ticket-types', body, headers);

async function added(eventId: string, body: object): Promise<string> {
  const answer = await add(eventId, body);
  if (answer.status !== 201) throw new Error(answer.text);
  return ticketTypeView.parse(answer.json).id;
}

const remove = (ticketTypeId: string): Promise<TestAnswer> =>
  world.send('DELETE /api/ticket-types/{ticketTypeId}', { params: { ticketTypeId } });

/** Holds a ticket of a type as the ticketing side knows it now. */
const hold = async (ticketTypeId: string, now?: number): Promise<string> =>
  world.hold(ticketTypeId, await findTicketTypes(world.db.table, [ticketTypeId], 'strong'), now);

const namesOf = ({ json }: TestAnswer): unknown =>
  (Array.isArray(json['ticketTypes']) ? json['ticketTypes'] : []).map(({ name }: { name: unknown }) => name);

const shown = (eventId: string): Promise<TestAnswer> =>
  world.send('GET /api/events/{eventId}', { params: { eventId } });

const hall = (): Promise<EventView> =>
  world.published({
    pools: [{ name: 'Hall', quantity: 4 }],
    ticketTypes: [
      { name: 'Adult', price: PRICE, quantity: 4, pool: 'Hall' },
      { name: 'Child', price: { ...PRICE, amount: 500 }, quantity: 4, pool: 'Hall' },
    ],
  });

describe('a ticket type that is added to a published event', () => {
  it('is on sale at once, under one key once', async () => {
    const event = await world.published();
    const first = await add(event.id, BALCONY, { 'idempotency-key': 'balcony' });
    const again = await add(event.id, BALCONY, { 'idempotency-key': 'balcony' });
    expect([first.status, again.json]).toEqual([201, first.json]);
    expect(first.json).toMatchObject({ name: 'Balcony', available: 3, status: 'ON_SALE' });
    expect(await world.rowOf(event.id)).toMatchObject({ ev: 'catalog.TicketTypeAdded.v1', ver: event.version + 1 });
    const { id } = ticketTypeView.parse(first.json);
    for (const outcome of [/^01/, /^01/, /^01/, /^SOLD_OUT$/]) expect(await hold(id)).toMatch(outcome);
    expect(await hold(typeOf(event)), 'the others are sold as before').toMatch(/^01/);
  });

  it('is on sale within its own window, and is moved with the event', async () => {
    const event = await world.published();
    const opens = Date.now() + 3 * DAY;
    const id = await added(event.id, { ...BALCONY, saleStartsAt: toTimestamp(opens) });
    expect([await hold(id), (await hold(id, opens)).slice(0, 2)]).toEqual(['SALE_NOT_OPEN', '01']);
    const startsAt = Date.parse(event.startsAt) + DAY;
    expect((await world.onEvent(event.id, '/reschedule', { startsAt: toTimestamp(startsAt) })).status).toBe(200);
    expect([await hold(id, opens), (await hold(id, opens + DAY)).slice(0, 2)]).toEqual(['SALE_NOT_OPEN', '01']);
    expect(await hold(id, startsAt)).toBe('SALE_NOT_OPEN');
  });

  it('sells from the capacity that it shares, and no more than that', async () => {
    const event = await hall();
    const id = await added(event.id, { ...BALCONY, name: 'Senior', quantity: 4, pool: 'Hall' });
    expect((await findTicketTypes(world.db.table, [id], 'strong')).get(id)).toMatchObject({ window: 2, capacity: 4 });
    const [adult = '', child = ''] = event.ticketTypes.map((type) => type.id);
    for (const type of [adult, id, child, id]) expect(await hold(type)).toMatch(/^01/);
    for (const type of [adult, id, child]) expect(await hold(type)).toBe('SOLD_OUT');
    const refused = await add(event.id, { ...BALCONY, name: 'Group', quantity: 9, pool: 'Hall' });
    expect([...codeOf(refused), refused.json['errors']]).toMatchObject([400, 'INVALID_INPUT', [{ path: 'quantity' }]]);
    const unknown = await add(event.id, { ...BALCONY, pool: 'Arena' });
    expect(unknown.json['errors']).toMatchObject([{ path: 'pool' }]);
  });

  it('of a category of seats reaches all rows before anybody can buy it, also after a try that died', async () => {
    const event = await world.published({
      venueId: await world.hall(150),
      ticketTypes: [{ name: 'Adult', price: PRICE, quantity: 450, seatCategory: 'Stalls' }],
    });
    const child = { name: 'Child', price: { ...PRICE, amount: 500 }, quantity: 450, seatCategory: 'Stalls' };
    const read = await findEvent(world.db.table, event.id);
    if (read === undefined) throw new Error('The event is gone');
    const client = testClient({ maxAttempts: 1 });
    let transactions = 0;
    client.middlewareStack.add(
      (next, context) => (args) => {
        if (context['commandName'] === 'TransactWriteItemsCommand' && (transactions += 1) === 2)
          throw new Error('killed');
        return next(args);
      },
      { step: 'initialize' },
    );
    const occasion = { now: Date.now(), correlationId: 'test', by: 'system' };
    const request = { draft: child, idempotencyKey: 'child' };
    await expect(
      addTicketType(tableOn(client, world.db.table.name), { event: read }, request, occasion),
    ).rejects.toThrow('killed');
    client.destroy();
    expect(namesOf(await shown(event.id)), 'nobody sees it yet').toEqual(['Adult']);
    const done = await addTicketType(world.db.table, { event: read }, request, occasion);
    if (!done.ok) throw new Error(done.error.code);
    const copy = (await findTicketTypes(world.db.table, [done.value.ticketTypeId], 'strong')).get(
      done.value.ticketTypeId,
    );
    expect(copy).toMatchObject({ window: 1, blocks: 150, seated: true });
    const blocks = await getItems(world.db.table, blockKeys(copy?.poolId ?? '', 150), 'strong');
    expect(new Set(blocks.map(({ closesAt1 }) => closesAt1))).toEqual(new Set([Date.parse(event.startsAt)]));
    const unknown = await add(event.id, { ...child, name: 'Royal', seatCategory: 'Royal box' });
    expect(unknown.json['errors']).toMatchObject([{ path: 'seatCategory' }]);
  });

  it('does not come about with a cancellation at the same moment, or is closed by it', async () => {
    for (let round = 0; round < 8; round += 1) {
      const event = await hall();
      const [one, other, cancelled] = await Promise.all([
        add(event.id, BALCONY),
        add(event.id, { ...BALCONY, name: 'Senior', pool: 'Hall' }),
        world.onEvent(event.id, '/cancel', { reason: 'Flood' }),
      ]);
      expect(cancelled.status).toBe(202);
      expect([one, other].map(({ status }) => status === 201 || status === 409)).toEqual([true, true]);
      for (const { json } of [one, other].filter(({ status }) => status === 201))
        expect(await hold(ticketTypeView.parse(json).id)).toBe('SALE_NOT_OPEN');
      expect((await world.rowOf(event.id)).status).toBe('CANCELLED');
    }
  });
});

describe('a ticket type of a published event that is deleted', () => {
  it('is gone while nothing of it is out, for who has read it before, too', async () => {
    const event = await world.published();
    const id = typeOf(event);
    const read = await world.copiesOf(event);
    const orderId = await hold(id);
    expect(codeOf(await remove(id))).toEqual([409, 'TICKET_TYPE_HAS_SALES']);
    await world.release(orderId);
    expect((await remove(id)).status).toBe(204);
    expect(namesOf(await shown(event.id))).toEqual(['Seated']);
    expect(await world.rowOf(event.id)).toMatchObject({ ev: 'catalog.TicketTypeRemoved.v1', changedType: id });
    expect(await world.hold(id, read)).toBe('SALE_NOT_OPEN');
    expect(await hold(id)).toBe('TICKET_TYPE_NOT_FOUND');
    expect(codeOf(await remove(id))).toEqual([404, 'TICKET_TYPE_NOT_FOUND']);
    expect(await hold(await added(event.id, { ...BALCONY, name: 'Standing' }))).toMatch(/^01/);
    expect(codeOf(await remove(event.ticketTypes[1]?.id ?? ''))).toEqual([204, undefined]);
    const [rest] = eventView.parse((await shown(event.id)).json).ticketTypes;
    expect(codeOf(await remove(rest?.id ?? ''))).toEqual([409, 'LAST_TICKET_TYPE']);
  });

  it('and a hold at the same moment: exactly one of them comes about', async () => {
    const outcomes = new Set<string>();
    for (let round = 0; round < 12; round += 1) {
      const event = round % 2 === 0 ? await world.published() : await hall();
      const types = await world.copiesOf(event);
      const [gone, ...holds] = await Promise.all([
        remove(typeOf(event)),
        ...Array.from({ length: round % 4 }, () => world.hold(typeOf(event), types)),
      ]);
      const held = holds.some((outcome) => outcome.startsWith('01'));
      outcomes.add(`${gone.status} ${held ? 'held' : 'free'}`);
      expect(gone.status).toBe(held ? 409 : 204);
    }
    expect(outcomes).toContain('204 free');
  });

  it('leaves those that share its capacity on sale, and their cancellation counts what is out', async () => {
    const event = await hall();
    const [adult = '', child = ''] = event.ticketTypes.map((type) => type.id);
    const read = await world.copiesOf(event);
    const orderId = await hold(child);
    expect(codeOf(await remove(adult)), 'its places are out').toEqual([409, 'TICKET_TYPE_HAS_SALES']);
    await world.release(orderId);
    expect((await remove(adult)).status).toBe(204);
    expect(await world.hold(adult, read)).toBe('SALE_NOT_OPEN');
    const again = await hold(child);
    expect(again).toMatch(/^01/);
    const opens = Date.now() + DAY;
    const moved = await world.send('PATCH /api/ticket-types/{ticketTypeId}', {
      params: { ticketTypeId: child },
      body: { saleStartsAt: toTimestamp(opens) },
      headers: { 'if-match': '*' },
    });
    expect(moved.status).toBe(200);
    expect([await hold(child), (await hold(child, opens)).slice(0, 2)]).toEqual(['SALE_NOT_OPEN', '01']);
    expect(await world.hold(adult, read, opens)).toBe('SALE_NOT_OPEN');
    expect((await world.onEvent(event.id, '/cancel', { reason: 'Flood' })).status).toBe(202);
    const told = await world.send('GET /api/events/{eventId}/cancellation', { params: { eventId: event.id } });
    expect(told.json).toMatchObject({ status: 'CANCELLING', ticketsOut: 2 });
    expect(await hold(child, opens)).toBe('SALE_NOT_OPEN');
  });
});

it('leaves stock, holds and windows in agreement, whatever has happened here', async () => {
  const rows = await world.db.items();
  const ledger = { paymentIntents: [], refunds: [] };
  expect(auditInvariants({ rows, ledger, at: Date.now(), world: 'in-flight' }).differences).toEqual([]);
});
