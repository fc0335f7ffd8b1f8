import { beforeAll, describe, expect, it } from 'vitest';

import { MINUTE } from '../../functions/shared/kernel/clock.ts';
import { generatePlan } from '../../scripts/plan/generate.ts';
import { pdfText } from '../delivery/pixels.ts';
import { publishSeated, type SeatedSale } from '../support/seated.ts';
import {
  audit,
  call,
  confirm,
  fire,
  gatekeeper,
  organizer,
  payByCard,
  person,
  settled,
  type ApiAnswer,
  type Person,
} from '../support/shop.ts';

let sale: SeatedSale;
let stalls: string;

beforeAll(async () => {
  const plan = generatePlan(300);
  const prices = Object.fromEntries(
    plan.categories.filter(({ name }) => !name.includes('[')).map(({ name }) => [name, 4_500]),
  );
  // Each category is a zone of its own.
  const ticketTypes = Object.entries(prices).map(([category, amount]) => ({
    name: category,
    price: { amount, currency: 'EUR' },
    quantity: 1,
    seatCategory: category,
    zones: [category],
  }));
  const gates = [
    { name: 'Foyer', zones: ['Stalls'] },
    { name: 'Stairs', zones: ['Boxes'] },
  ];
  sale = await publishSeated(await organizer(), plan, prices, { noSingleSeats: true, ticketTypes, gates });
  stalls = sale.types['Stalls'] ?? '';
});

interface SeatSeen {
  readonly id: string;
  readonly status: string;
  readonly category: string;
}

async function seats(): Promise<readonly SeatSeen[]> {
  return (await call('GET', `/api/events/${sale.eventId}/seats`)).json.seats;
}

/** What the map says of seats, as soon as it has been drawn anew. */
const statusOf = (seatIds: readonly string[]) => async (): Promise<readonly (string | undefined)[]> => {
  const shown = new Map((await seats()).map(({ id, status }) => [id, status]));
  return seatIds.map((seatId) => shown.get(seatId));
};
const patiently = { timeout: 10_000, interval: 300 };

const hold = (buyer: Person, wish: object, ticketTypeId = stalls): Promise<ApiAnswer> =>
  buyer.call('POST', '/api/reservations', { items: [{ ticketTypeId, ...wish }] });

/** The first seats of a row of the stalls that are free side by side. */
async function freePair(): Promise<readonly [string, string]> {
  const free = (await seats()).filter(({ status, category }) => status === 'free' && category === 'Stalls');
  const row = Map.groupBy(free, ({ id }) => id.split('-')[0]);
  const long = [...row.values()].find((each) => each.length > 6);
  const [first, second] = long ?? [];
  if (first === undefined || second === undefined) throw new Error('The house is full');
  return [first.id, second.id];
}

describe('two seats', () => {
  it('are chosen, held, paid and printed, and the gate reads where their holder sits', async () => {
    const [buyer, other] = [await person(), await person()];
    const pair = await freePair();
    const held = await hold(buyer, { seatIds: pair });
    expect(held.status, held.text).toBe(201);
    expect(held.json.items[0].seats.map(({ id }: { id: string }) => id)).toEqual(pair);
    await expect.poll(statusOf(pair), patiently).toEqual(['held', 'held']);

    const late = await hold(other, { seatIds: [pair[1]] });
    expect([late.status, late.json.code, late.json.seatIds]).toEqual([409, 'SEATS_TAKEN', [pair[1]]]);

    const { reservationId } = held.json;
    const ordered = await buyer.call('POST', '/api/orders', { reservationId });
    expect(ordered.status, ordered.text).toBe(201);
    await payByCard(ordered.json);
    expect((await confirm(buyer, ordered.json)).status).toBe(200);
    await settled();
    const seen = await buyer.call('GET', `/api/orders/${reservationId}`);
    expect(seen.json.items[0].seats).toEqual(held.json.items[0].seats);
    const tickets = (await buyer.call('GET', `/api/tickets?orderId=${reservationId}`)).json.items;
    expect(tickets.map(({ seat }: { seat: unknown }) => seat)).toEqual(held.json.items[0].seats);
    await expect.poll(statusOf(pair), patiently).toEqual(['sold', 'sold']);

    const pdf = await buyer.call('GET', `/api/tickets/${tickets[0].id}/pdf`);
    expect(await pdfText(pdf.bytes)).toContain(held.json.items[0].seats[0].label);
    const scan = { eventId: sale.eventId, qr: tickets[0].qr };
    const gate = await gatekeeper();
    const refused = await gate.call('POST', '/api/tickets/validate', { ...scan, gate: 'Stairs' });
    expect(refused.json).toMatchObject({ result: 'REFUSE', reason: 'WRONG_ZONE', ticket: { status: 'VALID' } });
    const admitted = await gate.call('POST', '/api/tickets/validate', { ...scan, gate: 'Foyer' });
    expect(admitted.json).toMatchObject({ result: 'ADMIT', ticket: { seat: held.json.items[0].seats[0].label } });
  });

  it('are free again when they are let go, and when their time has run out', async () => {
    const buyer = await person();
    const held = await hold(buyer, { quantity: 2, bestAvailable: true });
    expect(held.status, held.text).toBe(201);
    const pair: readonly string[] = held.json.items[0].seats.map(({ id }: { id: string }) => id);
    await expect.poll(statusOf(pair), patiently).toEqual(['held', 'held']);
    expect((await buyer.call('DELETE', `/api/reservations/${held.json.reservationId}`)).status).toBe(204);
    await expect.poll(statusOf(pair), patiently).toEqual(['free', 'free']);

    const again = await hold(buyer, { seatIds: pair });
    expect(again.status, again.text).toBe(201);
    await settled();
    await fire('expire-holds', Date.now() + 12 * MINUTE);
    await expect.poll(statusOf(pair), patiently).toEqual(['free', 'free']);
  });

  it('are not sold where one seat would be left alone, and nothing of a refused wish is', async () => {
    const buyer = await person();
    const [, second] = await freePair();
    const refused = await hold(buyer, { seatIds: [second] });
    expect([refused.status, refused.json.code]).toEqual([422, 'SINGLE_SEAT_LEFT']);
    const none = await hold(buyer, { seatIds: ['zzzz-1'] });
    expect([none.status, none.json.code]).toEqual([400, 'INVALID_INPUT']);
    const both = await hold(buyer, { seatIds: [second], quantity: 1 });
    expect([both.status, both.json.errors[0].path]).toEqual([400, 'items.0']);
    expect((await hold(buyer, { seatIds: [] })).status).toBe(400);
  });
});

it('house seats are blocked and released by the organizer alone, and a map shows it', async () => {
  const [host, buyer, pair] = [await organizer(), await person(), await freePair()];
  const house = (what: string, seatIds: readonly string[], by = host): Promise<ApiAnswer> =>
    by.call('POST', `/api/ticket-types/${stalls}/seats/${what}`, { seatIds });
  const before = (await host.call('GET', `/api/ticket-types/${stalls}/stock`)).json;
  const blocked = await house('block', pair);
  expect(blocked.status, blocked.text).toBe(200);
  expect(blocked.json).toMatchObject({ blocked: before.blocked + 2, free: before.free - 2, out: before.out });
  await expect.poll(statusOf(pair), patiently).toEqual(['blocked', 'blocked']);
  const refused = await hold(buyer, { seatIds: pair });
  expect([refused.status, refused.json.seatIds]).toEqual([409, pair]);
  expect((await house('release', pair, buyer)).status).toBe(403);

  const released = await house('release', pair);
  expect(released.json).toMatchObject({ blocked: before.blocked, free: before.free });
  expect((await hold(buyer, { seatIds: pair })).status).toBe(201);
  const late = await house('block', pair);
  expect([late.status, late.json.code, late.json.seatIds]).toEqual([409, 'SEATS_TAKEN', pair]);
  const strange = await house('block', ['zzzz-1']);
  expect([strange.status, strange.json.errors[0].path]).toEqual([400, 'seatIds']);
});

it('seats and standing places of one event go into one reservation', async () => {
  const [buyer, pair] = [await person(), await freePair()];
  const standing = Object.keys(sale.types).find((name) => /floor|standing|arena/i.test(name)) ?? '';
  const answer = await buyer.call('POST', '/api/reservations', {
    items: [
      { ticketTypeId: stalls, seatIds: pair },
      { ticketTypeId: sale.types[standing], quantity: 3 },
    ],
  });
  expect(answer.status, answer.text).toBe(201);
  expect(answer.json.items.map(({ quantity }: { quantity: number }) => quantity)).toEqual([2, 3]);
  expect(answer.json.items[1].seats).toBeUndefined();
  expect(answer.json.total.amount).toBe(5 * 4_500);
});

it('forty buyers at once for the same corner of the house get no seat twice', async () => {
  const buyers = await Promise.all(Array.from({ length: 40 }, () => person()));
  const row = (await freePair())[0].split('-')[0];
  const corner = (await seats()).filter(({ id, status }) => id.startsWith(`${row}-`) && status === 'free').slice(0, 6);
  const answers = await Promise.all(
    buyers.map((buyer, index) => {
      const start = 2 * (index % 3);
      const seatIds = corner.slice(start, start + 2).map(({ id }) => id);
      return hold(buyer, index % 4 === 3 ? { quantity: 2, bestAvailable: true } : { seatIds });
    }),
  );
  const held = answers.filter(({ status }) => status === 201);
  const got = held.flatMap(({ json }) => json.items[0].seats.map(({ id }: { id: string }) => id));
  expect(new Set(got).size).toBe(got.length);
  const refused = answers.filter(({ status }) => status !== 201);
  expect(refused.every(({ json }) => ['SEATS_TAKEN', 'BUSY', 'SINGLE_SEAT_LEFT'].includes(json.code))).toBe(true);
  expect(held.length).toBeGreaterThanOrEqual(3);
  await settled();
  expect(await audit()).toEqual([]);
});
