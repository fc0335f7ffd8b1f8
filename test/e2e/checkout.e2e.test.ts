import { expect, it, describe } from 'vitest';

import { generatePlan } from '../../scripts/plan/generate.ts';
import { publishSeated } from '../support/seated.ts';
import {
  audit,
  available,
  call,
  confirm,
  organizer,
  payByCard,
  person,
  publishEvent,
  settled,
  type ApiAnswer,
} from '../support/shop.ts';

const seen = ({ status, json }: ApiAnswer): readonly unknown[] => [status, json?.code];

describe('tickets bought in one call', () => {
  it('of two events are one order, paid once, with tickets for both', async () => {
    const [one, other, buyer] = [await publishEvent(), await publishEvent({ amount: 1_000 }), await person()];
    const items = [
      { ticketTypeId: one.ticketTypeId, quantity: 1 },
      { ticketTypeId: other.ticketTypeId, quantity: 2 },
    ];
    const ordered = await buyer.call('POST', '/api/tickets/purchase', { items });
    expect(ordered.status, ordered.text).toBe(201);
    expect(ordered.json).toMatchObject({
      status: 'PENDING',
      total: { amount: 6_500, currency: 'EUR' },
      currency: 'EUR',
      paymentIntentId: expect.stringMatching(/^pi_/),
    });
    await payByCard(ordered.json);
    expect((await confirm(buyer, ordered.json)).status).toBe(200);
    await settled();
    const { json } = await buyer.call('GET', `/api/tickets?orderId=${ordered.json.orderId}`);
    expect(json.items.map(({ eventId }: { eventId: string }) => eventId).toSorted()).toEqual(
      [one.eventId, other.eventId, other.eventId].toSorted(),
    );
  });

  it('are taken once, however often the same key is sent, and another body is refused', async () => {
    const [{ eventId, ticketTypeId }, buyer] = [await publishEvent(), await person()];
    const key = { 'idempotency-key': 'checkout-once' };
    const send = (path: string, body: unknown): Promise<ApiAnswer> => buyer.call('POST', path, body, key);
    for (const [path, body, changed] of [
      ['/api/orders', { ticketTypeId, quantity: 2 }, { ticketTypeId, quantity: 3 }],
      ['/api/tickets/purchase', { items: [{ ticketTypeId, quantity: 1 }] }, { items: [{ ticketTypeId, quantity: 2 }] }],
    ] as const) {
      const answers = await Promise.all([1, 2, 3].map(() => send(path, body)));
      expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
      expect(new Set(answers.map(({ json }) => json.paymentClientSecret)).size).toBe(1);
      expect(seen(await send(path, changed))).toEqual([409, 'IDEMPOTENCY_KEY_REUSED']);
    }
    expect(await available(eventId, ticketTypeId)).toBe(7);
  });

  it('may be seats, which nobody else gets', async () => {
    const plan = generatePlan(300);
    const sold = plan.categories.filter(({ name }) => !name.includes('['));
    const prices = Object.fromEntries(sold.map(({ name }) => [name, 4_500]));
    const sale = await publishSeated(await organizer(), plan, prices);
    const ticketTypeId = sale.types['Stalls'];
    const { json: map } = await call('GET', `/api/events/${sale.eventId}/seats`);
    const seatId: string = map.seats.find(({ category }: { category: string }) => category === 'Stalls').id;
    const items = [{ ticketTypeId, seatIds: [seatId] }];
    const [buyer, late] = [await person(), await person()];
    expect((await buyer.call('POST', '/api/tickets/purchase', { items })).status).toBe(201);
    expect(seen(await late.call('POST', '/api/tickets/purchase', { items }))).toEqual([409, 'SEATS_TAKEN']);
    expect((await late.call('POST', '/api/orders', { ticketTypeId, quantity: 2 })).status).toBe(201);
  });

  it.each([
    ['a reservation and a type', { reservationId: '01ARZ3NDEKTSV4RRFFQ69G5FAV', quantity: 1 }],
    ['a type without a number', { ticketTypeId: '01ARZ3NDEKTSV4RRFFQ69G5FAV' }],
    ['half a ticket', { ticketTypeId: '01ARZ3NDEKTSV4RRFFQ69G5FAV', quantity: 0.5 }],
    ['minus one', { ticketTypeId: '01ARZ3NDEKTSV4RRFFQ69G5FAV', quantity: -1 }],
    ['too many', { ticketTypeId: '01ARZ3NDEKTSV4RRFFQ69G5FAV', quantity: 1_000_000_000 }],
    ['what is not known', { ticketTypeId: '01ARZ3NDEKTSV4RRFFQ69G5FAV', quantity: 1, price: 1 }],
  ])('are refused for %s', async (_what, body) => {
    expect(seen(await (await person()).call('POST', '/api/orders', body))).toEqual([400, 'INVALID_INPUT']);
  });
});

it('whether there is enough is answered by a hold, or by how many are left', async () => {
  const [{ ticketTypeId }, buyer] = [await publishEvent({ quantity: 3 }), await person()];
  const asked = (quantity: number): Promise<ApiAnswer> =>
    buyer.call('POST', '/api/tickets/validate-availability', { ticketTypeId, quantity });
  const held = await asked(2);
  expect(held.status, held.text).toBe(201);
  expect(held.json).toMatchObject({ status: 'HELD', items: [{ ticketTypeId, quantity: 2 }] });
  const short = await asked(2);
  expect([...seen(short), short.json.available]).toEqual([409, 'NOT_ENOUGH_TICKETS', 1]);
  expect((await buyer.call('POST', '/api/orders', { reservationId: held.json.reservationId })).status).toBe(201);
});

it('leaves nothing behind that breaks an invariant', async () => {
  expect(await audit()).toEqual([]);
});
