import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { cancelOrder } from '../../functions/orders/app/cancel-order.ts';
import { createOrder } from '../../functions/orders/app/create-order.ts';
import type { Order } from '../../functions/orders/reads.ts';
import { orderForCustomer } from '../../functions/orders/reads.ts';
import { confirmPayment } from '../../functions/payments/app/confirm-payment.ts';
import { reconcilePayments } from '../../functions/payments/app/reconcile-payments.ts';
import { settlePayment, StillUndecided, type Settlement } from '../../functions/payments/app/settle-payment.ts';
import { takeOverRuns } from '../../functions/payments/app/take-over-runs.ts';
import { MINUTE } from '../../functions/shared/kernel/clock.ts';
import type { FaultInput } from '../../local/stripe/faults.ts';
import { afterHold, at, startWorld, type World } from '../workflows/world.ts';

const CAPTURE = 'POST /v1/payment_intents/:id/capture';
const CANCEL = 'POST /v1/payment_intents/:id/cancel';
const RETRIEVE = 'GET /v1/payment_intents/:id';

let world: World;

beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

/** What a webhook's message leads to. */
function webhook(
  { orderId, paymentIntentId = '' }: Pick<Order, 'orderId' | 'paymentIntentId'>,
  now = world.start,
): Promise<Settlement> {
  const { table, gateway, machine: runs } = world;
  return settlePayment({ table, gateway, runs }, orderId, paymentIntentId, at(now, 'evt_1'));
}

function confirm(order: Order & { paymentIntentId: string }, now = world.start): ReturnType<typeof confirmPayment> {
  const { orderId, customerId, paymentIntentId } = order;
  return confirmPayment(world.machine, { orderId, customerId, paymentIntentId }, now, () =>
    orderForCustomer(world.table, orderId, customerId),
  );
}

/** A fault of the provider's own that it stores under the request's idempotency key. */
function storedFault(
  route: string,
  { paymentIntentId: paymentIntent }: { readonly paymentIntentId: string },
): FaultInput {
  return { on: 'request', route, effect: 'error_stored', paymentIntent, times: 1, skip: 0 };
}

function reconcile(now: number): ReturnType<typeof reconcilePayments> {
  const { table, gateway, machine: runs } = world;
  return reconcilePayments({ table, gateway, runs }, at(now, 'reconcile'));
}

describe('failure catalogue: payment', () => {
  it('1 a payment after the hold lapsed takes stock again', async () => {
    const order = await world.order(await world.putOnSale({ capacity: 1 }));
    await world.relay();
    await world.sweep(afterHold(world));
    await world.pay(order);
    expect(await webhook(order, afterHold(world))).toBe('RAN');
    expect((await world.reload(order)).state).toBe('PAID');
  });

  it('1 or goes back, when the stock is gone, and the buyer is told once', async () => {
    const type = await world.putOnSale({ capacity: 1 });
    const order = await world.order(type);
    await world.relay();
    await world.sweep(afterHold(world));
    await world.hold(type, 1, { now: afterHold(world) });
    await world.pay(order);
    expect(await confirm(order, afterHold(world))).toMatchObject({ ok: false, error: { code: 'SOLD_OUT_REFUNDED' } });
    expect(await world.settle(afterHold(world))).toEqual([]);
    expect((await world.intent(order)).status).toBe('canceled');
    const mails = (await world.queues.drain('mail')).filter(({ aggregate }) => aggregate.id === order.orderId);
    expect(mails.map(({ name }) => name)).toEqual(['orders.LatePaymentReturned.v1']);
  });

  it('2 a payment sheet that outlived a cancelled order: what it authorised is voided', async () => {
    const order = await world.order(await world.putOnSale());
    await cancelOrder(world.table, order, at(world.start));
    await world.pay(order);
    expect(await world.settle(world.start)).toEqual([]);
    expect((await world.intent(order)).status).toBe('canceled');
    expect(await world.reload(order)).toMatchObject({ state: 'CANCELLED', settlement: 'RETURNED' });
  });

  it('3 the sweep closes a payment just as it succeeds: the buyer gets the tickets or the money', async () => {
    const order = await world.order(await world.putOnSale({ capacity: 1 }));
    await world.relay();
    await world.sweep(afterHold(world));
    // The consumer of OrderExpired has looked, and closes the intent after the buyer paid it.
    await world.pay(order);
    await world.buyerSdk.paymentIntents.cancel(order.paymentIntentId);
    expect(await confirm(order, afterHold(world))).toMatchObject({ ok: false, error: { code: 'PAYMENT_FAILED' } });
    await world.rest(afterHold(world));
    expect(await world.reload(order)).toMatchObject({ state: 'FAILED', settlement: 'RETURNED' });
    const told = (await world.queues.drain('mail')).filter(({ aggregate }) => aggregate.id === order.orderId);
    expect(told.map(({ name }) => name)).toEqual(['orders.LatePaymentReturned.v1']);
  });

  it('4 a webhook before the order row has its PaymentIntent id ties them together', async () => {
    const held = await world.hold(await world.putOnSale());
    const made = await world.gateway.createIntent(held.orderId, { amount: held.total, currency: held.currency });
    const paymentIntentId = made.ok ? made.value.id : '';
    await world.pay({ ...held, paymentIntentId });

    expect(await webhook({ ...held, paymentIntentId })).toBe('RAN');

    expect(await world.reload(held)).toMatchObject({ state: 'PAID', paymentIntentId });
    expect(await createOrder(world.table, world.gateway, held.orderId, held.customerId, at(world.start))).toMatchObject(
      { ok: true, value: { order: { state: 'PAID' } } },
    );
  });

  it('4 also when the hold had lapsed by then: the sweep ends it first', async () => {
    const type = await world.putOnSale({ capacity: 1 });
    const held = await world.hold(type);
    const made = await world.gateway.createIntent(held.orderId, { amount: held.total, currency: held.currency });
    const paymentIntentId = made.ok ? made.value.id : '';
    await world.pay({ ...held, paymentIntentId });

    await expect(webhook({ ...held, paymentIntentId }, afterHold(world))).rejects.toThrow(StillUndecided);
    await world.relay();
    await world.sweep(afterHold(world));
    expect(await webhook({ ...held, paymentIntentId }, afterHold(world))).toBe('RAN');
    expect((await world.reload(held)).state).toBe('PAID');
  });

  it('4 an intent over another amount than the price snapshot is never tied to the order', async () => {
    const held = await world.hold(await world.putOnSale());
    const made = await world.gateway.createIntent(held.orderId, { amount: 100, currency: 'EUR' });
    const paymentIntentId = made.ok ? made.value.id : '';
    await world.pay({ ...held, paymentIntentId });
    expect(await webhook({ ...held, paymentIntentId })).toBe('UNMATCHED');
    expect((await world.reload(held)).paymentIntentId).toBeUndefined();
    await world.buyerSdk.paymentIntents.cancel(paymentIntentId);
  });

  it('5 webhook and confirm in either order, and both at once, pay once', async () => {
    const type = await world.putOnSale();
    const [first, second, both] = [await world.order(type), await world.order(type), await world.order(type)];
    for (const order of [first, second, both]) await world.pay(order);

    await webhook(first);
    expect(await confirm(first)).toMatchObject({ ok: true, value: { done: true, view: { status: 'PAID' } } });
    expect(await confirm(second)).toMatchObject({ ok: true, value: { done: true } });
    expect(await webhook(second)).toBe('RAN');
    const outcomes = await Promise.allSettled([webhook(both), confirm(both), webhook(both)]);
    expect(outcomes.some(({ status }) => status === 'fulfilled')).toBe(true);
    for (const order of [first, second, both]) {
      expect(await world.reload(order)).toMatchObject({ state: 'PAID', ver: 4 });
      expect((await world.intent(order)).amount_received).toBe(4_500);
    }
  });

  it('5 a confirm that finds the order busy says PAID if it has been paid by then', async () => {
    const order = await world.order(await world.putOnSale());
    await world.pay(order);
    const runs = { run: async () => ({ ok: true as const, value: undefined }) };
    const { orderId, customerId, paymentIntentId } = order;
    const ask = (): ReturnType<typeof confirmPayment> =>
      confirmPayment(runs, { orderId, customerId, paymentIntentId }, world.start, () =>
        orderForCustomer(world.table, orderId, customerId),
      );
    expect(await ask()).toMatchObject({ ok: true, value: { done: false, view: { status: 'PENDING' } } });
    await world.machine.run({ orderId }, world.start);
    expect(await ask()).toMatchObject({ ok: true, value: { done: true, view: { status: 'PAID' } } });
  });

  it('6 no webhook and no browser: the reconciler finds the payment, once, before or after the hold', async () => {
    const type = await world.putOnSale();
    const order = await world.order(type);
    const late = await world.order(type);
    await world.pay(order);
    await world.pay(late);
    expect((await reconcile(world.start + MINUTE)).settled).toBe(0);
    expect((await reconcile(world.start + 5 * MINUTE)).settled).toBeGreaterThanOrEqual(2);
    for (const each of [order, late]) expect((await world.reload(each)).state).toBe('PAID');
    const { ver } = await world.reload(order);
    await reconcile(world.start + 20 * MINUTE);
    expect((await world.reload(order)).ver).toBe(ver);
  });

  it("7 confirm with another order's paid PaymentIntent is refused, and pays neither", async () => {
    const type = await world.putOnSale();
    const [mine, theirs] = [await world.order(type), await world.order(type)];
    await world.pay(theirs);
    expect(await confirm({ ...mine, paymentIntentId: theirs.paymentIntentId })).toMatchObject({
      ok: false,
      error: { code: 'PAYMENT_INTENT_MISMATCH' },
    });
    expect(await confirm({ ...theirs, customerId: mine.customerId })).toMatchObject({
      ok: false,
      error: { code: 'ORDER_NOT_FOUND' },
    });
    expect(await webhook({ orderId: mine.orderId, paymentIntentId: theirs.paymentIntentId })).toBe('UNMATCHED');
    expect((await world.reload(mine)).state).toBe('PENDING');
    expect((await world.intent(theirs)).status).toBe('requires_capture');
  });

  it('8 a payment that waits for its buyer (3-D Secure) is refused for now and compensates nothing', async () => {
    const order = await world.order(await world.putOnSale());
    await world.pay(order, 'pm_card_authenticationRequired');
    expect((await world.intent(order)).status).toBe('requires_action');
    expect(await confirm(order)).toMatchObject({
      ok: false,
      error: { code: 'PAYMENT_FAILED', extra: { reason: 'requires_action' } },
    });
    expect((await world.reload(order)).state).toBe('PENDING');
    expect((await world.intent(order)).status).toBe('requires_action');
  });

  it('9, 10 the same event twice, or two events for one fact, change nothing more', async () => {
    const order = await world.order(await world.putOnSale());
    await world.pay(order);
    await webhook(order);
    const { ver } = await world.reload(order);
    await webhook(order);
    await settlePayment(
      { table: world.table, gateway: world.gateway, runs: world.machine },
      order.orderId,
      order.paymentIntentId,
      at(world.start, 'evt_2'),
    );
    expect((await world.reload(order)).ver).toBe(ver);
  });

  it('11, 12 payment_failed that comes after another card succeeded is read as what is true now', async () => {
    const order = await world.order(await world.putOnSale());
    await world.pay(order, 'pm_card_chargeDeclined');
    expect(await webhook(order)).toBe('DECLINE_RECORDED');
    expect(await webhook(order)).toBe('NOTHING_TO_DO');
    expect(await world.reload(order)).toMatchObject({ state: 'PENDING', lastError: 'generic_decline' });
    await world.pay(order, 'pm_card_mastercard');
    expect(await webhook(order)).toBe('RAN');
    expect(await webhook(order)).toBe('RAN');
    expect((await world.reload(order)).state).toBe('PAID');
  });

  it('13 the process dies between the capture and the write: the order is taken over', async () => {
    const order = await world.order(await world.putOnSale());
    await world.pay(order);
    world.machine.plan({ state: 'CapturePayment', kind: 'KILL_AFTER' });
    expect(await webhook(order)).toBe('WATCHED');
    await world.relay();
    await takeOverRuns(world.table, world.machine, world.start + 3 * MINUTE);
    expect((await world.reload(order)).state).toBe('PAID');
    expect((await world.intent(order)).amount_received).toBe(4_500);
  });

  it('14 a capture whose answer was lost is never compensated', async () => {
    const order = await world.order(await world.putOnSale());
    await world.pay(order);
    await world.fault({
      on: 'request',
      route: CAPTURE,
      effect: 'lost_answer',
      paymentIntent: order.paymentIntentId,
      times: 2,
      skip: 0,
    });
    expect(await webhook(order)).toBe('WATCHED');
    expect(await confirm(order)).toMatchObject({ ok: true, value: { done: false } });
    expect(await webhook(order, world.start + 2 * MINUTE)).toBe('RAN');
    expect((await world.reload(order)).state).toBe('PAID');
  });

  it.each([
    ['a capture', CAPTURE, 'pm_card_visa', 'PAID'],
    ['a void', CANCEL, 'pm_card_captureFails', 'FAILED'],
  ])(
    '15 a fault stored under the idempotency key of %s does not replay for ever',
    async (_what, route, card, state) => {
      const order = await world.order(await world.putOnSale());
      await world.pay(order, card);
      await world.fault(storedFault(route, order));
      expect(await webhook(order)).toBe('WATCHED');
      expect(await webhook(order, world.start + 2 * MINUTE)).toBe('RAN');
      expect((await world.reload(order)).state).toBe(state);
    },
  );

  it('15 nor does one of a refund', async () => {
    const order = await world.order(await world.putOnSale());
    await world.pay(order);
    await cancelOrder(world.table, order, at(world.start));
    await world.buyerSdk.paymentIntents.capture(order.paymentIntentId);
    await world.fault(storedFault('POST /v1/refunds', order));
    await expect(webhook(order)).rejects.toThrow(StillUndecided);
    expect(await webhook(order, world.start + 2 * MINUTE)).toBe('RAN');
    expect((await world.intent(order)).latest_charge).toMatchObject({ amount_refunded: 4_500 });
    expect(await world.reload(order)).toMatchObject({ state: 'CANCELLED', settlement: 'RETURNED' });
  });

  it('15 nor does one of closing the payment of an order that is over', async () => {
    const order = await world.order(await world.putOnSale());
    await cancelOrder(world.table, order, at(world.start));
    await world.fault({
      on: 'request',
      route: CANCEL,
      effect: 'error_stored',
      paymentIntent: order.paymentIntentId,
      times: 1,
      skip: 0,
    });
    await expect(webhook(order)).rejects.toThrow(StillUndecided);
    expect(await webhook(order, world.start + MINUTE)).toBe('INTENT_CLOSED');
  });

  it('17 a refund that was made under a key pruned since is not made again', async () => {
    const order = await world.order(await world.putOnSale());
    await world.pay(order);
    await cancelOrder(world.table, order, at(world.start));
    await world.buyerSdk.paymentIntents.capture(order.paymentIntentId);
    world.machine.plan({ state: 'VoidOrRefundPayment', kind: 'KILL_AFTER' });
    await expect(webhook(order)).rejects.toThrow(StillUndecided);
    await Promise.allSettled([webhook(order), webhook(order), webhook(order)]);
    expect(
      world.stripe.ledger().refunds.filter(({ payment_intent }) => payment_intent === order.paymentIntentId),
    ).toHaveLength(1);
    expect(await world.reload(order)).toMatchObject({ settlement: 'RETURNED' });
  });

  it('a provider that does not answer leaves the message to come again', async () => {
    const order = await world.order(await world.putOnSale());
    await world.fault({
      on: 'request',
      route: RETRIEVE,
      effect: 'error_before',
      paymentIntent: order.paymentIntentId,
      times: 1,
      skip: 0,
    });
    await expect(webhook(order)).rejects.toThrow(StillUndecided);
  });

  it('an intent that is not there, or names no order of ours, is logged and dropped', async () => {
    const order = await world.order(await world.putOnSale());
    expect(await webhook({ orderId: order.orderId, paymentIntentId: 'pi_unknown' })).toBe('UNMATCHED');
    expect(await webhook({ orderId: '01ARZ3NDEKTSV4RRFFQ69G5FAV', paymentIntentId: order.paymentIntentId })).toBe(
      'UNMATCHED',
    );
  });
});

describe('at rest', () => {
  it('every invariant holds after all of this', async () => {
    const now = world.start + 45 * MINUTE;
    for (let round = 0; round < 2; round += 1) {
      await world.relay();
      await world.sweep(now);
      await takeOverRuns(world.table, world.machine, now);
      await reconcile(now);
      await world.rest(now);
    }
    // But for the intent over another amount, which is refused above and stays somebody's to look into.
    expect(await world.audit(now)).toMatchObject([{ name: 'PAYMENT_DIFFERS' }]);
  });
});

describe('a payment that failed for good', () => {
  /** Names of the events about `order` that the mail queue holds; empties it. */
  async function mailsOf({ orderId }: Pick<Order, 'orderId'>): Promise<readonly string[]> {
    await world.relay();
    const mails = await world.queues.drain('mail');
    return mails.filter(({ aggregate }) => aggregate.id === orderId).map(({ name }) => name);
  }
  const FAILED = ['orders.PaymentFailed.v1'];

  it('is told once its order is over and nobody can pay it any more, not at each declined card', async () => {
    const order = await world.order(await world.putOnSale());
    await world.pay(order, 'pm_card_chargeDeclined');
    expect(await webhook(order)).toBe('DECLINE_RECORDED');
    await world.pay(order, 'pm_card_chargeDeclinedInsufficientFunds');
    expect(await webhook(order)).toBe('DECLINE_RECORDED');
    expect(await mailsOf(order)).toEqual([]);

    await world.relay();
    await world.sweep(afterHold(world));
    expect(await world.settle(afterHold(world))).toEqual([]);
    expect((await world.intent(order)).status).toBe('canceled');
    expect(await mailsOf(order)).toEqual(FAILED);

    // Whatever comes later, twice or at once, says nothing more.
    await Promise.allSettled([webhook(order, afterHold(world)), webhook(order, afterHold(world))]);
    await confirm(order, afterHold(world));
    await world.rest(afterHold(world));
    expect(await mailsOf(order)).toEqual([]);
  });

  it('is told once by two that settle it at once', async () => {
    const order = await world.order(await world.putOnSale());
    await world.pay(order, 'pm_card_chargeDeclined');
    await webhook(order);
    await world.relay();
    await world.sweep(afterHold(world));
    await Promise.allSettled([1, 2, 3].map(() => webhook(order, afterHold(world))));
    await world.settle(afterHold(world));
    expect(await mailsOf(order)).toEqual(FAILED);
  });

  it('is told by whoever comes next when the first died after closing the payment', async () => {
    const order = await world.order(await world.putOnSale());
    await world.pay(order, 'pm_card_chargeDeclined');
    await webhook(order);
    await world.relay();
    await world.sweep(afterHold(world));
    await world.gateway.cancelIntent(order.paymentIntentId, 'died-after-this');
    expect(await world.settle(afterHold(world))).toEqual([]);
    expect(await mailsOf(order)).toEqual(FAILED);
  });

  it('is told of an order that lapsed before the refusal was heard of', async () => {
    const order = await world.order(await world.putOnSale());
    await world.pay(order, 'pm_card_chargeDeclined');
    await world.relay();
    await world.sweep(afterHold(world));
    expect((await world.reload(order)).state).toBe('EXPIRED');
    await world.settle(afterHold(world));
    expect(await mailsOf(order)).toEqual(FAILED);
  });

  it('is not told of where another card was authorised before the hold lapsed, whose webhook was lost', async () => {
    const order = await world.order(await world.putOnSale());
    await world.pay(order, 'pm_card_chargeDeclined');
    await webhook(order);
    await world.pay(order);
    await world.relay();
    await world.sweep(afterHold(world));
    expect((await world.reload(order)).state).toBe('FAILED');
    await world.rest(afterHold(world));
    expect((await world.reload(order)).state).toBe('PAID');
    expect(await mailsOf(order)).not.toContain(FAILED[0]);
  });

  it('is not told of where money went back: that mail says more', async () => {
    const type = await world.putOnSale({ capacity: 1 });
    const order = await world.order(type);
    await world.pay(order, 'pm_card_chargeDeclined');
    await webhook(order);
    await world.pay(order);
    await world.relay();
    await world.sweep(afterHold(world));
    await world.hold(type, 1, { now: afterHold(world) });
    await world.rest(afterHold(world));
    await webhook(order, afterHold(world));
    expect(await mailsOf(order)).toEqual(['orders.LatePaymentReturned.v1']);
  });

  it('is not told of an authorisation that could not be captured and was voided', async () => {
    const order = await world.order(await world.putOnSale());
    await world.pay(order, 'pm_card_captureFails');
    await webhook(order);
    expect(await world.reload(order)).toMatchObject({ state: 'FAILED', settlement: 'RETURNED' });
    await world.rest(world.start);
    await webhook(order, afterHold(world));
    expect(await mailsOf(order)).toEqual(['orders.LatePaymentReturned.v1']);
  });

  it('is not told to a buyer who cancelled, nor to one who never tried to pay', async () => {
    const [cancelled, untried, asked] = await Promise.all(
      [1, 2, 3].map(async () => world.order(await world.putOnSale())),
    );
    if (cancelled === undefined || untried === undefined || asked === undefined) throw new Error('No orders');
    await world.pay(cancelled, 'pm_card_chargeDeclined');
    await webhook(cancelled);
    await cancelOrder(world.table, await world.reload(cancelled), at(world.start));
    // Confirmed without a card: nothing was refused.
    await confirm(asked);
    await world.relay();
    await world.sweep(afterHold(world));
    await world.rest(afterHold(world));
    for (const order of [cancelled, untried, asked]) {
      expect((await world.intent(order)).status).toBe('canceled');
      expect((await world.reload(order)).paymentFailed).toBeUndefined();
    }
    const told = await world.queues.drain('mail');
    expect(told.filter(({ name }) => name === FAILED[0])).toEqual([]);
  });
});
