import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ulid } from 'ulid';

import type { EventView } from '../../functions/catalog/views.ts';
import { findTicketTypes } from '../../functions/inventory/reads.ts';
import { findOrder, type Order } from '../../functions/orders/reads.ts';
import type { ChargesBody } from '../../functions/pricing/contract.ts';
import { findCharges } from '../../functions/pricing/reads.ts';
import { placeHold } from '../../functions/reservations/app/place-hold.ts';
import { codeOf, startCatalog, typeOf, type CatalogWorld } from '../catalog/catalog-world.ts';
import type { TestAnswer } from '../support/http.ts';

let world: CatalogWorld;

beforeAll(async () => {
  world = await startCatalog();
});
afterAll(async () => world.close());

const FEE = { name: 'Service fee', kind: 'FEE', rateBp: 200, amount: 50 } as const;
const ORDER_FEE = { name: 'Order fee', kind: 'FEE', per: 'ORDER', amount: 100, refundable: true } as const;
const VAT = { name: 'VAT', kind: 'TAX', rateBp: 1_900, included: true } as const;
const table = (...charges: ChargesBody['charges']): ChargesBody => ({ charges });

const charge = (eventId: string, body: ChargesBody, headers = {}): Promise<TestAnswer> =>
  world.send('PUT /api/events/{eventId}/charges', { params: { eventId }, body, headers });
const chargeAll = (body: ChargesBody): Promise<TestAnswer> =>
  world.send('PUT /api/organizations/{organizationId}/charges', {
    params: { organizationId: world.organizationId },
    body,
  });
const chargesOf = async (eventId: string): Promise<unknown> =>
  (await world.send('GET /api/events/{eventId}/charges', { params: { eventId } })).json;

async function hold(ticketTypeId: string, quantity: number): Promise<Order> {
  const orderId = ulid();
  const types = await findTicketTypes(world.db.table, [ticketTypeId], 'strong');
  const request = { orderId, customerId: ulid(), wishes: [{ ticketTypeId, quantity }], types, retriable: false };
  const held = await placeHold(world.db.table, request, { now: Date.now(), correlationId: 'test', by: 'system' });
  const order = held.ok ? await findOrder(world.db.table, orderId) : undefined;
  if (order === undefined) throw new Error('The hold was not placed');
  return order;
}

async function publish(event: EventView): Promise<TestAnswer> {
  return world.onEvent(event.id, '/publish');
}

describe('fees and taxes of an event', () => {
  it('are part of what a hold costs from when it is published, and shown with its types', async () => {
    const draft = await world.draft();
    expect((await charge(draft.id, table(FEE, ORDER_FEE, VAT))).json).toMatchObject({
      source: 'EVENT',
      currency: 'EUR',
    });
    const published = await publish(draft);
    expect(published.json['ticketTypes']).toMatchObject([
      { price: { amount: 4_500 }, allInPrice: { amount: 4_640 }, charges: [FEE, ORDER_FEE, VAT] },
      { price: { amount: 7_500 }, allInPrice: { amount: 7_700 } },
    ]);
    expect(await hold(typeOf(draft), 2)).toMatchObject({
      total: 9_380,
      lines: [{ unitPrice: 4_500, extra: 140, back: 4_500 }],
      charges: [
        { name: 'Service fee', amount: 280 },
        { name: 'VAT', amount: 1_498, included: true },
        { name: 'Order fee', amount: 100, refundable: true },
      ],
    });
  });

  it('are other ones for who holds after they are changed; what is held keeps its own', async () => {
    const event = await world.published();
    const before = await hold(typeOf(event), 1);
    expect((await charge(event.id, table(FEE))).status).toBe(200);
    expect(await hold(typeOf(event), 1)).toMatchObject({ total: 4_640 });
    expect(await findOrder(world.db.table, before.orderId)).toMatchObject({ total: 4_500, ver: 1 });
    await charge(event.id, table());
    expect((await hold(typeOf(event), 1)).total).toBe(4_500);
  });

  it('are borne by a type that is added later', async () => {
    const event = await world.published();
    await charge(event.id, table(FEE));
    const added = await world.send('POST /api/events/{eventId}/ticket-types', {
      params: { eventId: event.id },
      body: { name: 'Balcony', price: { amount: 1_000, currency: 'EUR' }, quantity: 10 },
    });
    expect(added.json).toMatchObject({ allInPrice: { amount: 1_070 } });
    expect(await hold(String(added.json['id']), 1)).toMatchObject({ total: 1_070 });
  });

  it('leave the row of a usual order within the unit that its writes are paid by', async () => {
    const event = await world.published();
    await charge(event.id, table(FEE, VAT));
    const order = await hold(typeOf(event), 2);
    expect(JSON.stringify(order).length).toBeLessThan(1_024);
  });

  it('are refused where they cannot be meant, and by If-Match where others were set meanwhile', async () => {
    const event = await world.draft();
    const twice = await charge(event.id, table(FEE, FEE));
    expect(codeOf(twice)).toEqual([400, 'INVALID_INPUT']);
    expect(twice.json['errors']).toMatchObject([{ path: 'charges.1.name' }]);
    expect(await findCharges(world.db.table, event.id)).toBeUndefined();
    const first = await charge(event.id, table(FEE), { 'if-match': '"v0"' });
    expect([first.status, first.headers['etag']]).toEqual([200, '"v1"']);
    expect(codeOf(await charge(event.id, table(), { 'if-match': '"v0"' }))).toEqual([412, 'PRECONDITION_FAILED']);
  });

  it('are refused once the event is cancelled', async () => {
    const event = await world.published();
    await world.onEvent(event.id, '/cancel', { reason: 'Storm' });
    expect(codeOf(await charge(event.id, table(FEE)))).toEqual([409, 'EVENT_NOT_EDITABLE']);
  });

  it('are set once by several at the same time, and none is lost', async () => {
    const event = await world.published();
    const tables = [table(FEE), table(ORDER_FEE), table(VAT)];
    const answers = await Promise.all(tables.map((each) => charge(event.id, each)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    const kept = await findCharges(world.db.table, event.id);
    const copies = await world.copiesOf(event);
    expect(kept?.ver).toBe(3);
    expect([...copies.values()].map((copy) => copy.charges)).toEqual([kept?.charges, kept?.charges]);
  });
});

describe('fees and taxes of an organisation', () => {
  it('are those of its events that are published without their own, which keep them when it has others', async () => {
    await chargeAll({ currency: 'EUR', ...table(FEE) });
    const event = await world.draft();
    expect(await chargesOf(event.id)).toMatchObject({ source: 'ORGANIZATION', charges: [FEE] });
    await publish(event);
    await chargeAll(table());
    expect(await hold(typeOf(event), 1)).toMatchObject({ total: 4_640 });
    expect(await chargesOf(event.id)).toMatchObject({ source: 'ORGANIZATION', charges: [FEE] });
  });

  it('keep an event in another currency from being published, unless it has its own', async () => {
    await chargeAll({ currency: 'USD', ...table(FEE) });
    const event = await world.draft();
    const refused = await publish(event);
    await charge(event.id, table());
    const published = await publish(event);
    await chargeAll(table());
    expect(codeOf(refused)).toEqual([400, 'INVALID_INPUT']);
    expect([published.status, (await hold(typeOf(event), 1)).total]).toEqual([200, 4_500]);
  });
});
