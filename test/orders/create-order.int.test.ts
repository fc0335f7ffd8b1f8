import { ulid } from 'ulid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { cancelOrder } from '../../functions/orders/app/cancel-order.ts';
import { createOrder } from '../../functions/orders/app/create-order.ts';
import type { PaymentGateway } from '../../functions/payments/gateway.ts';
import { MINUTE } from '../../functions/shared/kernel/clock.ts';
import { tableOn } from '../../functions/shared/table/client.ts';
import { injectFaults } from '../shared/faults.ts';
import { testClient } from '../support/dynamodb.ts';
import { afterHold, at, startWorld, type World } from '../workflows/world.ts';

const CREATE = 'POST /v1/payment_intents';
let world: World;

beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

type Created = Awaited<ReturnType<typeof createOrder>>;

function order(
  { orderId, customerId }: { orderId: string; customerId: string },
  now = world.start,
  gateway: PaymentGateway = world.gateway,
): Promise<Created> {
  return createOrder(world.table, gateway, orderId, customerId, at(now));
}

/** PaymentIntents that the provider has for an order. */
function intentsOf(orderId: string): readonly string[] {
  return world.stripe
    .ledger()
    .paymentIntents.filter(({ metadata }) => metadata['orderId'] === orderId)
    .map(({ id }) => id);
}

describe('an order', () => {
  it('asks for the amount of the price snapshot, held by its reservation', async () => {
    const held = await world.hold(await world.putOnSale({ unitPrice: 1_250 }), 3);
    const created = await order(held);
    expect(created).toMatchObject({
      ok: true,
      value: {
        order: { state: 'PENDING', ver: 2, total: 3_750 },
        intent: { amount: 3_750, currency: 'EUR', orderId: held.orderId },
      },
    });
    expect(created.ok && created.value.intent?.clientSecret).toMatch(/_secret_/);
  });

  it.each([
    ['JPY', 5_000],
    ['KWD', 12_340],
  ])('in %s, whose minor unit has other decimals, asks for exactly the integer', async (currency, unitPrice) => {
    const held = await world.hold(await world.putOnSale({ unitPrice, currency }), 1);
    expect(await order(held)).toMatchObject({ ok: true, value: { intent: { amount: unitPrice, currency } } });
  });

  it('is the same order with the same payment when asked again, or five times at once', async () => {
    const held = await world.hold(await world.putOnSale());
    const created = await Promise.all([1, 2, 3, 4, 5].map(() => order(held)));
    const again = await order(held);
    const ids = [...created, again].map((each) => (each.ok ? each.value.intent?.id : each.error.code));
    expect(new Set(ids).size).toBe(1);
    expect(intentsOf(held.orderId)).toEqual([ids[0]]);
    expect((await world.reload(held)).ver).toBe(2);
  });

  it('finds its payment again after a crash between the provider and our write', async () => {
    const held = await world.hold(await world.putOnSale());
    const crashing: PaymentGateway = {
      ...world.gateway,
      createIntent: async (...asked) => {
        await world.gateway.createIntent(...asked);
        throw new Error('the process died here');
      },
    };
    await expect(order(held, world.start, crashing)).rejects.toThrow('the process died here');
    expect((await world.reload(held)).state).toBe('HELD');

    const created = await order(held);
    expect(intentsOf(held.orderId)).toEqual([created.ok ? created.value.intent?.id : '']);
  });

  it.each(['lost_answer', 'timeout_after'] as const)(
    'finds its payment again when the answer did not come (%s)',
    async (effect) => {
      const held = await world.hold(await world.putOnSale());
      await world.fault({
        on: 'request',
        route: CREATE,
        effect,
        metadata: { orderId: held.orderId },
        times: effect === 'lost_answer' ? 2 : 1,
        skip: 0,
      });
      expect(await order(held)).toMatchObject({
        ok: false,
        error: { code: 'PAYMENT_PROVIDER_UNAVAILABLE', retryAfter: 2 },
      });
      expect(await order(held)).toMatchObject({ ok: true, value: { order: { state: 'PENDING' } } });
      expect(intentsOf(held.orderId)).toHaveLength(1);
    },
  );

  it('gets past a fault that the provider stored under the idempotency key', async () => {
    const held = await world.hold(await world.putOnSale());
    await world.fault({
      on: 'request',
      route: CREATE,
      effect: 'error_stored',
      metadata: { orderId: held.orderId },
      times: 1,
      skip: 0,
    });
    expect(await order(held)).toMatchObject({ ok: true, value: { order: { state: 'PENDING' } } });
    expect((await world.reload(held)).paymentIntentId).toBe(intentsOf(held.orderId)[0]);
  });

  it('even past four of them, at once and as one payment', async () => {
    const held = await world.hold(await world.putOnSale());
    await world.fault({
      on: 'request',
      route: CREATE,
      effect: 'error_stored',
      metadata: { orderId: held.orderId },
      times: 4,
      skip: 0,
    });
    expect(await order(held)).toMatchObject({ ok: true });
    expect(await order(held, world.start + MINUTE)).toMatchObject({ ok: true });
    expect(intentsOf(held.orderId)).toHaveLength(1);
  });

  it("only the payment that the order knows can be paid: one that was made beside it is nobody's", async () => {
    const held = await world.hold(await world.putOnSale());
    await world.fault({
      on: 'request',
      route: CREATE,
      effect: 'error_after',
      metadata: { orderId: held.orderId },
      times: 1,
      skip: 0,
    });
    const created = await order(held);
    const known = created.ok ? created.value.intent?.id : '';
    expect((await world.reload(held)).paymentIntentId).toBe(known);
    expect(intentsOf(held.orderId)).toContain(known);
    expect((await order(held)).ok).toBe(true);
    expect((await world.reload(held)).paymentIntentId).toBe(known);
  });

  it('is gone with its hold, swept or not, and leaves nobody with a payment to make', async () => {
    const type = await world.putOnSale();
    const [unswept, swept] = [await world.hold(type), await world.hold(type)];
    expect(await order(unswept, unswept.expiresAt)).toMatchObject({
      ok: false,
      error: { code: 'RESERVATION_EXPIRED' },
    });
    expect(intentsOf(unswept.orderId)).toEqual([]);
    await world.relay();
    await world.sweep(afterHold(world));
    expect(await order(swept)).toMatchObject({ ok: false, error: { code: 'RESERVATION_EXPIRED' } });
  });

  it('has one payment where the provider stored a fault, the process died, and another clock says another minute', async () => {
    const held = await world.hold(await world.putOnSale());
    await world.fault({
      on: 'request',
      route: CREATE,
      effect: 'error_stored',
      metadata: { orderId: held.orderId },
      times: 1,
      skip: 0,
    });
    const dying: PaymentGateway = {
      ...world.gateway,
      createIntent: async (...asked) => {
        await world.gateway.createIntent(...asked);
        throw new Error('the process died here');
      },
    };
    await expect(order(held, world.start, dying)).rejects.toThrow('the process died here');
    const created = await order(held, world.start + 4 * MINUTE);
    expect(intentsOf(held.orderId)).toEqual([created.ok ? created.value.intent?.id : '']);
  });

  it('is refused when the hold is swept while the provider answers', async () => {
    const held = await world.hold(await world.putOnSale());
    await world.relay();
    const slow: PaymentGateway = {
      ...world.gateway,
      createIntent: async (...asked) => {
        const intent = await world.gateway.createIntent(...asked);
        await world.sweep(afterHold(world));
        return intent;
      },
    };
    expect(await order(held, world.start, slow)).toMatchObject({ ok: false, error: { code: 'RESERVATION_EXPIRED' } });
    expect((await world.reload(held)).paymentIntentId).toBeUndefined();
  });

  it('of total zero is paid at once, without a payment, and once', async () => {
    const type = await world.putOnSale({ unitPrice: 0, capacity: 2 });
    const held = await world.hold(type, 2);
    const created = await Promise.all([order(held), order(held)]);
    for (const each of created)
      expect(each).toMatchObject({ ok: true, value: { order: { state: 'PAID' }, intent: undefined } });
    expect((await world.reload(held)).ver).toBe(2);
    expect(intentsOf(held.orderId)).toEqual([]);
    await world.relay();
    expect((await world.queues.drain('tickets')).filter(({ aggregate }) => aggregate.id === held.orderId)).toHaveLength(
      1,
    );
  });

  it('under the least amount that the provider takes is refused as such', async () => {
    const held = await world.hold(await world.putOnSale({ unitPrice: 10 }));
    expect(await order(held)).toMatchObject({ ok: false, error: { code: 'AMOUNT_NOT_PAYABLE' } });
    expect((await world.reload(held)).state).toBe('HELD');
  });

  it.each(['error_before', 'rate_limit'] as const)(
    'is not made while the provider is down (%s); the hold stays',
    async (effect) => {
      const held = await world.hold(await world.putOnSale());
      await world.fault({
        on: 'request',
        route: CREATE,
        effect,
        metadata: { orderId: held.orderId },
        times: 5,
        skip: 0,
      });
      expect(await order(held)).toMatchObject({ ok: false, error: { code: 'PAYMENT_PROVIDER_UNAVAILABLE' } });
      expect((await world.reload(held)).state).toBe('HELD');
    },
  );

  it("of somebody else's reservation, or of none, is not found", async () => {
    const held = await world.hold(await world.putOnSale());
    expect(await order({ ...held, customerId: ulid() })).toMatchObject({
      ok: false,
      error: { code: 'RESERVATION_NOT_FOUND' },
    });
    expect(await order({ orderId: ulid(), customerId: held.customerId })).toMatchObject({
      ok: false,
      error: { code: 'RESERVATION_NOT_FOUND' },
    });
  });

  it('is written once though answers of the store get lost', async () => {
    const client = testClient();
    injectFaults(client, { lostAnswers: 0.5, throttles: 0.1, seed: 7 });
    const flaky = tableOn(client, world.table.name);
    for (let buyer = 0; buyer < 10; buyer += 1) {
      const held = await world.hold(await world.putOnSale());
      const created = await createOrder(flaky, world.gateway, held.orderId, held.customerId, at(world.start));
      expect(created).toMatchObject({ ok: true, value: { order: { ver: 2 } } });
      expect((await world.reload(held)).ver).toBe(2);
    }
    client.destroy();
  });
});

describe('cancelling an order that is not paid', () => {
  it('frees the stock at once, closes the payment, and may be repeated', async () => {
    const type = await world.putOnSale({ capacity: 2, maxPerPerson: 2 });
    const pending = await world.order(type, 2);
    const cancelled = await Promise.all([1, 2, 3].map(() => cancelOrder(world.table, pending, at(world.start))));
    expect(cancelled.every((each) => each.ok && each.value.state === 'CANCELLED')).toBe(true);
    expect(await world.free(type)).toBe(2);
    expect(await world.settle(world.start)).toEqual([]);
    expect((await world.intent(pending)).status).toBe('canceled');
    // A payment sheet that is still open pays nothing.
    await expect(world.pay(pending)).rejects.toThrow('canceled');
  });

  it('that is SECURED or PAID meanwhile is refused, also from a row read before', async () => {
    const pending = await world.order(await world.putOnSale());
    await world.pay(pending);
    await world.machine.run({ orderId: pending.orderId }, world.start);
    expect(await cancelOrder(world.table, pending, at(world.start))).toMatchObject({
      ok: false,
      error: { code: 'NOT_PENDING' },
    });
  });

  it('and paying it at once ends in one of the two, with the money where it belongs', async () => {
    for (let race = 0; race < 5; race += 1) {
      const pending = await world.order(await world.putOnSale());
      await world.pay(pending);
      await Promise.all([
        cancelOrder(world.table, pending, at(world.start)),
        world.machine.run({ orderId: pending.orderId }, world.start),
      ]);
      await world.settle(world.start);
      const { state } = await world.reload(pending);
      const { status } = await world.intent(pending);
      expect([
        ['PAID', 'succeeded'],
        ['CANCELLED', 'canceled'],
      ]).toContainEqual([state, status]);
    }
    expect(await world.audit(world.start, 'in-flight')).toEqual([]);
  });
});
