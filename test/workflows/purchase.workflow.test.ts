import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { noteFacts } from '../../functions/fraud/operations.ts';
import { endReview } from '../../functions/orders/operations.ts';
import { takeOverRuns } from '../../functions/payments/app/take-over-runs.ts';
import { MINUTE, SECOND } from '../../functions/shared/kernel/clock.ts';
import { purchaseAsl } from './purchase-machine.ts';
import { afterHold, at, startWorld, type World } from './world.ts';

const CAPTURE = 'POST /v1/payment_intents/:id/capture';
const CANCEL = 'POST /v1/payment_intents/:id/cancel';
const HAPPY = ['ValidateOrder', 'IsOrderOpen', 'SecureInventory', 'IsReviewNeeded', 'CapturePayment', 'ConfirmOrder'];

let world: World;

beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

// Whatever a path did, the invariants that hold after every step hold now, and the rest at rest.
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

describe('the purchase saga', () => {
  it('captures an authorised payment once and pays the order in six states at most', async () => {
    const type = await world.putOnSale({ capacity: 2 });
    const order = await world.order(type, 2);
    await world.pay(order);

    const ran = await world.machine.run(
      { orderId: order.orderId, paymentIntentId: order.paymentIntentId },
      world.start,
    );

    expect(ran).toMatchObject({ ok: true, value: { outcome: 'PAID', view: { status: 'PAID', id: order.orderId } } });
    expect(world.machine.lastPath()).toEqual(HAPPY);
    expect(await world.intent(order)).toMatchObject({ status: 'succeeded', amount_received: 9_000, currency: 'eur' });
    const paid = await world.reload(order);
    expect(paid).toMatchObject({ state: 'PAID', ver: 4, attempts: [{ outcome: 'PAID' }] });
    // An owner that stayed on a decided order would be "taken over" for ever.
    expect(paid.run).toBeUndefined();
    expect(paid.leaseUntil).toBeUndefined();
    expect(await world.free(type)).toBe(0);
  });

  it('answers the decision of an order that is decided, without touching the payment', async () => {
    const order = await world.order(await world.putOnSale());
    await world.pay(order);
    await world.machine.run({ orderId: order.orderId }, world.start);

    expect(await world.machine.run({ orderId: order.orderId }, world.start)).toMatchObject({
      value: { outcome: 'PAID' },
    });

    expect(world.machine.lastPath()).toEqual(['ValidateOrder', 'IsOrderOpen', 'AnswerWithDecision']);
    expect((await world.reload(order)).ver).toBe(4);
  });

  it('lays an order aside whose buyer is under review: neither captured nor free, and the buyer hears PROCESSING', async () => {
    const type = await world.putOnSale({ capacity: 2 });
    const order = await world.order(type, 2);
    await world.pay(order);
    await noteFacts(world.table, order.customerId, [{ id: 'x', kind: 'HIGHEST', at: world.start }], world.start);

    const ran = await world.machine.run({ orderId: order.orderId }, world.start);

    expect(ran).toMatchObject({ value: { outcome: 'PROCESSING', view: { status: 'PENDING', beingChecked: true } } });
    expect(world.machine.lastPath()).toEqual([
      ...HAPPY.slice(0, 4),
      'VerifyAuthorisation',
      'IsMoneyHeld',
      'OpenReview',
    ]);
    expect((await world.intent(order)).status).toBe('requires_capture');
    expect(await world.free(type)).toBe(0);
    await endReview(world.table, await world.reload(order), at(world.start));
    await world.settle(world.start);
    expect(await world.reload(order)).toMatchObject({ state: 'FAILED', settlement: 'RETURNED' });
  });

  it('a declined card leaves the order open for another one', async () => {
    const type = await world.putOnSale();
    const order = await world.order(type);
    await world.pay(order, 'pm_card_chargeDeclinedInsufficientFunds');

    const declined = await world.machine.run({ orderId: order.orderId }, world.start);

    expect(declined).toMatchObject({
      value: { outcome: 'PAYMENT_FAILED', reason: 'insufficient_funds', view: { status: 'PENDING' } },
    });
    expect(world.machine.lastPath()).toEqual([...HAPPY.slice(0, 5), 'ReopenOrder']);
    expect(await world.reload(order)).toMatchObject({ state: 'PENDING', lastError: 'insufficient_funds' });
    expect(await world.free(type)).toBe(9);

    await world.pay(order);
    expect(await world.machine.run({ orderId: order.orderId }, world.start)).toMatchObject({
      value: { outcome: 'PAID' },
    });
    const paid = await world.reload(order);
    expect(paid.state).toBe('PAID');
    expect(paid.lastError).toBeUndefined();
  });

  it('refuses an unpaid order for good once its hold has lapsed', async () => {
    const type = await world.putOnSale({ capacity: 1 });
    const order = await world.order(type);

    const ran = await world.machine.run({ orderId: order.orderId }, afterHold(world));

    expect(ran).toMatchObject({ value: { outcome: 'PAYMENT_FAILED' } });
    expect((await world.reload(order)).state).toBe('FAILED');
    expect(await world.free(type)).toBe(1);
  });

  it.each(['swept', 'not swept yet'])(
    'takes stock again for money that came after the hold lapsed (%s)',
    async (swept) => {
      const type = await world.putOnSale({ capacity: 5 });
      const order = await world.order(type, 2);
      await world.relay();
      if (swept === 'swept') await world.sweep(afterHold(world));
      await world.pay(order);

      const ran = await world.machine.run({ orderId: order.orderId }, afterHold(world));

      expect(ran).toMatchObject({ value: { outcome: 'PAID' } });
      expect(await world.free(type)).toBe(3);
      expect(await world.audit(afterHold(world), 'in-flight')).toEqual([]);
    },
  );

  it('voids money that came when the tickets had gone to others', async () => {
    const type = await world.putOnSale({ capacity: 2 });
    const late = await world.order(type, 2);
    await world.relay();
    await world.sweep(afterHold(world));
    await world.hold(type, 1, { now: afterHold(world) });
    await world.pay(late);

    const ran = await world.machine.run({ orderId: late.orderId }, afterHold(world));

    expect(ran).toMatchObject({ value: { outcome: 'SOLD_OUT_REFUNDED' } });
    expect(world.machine.lastPath()).toEqual([...HAPPY.slice(0, 3), 'VoidOrRefundPayment', 'FailOrder']);
    expect((await world.intent(late)).status).toBe('canceled');
    expect(await world.reload(late)).toMatchObject({ state: 'EXPIRED', settlement: 'RETURNED', lastError: 'SOLD_OUT' });
    expect(await world.free(type)).toBe(1);
    // Asked again, it says the same and gives nothing back twice.
    expect(await world.machine.run({ orderId: late.orderId }, afterHold(world))).toMatchObject({
      value: { outcome: 'SOLD_OUT_REFUNDED' },
    });
    await world.relay();
    expect(await mailsOf(late)).toEqual(['orders.LatePaymentReturned.v1']);
  });

  it('compensates a capture that is definitely refused', async () => {
    const type = await world.putOnSale({ capacity: 3 });
    const order = await world.order(type, 3);
    await world.pay(order, 'pm_card_captureFails');

    const ran = await world.machine.run({ orderId: order.orderId }, world.start);

    expect(ran).toMatchObject({ value: { outcome: 'PAYMENT_FAILED', view: { status: 'FAILED' } } });
    expect(world.machine.lastPath()).toEqual([
      ...HAPPY.slice(0, 5),
      'ReleaseInventory',
      'VoidOrRefundPayment',
      'FailOrder',
    ]);
    expect((await world.intent(order)).status).toBe('canceled');
    expect(await world.reload(order)).toMatchObject({ state: 'FAILED', settlement: 'RETURNED' });
    expect(await world.free(type)).toBe(3);
  });

  it('of two at once the slower one waits for what the faster one decides, and answers that', async () => {
    const order = await world.order(await world.putOnSale({ capacity: 1 }));
    await world.pay(order);
    const faster: unknown[] = [];
    world.machine.plan({
      state: 'SecureInventory',
      kind: 'FIRST',
      does: async () => void faster.push(await world.machine.run({ orderId: order.orderId }, world.start)),
    });

    const slower = await world.machine.run({ orderId: order.orderId }, world.start);

    expect(faster).toMatchObject([{ value: { outcome: 'PAID' } }]);
    expect(slower).toMatchObject({ value: { outcome: 'PAID', view: { status: 'PAID' } } });
  });

  it('a void that is not answered ends as PROCESSING, and the next run finishes it', async () => {
    const order = await world.order(await world.putOnSale({ capacity: 3 }));
    await world.pay(order, 'pm_card_captureFails');
    await world.fault({
      on: 'request',
      route: CANCEL,
      effect: 'error_stored',
      paymentIntent: order.paymentIntentId,
      times: 1,
      skip: 0,
    });

    expect(await world.machine.run({ orderId: order.orderId }, world.start)).toMatchObject({
      value: { outcome: 'PROCESSING' },
    });
    expect(world.machine.lastPath().at(-1)).toBe('AnswerProcessing');
    expect(await world.reload(order)).toMatchObject({ state: 'FAILED', settlement: 'RETURN_DUE' });

    expect(await world.machine.run({ orderId: order.orderId }, world.start)).toMatchObject({
      value: { outcome: 'PAYMENT_FAILED' },
    });
    expect(world.machine.lastPath()).toEqual(['ValidateOrder', 'IsOrderOpen', 'VoidOrRefundPayment', 'FailOrder']);
    expect((await world.intent(order)).status).toBe('canceled');
    expect((await world.reload(order)).settlement).toBe('RETURNED');
  });

  it.each(['lost_answer', 'timeout_after', 'error_after'] as const)(
    'never compensates a capture whose outcome is unknown (%s), and takes it over after the lease',
    async (effect) => {
      const type = await world.putOnSale({ capacity: 2 });
      const order = await world.order(type, 2);
      await world.pay(order);
      await world.fault({
        on: 'request',
        route: CAPTURE,
        effect,
        paymentIntent: order.paymentIntentId,
        times: effect === 'lost_answer' ? 2 : 1,
        skip: 0,
      });

      expect(await world.machine.run({ orderId: order.orderId }, world.start)).toMatchObject({
        value: { outcome: 'PROCESSING' },
      });
      expect(await world.reload(order)).toMatchObject({ state: 'SECURED' });
      expect((await world.intent(order)).status).toBe('succeeded');
      // Within the lease nobody else may touch it.
      expect(await world.machine.run({ orderId: order.orderId }, world.start + 30 * SECOND)).toMatchObject({
        value: { outcome: 'PROCESSING' },
      });

      await world.relay();
      const later = world.start + 4 * MINUTE;
      expect(await takeOverRuns(world.table, world.machine, later)).toMatchObject({ undecided: 0 });
      expect((await world.reload(order)).state).toBe('PAID');
      expect(
        world.stripe.ledger().refunds.filter(({ payment_intent }) => payment_intent === order.paymentIntentId),
      ).toEqual([]);
    },
  );

  it.each(['error_before', 'rate_limit', 'error_stored'] as const)(
    'a capture that never happened (%s) is made by the next run',
    async (effect) => {
      const order = await world.order(await world.putOnSale());
      await world.pay(order);
      await world.fault({
        on: 'request',
        route: CAPTURE,
        effect,
        paymentIntent: order.paymentIntentId,
        times: 1,
        skip: 0,
      });

      expect(await world.machine.run({ orderId: order.orderId }, world.start)).toMatchObject({
        value: { outcome: 'PROCESSING' },
      });
      expect((await world.intent(order)).status).toBe('requires_capture');
      expect(await world.machine.run({ orderId: order.orderId }, world.start + 2 * MINUTE)).toMatchObject({
        value: { outcome: 'PAID' },
      });
    },
  );

  it('two runs at once: one owns the order, the payment is captured once', async () => {
    const order = await world.order(await world.putOnSale({ capacity: 1 }));
    await world.pay(order);

    const outcomes = await Promise.all([1, 2, 3].map(() => world.machine.run({ orderId: order.orderId }, world.start)));

    const answered = outcomes.flatMap((ran) => (ran.ok && ran.value !== undefined ? [ran.value.outcome] : []));
    expect(answered).toHaveLength(3);
    expect(answered.filter((outcome) => outcome === 'PAID').length).toBeGreaterThan(0);
    expect(answered.every((outcome) => outcome === 'PAID' || outcome === 'PROCESSING')).toBe(true);
    expect(await world.reload(order)).toMatchObject({ state: 'PAID', ver: 4 });
    expect((await world.intent(order)).amount_received).toBe(4_500);
  });

  it("refuses somebody else's order and somebody else's payment before anything happens", async () => {
    const type = await world.putOnSale();
    const [mine, theirs] = [await world.order(type), await world.order(type)];
    await world.pay(theirs);

    const { start } = world;
    expect(await world.machine.run({ orderId: mine.orderId, paymentIntentId: theirs.paymentIntentId }, start)).toEqual({
      ok: false,
      error: 'PAYMENT_INTENT_MISMATCH',
    });
    expect(await world.machine.run({ orderId: theirs.orderId, customerId: mine.customerId }, start)).toEqual({
      ok: false,
      error: 'ORDER_NOT_FOUND',
    });
    expect(await world.machine.run({ orderId: '01ARZ3NDEKTSV4RRFFQ69G5FAV' }, start)).toEqual({
      ok: false,
      error: 'ORDER_NOT_FOUND',
    });
    expect((await world.intent(theirs)).status).toBe('requires_capture');
    expect((await world.reload(mine)).ver).toBe(2);
  });
});

describe('at rest', () => {
  it('every invariant holds once nothing is left to do, after every path above', async () => {
    const now = world.start + 45 * MINUTE;
    for (let round = 0; round < 3; round += 1) {
      await world.sweep(now);
      await takeOverRuns(world.table, world.machine, now);
      await world.rest(now);
    }
    expect(await world.rest(now)).toEqual([]);
    expect(await world.audit(now)).toEqual([]);
  });

  it('the paths above visited every state of the file', () => {
    expect([...world.machine.visited].toSorted()).toEqual(Object.keys(purchaseAsl.States).toSorted());
  });
});
