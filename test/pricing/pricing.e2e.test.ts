import { beforeAll, describe, expect, it } from 'vitest';

import { HOUR } from '../../functions/shared/kernel/clock.ts';
import {
  audit,
  call,
  demoBuyer,
  mailsAbout,
  order,
  publishEvent,
  type ApiAnswer,
  confirm,
  fire,
  organizer,
  payByCard,
  paymentOf,
  person,
  settled,
  type Person,
  type PlacedOrder,
} from '../support/shop.ts';

let host: Person;
let ticketTypeId: string;

const typePath = (what = ''): string => `/api/ticket-types/${ticketTypeId}${what}`;

interface Shown {
  readonly price: { readonly amount: number; readonly currency: string };
  readonly priceExplanation: readonly string[];
}

async function shown(): Promise<Shown> {
  const answer = await call('GET', typePath());
  expect(answer.status, answer.text).toBe(200);
  return answer.json;
}

/** Prices of the tiers that begin after 3, 6 and 9 tickets. */
const TIERS = [6_000, 7_000, 8_000];

/** Sends a request as the organizer, who must be answered a success. */
async function must(method: string, path: string, body?: unknown): Promise<ApiAnswer> {
  const answer = await host.call(method, path, body);
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.text}`);
  return answer;
}

beforeAll(async () => {
  host = await organizer();
  const created = await must('POST', '/api/events', {
    title: 'Evening of Tiers',
    description: '',
    category: 'music',
    startsAt: new Date(Date.now() + 40 * 24 * HOUR).toISOString(),
    timeZone: 'Europe/Berlin',
    ticketTypes: [{ name: 'Standing', price: { amount: 4_500, currency: 'EUR' }, quantity: 20 }],
  });
  ticketTypeId = created.json.event.ticketTypes[0].id;
  await must('PUT', typePath('/pricing'), { tiers: [{ afterSold: 1, price: 9_000 }] });
  await must('POST', `/api/events/${created.json.eventId}/publish`);
  await must('PUT', typePath('/pricing'), {
    tiers: TIERS.map((price, index) => ({ afterSold: (index + 1) * 3, price })),
  });
});

/** Holds three tickets at the price that is shown. @returns the hold, and after how many milliseconds the price was `next` */
async function holdThree(buyer: Person, next: number): Promise<{ readonly held: ApiAnswer; readonly tookMs: number }> {
  const { price } = await shown();
  const held = await buyer.call('POST', '/api/reservations', { items: [{ ticketTypeId, quantity: 3, price }] });
  expect(held.json.total, held.text).toEqual({ amount: price.amount * 3, currency: 'EUR' });
  const since = Date.now();
  await expect.poll(async () => (await shown()).price.amount, { timeout: 15_000, interval: 20 }).toBe(next);
  return { held, tookMs: Date.now() - since };
}

describe('a price that follows rules, on the running system', () => {
  it('is another one within two seconds of the sale that reaches its tier; who held before pays what was promised', async () => {
    const buyer = await person();
    const sales = [];
    for (const price of TIERS) sales.push(await holdThree(buyer, price));
    // The first sale starts the function, and other tests may have the machine.
    expect(Math.min(...sales.map(({ tookMs }) => tookMs))).toBeLessThan(2_000);
    expect((await shown()).priceExplanation).toEqual([
      'The regular price is 45.00 EUR.',
      'After the first 9 tickets it is 80.00 EUR.',
    ]);

    const reservationId = sales[0]?.held.json.reservationId;
    expect((await buyer.call('GET', `/api/reservations/${reservationId}`)).json.total.amount).toBe(13_500);
    const ordered = await buyer.call('POST', '/api/orders', { reservationId });
    expect(ordered.json.total, ordered.text).toEqual({ amount: 13_500, currency: 'EUR' });
    const placed: PlacedOrder = ordered.json;
    expect(await payByCard(placed)).toBe(200);
    expect(await paymentOf(placed)).toMatchObject({ amount: 13_500, currency: 'eur' });
    expect((await confirm(buyer, placed)).json).toMatchObject({ status: 'PAID', totalPrice: { amount: 13_500 } });
  });

  it('is what the search finds its event by', async () => {
    const found = async (range: string): Promise<number> =>
      (await call('GET', `/api/events?q=${encodeURIComponent('Evening of Tiers')}&${range}`)).json.items.length;
    await expect.poll(async () => found('priceMin=8000&priceMax=8000'), { timeout: 15_000, interval: 200 }).toBe(1);
    expect(await found('priceMax=7999')).toBe(0);
  });

  it('is taken by who holds next, and refused to who insists on the former one too long', async () => {
    const buyer = await person();
    const items = [{ ticketTypeId, quantity: 1 }];
    const held = await buyer.call('POST', '/api/reservations', { items });
    expect(held.json.total, held.text).toEqual({ amount: 8_000, currency: 'EUR' });
    const insists = [{ ticketTypeId, quantity: 1, price: { amount: 100, currency: 'EUR' } }];
    const refused = await buyer.call('POST', '/api/reservations', { items: insists });
    expect([refused.status, refused.json]).toMatchObject([
      409,
      { code: 'PRICE_CHANGED', ticketTypeId, price: { amount: 8_000, currency: 'EUR' } },
    ]);
  });

  it('is looked after by the sweep, and its history shows every price, page by page', async () => {
    await fire('expire-holds', Date.now());
    await settled();
    const whole = (await host.call('GET', typePath('/prices'))).json.items;
    expect(whole.map(({ price }: Shown) => price.amount)).toEqual([8_000, 7_000, 6_000, 4_500]);
    expect(whole[0]).toMatchObject({ priceVersion: 4, until: null });
    const pages = [];
    let cursor = '';
    do {
      const page = (await host.call('GET', typePath(`/prices?limit=2${cursor}`))).json;
      pages.push(...page.items);
      cursor = page.nextCursor === null ? '' : `&cursor=${page.nextCursor}`;
    } while (cursor !== '');
    expect(pages).toEqual(whole);
  });
});

describe('fees and taxes, on the running system', () => {
  it('are in the hold, the order, the payment, the mail and the books', async () => {
    const { eventId, ticketTypeId: charged } = await publishEvent();
    await must('PUT', `/api/events/${eventId}/charges`, {
      charges: [
        { name: 'Harbour fee', kind: 'FEE', amount: 150 },
        { name: 'Order fee', kind: 'FEE', per: 'ORDER', amount: 99 },
        { name: 'VAT 19 %', kind: 'TAX', rateBp: 1_900, included: true },
      ],
    });
    expect((await call('GET', `/api/ticket-types/${charged}`)).json.allInPrice.amount).toBe(4_650);
    const buyer = await demoBuyer();
    const placed = await order(buyer, charged, 2);
    expect(await paymentOf(placed)).toMatchObject({ amount: 9_399 });
    await payByCard(placed);
    const paid = await confirm(buyer, placed);
    expect(paid.json, paid.text).toMatchObject({
      totalPrice: { amount: 9_399, currency: 'EUR' },
      items: [{ unitPrice: 4_500, price: 9_000 }],
      charges: [
        { name: 'Harbour fee', amount: { amount: 300 }, included: false, refundable: false },
        { name: 'VAT 19 %', amount: { amount: 1_500 }, included: true, refundable: true },
        { name: 'Order fee', amount: { amount: 99 }, included: false, refundable: false },
      ],
    });
    await settled();
    const [mail] = await mailsAbout(placed.orderNumber);
    const body = JSON.stringify(mail);
    for (const words of ['Harbour fee', '3.00 EUR', 'of which VAT 19 %', '15.00 EUR', 'Order fee', '93.99 EUR'])
      expect(body).toContain(words);
    expect(await audit()).toEqual([]);
  });

  it('are shown to their organizers, those of the organisation too', async () => {
    const { organizationId } = (await must('GET', `/api/events/${(await publishEvent()).eventId}`)).json;
    const path = `/api/organizations/${organizationId}/charges`;
    await must('PUT', path, { charges: [{ name: 'Harbour fee', kind: 'FEE', rateBp: 100 }] });
    expect((await must('GET', path)).json.charges).toMatchObject([{ name: 'Harbour fee', per: 'TICKET' }]);
    await must('PUT', path, { charges: [] });
  });
});
