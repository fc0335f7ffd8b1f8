import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ulid } from 'ulid';

import { issueTickets } from '../../functions/delivery/app/issue-tickets.ts';
import { findTicketsOf } from '../../functions/delivery/reads.ts';
import { markUsed } from '../../functions/delivery/writes.ts';
import { giveBackOrder } from '../../functions/orders/app/refund-order.ts';
import { refundOrder, type RefundRequest } from '../../functions/orders/operations.ts';
import type { Order } from '../../functions/orders/reads.ts';
import { settleRefund, type RefundOutcome } from '../../functions/payments/app/settle-refund.ts';
import { settleRefunds } from '../../functions/payments/app/settle-refunds.ts';
import { findRefund } from '../../functions/payments/reads.ts';
import { changeCopy } from '../../functions/inventory/sale-writes.ts';
import { DAY, HOUR, MINUTE } from '../../functions/shared/kernel/clock.ts';
import { tableOn } from '../../functions/shared/table/client.ts';
import { commit } from '../../functions/shared/table/commit.ts';
import { caseIdOf, findCase } from '../../functions/support/reads.ts';
import { dyingTable } from '../inventory/killed.ts';
import { asker } from '../orders/askers.ts';
import { injectFaults } from '../shared/faults.ts';
import { testClient } from '../support/dynamodb.ts';
import { at, startWorld, type World } from '../workflows/world.ts';

const REFUNDS = 'POST /v1/refunds';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());
afterEach(async () => {
  const broken = await world.audit(world.start, 'in-flight');
  if (broken.length > 0) throw new Error(`Invariants are broken: ${JSON.stringify(broken)}`);
});

type Paid = Order & { paymentIntentId: string };

/** A paid order with its tickets. */
async function paid(quantity = 2, card?: string, as = {}): Promise<Paid> {
  const placed = await world.order(await world.putOnSale({ maxPerPerson: 10, ...as }), quantity);
  await world.pay(placed, card);
  await world.machine.run({ orderId: placed.orderId }, world.start);
  await world.rest(world.start);
  return { ...(await world.reload(placed)), paymentIntentId: placed.paymentIntentId };
}

function tickets(quantity: number, refundId = ulid()): RefundRequest {
  const wish = { cause: 'SUPPORT', lines: [{ orderItemId: '1', quantity }], within: ['1'] } as const;
  return { refundId, requestHash: `lines ${quantity}`, reason: 'test', wish };
}
function money(amount: number, refundId = ulid()): RefundRequest {
  return {
    refundId,
    requestHash: `amount ${amount}`,
    reason: 'test',
    wish: { cause: 'SUPPORT', amount, within: ['1'] },
  };
}

function refund(order: Order, request: RefundRequest, table = world.table): ReturnType<typeof refundOrder> {
  return refundOrder(table, order, request, at(world.start));
}
function settle(refundId: string, now = world.start): Promise<RefundOutcome> {
  return settleRefund(world, refundId, at(now));
}
async function refundsOf({ paymentIntentId }: Paid): Promise<{ status: string | null; amount: number }[]> {
  const { data } = await world.buyerSdk.refunds.list({ payment_intent: paymentIntentId });
  return data.map(({ status, amount }) => ({ status, amount }));
}
async function control(path: string, body: unknown = {}): Promise<void> {
  const answer = await fetch(`${world.stripe.url}/_stand-in/${path}`, { method: 'POST', body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(await answer.text());
}
async function statuses(order: Order): Promise<readonly string[]> {
  return (await findTicketsOf(world.table, [order], 'strong')).map(({ status }) => status);
}

describe('a refund', () => {
  it('gives tickets up, puts them back on sale and moves the money, all of it once', async () => {
    const type = await world.putOnSale({ capacity: 3, maxPerPerson: 3 });
    const placed = await world.order(type, 3);
    await world.pay(placed);
    await world.machine.run({ orderId: placed.orderId }, world.start);
    await world.rest(world.start);
    const request = tickets(2);
    const first = await refund(await world.reload(placed), request);
    expect(first).toMatchObject({
      ok: true,
      value: { order: { state: 'PARTIALLY_REFUNDED', refundedAmount: 9_000 }, refund: { state: 'DUE', amount: 9_000 } },
    });
    expect(await world.free(type)).toBe(2);
    expect(await statuses(placed)).toEqual(['VALID', 'ARCHIVED', 'ARCHIVED']);
    expect(await world.rest(world.start)).toEqual([]);
    expect(await refundsOf(placed)).toEqual([{ status: 'succeeded', amount: 9_000 }]);
    expect((await world.reload(placed)).refunds).toMatchObject([{ state: 'SUCCEEDED' }]);
    expect((await world.queues.drain('mail')).filter(({ name }) => name === 'payments.RefundIssued.v1')).toHaveLength(
      1,
    );
    // Again, also from the row as it was: nothing.
    const again = await Promise.all([refund(placed, request), refund(await world.reload(placed), request)]);
    for (const each of again) expect(each).toMatchObject({ ok: true, value: { refund: { state: 'SUCCEEDED' } } });
    expect(await refund(placed, { ...request, requestHash: 'another' })).toMatchObject({
      error: { code: 'IDEMPOTENCY_KEY_REUSED' },
    });
    expect(await settle(request.refundId)).toBe('SUCCEEDED');
    expect(await refundsOf(placed)).toHaveLength(1);
    expect(await world.free(type)).toBe(2);
    // What is on sale again is sold again, also to the same person with the limit.
    await world.hold(type, 2, { customerId: placed.customerId });
  });

  it('races others for the same money and tickets, and never gives more than was captured', async () => {
    const order = await paid(3);
    const asked = [
      ...Array.from({ length: 4 }, () => tickets(1)),
      money(5_000),
      money(5_000),
      tickets(3),
      money(13_500),
    ];
    const outcomes = await Promise.allSettled(asked.map((request) => refund(order, request)));
    const given = outcomes.map((each) =>
      each.status === 'fulfilled' && each.value.ok ? each.value.value.refund.amount : 0,
    );
    const sum = given.reduce((total, amount) => total + amount, 0);
    expect(sum).toBeGreaterThan(0);
    expect(sum).toBeLessThanOrEqual(13_500);
    await world.rest(world.start);
    const back = (await refundsOf(order)).reduce((total, { amount }) => total + amount, 0);
    expect(back).toBe(sum);
    expect((await world.reload(order)).refundedAmount).toBe(sum);
  });

  it('is made once by several workers at a time', async () => {
    const order = await paid(2);
    const request = money(1_000);
    await refund(order, request);
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => settle(request.refundId)));
    expect(outcomes.filter((each) => each === 'SUCCEEDED').length).toBeGreaterThan(0);
    expect(await refundsOf(order)).toHaveLength(1);
  });

  it('wins against the gate or loses, never both', async () => {
    for (let race = 0; race < 6; race += 1) {
      const order = await paid(1);
      const [ticket] = await findTicketsOf(world.table, [order], 'strong');
      if (ticket === undefined) throw new Error('no ticket');
      const cause = { ...at(world.start), event: 'access.TicketAdmitted.v1' };
      const use = markUsed(ticket, { scanId: ulid() }, cause, () => 'LOST' as const);
      const wish = {
        cause: 'BUYER',
        lines: undefined,
        terms: new Map([[ticket.eventId, { startsAt: world.start + DAY, policy: { windowHours: 1 } }]]),
      } as const;
      const [admitted, back] = await Promise.all([
        commit(world.table, [use.write]),
        refund(order, { refundId: ulid(), requestHash: 'all', reason: 'test', wish }),
      ]);
      expect([admitted.ok, back.ok ? 'GIVEN_BACK' : back.error.code]).toEqual(
        admitted.ok ? [true, 'TICKET_NOT_VALID'] : [false, 'GIVEN_BACK'],
      );
    }
  });

  it('of tickets that are not issued yet leaves exactly the others', async () => {
    const placed = await world.order(await world.putOnSale(), 3);
    await world.pay(placed);
    await world.machine.run({ orderId: placed.orderId }, world.start);
    const order = await world.reload(placed);
    const [, back] = await Promise.all([
      issueTickets(world.table, order.orderId, at(world.start)).catch(() => undefined),
      refund(order, tickets(2)),
    ]);
    expect(back.ok).toBe(true);
    await world.rest(world.start);
    expect([...(await statuses(order))].toSorted()).toEqual(['ARCHIVED', 'ARCHIVED', 'VALID']);
    expect((await world.reload(order)).ticketsIssued).toBe(true);
  });

  it('of sixty tickets in sixty blocks is two transactions, and whoever comes next finishes the second', async () => {
    const sizes = Array.from({ length: 60 }, () => 1);
    const type = await world.putOnSale({ capacity: 60, blocks: 60 }, sizes);
    const placed = await world.order(type, 60);
    await world.pay(placed);
    await world.machine.run({ orderId: placed.orderId }, world.start);
    await world.rest(world.start);
    const order = await world.reload(placed);
    const request = tickets(60);
    // The process dies before the second of the two.
    const { table } = dyingTable(world.table, { at: 2, when: 'BEFORE' });
    await expect(refund(order, request, table)).rejects.toThrow('killed');
    expect(await world.free(type)).toBe(0);
    expect(await world.audit(world.start, 'in-flight')).toEqual([]);
    await world.rest(world.start);
    expect(await world.free(type)).toBe(60);
    expect(await world.reload(order)).toMatchObject({ state: 'REFUNDED', refunds: [{ state: 'SUCCEEDED' }] });
  });

  it('is recorded once though answers of the store get lost', async () => {
    const client = testClient();
    injectFaults(client, { lostAnswers: 0.4, throttles: 0.1, seed: 11 });
    const flaky = tableOn(client, world.table.name);
    for (let round = 0; round < 6; round += 1) {
      const order = await paid(2);
      const request = tickets(1);
      const done = await refund(order, request, flaky);
      expect(done).toMatchObject({ ok: true });
      expect(await world.reload(order)).toMatchObject({ refundedAmount: 4_500, refunds: [{ amount: 4_500 }] });
    }
    client.destroy();
    await world.rest(world.start);
  });

  it('survives the death of its process at each of its writes, and is made once', async () => {
    const all = async (table: typeof world.table, order: Order, request: RefundRequest): Promise<void> => {
      await refund(order, request, table);
      await settleRefund({ table, gateway: world.gateway }, request.refundId, at(world.start));
    };
    const counted = dyingTable(world.table);
    await all(counted.table, await paid(2), tickets(1));
    expect(counted.writes()).toBe(3);
    for (let write = 1; write <= counted.writes(); write += 1)
      for (const when of ['BEFORE', 'AFTER'] as const) {
        const order = await paid(2);
        const request = tickets(1);
        await expect(all(dyingTable(world.table, { at: write, when }).table, order, request)).rejects.toThrow('killed');
        expect(await world.audit(world.start, 'in-flight')).toEqual([]);
        // The client asks again, and the job comes by.
        expect(await refund(order, request)).toMatchObject({ ok: true });
        expect(await settle(request.refundId, world.start + 2 * MINUTE)).toBe('SUCCEEDED');
        expect(await refundsOf(order)).toEqual([{ status: 'succeeded', amount: 4_500 }]);
        expect(await statuses(order)).toEqual(['VALID', 'ARCHIVED']);
      }
  });

  it('of free tickets moves no money and has arrived at once', async () => {
    const type = await world.putOnSale({ unitPrice: 0 });
    const free = await world.order(type, 2);
    await world.rest(world.start);
    const done = await refund(await world.reload(free), tickets(2));
    expect(done).toMatchObject({
      ok: true,
      value: { order: { state: 'REFUNDED' }, refund: { state: 'SUCCEEDED', amount: 0 } },
    });
    expect(await world.free(type)).toBe(10);
  });
});

describe('the provider', () => {
  it.each([
    ['answers nothing, and nothing happened', 'timeout_before'],
    ['answers nothing, and it happened', 'lost_answer'],
    ['fails, and nothing happened', 'error_before'],
    ['fails, and it happened', 'error_after'],
    ['fails, and stores that fault', 'error_stored'],
    ['asks for patience', 'rate_limit'],
    ['has no balance', 'balance_insufficient'],
  ] as const)('%s: the refund stays due, and the next try makes it once', async (_what, effect) => {
    const order = await paid(2);
    const request = money(1_000);
    await refund(order, request);
    const { paymentIntentId: paymentIntent } = order;
    await world.fault({
      on: 'request',
      route: REFUNDS,
      effect,
      paymentIntent,
      times: effect === 'lost_answer' ? 2 : 1,
      skip: 0,
    });
    const first = await settle(request.refundId);
    // A stored fault is seen through at once: nothing was made, so another key is tried.
    expect(['UNKNOWN', 'NO_BALANCE', 'SUCCEEDED']).toContain(first);
    expect(await settle(request.refundId, world.start + 2 * MINUTE)).toBe('SUCCEEDED');
    expect(await refundsOf(order)).toEqual([{ status: 'succeeded', amount: 1_000 }]);
  });

  it('made it, we died before we wrote so, and its key is forgotten a day later (catalogue 13, 17)', async () => {
    const order = await paid(2);
    const request = money(1_000);
    await refund(order, request);
    // All of the first try but the write of its outcome.
    const { table } = dyingTable(world.table, { at: 2, when: 'BEFORE' });
    await expect(settleRefund({ table, gateway: world.gateway }, request.refundId, at(world.start))).rejects.toThrow(
      'killed',
    );
    expect(await refundsOf(order)).toHaveLength(1);
    await control('clock/advance', { ms: 25 * HOUR });
    expect(await settle(request.refundId, world.start + 25 * HOUR)).toBe('SUCCEEDED');
    expect(await refundsOf(order)).toEqual([{ status: 'succeeded', amount: 1_000 }]);
  });

  it('says no for good: the refund has failed, somebody has a case, and can have it tried anew', async () => {
    const order = await paid(1, 'pm_card_createDispute');
    const request = tickets(1);
    await refund(order, request);
    expect(await settle(request.refundId)).toBe('FAILED');
    expect(await world.reload(order)).toMatchObject({ refunds: [{ state: 'FAILED' }] });
    expect(await findCase(world.table, caseIdOf('REFUND_FAILED', request.refundId))).toMatchObject({
      status: 'OPEN',
      detail: 'charge_disputed',
      amount: 4_500,
    });
    expect(await settle(request.refundId)).toBe('FAILED');
  });

  it('takes it, and it fails later: the case is there once (catalogue 22)', async () => {
    const order = await paid(1);
    const request = tickets(1);
    await refund(order, request);
    expect(await settle(request.refundId)).toBe('SUCCEEDED');
    const { providerId } = (await findRefund(world.table, request.refundId)) ?? {};
    await control(`settle/${providerId}`, { outcome: 'failed' });
    expect(await Promise.all([settle(request.refundId), settle(request.refundId)])).toEqual(['FAILED', 'FAILED']);
    expect(await findCase(world.table, caseIdOf('REFUND_FAILED', request.refundId))).toMatchObject({ status: 'OPEN' });
    await world.relay();
    const mails = (await world.queues.drain('mail')).filter(
      ({ name, aggregate }) => name === 'payments.RefundIssued.v1' && aggregate.id === request.refundId,
    );
    expect(mails).toHaveLength(1);
  });

  it('has it pending until its bank answers, whose webhook may get lost: the job looks again', async () => {
    const order = await paid(1, 'pm_card_pendingRefund');
    const request = tickets(1);
    await refund(order, request);
    await world.relay();
    expect(await settle(request.refundId)).toBe('PENDING');
    const { providerId } = (await findRefund(world.table, request.refundId)) ?? {};
    await settleRefunds(world, at(world.start + 10 * MINUTE));
    expect(await findRefund(world.table, request.refundId)).toMatchObject({ state: 'PENDING' });
    await control(`settle/${providerId}`, { outcome: 'succeeded' });
    await settleRefunds(world, at(world.start + 90 * MINUTE));
    expect(await findRefund(world.table, request.refundId)).toMatchObject({ state: 'SUCCEEDED' });
    expect(await world.reload(order)).toMatchObject({ refunds: [{ state: 'SUCCEEDED' }] });
  });
});

describe('giving tickets back after a move', () => {
  /** A paid order of an event that has moved: nothing but that lets its buyer give tickets back. */
  const moved = (): Promise<Paid> =>
    paid(2, undefined, { optOutHeldBefore: world.start + 1, optOutUntil: world.start + HOUR });
  const giveBack = (order: Paid, table = world.table): ReturnType<typeof giveBackOrder> => {
    const { session } = asker({ customerId: order.customerId, occasion: at(world.start) });
    return giveBackOrder(table, order, undefined, { session, idempotencyKey: undefined }, at(world.start));
  };
  /** The event is moved once more, to so soon that the window is over. */
  const endWindow = ({ lines }: Paid): Promise<unknown> =>
    Promise.all(
      lines.map(({ ticketTypeId }) =>
        commit(world.table, [changeCopy(ticketTypeId, { optOutUntil: world.start }, () => 'GONE')]),
      ),
    );

  it('is refused by the copy itself, where the window ended since it was read', async () => {
    const order = await moved();
    const [line] = order.lines;
    const read = { optOutHeldBefore: world.start + 1, optOutUntil: world.start + HOUR };
    await endWindow(order);
    const terms = new Map([[line?.eventId ?? '', { startsAt: world.start + DAY, policy: undefined, ...read }]]);
    const wish = { cause: 'BUYER', lines: undefined, terms } as const;
    const late = refund(order, { refundId: ulid(), requestHash: 'all', reason: 'test', wish });
    await expect(late).rejects.toThrow('The event is being moved');
    expect(await world.reload(order)).toMatchObject({ state: 'PAID', ver: order.ver });
    expect(await giveBack(order)).toMatchObject({ error: { code: 'OUTSIDE_CANCELLATION_WINDOW' } });
  });

  it('twice at once and beside another move gives all of it once, or nothing', async () => {
    const outcomes = new Set<string>();
    for (let round = 0; round < 6; round += 1) {
      const order = await moved();
      const [one, other] = await Promise.allSettled([
        giveBack(order),
        giveBack(order),
        ...(round % 2 === 0 ? [endWindow(order)] : []),
      ]);
      const given = [one, other].filter((each) => each?.status === 'fulfilled' && each.value.ok).length;
      await world.rest(world.start);
      const after = await world.reload(order);
      outcomes.add(given > 0 ? 'given' : 'refused');
      expect([after.state, after.refundedAmount ?? 0]).toEqual(given > 0 ? ['CANCELLED', 9_000] : ['PAID', 0]);
      expect(await refundsOf(order)).toHaveLength(given > 0 ? 1 : 0);
    }
    expect(outcomes).toContain('given');
  });

  it.each(['BEFORE', 'AFTER'] as const)('is made once where its process dies %s its write', async (when) => {
    const order = await moved();
    await expect(giveBack(order, dyingTable(world.table, { at: 1, when }).table)).rejects.toThrow('killed');
    expect(await giveBack(order)).toMatchObject({ value: { refund: { amount: 9_000 } } });
    await world.rest(world.start);
    expect(await refundsOf(order)).toEqual([{ status: 'succeeded', amount: 9_000 }]);
  });
});

it('at rest, everything adds up', async () => {
  await world.rest(world.start);
  const left = await world.audit(world.start);
  // Orders that other tests left waiting for their payment are none of this.
  expect(left.filter(({ name }) => !['HOLD_OUTLIVED', 'AUTHORISATION_LEFT'].includes(name))).toEqual([]);
});
