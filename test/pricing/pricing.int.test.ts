import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ulid } from 'ulid';

import type { EventView } from '../../functions/catalog/views.ts';
import { findTicketTypes } from '../../functions/inventory/reads.ts';
import { findOrder, type Order } from '../../functions/orders/reads.ts';
import type { PricingBody } from '../../functions/pricing/contract.ts';
import { HONOURED_MS } from '../../functions/pricing/domain/tag.ts';
import { repriceType, tendPrices } from '../../functions/pricing/operations.ts';
import { findPricing, type PricingRecord } from '../../functions/pricing/reads.ts';
import { changePricing } from '../../functions/pricing/writes.ts';
import { placeHold } from '../../functions/reservations/app/place-hold.ts';
import { DAY, MINUTE, toTimestamp } from '../../functions/shared/kernel/clock.ts';
import { commit } from '../../functions/shared/table/commit.ts';
import { mustHold } from '../../functions/shared/table/writes.ts';
import { codeOf, startCatalog, typeOf, type CatalogWorld } from '../catalog/catalog-world.ts';
import type { TestAnswer } from '../support/http.ts';

const OCCASION = { correlationId: 'test', by: 'schedule:test' };
let world: CatalogWorld;

beforeAll(async () => {
  world = await startCatalog();
});
afterAll(async () => world.close());

const onType = (method: string, what: string, ticketTypeId: string, sent = {}): Promise<TestAnswer> =>
  world.send(`${method} /api/ticket-types/{ticketTypeId}${what}`, { params: { ticketTypeId }, ...sent });
const rule = (ticketTypeId: string, body: PricingBody, headers = {}): Promise<TestAnswer> =>
  onType('PUT', '/pricing', ticketTypeId, { body, headers });
const reprice = (ticketTypeId: string, now = Date.now()): ReturnType<typeof repriceType> =>
  repriceType(world.db.table, ticketTypeId, { now, ...OCCASION });

async function rowOf(ticketTypeId: string): Promise<PricingRecord> {
  const row = await findPricing(world.db.table, ticketTypeId);
  if (row === undefined) throw new Error('The type has no price rules');
  return row;
}

/** The type as anybody sees it. */
async function shown(ticketTypeId: string): Promise<Readonly<Record<string, unknown>>> {
  return (await world.anonymously('GET /api/ticket-types/{ticketTypeId}', { params: { ticketTypeId } })).json;
}

/** Holds tickets at `now`, having been shown `price` if it is given. */
async function hold(ticketTypeId: string, quantity: number, price?: number, now = Date.now()): Promise<Order | string> {
  const orderId = ulid();
  const types = await findTicketTypes(world.db.table, [ticketTypeId], 'strong');
  const wish = {
    ticketTypeId,
    quantity,
    ...(price === undefined ? {} : { price: { amount: price, currency: 'EUR' } }),
  };
  const request = { orderId, customerId: ulid(), wishes: [wish], types, retriable: false };
  const held = await placeHold(world.db.table, request, { now, ...OCCASION });
  if (!held.ok) return held.error.code;
  return (await findOrder(world.db.table, orderId)) ?? 'LOST';
}

async function givenPriced(rules: PricingBody): Promise<{ event: EventView; ticketTypeId: string }> {
  const event = await world.published();
  const ticketTypeId = typeOf(event);
  const set = await rule(ticketTypeId, rules);
  if (set.status !== 200) throw new Error(set.text);
  return { event, ticketTypeId };
}

describe('price rules of a draft', () => {
  it('make the price from the moment on at which it is published', async () => {
    const draft = await world.draft();
    const ticketTypeId = typeOf(draft);
    const endsAt = toTimestamp(Date.now() + DAY);
    const set = await rule(ticketTypeId, { phases: [{ name: 'Early bird', endsAt, changeBp: -2_000 }] });
    expect(set).toMatchObject({ status: 200, headers: { etag: '"v1"' } });
    expect(set.json).toMatchObject({ price: { amount: 4_500 }, nextPrice: null });

    const published = await world.onEvent(draft.id, '/publish');
    expect(published.json['ticketTypes']).toMatchObject([{ price: { amount: 3_600 } }, { price: { amount: 7_500 } }]);
    expect(await shown(ticketTypeId)).toMatchObject({
      price: { amount: 3_600, currency: 'EUR' },
      priceExplanation: ['The regular price is 45.00 EUR.', `Early bird, until ${endsAt}: 36.00 EUR.`],
    });
    expect(await hold(ticketTypeId, 2)).toMatchObject({ total: 7_200, dynamic: true });
  });

  it('follow a price that its organizer changes before that', async () => {
    const draft = await world.draft();
    const ticketTypeId = typeOf(draft);
    await rule(ticketTypeId, { phases: [{ name: 'Half', changeBp: -5_000 }] });
    const headers = { 'if-match': '*' };
    await onType('PATCH', '', ticketTypeId, { body: { price: { amount: 1_000, currency: 'EUR' } }, headers });
    await world.onEvent(draft.id, '/publish');
    expect(await shown(ticketTypeId)).toMatchObject({ price: { amount: 500 }, priceVersion: 2 });
  });
});

describe('price rules of a type on sale', () => {
  it('change its price at once, to whoever holds from then on', async () => {
    const event = await world.published();
    const ticketTypeId = typeOf(event);
    const before = await hold(ticketTypeId, 1);
    await rule(ticketTypeId, { phases: [{ name: 'Week of culture', price: 1_000 }] });
    expect(await shown(ticketTypeId)).toMatchObject({ price: { amount: 1_000 }, priceVersion: 2 });
    expect(await hold(ticketTypeId, 3)).toMatchObject({ total: 3_000, lines: [{ unitPrice: 1_000 }] });
    if (typeof before === 'string') throw new Error(before);
    expect(await findOrder(world.db.table, before.orderId)).toMatchObject({ total: 4_500, ver: 1 });
  });

  it('follow what is held, up and down again, and no hold changes with them', async () => {
    const { ticketTypeId } = await givenPriced({ tiers: [{ afterSold: 3, price: 6_000 }] });
    const first = await hold(ticketTypeId, 3);
    expect(await reprice(ticketTypeId)).toBe('CHANGED');
    expect(await shown(ticketTypeId)).toMatchObject({
      price: { amount: 6_000 },
      priceExplanation: ['The regular price is 45.00 EUR.', 'After the first 3 tickets it is 60.00 EUR.'],
    });
    expect(await rowOf(ticketTypeId)).toMatchObject({ ev: 'pricing.TicketTypePriceChanged.v1', by: OCCASION.by });
    if (typeof first === 'string') throw new Error(first);
    expect(await findOrder(world.db.table, first.orderId)).toMatchObject({ total: 13_500 });

    await world.release(first.orderId);
    await reprice(ticketTypeId);
    expect(await shown(ticketTypeId)).toMatchObject({ price: { amount: 4_500 }, priceVersion: 3 });
  });

  it('are gone when none are set: the price is the organizer’s again', async () => {
    const { ticketTypeId } = await givenPriced({ phases: [{ name: 'Half', changeBp: -5_000 }] });
    await rule(ticketTypeId, {});
    expect(await shown(ticketTypeId)).toMatchObject({ price: { amount: 4_500 }, priceVersion: 3 });
    expect(await hold(ticketTypeId, 1)).not.toHaveProperty('dynamic');
  });

  it('take a price that the organizer changes as what they work on', async () => {
    const { ticketTypeId } = await givenPriced({ phases: [{ name: 'Half', changeBp: -5_000 }] });
    const headers = { 'if-match': '*' };
    const body = { price: { amount: 9_000, currency: 'EUR' } };
    expect((await onType('PATCH', '', ticketTypeId, { body, headers })).json).toMatchObject({
      price: { amount: 4_500 },
    });
    expect(await hold(ticketTypeId, 1)).toMatchObject({ total: 4_500 });
  });

  it('go on making it when the event or the type is changed otherwise', async () => {
    const { event, ticketTypeId } = await givenPriced({ phases: [{ name: 'Half', changeBp: -5_000 }] });
    const headers = { 'if-match': '*' };
    await onType('PATCH', '', ticketTypeId, { body: { name: 'Quay side', saleEndsAt: event.startsAt }, headers });
    const startsAt = toTimestamp(Date.parse(event.startsAt) + DAY);
    await world.onEvent(event.id, '/reschedule', { startsAt });
    expect(await shown(ticketTypeId)).toMatchObject({ name: 'Quay side', price: { amount: 2_250 }, priceVersion: 2 });
  });

  it('take a price and new times of its sale in one request', async () => {
    const { event, ticketTypeId } = await givenPriced({ phases: [{ name: 'Half', changeBp: -5_000 }] });
    const body = { price: { amount: 1_000, currency: 'EUR' }, saleEndsAt: event.startsAt };
    const changed = await onType('PATCH', '', ticketTypeId, { body, headers: { 'if-match': '*' } });
    expect(changed.json).toMatchObject({ price: { amount: 500 }, saleEndsAt: event.startsAt });
  });

  it('begin on their instant without anybody writing, and the job tells of it afterwards', async () => {
    const now = Date.now();
    const startsAt = now + MINUTE;
    const { ticketTypeId } = await givenPriced({
      phases: [{ name: 'Doors', startsAt: toTimestamp(startsAt), price: 8_000 }],
    });
    expect((await onType('GET', '/pricing', ticketTypeId)).json).toMatchObject({
      price: { amount: 4_500 },
      nextPrice: { price: { amount: 8_000 }, from: toTimestamp(startsAt) },
    });
    expect(await hold(ticketTypeId, 1, undefined, startsAt - 1)).toMatchObject({ total: 4_500 });
    expect(await hold(ticketTypeId, 1, undefined, startsAt)).toMatchObject({ total: 8_000 });
    expect(await reprice(ticketTypeId, startsAt + 40_000)).toBe('CHANGED');
    expect(await rowOf(ticketTypeId)).toMatchObject({
      ev: 'pricing.TicketTypePriceChanged.v1',
      unitPrice: 8_000,
      formerPrice: { unitPrice: 4_500, until: startsAt },
    });
  });

  it('are computed once, however many compute them at the same time', async () => {
    const { ticketTypeId } = await givenPriced({ tiers: [{ afterSold: 1, price: 5_000 }] });
    await hold(ticketTypeId, 1);
    const { ver, priceVersion = 1 } = await rowOf(ticketTypeId);
    await Promise.all(Array.from({ length: 5 }, () => reprice(ticketTypeId)));
    expect(await rowOf(ticketTypeId)).toMatchObject({ ver: ver + 1, priceVersion: priceVersion + 1, unitPrice: 5_000 });
  });

  it('make a price within a minute that died before it followed them', async () => {
    const { ticketTypeId } = await givenPriced({ tiers: [{ afterSold: 100, price: 9_999 }] });
    const rules = { phases: [{ name: 'Half', changeBp: -5_000 }] };
    const now = Date.now();
    const row = await rowOf(ticketTypeId);
    await commit(world.db.table, [
      changePricing(row, { rules }, true, { now, ...OCCASION }, mustHold('nobody else')).write,
    ]);
    expect(await shown(ticketTypeId)).toMatchObject({ price: { amount: 4_500 } });
    expect(await tendPrices(world.db.table, { now, ...OCCASION })).toMatchObject({ priceFaults: 0 });
    expect(await shown(ticketTypeId)).toMatchObject({ price: { amount: 2_250 } });
  });

  it('end with the event, and begin anew when it is published again', async () => {
    const { event, ticketTypeId } = await givenPriced({ phases: [{ name: 'Half', changeBp: -5_000 }] });
    await world.onEvent(event.id, '/unpublish');
    expect(await reprice(ticketTypeId)).toBe('ENDED');
    expect(await rowOf(ticketTypeId)).not.toHaveProperty('gsi1pk');
    await world.onEvent(event.id, '/publish');
    expect(await shown(ticketTypeId)).toMatchObject({ price: { amount: 2_250 } });
    expect(await rowOf(ticketTypeId)).toMatchObject({ gsi1pk: 'PRICING#LIVE' });
  });
});

describe('a hold by who was shown a price', () => {
  it('takes it for as long as it is honoured, and then says what the price is', async () => {
    const { ticketTypeId } = await givenPriced({ phases: [{ name: 'Peak', price: 9_000 }] });
    const { formerPrice } = await rowOf(ticketTypeId);
    const changedAt = formerPrice?.until ?? 0;
    expect(await hold(ticketTypeId, 1, 4_500, changedAt + 1)).toMatchObject({ total: 4_500 });
    expect(await hold(ticketTypeId, 1, 4_500, changedAt + HONOURED_MS)).toBe('PRICE_CHANGED');
    expect(await hold(ticketTypeId, 1, 4_499, changedAt + 1)).toBe('PRICE_CHANGED');
    expect(await hold(ticketTypeId, 1, 10_000, changedAt + 1)).toMatchObject({ total: 9_000 });
  });

  it('is honoured a price that its organizer has just changed by hand, too', async () => {
    const event = await world.published();
    const ticketTypeId = typeOf(event);
    const headers = { 'if-match': '*' };
    await onType('PATCH', '', ticketTypeId, { body: { price: { amount: 9_000, currency: 'EUR' } }, headers });
    expect(await hold(ticketTypeId, 1, 4_500)).toMatchObject({ total: 4_500 });
    expect(await hold(ticketTypeId, 1, 4_500, Date.now() + HONOURED_MS)).toBe('PRICE_CHANGED');
    expect(await hold(ticketTypeId, 1)).toMatchObject({ total: 9_000 });
  });
});

describe('setting price rules', () => {
  it('refuses what cannot be meant, naming every fault, and changes nothing', async () => {
    const ticketTypeId = typeOf(await world.draft());
    const answer = await rule(ticketTypeId, {
      tiers: [
        { afterSold: 5, price: 5_000 },
        { afterSold: 5, price: 4_000 },
      ],
      demand: { floor: 2, ceiling: 1 },
    });
    expect(codeOf(answer)).toEqual([400, 'INVALID_INPUT']);
    expect(answer.json['errors']).toMatchObject([
      { path: 'tiers.1.afterSold' },
      { path: 'tiers.1.price' },
      { path: 'demand.ceiling' },
    ]);
    expect(await findPricing(world.db.table, ticketTypeId)).toBeUndefined();
  });

  it('is refused by If-Match when somebody else has set others, and not when only the price has moved', async () => {
    const { ticketTypeId } = await givenPriced({ tiers: [{ afterSold: 1, price: 5_000 }] });
    await hold(ticketTypeId, 1);
    await reprice(ticketTypeId);
    expect((await rule(ticketTypeId, {}, { 'if-match': '"v1"' })).status).toBe(200);
    expect(codeOf(await rule(ticketTypeId, {}, { 'if-match': '"v1"' }))).toEqual([412, 'PRECONDITION_FAILED']);
  });

  it('is refused once the event is over', async () => {
    const event = await world.published();
    await world.onEvent(event.id, '/cancel', { reason: 'Storm' });
    expect(codeOf(await rule(typeOf(event), {}))).toEqual([409, 'EVENT_NOT_EDITABLE']);
  });
});

describe('a preview', () => {
  it('tells the price at a time with so many sold, by rules that are not set', async () => {
    const ticketTypeId = typeOf(await world.draft());
    const body = { at: '2090-01-01T00:00:00Z', sold: 60, rules: { tiers: [{ afterSold: 60, price: 5_500 }] } };
    expect((await onType('POST', '/pricing/preview', ticketTypeId, { body })).json).toEqual({
      at: '2090-01-01T00:00:00.000Z',
      sold: 60,
      price: { amount: 5_500, currency: 'EUR' },
      explanation: ['The regular price is 45.00 EUR.', 'After the first 60 tickets it is 55.00 EUR.'],
    });
    expect(await findPricing(world.db.table, ticketTypeId)).toBeUndefined();
  });

  it('takes the rules and the sales of the type where it is told none', async () => {
    const { ticketTypeId } = await givenPriced({ tiers: [{ afterSold: 2, price: 5_500 }] });
    await hold(ticketTypeId, 2);
    expect((await onType('POST', '/pricing/preview', ticketTypeId, { body: {} })).json).toMatchObject({
      sold: 2,
      price: { amount: 5_500 },
    });
    const wrong = { rules: { demand: { floor: 2, ceiling: 1 } } };
    expect((await onType('POST', '/pricing/preview', ticketTypeId, { body: wrong })).json['errors']).toMatchObject([
      { path: 'rules.demand.ceiling' },
    ]);
  });
});
