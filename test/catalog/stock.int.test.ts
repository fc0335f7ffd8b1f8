import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { auditStock } from '../../functions/audit/app/audit-stock.ts';
import type { EventView } from '../../functions/catalog/views.ts';
import { commit } from '../../functions/shared/table/commit.ts';
import { mustHold } from '../../functions/shared/table/writes.ts';
import { auditInvariants } from '../../scripts/audit/invariants.ts';
import { needOf } from '../../scripts/prewarm/prewarm.ts';
import { codeOf, startCatalog, typeOf, type CatalogWorld } from './catalog-world.ts';
import type { TestAnswer } from '../support/http.ts';

let world: CatalogWorld;
beforeAll(async () => {
  world = await startCatalog();
});
afterAll(() => world.close());

const TYPE = { name: 'Standing', price: { amount: 4_500, currency: 'EUR' }, quantity: 6 };

const onType = (event: EventView, what: string, body: unknown, version?: number): Promise<TestAnswer> =>
  world.send(what, {
    params: { ticketTypeId: typeOf(event) },
    body,
    ...(version === undefined ? {} : { headers: { 'if-match': `"v${version}"` } }),
  });
const edit = (event: EventView, body: unknown, version: number): Promise<TestAnswer> =>
  onType(event, 'PATCH /api/ticket-types/{ticketTypeId}', body, version);
const stock = async (event: EventView): Promise<unknown> =>
  (await onType(event, 'GET /api/ticket-types/{ticketTypeId}/stock', undefined)).json;

async function sound(): Promise<void> {
  const rows = await world.db.items();
  const { differences } = auditInvariants({
    rows,
    ledger: { paymentIntents: [], refunds: [] },
    at: Date.now(),
    world: 'in-flight',
  });
  expect(differences).toEqual([]);
}

describe('the quantity of a ticket type on sale', () => {
  it('is raised and lowered with its stock, never below what is held, and says how low it can be', async () => {
    const event = await world.published({ ticketTypes: [TYPE] });
    const types = await world.copiesOf(event);
    for (let buyer = 0; buyer < 4; buyer += 1) expect(await world.hold(typeOf(event), types)).toMatch(/^01/);
    const refused = await edit(event, { quantity: 3 }, event.version);
    expect(codeOf(refused)).toEqual([409, 'QUANTITY_TOO_LOW']);
    expect(refused.json).toMatchObject({ lowest: 4 });
    expect((await world.rowOf(event.id)).ver, 'nothing has changed').toBe(event.version);

    const fewer = await edit(event, { quantity: 4 }, event.version);
    expect(fewer).toMatchObject({ status: 200, json: { quantity: 4, available: 0, status: 'SOLD_OUT' } });
    expect(await world.hold(typeOf(event), types), 'as read before').toBe('SOLD_OUT');
    const more = await edit(event, { quantity: 1_500, price: { amount: 5_000, currency: 'EUR' } }, event.version + 1);
    expect(more).toMatchObject({ status: 200, json: { quantity: 1_500, available: 1_496, price: { amount: 5_000 } } });
    expect((await world.copiesOf(event)).get(typeOf(event))).toMatchObject({ capacity: 1_500, unitPrice: 5_000 });
    expect(await stock(event)).toMatchObject({ capacity: 1_500, free: 1_496, out: 4, lowestQuantity: 4, blocks: 2 });
    expect(await world.hold(typeOf(event), types)).toMatch(/^01/);
    await sound();
  });

  it('of two organizers who change it at once one is told, also where buyers are in between', async () => {
    const event = await world.published({ ticketTypes: [{ ...TYPE, quantity: 40 }] });
    const types = await world.copiesOf(event);
    const [one, other, ...holds] = await Promise.all([
      edit(event, { quantity: 30 }, event.version),
      edit(event, { quantity: 50 }, event.version),
      ...Array.from({ length: 12 }, () => world.hold(typeOf(event), types)),
    ]);
    expect(new Set([one.status, other.status])).toEqual(new Set([200, 412]));
    const capacity = one.status === 200 ? 30 : 50;
    expect(holds.every((held) => held.startsWith('01'))).toBe(true);
    expect(await stock(event)).toMatchObject({ capacity, free: capacity - 12, out: 12 });
    await sound();
  });

  it('is what is offered of a shared capacity: it changes without the stock, up to that capacity', async () => {
    const event = await world.published(house());
    const fewer = await edit(event, { quantity: 5 }, event.version);
    expect(fewer).toMatchObject({ status: 200, json: { quantity: 5, available: 5 } });
    const more = await edit(event, { quantity: 7 }, event.version + 1);
    expect(codeOf(more)).toEqual([400, 'INVALID_INPUT']);
    expect(more.json.errors).toEqual([{ path: 'quantity', message: 'The pool has 6 places only' }]);
    expect(await stock(event)).toMatchObject({
      capacity: 6,
      lowestQuantity: null,
      ticketTypeIds: event.ticketTypes.map(({ id }) => id),
    });
    await sound();
  });
});

/** An event with types that share what there is. */
const house = (quantity = 6) => ({
  pools: [{ name: 'House', quantity }],
  ticketTypes: [
    { ...TYPE, pool: 'House' },
    { ...TYPE, name: 'Child', quantity: 3, pool: 'House' },
  ],
});

describe('a capacity that types on sale share', () => {
  const patch = (event: EventView, pools: unknown, version: number, more: object = {}): Promise<TestAnswer> =>
    world.send('PATCH /api/events/{eventId}', {
      params: { eventId: event.id },
      body: { pools, ...more },
      headers: { 'if-match': `"v${version}"` },
    });

  it('is raised and lowered with its stock, never below what all of them have out, and says how low it can be', async () => {
    const event = await world.published(house());
    const types = await world.copiesOf(event);
    const [adult = '', child = ''] = event.ticketTypes.map(({ id }) => id);
    for (const id of [adult, adult, child]) expect(await world.hold(id, types)).toMatch(/^01/);

    const more = await patch(event, [{ name: 'House', quantity: 1_500 }], event.version, { title: 'Larger' });
    expect(more).toMatchObject({ status: 200, json: { title: 'Larger', pools: [{ name: 'House', quantity: 1_500 }] } });
    for (const copy of (await world.copiesOf(event)).values())
      expect(copy).toMatchObject({ capacity: 1_500, blocks: 2, eventTitle: 'Larger' });
    expect(await stock(event)).toMatchObject({ capacity: 1_500, free: 1_497, out: 3, blocks: 2 });
    await sound();

    // What a type offers is lowered first: more than there is cannot be offered.
    expect(codeOf(await patch(event, [{ name: 'House', quantity: 4 }], event.version + 1))).toEqual([
      400,
      'INVALID_INPUT',
    ]);
    expect((await edit(event, { quantity: 1 }, event.version + 1)).status).toBe(200);
    const low = await patch(event, [{ name: 'House', quantity: 3 }], event.version + 2);
    expect(low.status).toBe(200);
    expect(await world.hold(child, await world.copiesOf(event)), 'nothing is left').toBe('SOLD_OUT');
    await sound();
  });

  it('is refused as a whole where more is out: nothing changes', async () => {
    const event = await world.published(house());
    const types = await world.copiesOf(event);
    for (let buyer = 0; buyer < 5; buyer += 1) expect(await world.hold(typeOf(event), types)).toMatch(/^01/);
    expect((await edit(event, { quantity: 4 }, event.version)).status).toBe(200);
    const refused = await patch(event, [{ name: 'House', quantity: 4 }], event.version + 1, { title: 'Smaller' });
    expect(codeOf(refused)).toEqual([409, 'QUANTITY_TOO_LOW']);
    expect(refused.json).toMatchObject({ lowest: 5 });
    expect((await world.rowOf(event.id)).ver).toBe(event.version + 1);
    expect(await stock(event)).toMatchObject({ capacity: 6, out: 5 });
    await sound();
  });

  it('stays the same one, and several change one after the other', async () => {
    const two = house();
    const event = await world.published({
      pools: [...two.pools, { name: 'Garden', quantity: 9 }],
      ticketTypes: [...two.ticketTypes, { ...TYPE, name: 'Outside', pool: 'Garden' }],
    });
    for (const pools of [null, [], [{ name: 'House', quantity: 6 }], [...event.pools].toReversed()])
      expect(codeOf(await patch(event, pools, event.version))).toEqual([422, 'EVENT_IS_PUBLISHED']);
    const both = event.pools.map(({ name, quantity }) => ({ name, quantity: quantity + 10 }));
    const refused = await patch(event, both, event.version);
    expect(codeOf(refused)).toEqual([400, 'INVALID_INPUT']);
    expect(refused.json.errors).toMatchObject([{ path: 'pools.1.quantity' }]);
    expect((await patch(event, both.with(1, { name: 'Garden', quantity: 9 }), event.version)).status).toBe(200);
    expect((await patch(event, both, event.version + 1)).status).toBe(200);
    await sound();
  });

  it('of two organizers who change it among buyers one is told, and the stock is sound', async () => {
    const event = await world.published({ ...house(40), ticketTypes: [{ ...TYPE, quantity: 20, pool: 'House' }] });
    const types = await world.copiesOf(event);
    const [one, other, ...holds] = await Promise.all([
      patch(event, [{ name: 'House', quantity: 30 }], event.version),
      patch(event, [{ name: 'House', quantity: 50 }], event.version),
      ...Array.from({ length: 12 }, () => world.hold(typeOf(event), types)),
    ]);
    expect(new Set([one.status, other.status])).toEqual(new Set([200, 412]));
    expect(holds.every((held) => held.startsWith('01'))).toBe(true);
    const capacity = one.status === 200 ? 30 : 50;
    expect(await stock(event)).toMatchObject({ capacity, free: capacity - 12, out: 12 });
    await sound();
  });
});

it('a capacity that types share is counted once in what is shown as available', async () => {
  const shared = {
    pools: [{ name: 'House', quantity: 6 }],
    ticketTypes: [
      { ...TYPE, quantity: 6, pool: 'House' },
      { ...TYPE, quantity: 2, name: 'Child', pool: 'House' },
    ],
  };
  const draft = await world.draft(shared);
  expect([draft.availableTickets, draft.ticketTypes.map(({ available }) => available)]).toEqual([6, [6, 2]]);
  const event = await world.published(shared);
  expect(await world.hold(typeOf(event), await world.copiesOf(event))).toMatch(/^01/);
  const read = await world.send('GET /api/events/{eventId}', { params: { eventId: event.id } });
  expect(read.json).toMatchObject({ availableTickets: 5, ticketTypes: [{ available: 5 }, { available: 2 }] });
});

describe('tickets for the house', () => {
  const block = (event: EventView, quantity: number): Promise<TestAnswer> =>
    onType(event, 'PUT /api/ticket-types/{ticketTypeId}/blocked', { quantity });

  it('are off sale until they are given back', async () => {
    const event = await world.published({ ticketTypes: [TYPE] });
    const types = await world.copiesOf(event);
    expect(await world.hold(typeOf(event), types)).toMatch(/^01/);
    const tooMany = await block(event, 6);
    expect([...codeOf(tooMany), tooMany.json['available']]).toEqual([409, 'NOT_ENOUGH_TICKETS', 5]);
    expect(await block(event, 5)).toMatchObject({
      status: 200,
      json: { blocked: 5, free: 0, out: 1, lowestQuantity: 6 },
    });
    expect(await world.hold(typeOf(event), types)).toBe('SOLD_OUT');
    expect(await block(event, 4)).toMatchObject({ status: 200, json: { blocked: 4, free: 1 } });
    expect(await world.hold(typeOf(event), types)).toMatch(/^01/);
    await sound();
  });

  it('keep no cancellation waiting, and there are none before an event is published', async () => {
    const draft = await world.draft({ ticketTypes: [TYPE] });
    expect(codeOf(await block(draft, 2))).toEqual([409, 'EVENT_NOT_PUBLISHED']);
    const event = await world.published({ ticketTypes: [TYPE] });
    expect((await block(event, 2)).status).toBe(200);
    expect((await world.onEvent(event.id, '/cancel', { reason: 'Flood' })).status).toBe(202);
    expect(await world.rowOf(event.id)).toMatchObject({ status: 'CANCELLED' });
    expect(codeOf(await block(event, 1))).toEqual([409, 'EVENT_NOT_PUBLISHED']);
  });
});

it('stock is got ready for a fast sale, while it is sold', async () => {
  const event = await world.published({ ticketTypes: [{ ...TYPE, quantity: 500 }] });
  const types = await world.copiesOf(event);
  const [ready, ...holds] = await Promise.all([
    onType(event, 'PUT /api/ticket-types/{ticketTypeId}/pace', { holdsPerSecond: 60 }),
    ...Array.from({ length: 8 }, () => world.hold(typeOf(event), types)),
  ]);
  expect(ready).toMatchObject({ status: 200, json: { blocks: 9, capacity: 500 } });
  expect(holds.every((held) => held.startsWith('01'))).toBe(true);
  expect(await stock(event)).toMatchObject({ out: 8, free: 492 });
  // What the table has to be got ready for follows from the stock.
  const { table } = world.db;
  expect(await needOf(table, event.id)).toMatchObject({ blocks: 9, holdsPerSecond: 60, writes: 480 });
  expect(await needOf(table, event.id, 1_000)).toMatchObject({ blocks: 9, holdsPerSecond: 1_000, writes: 8_000 });
  expect(await needOf(table, 'no such event')).toBeUndefined();
  await sound();
});

it('what the last look at its stock has found is shown to its organizer', async () => {
  const event = await world.published({ ticketTypes: [TYPE] });
  const shown = async (): Promise<unknown> =>
    (await world.send('GET /api/events/{eventId}/stock-audit', { params: { eventId: event.id } })).json;
  expect(await shown()).toMatchObject({ status: 'NOT_YET', lookedAt: null });
  await auditStock(world.db.table, event.id, () => Date.now());
  expect(await shown()).toMatchObject({ status: 'CLEAN', found: 0, checked: { blocks: 1, orders: 0 } });

  const [copy] = (await world.copiesOf(event)).values();
  const key = { pk: `POOL#${copy?.poolId}#B0`, sk: 'BLOCK' };
  await commit(world.db.table, [{ kind: 'update', key, add: { size: 1 }, otherwise: mustHold('a fault is planted') }]);
  await auditStock(world.db.table, event.id, () => Date.now());
  expect(await shown()).toMatchObject({
    status: 'DIFFERENCES',
    found: 1,
    differences: [{ name: 'CAPACITY_DIFFERS', id: copy?.poolId, detail: 'sizes add up to 7, capacity 6' }],
  });
});
