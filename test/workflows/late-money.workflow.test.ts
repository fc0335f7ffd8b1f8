import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { cancelOrder } from '../../functions/orders/app/cancel-order.ts';
import { MINUTE } from '../../functions/shared/kernel/clock.ts';
import { afterHold, at, startWorld, type World } from './world.ts';

let world: World;

beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

afterEach(async () => {
  const broken = await world.audit(world.start, 'in-flight');
  if (broken.length > 0) throw new Error(`Invariants are broken: ${JSON.stringify(broken)}`);
  await world.rest(afterHold(world));
});

/** Names of the events about `order` that the mail queue holds; empties it. */
async function mailsOf({ orderId }: { readonly orderId: string }): Promise<readonly string[]> {
  const mails = await world.queues.drain('mail');
  return mails.filter(({ aggregate }) => aggregate.id === orderId).map(({ name }) => name);
}

describe('money that comes late or for nothing', () => {
  it('money that is due back is never given back and captured at once', async () => {
    const type = await world.putOnSale({ capacity: 1 });
    const late = await world.order(type);
    await world.relay();
    await world.sweep(afterHold(world));
    const other = await world.hold(type, 1, { now: afterHold(world) });
    await world.pay(late);
    // Between "sold out" and the void the stock comes back and a second run would pay the order with it.
    world.machine.plan({
      state: 'VoidOrRefundPayment',
      kind: 'FIRST',
      does: async () => {
        await cancelOrder(world.table, other, at(afterHold(world)));
        await world.machine.run({ orderId: late.orderId }, afterHold(world));
      },
    });

    await world.machine.run({ orderId: late.orderId }, afterHold(world));

    const ended = await world.reload(late);
    const money = await world.intent(late);
    // Either paid and kept, or given back and not paid: never PAID with the money gone.
    expect({ state: ended.state, status: money.status }).toEqual({ state: 'EXPIRED', status: 'canceled' });
    expect(await world.free(type)).toBe(1);
  });

  it('gives back what was captured for an order that the buyer had cancelled', async () => {
    const type = await world.putOnSale({ capacity: 1 });
    const order = await world.order(type);
    await world.pay(order);
    await cancelOrder(world.table, order, at(world.start));
    await world.buyerSdk.paymentIntents.capture(order.paymentIntentId);

    expect(await world.machine.run({ orderId: order.orderId }, world.start)).toMatchObject({
      value: { outcome: 'NOT_PENDING' },
    });

    const charge = (await world.intent(order)).latest_charge;
    expect(charge).toMatchObject({ amount_refunded: 4_500, refunded: true });
    expect(await world.reload(order)).toMatchObject({ state: 'CANCELLED', settlement: 'RETURNED' });
  });

  it.each([
    { why: 'is not answered', effect: 'error_before' },
    { why: 'took effect but its answer is an error', effect: 'error_after' },
    { why: 'fails for want of balance', effect: 'balance_insufficient' },
  ] as const)(
    'a refund that $why ends as PROCESSING, and the next run finishes it with one refund',
    async ({ effect }) => {
      const order = await world.order(await world.putOnSale({ capacity: 1 }));
      await world.pay(order);
      await cancelOrder(world.table, order, at(world.start));
      await world.buyerSdk.paymentIntents.capture(order.paymentIntentId);
      const { paymentIntentId: paymentIntent } = order;
      await world.fault({ on: 'request', route: 'POST /v1/refunds', effect, paymentIntent, times: 1, skip: 0 });

      expect(await world.machine.run({ orderId: order.orderId }, world.start)).toMatchObject({
        value: { outcome: 'PROCESSING' },
      });
      expect(world.machine.lastPath().at(-1)).toBe('AnswerProcessing');

      await world.machine.run({ orderId: order.orderId }, world.start);
      expect(await world.reload(order)).toMatchObject({ state: 'CANCELLED', settlement: 'RETURNED' });
      const refunds = world.stripe.ledger().refunds.filter(({ payment_intent }) => payment_intent === paymentIntent);
      expect(refunds.map(({ amount, status }) => ({ amount, status }))).toEqual([
        { amount: 4_500, status: 'succeeded' },
      ]);
    },
  );

  it('tells nobody of money given back when none was ever paid', async () => {
    const order = await world.order(await world.putOnSale());
    await cancelOrder(world.table, order, at(world.start));
    await world.machine.run({ orderId: order.orderId }, world.start);
    await world.settle(world.start);
    await world.machine.run({ orderId: order.orderId }, world.start);
    await world.relay();
    expect(await mailsOf(order)).toEqual([]);
    expect((await world.intent(order)).status).toBe('canceled');
  });

  it('takes what is left over several blocks for late money', async () => {
    const type = await world.putOnSale({ capacity: 4, blocks: 2 }, [2, 2]);
    const late = await world.order(type, 2);
    await world.relay();
    await world.sweep(afterHold(world));
    for (const block of [0, 1]) {
      const other = await world.hold(type, 1, { now: afterHold(world) });
      expect(other.lines[0]?.takes).toHaveLength(1);
      void block;
    }
    await world.pay(late);

    expect(await world.machine.run({ orderId: late.orderId }, afterHold(world))).toMatchObject({
      value: { outcome: 'PAID' },
    });
    expect(await world.free(type)).toBe(0);
  });

  it('voids late money of a buyer who has used up the limit meanwhile', async () => {
    const type = await world.putOnSale({ capacity: 9, maxPerPerson: 2 });
    const late = await world.order(type, 2);
    const { customerId } = late;
    await world.relay();
    await world.sweep(afterHold(world));
    await world.order(type, 2, { customerId, now: afterHold(world) });
    await world.pay(late);

    const ran = await world.machine.run({ orderId: late.orderId }, afterHold(world));

    expect(ran).toMatchObject({ value: { outcome: 'PAYMENT_FAILED', reason: 'LIMIT_EXCEEDED' } });
    expect((await world.intent(late)).status).toBe('canceled');
    expect(await world.free(type)).toBe(7);
  });

  it('leaves nothing that breaks an invariant', async () => {
    const now = world.start + 45 * MINUTE;
    for (let round = 0; round < 2; round += 1) {
      await world.sweep(now);
      await world.rest(now);
    }
    expect(await world.audit(now)).toEqual([]);
  });
});
