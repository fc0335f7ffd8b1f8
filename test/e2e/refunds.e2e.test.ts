import { expect, inject, it } from 'vitest';

import {
  audit,
  available,
  confirm,
  mailsAbout,
  order,
  organizer,
  payByCard,
  paymentLedger,
  person,
  demoBuyer,
  fire,
  gatekeeper,
  publishEvent,
  settled,
  type ApiAnswer,
  type OpenSale,
  type Person,
  type PlacedOrder,
} from '../support/shop.ts';

/** A paid order of `quantity` tickets. */
async function bought(buyer: Person, { ticketTypeId }: OpenSale, quantity = 2, card?: string): Promise<PlacedOrder> {
  const placed = await order(buyer, ticketTypeId, quantity);
  await payByCard(placed, card);
  expect((await confirm(buyer, placed)).status).toBe(200);
  await settled();
  return placed;
}

/** Gives an event a cancellation policy, or takes it away, as its organizer does on a published event. */
async function setPolicy({ eventId }: OpenSale, cancellationPolicy: unknown): Promise<void> {
  const host = await organizer();
  const { headers } = await host.call('GET', `/api/events/${eventId}`);
  const edited = await host.call(
    'PATCH',
    `/api/events/${eventId}`,
    { cancellationPolicy },
    { 'if-match': headers.get('etag') ?? '' },
  );
  expect([edited.status, edited.text]).toEqual([200, expect.any(String)]);
}

async function refundedOf({ paymentIntentId }: PlacedOrder): Promise<readonly number[]> {
  const { refunds } = await paymentLedger();
  return refunds
    .filter(({ payment_intent: intent, status }) => intent === paymentIntentId && status === 'succeeded')
    .map(({ amount }) => amount);
}

const cancel = (buyer: Person, { orderId }: PlacedOrder, body: unknown = {}): Promise<ApiAnswer> =>
  buyer.call('POST', `/api/orders/${orderId}/cancel`, body);

it('a buyer gives tickets back by the policy of the event, and is told so', async () => {
  const sale = await publishEvent({ quantity: 10, maxPerPerson: 3 });
  const buyer = await demoBuyer();
  const placed = await bought(buyer, sale, 3);
  expect(await cancel(buyer, placed)).toMatchObject({ status: 422, json: { code: 'OUTSIDE_CANCELLATION_WINDOW' } });

  await setPolicy(sale, { windowHours: 24, feeAmount: 500 });
  const part = await cancel(buyer, placed, { lines: [{ orderItemId: '1', quantity: 1 }] });
  expect(part).toMatchObject({
    status: 200,
    json: {
      status: 'PARTIALLY_REFUNDED',
      refund: { amount: 4_000, currency: 'EUR' },
      items: [{ quantityRefunded: 1 }],
    },
  });
  const whole = await cancel(buyer, placed);
  expect(whole).toMatchObject({ status: 200, json: { status: 'CANCELLED', refund: { amount: 8_000 } } });
  // Again, and at once, is the same.
  for (const again of await Promise.all([cancel(buyer, placed), cancel(buyer, placed)]))
    expect(again).toMatchObject({ status: 200, json: { status: 'CANCELLED', refund: { id: whole.json.refund.id } } });

  expect(await available(sale.eventId, sale.ticketTypeId)).toBe(10);
  expect(new Set(await refundedOf(placed))).toEqual(new Set([4_000, 8_000]));
  const shown = await buyer.call('GET', `/api/orders/${placed.orderId}`);
  expect(shown.json.payment).toMatchObject({ amount: 13_500, amountRefunded: 12_000, refundedAt: expect.any(String) });
  expect(shown.json.refunds).toMatchObject([{ status: 'SUCCEEDED' }, { status: 'SUCCEEDED' }]);
  const receipt = await buyer.call('GET', `/api/orders/${placed.orderId}/receipt`);
  expect(receipt.json).toMatchObject({
    orderNumber: placed.orderNumber,
    items: [{ quantity: 3, quantityRefunded: 3, price: { amount: 13_500 } }],
    total: { amount: 13_500 },
    refunded: { amount: 12_000 },
    balance: { amount: 1_500 },
  });
  const printed = await buyer.call('GET', `/api/orders/${placed.orderId}/receipt/pdf?language=fr`);
  expect([printed.status, printed.headers.get('content-type')]).toEqual([200, 'application/pdf']);
  const { json: tickets } = await buyer.call('GET', `/api/tickets?orderId=${placed.orderId}`);
  expect(tickets.items.map(({ status, qr }: { status: string; qr: unknown }) => [status, qr])).toEqual(
    Array.from({ length: 3 }, () => ['ARCHIVED', null]),
  );
  expect(await mailsAbout(`Refund for your order ${placed.orderNumber}`)).toHaveLength(2);
  // The limit counts what is kept alone: three more may be bought, on the terms of now, whatever becomes of these.
  const again = await bought(buyer, sale, 3);
  await setPolicy(sale, null);
  expect(await cancel(buyer, again, { lines: [{ orderItemId: '1', quantity: 1 }] })).toMatchObject({
    status: 200,
    json: { refund: { amount: 4_000 }, items: [{ cancellationPolicy: { windowHours: 24, feeAmount: 500 } }] },
  });
  expect(await audit()).toEqual([]);
});

it('organizers and support give back what is left of an order, and no more; nobody else may', async () => {
  const sale = await publishEvent();
  const buyer = await person();
  const placed = await bought(buyer, sale);
  const path = `/api/orders/${placed.orderId}/refunds`;
  const [host, desk, stranger] = [await organizer(), await person({ roles: ['customer', 'support'] }), await person()];

  expect((await stranger.call('POST', path, { amount: 1, reason: 'x' })).status).toBe(403);
  const foreign = await person({
    roles: ['customer', 'organizer'],
    memberships: [{ organizationId: '01ARZ3NDEKTSV4RRFFQ69G5FAV', post: 'organizer' }],
  });
  expect((await foreign.call('POST', path, { amount: 1, reason: 'x' })).status).toBe(404);

  const key = { 'idempotency-key': 'once' };
  const body = { amount: { amount: 1_000, currency: 'EUR' }, reason: 'The heating failed' };
  const first = await host.call('POST', path, body, key);
  expect(first).toMatchObject({ status: 201, json: { amount: 1_000, reason: 'The heating failed' } });
  expect((await host.call('POST', path, body, key)).json.id).toBe(first.json.id);
  expect(await host.call('POST', path, { ...body, amount: 2_000 }, key)).toMatchObject({
    status: 409,
    json: { code: 'IDEMPOTENCY_KEY_REUSED' },
  });
  for (const wrong of [
    { body: { amount: 8_001, reason: 'x' }, code: 'NOT_ENOUGH_FUNDS' },
    { body: { amount: { amount: 1, currency: 'USD' }, reason: 'x' }, code: 'INVALID_INPUT' },
    { body: { amount: 0, reason: 'x' }, code: 'INVALID_INPUT' },
    { body: { amount: 0.5, reason: 'x' }, code: 'INVALID_INPUT' },
    { body: { amount: 1 }, code: 'INVALID_INPUT' },
    { body: { lines: [{ orderItemId: '9', quantity: 1 }], reason: 'x' }, code: 'ORDER_ITEM_NOT_FOUND' },
    { body: { lines: [{ orderItemId: '1', quantity: 3 }], reason: 'x' }, code: 'NOT_ENOUGH_FUNDS' },
    { body: { lines: [], reason: 'x' }, code: 'INVALID_INPUT' },
  ])
    expect((await desk.call('POST', path, wrong.body)).json, JSON.stringify(wrong.body)).toMatchObject({
      code: wrong.code,
    });

  const rest = await desk.call('POST', path, { lines: [{ orderItemId: '1', quantity: 2 }], reason: 'All of it' });
  expect(rest).toMatchObject({ status: 201, json: { amount: 8_000 } });
  expect(await desk.call('POST', path, { amount: 1, reason: 'x' })).toMatchObject({
    json: { code: 'ALREADY_REFUNDED' },
  });
  await settled();
  expect((await refundedOf(placed)).reduce((sum, amount) => sum + amount, 0)).toBe(9_000);
  expect((await buyer.call('GET', `/api/orders/${placed.orderId}`)).json.status).toBe('REFUNDED');
  const pending = await order(buyer, sale.ticketTypeId);
  expect(await host.call('POST', `/api/orders/${pending.orderId}/refunds`, { amount: 1, reason: 'x' })).toMatchObject({
    status: 409,
    json: { code: 'NOT_PAID' },
  });
  expect((await cancel(buyer, pending)).json).toMatchObject({ status: 'CANCELLED' });
  expect(await audit()).toEqual([]);
});

it('an event that is cancelled pays everybody back, once, and tells each buyer once', async () => {
  const sale = await publishEvent();
  const [buyer, other] = [await demoBuyer(), await person()];
  const orders = [await bought(buyer, sale), await bought(buyer, sale, 1), await bought(other, sale, 3)];
  const host = await organizer();
  const path = `/api/events/${sale.eventId}`;
  const begun = await host.call('POST', `${path}/cancel`, { reason: 'Storm' });
  expect(begun.status).toBe(202);
  expect((await host.call('POST', `${path}/cancel`, { reason: 'Storm' })).json).toEqual(begun.json);
  await settled();
  const shown = await host.call('GET', `${path}/cancellation`);
  expect(shown.json).toMatchObject({
    cancellationId: begun.json.cancellationId,
    status: 'CANCELLED',
    ticketsOut: 0,
    ticketsArchivedAt: expect.any(String),
    paymentsRefundedAt: expect.any(String),
    progress: { phase: 'DONE' },
    receipt: {
      orders: 3,
      tickets: 6,
      refunds: { succeeded: 3, pending: 0, failed: 0 },
      amounts: [{ succeeded: { amount: 27_000, currency: 'EUR' } }],
      exceptions: [],
    },
  });
  const csv = await host.call('GET', `${path}/cancellation/receipt.csv`);
  expect(csv.headers.get('content-type')).toContain('text/csv');
  expect(csv.text).toContain('sum succeeded,,27000,EUR');
  expect((await other.call('GET', `${path}/cancellation/receipt.csv`)).status).toBe(403);
  expect(await Promise.all(orders.map(refundedOf))).toEqual([[9_000], [4_500], [13_500]]);
  expect((await mailsAbout('Cancelled: Lighthouse Concert')).length).toBe(1);
  const { json } = await buyer.call('GET', `/api/tickets?orderId=${orders[0]?.orderId}`);
  expect(json.items.map(({ status }: { status: string }) => status)).toEqual(['ARCHIVED', 'ARCHIVED']);
  expect(await audit()).toEqual([]);
});

it('a dispute freezes the tickets at the gate until it is decided', async () => {
  const sale = await publishEvent();
  const buyer = await person();
  const placed = await bought(buyer, sale, 1, 'pm_card_createDispute');
  await settled();
  const desk = await person({ roles: ['customer', 'support'] });
  const { json } = await desk.call('GET', '/api/support/cases?limit=100');
  expect(json.items.filter(({ orderId }: { orderId: string }) => orderId === placed.orderId)).toMatchObject([
    { kind: 'DISPUTE', status: 'OPEN', amount: { amount: 4_500, currency: 'EUR' } },
  ]);
  const refund = { amount: 1, reason: 'x' };
  expect(await desk.call('POST', `/api/orders/${placed.orderId}/refunds`, refund)).toMatchObject({
    status: 409,
    json: { code: 'ORDER_DISPUTED' },
  });
  const { json: tickets } = await buyer.call('GET', `/api/tickets?orderId=${placed.orderId}`);
  const gate = await gatekeeper();
  const scan = (): Promise<ApiAnswer> =>
    gate.call('POST', '/api/tickets/validate', { qr: tickets.items[0].qr, gate: 'North', eventId: sale.eventId });
  expect((await scan()).json).toMatchObject({ result: 'REFUSE', reason: 'FROZEN' });
  await control(
    `disputes/${json.items.find(({ orderId }: { orderId: string }) => orderId === placed.orderId).disputeId}`,
    {
      outcome: 'won',
    },
  );
  await settled();
  expect((await scan()).json).toMatchObject({ result: 'ADMIT' });
  expect(await audit()).toEqual([]);
});

it('a refund that fails later is a case of the support desk, which has it tried anew', async () => {
  const sale = await publishEvent();
  const buyer = await person();
  const placed = await bought(buyer, sale, 1);
  const desk = await person({ roles: ['customer', 'support'] });
  await desk.call('POST', `/api/orders/${placed.orderId}/refunds`, {
    lines: [{ orderItemId: '1', quantity: 1 }],
    reason: 'Sorry',
  });
  await settled();
  const { refunds } = await paymentLedger();
  const made = refunds.find(({ payment_intent: intent }) => intent === placed.paymentIntentId);
  await control(`settle/${made?.id}`, { outcome: 'failed' });
  await settled();
  const open = async (): Promise<{ id: string; kind: string; orderId: string; reopened: number }[]> => {
    const { json } = await desk.call('GET', '/api/support/cases?limit=100');
    return json.items.filter(({ orderId }: { orderId: string }) => orderId === placed.orderId);
  };
  expect(await open()).toMatchObject([{ kind: 'REFUND_FAILED', reopened: 0 }]);
  const [found] = await open();
  expect((await buyer.call('GET', '/api/support/cases')).status).toBe(403);
  const closing = { status: 'CLOSED', resolution: 'REFUND_RETRIED' };
  const closed = await desk.call('PATCH', `/api/support/cases/${found?.id}`, closing);
  expect(closed).toMatchObject({ status: 200, json: { status: 'CLOSED', closedBy: desk.userId } });
  expect((await desk.call('PATCH', `/api/support/cases/${found?.id}`, closing)).status).toBe(200);
  await settled();
  expect((await buyer.call('GET', `/api/orders/${placed.orderId}`)).json.refunds).toMatchObject([
    { status: 'SUCCEEDED' },
  ]);
  expect(await refundedOf(placed)).toEqual([4_500]);
  // The job finds the refunds of this file on its list, and all of them over.
  expect(await fire('reconcile-payments', Date.now() + 15 * 60_000)).toMatchObject({ refundsLeft: 0 });
  expect(await audit()).toEqual([]);
});

/** Lets something happen at the provider, or at a bank. */
async function control(path: string, body: unknown): Promise<void> {
  const answer = await fetch(`${inject('system').stripeUrl}/_stand-in/${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
}
