import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { ulid } from 'ulid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { decideAdmission } from '../../functions/access/domain/admission.ts';
import { qrSubjectOf } from '../../functions/delivery/domain/ticket.ts';
import { findTicketsOf } from '../../functions/delivery/reads.ts';
import { refundOrder } from '../../functions/orders/operations.ts';
import { orderKey } from '../../functions/orders/keys.ts';
import type { Order } from '../../functions/orders/reads.ts';
import { takeChargeReport } from '../../functions/payments/app/take-charge-report.ts';
import { reconcilePayments } from '../../functions/payments/app/reconcile-payments.ts';
import { settleRefund } from '../../functions/payments/app/settle-refund.ts';
import { findRefund } from '../../functions/payments/reads.ts';
import { MINUTE } from '../../functions/shared/kernel/clock.ts';
import { closeCase } from '../../functions/support/app/close-case.ts';
import { caseIdOf, findCase, pageOfCases } from '../../functions/support/reads.ts';
import { at, startWorld, type World } from '../workflows/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

async function paid(quantity = 2, card?: string): Promise<Order & { paymentIntentId: string }> {
  const placed = await world.order(await world.putOnSale(), quantity);
  await world.pay(placed, card);
  await world.machine.run({ orderId: placed.orderId }, world.start);
  await world.rest(world.start);
  return { ...(await world.reload(placed)), paymentIntentId: placed.paymentIntentId };
}
function report(
  type: string,
  objectId: string,
  paymentIntentId?: string,
  stripeEventId = `evt_${ulid()}`,
): Promise<void> {
  return takeChargeReport(world, { stripeEventId, type, objectId, paymentIntentId }, at(world.start, stripeEventId));
}
async function control<T>(path: string, body: unknown): Promise<T> {
  const answer = await fetch(`${world.stripe.url}/_stand-in/${path}`, { method: 'POST', body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(await answer.text());
  const parsed: T = JSON.parse(await answer.text());
  return parsed;
}
async function chargeOf(order: Order): Promise<string> {
  const { latest_charge: charge } = await world.intent(order);
  return typeof charge === 'string' ? charge : (charge?.id ?? '');
}
async function dispute(order: Order): Promise<string> {
  return (await control<{ id: string }>('disputes', { charge: await chargeOf(order) })).id;
}
async function tickets(order: Order): Promise<readonly [string, boolean][]> {
  const found = await findTicketsOf(world.table, [order], 'strong');
  return found.map(({ status, frozen }) => [status, frozen === true]);
}

describe('a dispute', () => {
  it('freezes the tickets, opens a case once, and stops refunds; won, all is as before', async () => {
    const order = await paid();
    const id = await dispute(order);
    // Late, twice and both events of the one fact at once.
    await Promise.all([report('charge.dispute.created', id), report('charge.dispute.funds_withdrawn', id)]);
    await report('charge.dispute.created', id);
    expect(await tickets(order)).toEqual([
      ['VALID', true],
      ['VALID', true],
    ]);
    const [ticket] = await findTicketsOf(world.table, [order], 'strong');
    if (ticket === undefined) throw new Error('no ticket');
    const qr = { keyId: 1, ...qrSubjectOf(ticket, ticket) };
    const gate = { scanId: 'S', gates: [{ organizationId: ticket.organizationId }] };
    expect(decideAdmission(qr, ticket, gate, world.start)).toMatchObject({ kind: 'REFUSE', reason: 'FROZEN' });
    const disputed = await world.reload(order);
    expect(disputed.dispute).toMatchObject({ disputeId: id, status: 'needs_response', amount: 9_000 });
    expect(await findCase(world.table, caseIdOf('DISPUTE', id))).toMatchObject({
      status: 'OPEN',
      orderId: order.orderId,
    });
    const wish = { cause: 'SUPPORT', amount: 100, within: ['1'] } as const;
    const asked = { refundId: ulid(), requestHash: 'x', reason: 'x', wish };
    expect(await refundOrder(world.table, disputed, asked, at(world.start))).toMatchObject({
      error: { code: 'ORDER_DISPUTED' },
    });
    await control(`disputes/${id}`, { outcome: 'won' });
    await report('charge.dispute.closed', id);
    expect(await tickets(order)).toEqual([
      ['VALID', false],
      ['VALID', false],
    ]);
    expect(await refundOrder(world.table, await world.reload(order), asked, at(world.start))).toMatchObject({
      ok: true,
    });
  });

  it('that is lost takes the tickets, and their stock is on sale again; the money is gone by the bank alone', async () => {
    const type = await world.putOnSale({ capacity: 2 });
    const placed = await world.order(type, 2);
    await world.pay(placed);
    await world.machine.run({ orderId: placed.orderId }, world.start);
    await world.rest(world.start);
    const id = await dispute(placed);
    await control(`disputes/${id}`, { outcome: 'lost' });
    await Promise.all([report('charge.dispute.closed', id), report('charge.dispute.updated', id)]).catch(
      () => undefined,
    );
    await report('charge.dispute.closed', id);
    expect(await tickets(placed)).toEqual([
      ['ARCHIVED', false],
      ['ARCHIVED', false],
    ]);
    expect(await world.free(type)).toBe(2);
    expect(await world.reload(placed)).toMatchObject({
      state: 'REFUNDED',
      refunds: [{ cause: 'DISPUTE', state: 'SUCCEEDED', amount: 9_000 }],
    });
    const { data } = await world.buyerSdk.refunds.list({ payment_intent: placed.paymentIntentId });
    expect(data).toEqual([]);
  });

  it('after a partial refund takes the rest (catalogue 21)', async () => {
    const order = await paid();
    const wish = { cause: 'SUPPORT', lines: [{ orderItemId: '1', quantity: 1 }], within: ['1'] } as const;
    const request = { refundId: ulid(), requestHash: 'x', reason: 'x', wish };
    await refundOrder(world.table, order, request, at(world.start));
    await settleRefund(world, request.refundId, at(world.start));
    const id = await dispute(order);
    await report('charge.dispute.created', id);
    expect([...(await tickets(order))].map(([status, frozen]) => `${status} ${frozen}`)).toEqual([
      'VALID true',
      'ARCHIVED false',
    ]);
    await control(`disputes/${id}`, { outcome: 'lost' });
    await report('charge.dispute.closed', id);
    expect(await world.reload(order)).toMatchObject({ state: 'REFUNDED', refundedAmount: 9_000 });
  });

  it('of an order whose tickets are not issued comes again, and of nothing of ours is nothing', async () => {
    const placed = await world.order(await world.putOnSale());
    await world.pay(placed);
    await world.machine.run({ orderId: placed.orderId }, world.start);
    const id = await dispute(placed);
    await expect(report('charge.dispute.created', id, undefined, 'evt_early')).rejects.toThrow('not issued');
    await world.rest(world.start);
    await report('charge.dispute.created', id, undefined, 'evt_early');
    expect(await tickets(placed)).toEqual([['VALID', true]]);
  });
});

describe('a refund that Stripe reports', () => {
  it('fails later: its case opens, is closed by trying anew, and opens again when that fails too', async () => {
    const order = await paid(1);
    const wish = { cause: 'SUPPORT', lines: [{ orderItemId: '1', quantity: 1 }], within: ['1'] } as const;
    const { refundId } = { refundId: ulid() };
    await refundOrder(world.table, order, { refundId, requestHash: 'x', reason: 'x', wish }, at(world.start));
    const fails = async (): Promise<void> => {
      await world.rest(world.start);
      const { providerId = '' } = (await findRefund(world.table, refundId)) ?? {};
      await control(`settle/${providerId}`, { outcome: 'failed' });
      await Promise.all([report('refund.failed', providerId), report('refund.updated', providerId)]);
    };
    await fails();
    const caseId = caseIdOf('REFUND_FAILED', refundId);
    const opened = await findCase(world.table, caseId);
    if (opened === undefined) throw new Error('no case');
    expect(opened).toMatchObject({ status: 'OPEN', orderId: order.orderId, amount: 4_500 });
    // Two agents at once retry it once.
    const closings = await Promise.all(
      [1, 2].map(() => closeCase(world.table, opened, 'REFUND_RETRIED', at(world.start))),
    );
    expect(closings.every(({ ok }) => ok)).toBe(true);
    // Nor does a third, who has read it before and comes when all is done.
    expect(await closeCase(world.table, opened, 'REFUND_RETRIED', at(world.start))).toMatchObject({
      ok: true,
      value: { status: 'CLOSED', resolution: 'REFUND_RETRIED' },
    });
    expect(await findRefund(world.table, refundId)).toMatchObject({ state: 'DUE', attempt: 1 });
    await fails();
    expect(await findCase(world.table, caseId)).toMatchObject({ status: 'OPEN', reopened: 1 });
    const listed = await pageOfCases(world.table, 'OPEN', 100);
    expect(listed.cases.filter((each) => each.caseId === caseId)).toHaveLength(1);
    // The report of the first attempt, months late, says nothing of the second.
    const { data } = await world.buyerSdk.refunds.list({ payment_intent: order.paymentIntentId });
    expect(data).toHaveLength(2);
    for (const { id } of data) await report('refund.failed', id);
    expect(await findRefund(world.table, refundId)).toMatchObject({ state: 'FAILED', attempt: 1 });
  });

  it('and that nobody of ours gave is a case, once', async () => {
    const order = await paid();
    const made = await world.buyerSdk.refunds.create({ payment_intent: order.paymentIntentId, amount: 500 });
    const charge = await chargeOf(order);
    await report('charge.refunded', charge, order.paymentIntentId);
    await report('charge.refunded', charge, order.paymentIntentId);
    await report('refund.updated', made.id, order.paymentIntentId);
    expect(await findCase(world.table, caseIdOf('FOREIGN_REFUND', made.id))).toMatchObject({
      ver: 1,
      orderId: order.orderId,
      amount: 500,
    });
  });

  it('is dealt with once for one event, and asked for again while Stripe does not answer', async () => {
    const order = await paid();
    const charge = await chargeOf(order);
    await world.fault({ on: 'request', route: 'GET /v1/refunds', effect: 'error_before', times: 1, skip: 0 });
    await expect(report('charge.refunded', charge, order.paymentIntentId, 'evt_once')).rejects.toThrow(
      'did not answer',
    );
    await report('charge.refunded', charge, order.paymentIntentId, 'evt_once');
    await world.buyerSdk.refunds.create({ payment_intent: order.paymentIntentId, amount: 100 });
    await report('charge.refunded', charge, order.paymentIntentId, 'evt_once');
    const listed = await pageOfCases(world.table, 'OPEN', 100);
    expect(listed.cases.filter(({ orderId }) => orderId === order.orderId)).toEqual([]);
  });
});

describe('the reconciler, when every webhook was lost', () => {
  const reconcile = (): ReturnType<typeof reconcilePayments> => {
    const { table, gateway, machine: runs } = world;
    return reconcilePayments({ table, gateway, runs }, at(Date.now() + 10 * MINUTE, 'reconcile'));
  };

  it('finds refunds that nobody of ours gave, and those of ours that failed', async () => {
    const [order, failing] = [await paid(), await paid(1)];
    const made = await world.buyerSdk.refunds.create({ payment_intent: order.paymentIntentId, amount: 700 });
    const refundId = ulid();
    const wish = { cause: 'SUPPORT', lines: [{ orderItemId: '1', quantity: 1 }], within: ['1'] } as const;
    await refundOrder(world.table, failing, { refundId, requestHash: 'x', reason: 'x', wish }, at(world.start));
    await settleRefund(world, refundId, at(world.start));
    const { providerId = '' } = (await findRefund(world.table, refundId)) ?? {};
    await control(`settle/${providerId}`, { outcome: 'failed' });
    expect((await reconcile())['refundsDiffer']).toBeGreaterThanOrEqual(2);
    expect(await findCase(world.table, caseIdOf('FOREIGN_REFUND', made.id))).toMatchObject({ amount: 700, ver: 1 });
    expect(await findCase(world.table, caseIdOf('REFUND_FAILED', refundId))).toMatchObject({ status: 'OPEN' });
    await reconcile();
    expect(await findCase(world.table, caseIdOf('FOREIGN_REFUND', made.id))).toMatchObject({ ver: 1 });
  });

  it('opens a case, once, for money that belongs to no order', async () => {
    const stray = await world.buyerSdk.paymentIntents.create({
      amount: 1_000,
      currency: 'eur',
      metadata: { orderId: ulid() },
      payment_method: 'pm_card_visa',
      confirm: true,
      allowed_payment_method_types: ['card'],
    });
    expect((await reconcile())['unmatched']).toBe(1);
    await reconcile();
    expect(await findCase(world.table, caseIdOf('PAYMENT_DIFFERS', stray.id))).toMatchObject({
      ver: 1,
      paymentIntentId: stray.id,
      detail: 'no such order',
    });
  });

  describe('for orders that say they are paid', () => {
    const change = async (order: Order, of: Readonly<Record<string, string | number>>): Promise<void> => {
      const names = Object.keys(of);
      await world.table.client.send(
        new UpdateCommand({
          TableName: world.table.name,
          Key: orderKey(order.orderId),
          UpdateExpression: `SET ${names.map((name) => `#${name} = :${name}`).join(', ')}`,
          ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
          ExpressionAttributeValues: Object.fromEntries(names.map((name) => [`:${name}`, of[name]])),
        }),
      );
    };
    const caseOf = ({ orderId }: Order): ReturnType<typeof findCase> =>
      findCase(world.table, caseIdOf('PAYMENT_DIFFERS', orderId));

    it('asks for nothing where the ledger has their payments', async () => {
      await paid();
      expect(await reconcile()).toMatchObject({ ordersAsked: 0, ordersUnpaid: 0 });
    });

    it('opens a case, once, where the provider does not know the payment, or has it otherwise', async () => {
      const [gone, dearer, other] = [await paid(), await paid(), await paid()];
      await change(gone, { paymentIntentId: 'pi_gone' });
      await change(dearer, { total: 9_100 });
      await change(other, { paymentIntentId: dearer.paymentIntentId });
      expect(await reconcile()).toMatchObject({ ordersAsked: 3, ordersUnpaid: 3 });
      const { orderId } = gone;
      const about = {
        ver: 1,
        orderId,
        paymentIntentId: 'pi_gone',
        amount: 9_000,
        currency: 'EUR',
        detail: expect.stringContaining('not know'),
      };
      expect(await caseOf(gone)).toMatchObject(about);
      expect(await caseOf(dearer)).toMatchObject({ ver: 1, detail: 'the payment is of 9000 EUR' });
      expect(await caseOf(other)).toMatchObject({ ver: 1, detail: 'the payment names another order' });
      expect(await reconcile()).toMatchObject({ ordersAsked: 0, ordersUnpaid: 0 });
      expect(await caseOf(gone)).toMatchObject({ ver: 1 });
    });

    it('decides nothing while the provider does not answer', async () => {
      const order = await paid();
      await change(order, { total: 9_100 });
      await world.fault({
        on: 'request',
        route: 'GET /v1/payment_intents/:id',
        effect: 'error_before',
        paymentIntent: order.paymentIntentId,
        times: 1,
        skip: 0,
      });
      expect(await reconcile()).toMatchObject({ ordersUndecided: 1, ordersUnpaid: 0 });
      expect(await caseOf(order)).toBeUndefined();
      expect(await reconcile()).toMatchObject({ ordersUndecided: 0, ordersUnpaid: 1 });
    });
  });
});
