import { inject } from 'vitest';
import { beforeAll, describe, expect, it } from 'vitest';

import { MINUTE } from '../../functions/shared/kernel/clock.ts';
import {
  available,
  confirm,
  demoBuyer,
  fire,
  gatekeeper,
  loseWebhooks,
  mailsAbout,
  order,
  payByCard,
  paymentOf,
  person,
  plantFault,
  publishEvent,
  settled,
  type ApiAnswer,
  type OpenSale,
  type Person,
} from '../support/shop.ts';

let sale: OpenSale;
let buyer: Person;

beforeAll(async () => {
  // Holds that other files left behind would be counted with the ones here.
  await settled();
  await fire('expire-holds', Date.now() + 12 * MINUTE);
  sale = await publishEvent({ quantity: 20 });
  buyer = await person();
});

describe('a ticket, end to end', () => {
  it('is held, ordered, paid and issued; the gate admits it once and says where when it comes again', async () => {
    const gate = await gatekeeper();
    const placed = await order(buyer, sale.ticketTypeId, 2);
    expect(await available(sale.eventId, sale.ticketTypeId)).toBe(18);
    expect(await payByCard(placed)).toBe(200);

    const paid = await confirm(buyer, placed);
    expect(paid.status, paid.text).toBe(200);
    expect(paid.json).toMatchObject({
      id: placed.orderId,
      status: 'PAID',
      totalPrice: { amount: 9_000, currency: 'EUR' },
    });

    await settled();
    const seen = await buyer.call('GET', `/api/orders/${placed.orderId}`);
    expect(seen.json).toMatchObject({
      status: 'PAID',
      ticketsIssued: true,
      payment: { transactionId: placed.paymentIntentId, amount: 9_000 },
    });

    const tickets = await buyer.call('GET', `/api/tickets?orderId=${placed.orderId}`);
    expect(tickets.json.items).toHaveLength(2);
    const [first, second] = tickets.json.items;
    expect(first.code).toMatch(/^tc_[0-7][0-9A-HJKMNP-TV-Z]{25}$/);
    expect(second.code).not.toBe(first.code);

    const own = await buyer.call('GET', '/api/tickets');
    expect(own.json.items.map(({ id }: { id: string }) => id)).toEqual([first.id, second.id]);

    const pdf = await fetch(`${inject('system').url}/api/tickets/${first.id}/pdf`);
    expect(pdf.status, 'a PDF needs its holder').toBe(401);
    const file = await buyer.call('GET', `/api/tickets/${first.id}/pdf`);
    expect(file.headers.get('content-type')).toBe('application/pdf');
    expect(file.text.startsWith('%PDF-')).toBe(true);

    const admitted = await gate.call('POST', '/api/tickets/validate', { qr: first.qr, gate: 'North' });
    expect(admitted.json).toMatchObject({ result: 'ADMIT' });
    const again = await gate.call('POST', '/api/tickets/validate', { qr: first.qr, gate: 'South' });
    expect(again.json).toMatchObject({ result: 'REFUSE', reason: 'ALREADY_USED', firstUse: { gate: 'North' } });
    expect(Date.parse(again.json.firstUse.at)).toBeGreaterThan(Date.now() - MINUTE);

    const scans = await gate.call('GET', `/api/events/${sale.eventId}/scans`);
    expect(
      scans.json.items.map(({ result, reason, gate: at }: { result: string; reason: string; gate: string }) => [
        result,
        reason,
        at,
      ]),
    ).toEqual([
      ['REFUSE', 'ALREADY_USED', 'South'],
      ['ADMIT', null, 'North'],
    ]);

    const steps = await buyer.call('GET', `/api/orders/${placed.orderId}/timeline`);
    const { items } = steps.json;
    expect(items.flatMap(({ event }: { event?: string }) => event ?? [])).toEqual([
      'reservations.TicketsHeld.v1',
      'orders.OrderCreated.v1',
      'orders.OrderSecured.v1',
      'orders.OrderPaid.v1',
      'delivery.TicketsGenerated.v1',
    ]);
    expect(items.slice(-2)).toMatchObject([
      { kind: 'MAIL', mail: { template: 'tickets' } },
      { kind: 'SCAN', scan: { ticketId: first.id, result: 'ADMIT', gate: 'North' } },
    ]);
    const shown = await buyer.call('GET', `/api/orders/${placed.orderId}`);
    expect(items.flatMap(({ movements = [] }: { movements?: unknown[] }) => movements)).toEqual([
      { kind: 'PAYMENT', ...shown.json.totalPrice },
    ]);
    const paged = [];
    for (let next: string | null = ''; next !== null;) {
      const page: ApiAnswer = await buyer.call('GET', `/api/orders/${placed.orderId}/timeline?limit=3${next}`);
      paged.push(...page.json.items);
      next = page.json.nextCursor === null ? null : `&cursor=${page.json.nextCursor}`;
    }
    expect(paged).toEqual(items);
    const listed = await buyer.call('GET', '/api/orders');
    expect(listed.json.items.map(({ id }: { id: string }) => id)).toEqual([placed.orderId]);
  });

  it('is paid by the webhook alone when the browser never comes back', async () => {
    const placed = await order(buyer, sale.ticketTypeId);
    await payByCard(placed);
    await settled();
    await expect
      .poll(async () => (await buyer.call('GET', `/api/orders/${placed.orderId}`)).json.status, { timeout: 20_000 })
      .toBe('PAID');
    await settled();
    expect((await buyer.call('GET', `/api/tickets?orderId=${placed.orderId}`)).json.items).toHaveLength(1);
    const late = await confirm(buyer, placed);
    expect(late.status, 'confirming later answers the decision').toBe(200);
  });

  it('takes another card after a declined one', async () => {
    const placed = await order(buyer, sale.ticketTypeId);
    expect(await payByCard(placed, 'pm_card_chargeDeclined')).toBe(402);
    const declined = await confirm(buyer, placed);
    expect(declined.status).toBe(402);
    expect(declined.json).toMatchObject({ code: 'PAYMENT_FAILED', reason: 'generic_decline' });
    await settled();
    expect(await payByCard(placed)).toBe(200);
    expect((await confirm(buyer, placed)).json).toMatchObject({ status: 'PAID' });
  });

  it('lapses after ten minutes, and its stock is free again', async () => {
    const before = await available(sale.eventId, sale.ticketTypeId);
    const held = await buyer.call('POST', '/api/reservations', {
      items: [{ ticketTypeId: sale.ticketTypeId, quantity: 3 }],
    });
    expect(await available(sale.eventId, sale.ticketTypeId)).toBe(before - 3);
    await settled();
    const early = await fire('expire-holds', Date.now() + 9 * MINUTE);
    expect(early['expired'], 'not a minute too early').toBe(0);
    await fire('expire-holds', Date.now() + 12 * MINUTE);
    expect(await available(sale.eventId, sale.ticketTypeId)).toBe(before);
    const gone = await buyer.call('POST', '/api/orders', { reservationId: held.json.reservationId });
    expect(gone.json).toMatchObject({ status: 410, code: 'RESERVATION_EXPIRED' });
  });

  it('is FAILED with its stock free when the hold ends after a declined card', async () => {
    const before = await available(sale.eventId, sale.ticketTypeId);
    const placed = await order(buyer, sale.ticketTypeId);
    await payByCard(placed, 'pm_card_chargeDeclined');
    expect((await confirm(buyer, placed)).status).toBe(402);
    await settled();
    await fire('expire-holds', Date.now() + 12 * MINUTE);
    await settled();
    expect((await buyer.call('GET', `/api/orders/${placed.orderId}`)).json.status).toBe('FAILED');
    expect(await available(sale.eventId, sale.ticketTypeId)).toBe(before);
    expect(await payByCard(placed), 'its PaymentIntent is closed').toBe(400);
    const { items } = (await buyer.call('GET', `/api/orders/${placed.orderId}/notifications`)).json;
    expect(items.map(({ template }: { template: string }) => template)).toEqual(['paymentFailed']);
  });

  it('takes stock again when the payment comes after the hold lapsed', async () => {
    const placed = await order(buyer, sale.ticketTypeId);
    await loseWebhooks(placed);
    await payByCard(placed);
    await settled();
    // Nobody has confirmed: the hold lapses with the money authorised, and its end is what finds it.
    const free = await available(sale.eventId, sale.ticketTypeId);
    await fire('expire-holds', Date.now() + 12 * MINUTE);
    await settled();
    expect((await confirm(buyer, placed)).json).toMatchObject({ status: 'PAID' });
    expect(await available(sale.eventId, sale.ticketTypeId)).toBe(free);
    const steps = await buyer.call('GET', `/api/orders/${placed.orderId}/timeline`);
    expect(steps.json.items.map(({ status }: { status: string }) => status)).toContain('EXPIRED');
  });

  it('gives the money back when the tickets are gone by then', async () => {
    const rare = await publishEvent({ quantity: 1 });
    const late = await order(buyer, rare.ticketTypeId);
    await loseWebhooks(late);
    await settled();
    // Stripe is slow to answer for the late payment, so that the rival takes the ticket before it is looked at.
    await plantFault({
      on: 'request',
      route: 'GET /v1/payment_intents/:id',
      effect: 'error_before',
      times: 1,
      paymentIntent: late.paymentIntentId,
    });
    await payByCard(late);
    await fire('expire-holds', Date.now() + 12 * MINUTE);
    const rival = await person();
    const faster = await order(rival, rare.ticketTypeId);
    await settled();
    const refused = await confirm(buyer, late);
    expect(refused.json).toMatchObject({ status: 409, code: 'SOLD_OUT_REFUNDED' });
    expect((await paymentOf(late))?.status).toBe('canceled');
    await payByCard(faster);
    expect((await confirm(rival, faster)).json).toMatchObject({ status: 'PAID' });
  });
});

describe('the mail', () => {
  it('goes to the buyer with the tickets as PDF', async () => {
    const account = await demoBuyer();
    const placed = await order(account, sale.ticketTypeId);
    await payByCard(placed);
    const paid = await confirm(account, placed);
    await settled();
    const mine = await mailsAbout(paid.json.orderNumber);
    expect(mine, 'one mail per order').toHaveLength(1);
    const mail = JSON.stringify(mine[0]);
    expect(mail).toContain('buyer@onsale.example');
    expect(mail).toContain('application/pdf');
  });
});
