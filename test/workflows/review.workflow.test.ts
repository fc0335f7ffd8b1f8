import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { noteFacts } from '../../functions/fraud/operations.ts';
import type { TicketTypeCopy } from '../../functions/inventory/contract.ts';
import { rememberRun } from '../../functions/shared/table/due-list.ts';
import { takeOverRuns } from '../../functions/payments/app/take-over-runs.ts';
import { reconcilePayments } from '../../functions/payments/app/reconcile-payments.ts';
import type { Order } from '../../functions/orders/reads.ts';
import { DAY, HOUR, MINUTE, type Instant } from '../../functions/shared/kernel/clock.ts';
import { closeCase } from '../../functions/support/app/close-case.ts';
import type { CaseResolution } from '../../functions/support/contract.ts';
import { caseIdOf, findCase, pageOfCases, type Case } from '../../functions/support/reads.ts';
import type { Mishap } from './purchase-machine.ts';
import { at, startWorld, type World } from './world.ts';

let world: World;

beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

afterEach(async () => {
  const broken = await world.audit(world.start, 'in-flight');
  if (broken.length > 0) throw new Error(`Invariants are broken: ${JSON.stringify(broken)}`);
});

/** An authorised order of a buyer who is under review. */
async function suspicious(
  as: Partial<TicketTypeCopy> = {},
  card?: string,
): Promise<{ order: Order & { paymentIntentId: string }; type: TicketTypeCopy }> {
  const type = await world.putOnSale({ capacity: 2, ...as });
  const order = await world.order(type, 2);
  await world.pay(order, card);
  await noteFacts(world.table, order.customerId, [{ id: 'x', kind: 'HIGHEST', at: world.start }], world.start);
  return { order, type };
}

async function laidAside(as?: Partial<TicketTypeCopy>): ReturnType<typeof suspicious> {
  const made = await suspicious(as);
  await world.machine.run({ orderId: made.order.orderId }, world.start);
  return made;
}

async function caseOf({ orderId }: Pick<Order, 'orderId'>): Promise<Case> {
  const found = await findCase(world.table, caseIdOf('FRAUD_REVIEW', orderId));
  if (found === undefined) throw new Error('There is no case');
  return found;
}

async function decide(order: Order, resolution: CaseResolution, now = world.start): ReturnType<typeof closeCase> {
  return closeCase(world.table, await caseOf(order), resolution, { ...at(now), by: 'agent' });
}

const mailsOf = async ({ orderId }: Order): Promise<readonly string[]> =>
  (await world.queues.drain('mail')).filter(({ aggregate }) => aggregate.id === orderId).map(({ name }) => name);

/** The jobs have run until `now` and found nothing: they do not read every minute of days again. */
async function arrive(now: Instant): Promise<void> {
  for (const list of ['PURCHASE_RUNS', 'LAPSED_HOLDS'] as const) await rememberRun(world.table, list, now);
}

/** All that the system does by itself from `now` on. Steps go by the true clock too, so that a slow machine needs hours. */
async function heal(now: Instant): Promise<void> {
  await arrive(now);
  for (const later of [MINUTE, 3 * MINUTE, HOUR, 2 * HOUR]) {
    await world.settle(now + later);
    await takeOverRuns(world.table, world.machine, now + later);
  }
  await world.rest(now + 2 * HOUR);
}

/** The end of the time to decide, and a moment. */
async function deadlineOf(order: Order): Promise<Instant> {
  const { decideBy = 0 } = await caseOf(order);
  return decideBy + 2 * MINUTE;
}

const PAID = { state: 'PAID', status: 'succeeded', free: 0, resolution: 'APPROVED' };
const REFUSED = { state: 'FAILED', status: 'canceled', free: 2, resolution: 'REFUSED' };

/** What became of an order that was looked at. */
async function outcome(order: Order, type: TicketTypeCopy): Promise<object> {
  const { state, run, leaseUntil } = await world.reload(order);
  expect([run, leaseUntil]).toEqual([undefined, undefined]);
  const { status } = await world.intent(order);
  const { resolution } = await caseOf(order);
  return { state, status, free: await world.free(type), resolution };
}

describe('an order that a person decides about', () => {
  it('keeps money and stock for three days, has one case that says why, and nobody finishes or repeats it', async () => {
    const { order, type } = await laidAside({ eventStartsAt: world.start + 30 * DAY });
    const again = await world.machine.run({ orderId: order.orderId }, world.start + 5 * MINUTE);
    expect(again).toMatchObject({ value: { outcome: 'PROCESSING', view: { beingChecked: true } } });
    expect(world.machine.lastPath()).toEqual(['ValidateOrder', 'IsOrderOpen', 'AnswerWithDecision']);

    for (const later of [2 * MINUTE, HOUR, DAY, 2 * DAY]) {
      const now = world.start + later;
      await arrive(now);
      await world.settle(now);
      await world.sweep(now);
      await takeOverRuns(world.table, world.machine, now);
      await reconcilePayments({ table: world.table, gateway: world.gateway, runs: world.machine }, at(now));
    }

    expect((await world.reload(order)).ver).toBe(4);
    expect((await world.intent(order)).status).toBe('requires_capture');
    expect(await world.free(type)).toBe(0);
    const found = await caseOf(order);
    expect(found).toMatchObject({ status: 'OPEN', amount: 9_000, currency: 'EUR', detail: 'PROVIDER_RISK' });
    expect(found.decideBy).toBe((await world.reload(order)).leaseUntil);
    expect(found.paymentIntentId).toBe(order.paymentIntentId);
    const { cases } = await pageOfCases(world.table, 'OPEN', 100);
    expect(cases.filter(({ orderId }) => orderId === order.orderId)).toHaveLength(1);
    await decide(order, 'REFUSED');
    await heal(world.start);
  });

  it('is captured and ticketed once it is approved, by a run that asks no more', async () => {
    const { order, type } = await laidAside();
    expect(await decide(order, 'APPROVED')).toMatchObject({ ok: true, value: { closedBy: 'agent' } });
    await heal(world.start);
    expect(await outcome(order, type)).toEqual(PAID);
    expect(await mailsOf(order)).toContain('delivery.TicketsGenerated.v1');
  });

  it('is given up with its stock once it is refused, and its buyer is told once, without the reasons', async () => {
    const { order, type } = await laidAside();
    await decide(order, 'REFUSED');
    expect(await world.free(type)).toBe(2);
    await heal(world.start);
    expect(await outcome(order, type)).toEqual(REFUSED);
    expect((await world.reload(order)).lastError).toBe('not_accepted');
    expect(await mailsOf(order)).toEqual(['orders.LatePaymentReturned.v1']);
    expect(await world.machine.run({ orderId: order.orderId }, world.start)).toMatchObject({
      value: { outcome: 'PAYMENT_FAILED', reason: 'not_accepted' },
    });
  });

  it('is refused when nobody has decided in time, before anybody can approve it', async () => {
    const { order, type } = await laidAside();
    const now = await deadlineOf(order);
    expect(await decide(order, 'APPROVED', now)).toMatchObject({ ok: false, error: { code: 'REVIEW_OVER' } });
    await world.relay();
    await heal(now);
    expect(await outcome(order, type)).toEqual(REFUSED);
    expect((await caseOf(order)).closedBy).toBe('workflow:purchase');
  });

  it('is decided well before its event starts', async () => {
    const start = world.start + 8 * HOUR;
    const { order } = await laidAside({ eventStartsAt: start });
    expect((await caseOf(order)).decideBy).toBe(start - 3 * HOUR);
    const late = await laidAside({ eventStartsAt: world.start + 10 * MINUTE });
    expect((await caseOf(late.order)).decideBy).toBeGreaterThanOrEqual(world.start + 30 * MINUTE);
    for (const each of [order, late.order]) await decide(each, 'REFUSED');
    await heal(world.start);
  });

  it('has no case while nothing is authorised: a refused card leaves it open for another', async () => {
    const { order } = await suspicious({}, 'pm_card_chargeDeclined');
    const ran = await world.machine.run({ orderId: order.orderId }, world.start);
    expect(ran).toMatchObject({ value: { outcome: 'PAYMENT_FAILED', view: { status: 'PENDING' } } });
    expect(await findCase(world.table, caseIdOf('FRAUD_REVIEW', order.orderId))).toBeUndefined();
  });

  it('is paid at once where the money was captured already', async () => {
    const { order } = await suspicious();
    await world.buyerSdk.paymentIntents.capture(order.paymentIntentId);
    expect(await world.machine.run({ orderId: order.orderId }, world.start)).toMatchObject({
      value: { outcome: 'PAID' },
    });
    expect(await findCase(world.table, caseIdOf('FRAUD_REVIEW', order.orderId))).toBeUndefined();
  });

  it('is given up when its authorisation is taken back at the provider', async () => {
    const { order, type } = await laidAside();
    await world.buyerSdk.paymentIntents.cancel(order.paymentIntentId);
    const { orderId, paymentIntentId } = order;
    const { settlePayment } = await import('../../functions/payments/app/settle-payment.ts');
    const { table, gateway, machine: runs } = world;
    for (let time = 0; time < 2; time += 1)
      await settlePayment({ table, gateway, runs }, orderId, paymentIntentId, at(world.start));
    await heal(world.start);
    expect(await outcome(order, type)).toEqual(REFUSED);
  });

  it('whose authorisation is gone when it is approved is given up, and nobody gets tickets', async () => {
    const { order, type } = await laidAside();
    await world.buyerSdk.paymentIntents.cancel(order.paymentIntentId);
    await decide(order, 'APPROVED');
    await heal(world.start);
    expect(await outcome(order, type)).toEqual({ ...REFUSED, resolution: 'APPROVED' });
  });

  it('is closed in no other way, and other cases not like it', async () => {
    const { order } = await laidAside();
    for (const resolution of ['NOTHING_TO_DO', 'REFUND_RETRIED', 'PAID_OTHERWISE'] as const)
      expect(await decide(order, resolution)).toMatchObject({ error: { code: 'RESOLUTION_NOT_FOR_CASE' } });
    expect((await caseOf(order)).status).toBe('OPEN');
    await decide(order, 'REFUSED');
    await heal(world.start);
  });

  it.each(['at once', 'at the deadline'])('is decided once by whoever is first, %s', async (when) => {
    for (let round = 0; round < 6; round += 1) {
      const { order, type } = await laidAside();
      await world.relay();
      const now = when === 'at once' ? world.start : await deadlineOf(order);
      const decided = await Promise.all([
        decide(order, 'APPROVED', world.start),
        decide(order, 'REFUSED', world.start),
        decide(order, 'APPROVED', world.start),
        when === 'at once'
          ? world.machine.run({ orderId: order.orderId }, now)
          : takeOverRuns(world.table, world.machine, now),
      ]);
      await heal(now);
      const { resolution } = await caseOf(order);
      expect(await outcome(order, type)).toEqual(resolution === 'APPROVED' ? PAID : REFUSED);
      expect(decided.length).toBe(4);
    }
  });
});

describe('a run that dies while it gives up what nobody has decided about', () => {
  const cuts = ['ValidateOrder', 'SecureInventory', 'VoidOrRefundPayment', 'FailOrder'].flatMap((state) =>
    (['KILL_BEFORE', 'KILL_AFTER'] as const).map((kind): Mishap => ({ state, kind })),
  );
  it.each(cuts)('$kind $state', async (mishap) => {
    const { order, type } = await laidAside();
    await world.relay();
    world.machine.plan(mishap);
    await heal(await deadlineOf(order));
    expect(await outcome(order, type)).toEqual(REFUSED);
  });
});

describe('a run that dies after the approval', () => {
  const cuts = ['ValidateOrder', 'SecureInventory', 'CapturePayment', 'ConfirmOrder'].flatMap((state) =>
    (['KILL_BEFORE', 'KILL_AFTER'] as const).map((kind): Mishap => ({ state, kind })),
  );
  it.each(cuts)('$kind $state', async (mishap) => {
    const { order, type } = await laidAside();
    await decide(order, 'APPROVED');
    world.machine.plan(mishap);
    await heal(world.start);
    expect(await outcome(order, type)).toEqual(PAID);
  });
});

it('nothing is left that breaks an invariant', async () => {
  const now = world.start + 4 * DAY;
  await world.relay();
  await world.sweep(world.start + 12 * MINUTE);
  await heal(now);
  expect(await world.audit(now + HOUR)).toEqual([]);
});
