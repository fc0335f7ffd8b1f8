import { ulid } from 'ulid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { noteFacts } from '../../functions/fraud/operations.ts';
import { findFacts, findStanding } from '../../functions/fraud/reads.ts';
import { createOrder } from '../../functions/orders/app/create-order.ts';
import { watchPayment } from '../../functions/payments/app/watch-payment.ts';
import type { PaymentIntentState } from '../../functions/payments/gateway.ts';
import type { Order } from '../../functions/orders/reads.ts';
import { HOUR } from '../../functions/shared/kernel/clock.ts';
import { afterHold, at, startWorld, type World } from '../workflows/world.ts';

let world: World;

beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

const REFUSED_CARDS = [
  'pm_card_chargeDeclined',
  'pm_card_chargeDeclinedInsufficientFunds',
  'pm_card_chargeDeclinedLostCard',
  'pm_card_chargeDeclinedStolenCard',
  'pm_card_chargeDeclinedExpiredCard',
  'pm_card_chargeDeclinedIncorrectCvc',
] as const;

/** The worker, told of an order and of its payment as it is at the provider. */
async function watch(order: Order, now = world.start): Promise<void> {
  const { table, gateway } = world;
  const intent = await gateway.retrieveIntent(order.paymentIntentId ?? '');
  if (!intent.ok) throw new Error('The provider does not answer');
  await watchPayment({ table, gateway }, await world.reload(order), intent.value, at(now));
}

async function standing(order: Order, now = world.start): Promise<unknown> {
  const { scrutiny } = await findStanding(world.table, order.limitKey ?? order.customerId, now + 1_000);
  return scrutiny;
}

async function refuse(order: Order, cards: readonly string[]): Promise<void> {
  for (const card of cards) await world.pay(order, card);
}

describe('the worker of the fraud check', () => {
  it('counts every refused card once, though messages come late, twice and at once', async () => {
    const order = await world.order(await world.putOnSale());
    await refuse(order, REFUSED_CARDS.slice(0, 2));
    await Promise.all([watch(order), watch(order), watch(order)]);
    await watch(order);

    const row = await findFacts(world.table, order.customerId, 'strong');
    expect(row?.facts).toHaveLength(2);
    expect(row?.rev).toBe(1);
    expect(JSON.stringify(row)).not.toMatch(/standin|4242|0002|9995/);
    expect(await standing(order)).toBe('ALLOW');
  });

  it('lets the bank ask from the third card on, of the payment that is tried just now and of the next', async () => {
    const type = await world.putOnSale();
    const order = await world.order(type);
    await refuse(order, REFUSED_CARDS.slice(0, 3));
    await watch(order);
    await world.pay(order);
    expect((await world.intent(order)).status).toBe('requires_action');

    const next = await world.order(type, 1, { customerId: order.customerId });
    await world.pay(next);
    expect((await world.intent(next)).status).toBe('requires_action');
    // Nobody else is asked.
    const other = await world.order(type);
    await world.pay(other);
    expect((await world.intent(other)).status).toBe('requires_capture');
  });

  it('one payment is made for an order, though its buyer comes to be looked at between two tries', async () => {
    const held = await world.hold(await world.putOnSale());
    const { table, gateway } = world;
    const before = await gateway.createIntent(held.orderId, { amount: held.total, currency: held.currency });
    await noteFacts(table, held.customerId, [{ id: 'x', kind: 'HIGHEST', at: world.start }], world.start);

    const created = await createOrder(table, gateway, held.orderId, held.customerId, at(world.start));

    expect(created).toMatchObject({ ok: true, value: { intent: { id: before.ok ? before.value.id : '' } } });
    expect((await world.intent(await world.reload(held))).payment_method_options?.card).toMatchObject({
      capture_method: 'manual',
      request_three_d_secure: 'challenge',
    });
  });

  it('makes no order while the provider does not say whether the bank will ask', async () => {
    const held = await world.hold(await world.putOnSale());
    const { table, gateway } = world;
    await noteFacts(table, held.customerId, [{ id: 'x', kind: 'HIGHEST', at: world.start }], world.start);
    await world.fault({
      on: 'request',
      route: 'POST /v1/payment_intents/:id',
      effect: 'error_before',
      times: 1,
      skip: 0,
    });

    const first = await createOrder(table, gateway, held.orderId, held.customerId, at(world.start));
    expect(first).toMatchObject({ ok: false, error: { code: 'PAYMENT_PROVIDER_UNAVAILABLE' } });
    const second = await createOrder(table, gateway, held.orderId, held.customerId, at(world.start));
    expect(second.ok).toBe(true);
  });

  it('counts orders that were let lapse, and forgets them after a day', async () => {
    const type = await world.putOnSale({ capacity: 20 });
    const customerId = ulid();
    const orders: Order[] = [];
    for (let index = 0; index < 6; index += 1) orders.push(await world.order(type, 1, { customerId }));
    await world.relay();
    await world.sweep(afterHold(world));
    await world.settle(afterHold(world));
    const [first] = orders;
    if (first === undefined) throw new Error('There is an order');
    expect(await standing(first, afterHold(world))).toBe('CHALLENGE');
    expect(await standing(first, afterHold(world) + 24 * HOUR)).toBe('ALLOW');
  });

  it('an order that is paid, however late, has not lapsed', async () => {
    const order = await world.order(await world.putOnSale());
    await world.relay();
    await world.sweep(afterHold(world));
    await world.pay(order);
    await world.settle(afterHold(world));
    expect((await world.reload(order)).state).toBe('PAID');
    expect((await findFacts(world.table, order.customerId, 'strong'))?.facts ?? []).toEqual([]);
  });

  it('takes what the provider doubts, and counts the orders of an hour', async () => {
    const doubted = await world.order(await world.putOnSale());
    await world.pay(doubted, 'pm_card_riskLevelElevated');
    await watch(doubted);
    expect(await standing(doubted)).toBe('CHALLENGE');

    const type = await world.putOnSale({ capacity: 50 });
    const customerId = ulid();
    let last: Order | undefined;
    for (let index = 0; index < 21; index += 1) last = await world.order(type, 1, { customerId });
    if (last === undefined) throw new Error('There is an order');
    await world.relay();
    await world.pay(last);
    await watch(last);
    expect((await findFacts(world.table, customerId, 'strong'))?.facts).toMatchObject([{ kind: 'RAPID' }]);
  });

  it('leaves a vendor alone who does not say whom it buys for', async () => {
    const order = await world.order(await world.putOnSale());
    await refuse(order, REFUSED_CARDS);
    const { table, gateway } = world;
    const intent = await gateway.retrieveIntent(order.paymentIntentId);
    if (!intent.ok) throw new Error('The provider does not answer');
    await watchPayment({ table, gateway }, { ...order, vendor: true }, intent.value, at(world.start));
    expect(await findFacts(table, order.customerId, 'strong')).toBeUndefined();
    await watchPayment(
      { table, gateway },
      { ...order, vendor: true, limitKey: 'theirs' },
      intent.value,
      at(world.start),
    );
    expect((await findFacts(table, 'theirs', 'strong'))?.facts).toHaveLength(6);
  });

  it('a fault of it keeps no payment waiting', async () => {
    const order = await world.order(await world.putOnSale());
    const broken = { name: 'nowhere', client: world.table.client };
    const intent: PaymentIntentState = {
      id: order.paymentIntentId,
      status: 'requires_capture',
      amount: order.total,
      currency: order.currency,
      orderId: order.orderId,
      clientSecret: null,
      lastError: undefined,
      authorised: true,
      risk: 'HIGHEST',
      challenged: false,
      amountRefunded: 0,
      createdAt: world.start,
    };
    await expect(
      watchPayment({ table: { ...world.table, ...broken }, gateway: world.gateway }, order, intent, at(world.start)),
    ).resolves.toBeUndefined();
  });
});
