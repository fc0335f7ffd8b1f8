import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { StateMachine, type StateMachineDefinition } from 'aws-local-stepfunctions';
import { ulid } from 'ulid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod/mini';

import { cancelEvent } from '../../functions/catalog/app/cancel-event.ts';
import { cancelSteps } from '../../functions/catalog/app/cancel-steps.ts';
import { eventPublished } from '../../functions/catalog/events.ts';
import { eventKey } from '../../functions/catalog/keys.ts';
import { receiptCsv } from '../../functions/catalog/domain/cancellation.ts';
import { findEvent, findProgress } from '../../functions/catalog/reads.ts';
import { findTicketsOf } from '../../functions/delivery/reads.ts';
import type { TicketTypeCopy } from '../../functions/inventory/contract.ts';
import { createOrder } from '../../functions/orders/app/create-order.ts';
import { refundOrder } from '../../functions/orders/operations.ts';
import type { Order } from '../../functions/orders/reads.ts';
import { pacedGateway, settleRefund } from '../../functions/payments/operations.ts';
import { placeHold } from '../../functions/reservations/app/place-hold.ts';
import { HOUR, MINUTE, type Instant } from '../../functions/shared/kernel/clock.ts';
import { stepFunction } from '../../functions/shared/runtime/step.ts';
import { begin } from '../../functions/shared/table/aggregate.ts';
import { commit } from '../../functions/shared/table/commit.ts';
import { noteFacts } from '../../functions/fraud/operations.ts';
import { caseIdOf, findCase } from '../../functions/support/reads.ts';
import { mustHold } from '../../functions/shared/table/writes.ts';
import { publishedEventOf } from '../catalog/event-row.ts';
import { TEST_CONTEXT } from '../support/http.ts';
import { at, startWorld, type World } from './world.ts';

const ASL: StateMachineDefinition = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', '..', 'statemachines', 'cancel-event.asl.json'), 'utf8'),
);
const STATES = z.parse(z.record(z.string(), z.looseObject({ Type: z.string() })), ASL.States);
const named = (type: string): string[] => Object.keys(STATES).filter((name) => STATES[name]?.Type === type);
const visited = new Set<string>();

let world: World;
let clock: Instant;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());
beforeEach(() => {
  clock = world.start;
});

/** An event on sale, with its row in the catalogue. */
async function onSale(capacity = 20, as: Partial<TicketTypeCopy> = {}): Promise<TicketTypeCopy> {
  const type = await world.putOnSale({ capacity, ...as });
  const event = publishedEventOf(type, ulid(), world.start);
  const row = begin(eventKey(type.eventId), event, { ...at(world.start), event: eventPublished.name }, mustHold('new'));
  await commit(world.table, [row]);
  return type;
}

async function paid(
  type: TicketTypeCopy,
  quantity = 1,
  card?: string,
  customerId = ulid(),
): Promise<Order & { paymentIntentId: string }> {
  const placed = await world.order(type, quantity, { customerId });
  await world.pay(placed, card);
  await world.machine.run({ orderId: placed.orderId }, world.start);
  await world.rest(world.start);
  return { ...(await world.reload(placed)), paymentIntentId: placed.paymentIntentId };
}

/** An order of one ticket of each type, in their order, paid. */
async function paidTogether(
  types: readonly TicketTypeCopy[],
  card?: string,
): Promise<Order & { paymentIntentId: string }> {
  const customerId = ulid();
  const wishes = types.map(({ ticketTypeId }) => ({ ticketTypeId, quantity: 1 }));
  const copies = new Map(types.map((type) => [type.ticketTypeId, type]));
  const request = { orderId: ulid(), customerId, wishes, types: copies, retriable: false };
  const held = await placeHold(world.table, request, at(world.start));
  if (!held.ok) throw new Error(held.error.code);
  const created = await createOrder(world.table, world.gateway, request.orderId, customerId, at(world.start));
  if (!created.ok) throw new Error(created.error.code);
  const { paymentIntentId = '' } = created.value.order;
  await world.pay(created.value.order, card);
  await world.machine.run({ orderId: request.orderId }, world.start);
  await world.rest(world.start);
  return { ...(await world.reload(request)), paymentIntentId };
}

/** Gives tickets of a line back, whose bank takes its time. @returns the refund's id */
async function giveBack(order: Order, line: string, quantity: number): Promise<string> {
  const refundId = ulid();
  const wish = { cause: 'SUPPORT', lines: [{ orderItemId: line, quantity }], within: [line] } as const;
  await refundOrder(world.table, order, { refundId, requestHash: 'x', reason: 'x', wish }, at(world.start));
  expect(await settleRefund(world, refundId, at(world.start))).toBe('PENDING');
  return refundId;
}

/** Cancels as the organizer does, and answers what starts the workflow. */
async function cancel({ eventId }: TicketTypeCopy): Promise<{ cancellationId: string; eventId: string }> {
  const event = await findEvent(world.table, eventId);
  if (event === undefined) throw new Error('no event');
  const started: { cancellationId: string; eventId: string }[] = [];
  const runs = { start: async (what: { cancellationId: string; eventId: string }) => void started.push(what) };
  const done = await cancelEvent(world.table, { event }, 'Storm', runs, at(world.start));
  if (!done.ok) throw new Error(done.error.code);
  await world.relay();
  return started[0] ?? { cancellationId: done.value.cancellationId, eventId };
}

type Json = Parameters<StateMachine['run']>[0];
const payload = z.object({ Payload: z.object({ step: z.string(), input: z.unknown() }) });

/** Runs the deployed definition to its end; `before` each step and `after` it something may happen, or it may die. */
async function run(
  what: { cancellationId: string; eventId: string },
  happens: {
    before?: (step: string, call: number) => Promise<void>;
    after?: (step: string, call: number) => Promise<void>;
  } = {},
  name = `run-${ulid()}`,
): Promise<number> {
  const gateway = pacedGateway(world.gateway, {
    perSecond: 25,
    now: () => clock,
    wait: async (ms) => void (clock += ms),
  });
  const handler = stepFunction(cancelSteps({ table: world.table, gateway, clock: () => clock }));
  let calls = 0;
  const handlers = Object.fromEntries(
    named('Task').map((state) => [
      state,
      async (input: Json): Promise<Json> => {
        calls += 1;
        const call = calls;
        // Waits take no time here: whoever begins again has waited at least a minute.
        if (state === 'BeginPass' && call > 1) clock += 2 * MINUTE;
        await happens.before?.(state, call);
        const { Payload } = z.parse(payload, input);
        const answer = await handler(JSON.parse(JSON.stringify(Payload)), TEST_CONTEXT);
        await happens.after?.(state, call);
        return { Payload: JSON.parse(JSON.stringify(answer)) };
      },
    ]),
  );
  const machine = new StateMachine(ASL, { validationOptions: { checkArn: false } });
  const execution = machine.run(
    { ...what, run: name },
    {
      overrides: {
        taskResourceLocalHandlers: handlers,
        waitTimeOverrides: Object.fromEntries(named('Wait').map((state) => [state, 1])),
      },
    },
  );
  const watch = (async () => {
    for await (const event of execution.eventLogs) if (event.type === 'StateEntered') visited.add(event.state.name);
  })();
  await execution.result;
  await watch;
  return calls;
}

async function back({ paymentIntentId }: { readonly paymentIntentId: string }): Promise<number> {
  const { data } = await world.buyerSdk.refunds.list({ payment_intent: paymentIntentId, limit: 100 });
  return data.filter(({ status }) => status === 'succeeded').reduce((sum, { amount }) => sum + amount, 0);
}
/** The bank has the money of a refund, and we hear of it. */
async function arrives({ paymentIntentId }: { readonly paymentIntentId: string }, refundId: string): Promise<void> {
  const { data } = await world.buyerSdk.refunds.list({ payment_intent: paymentIntentId });
  for (const { id } of data.filter(
    ({ status, metadata }) => status === 'pending' && metadata?.['refundId'] === refundId,
  ))
    await fetch(`${world.stripe.url}/_stand-in/settle/${id}`, {
      method: 'POST',
      body: JSON.stringify({ outcome: 'succeeded' }),
    });
  expect(await settleRefund(world, refundId, at(clock))).toBe('SUCCEEDED');
}
async function stateOf({ eventId }: { readonly eventId: string }): Promise<string | undefined> {
  return (await findEvent(world.table, eventId))?.status;
}
async function raised(eventId: string): Promise<readonly unknown[]> {
  await world.relay();
  const rows = (await world.db.items()).filter(
    ({ pk, sk }) => pk === `EVENT#${eventId}` && String(sk).startsWith('TL#'),
  );
  return rows
    .toSorted((left, right) => (String(left['sk']) < String(right['sk']) ? -1 : 1))
    .map(({ ev }) => ev)
    .slice(-5);
}

describe('the cancellation of an event', () => {
  it('gives back the lines of its orders alone, archives their tickets, and ends with a receipt', async () => {
    const type = await onSale();
    const [plain, used, part] = [await paid(type, 2), await paid(type, 1), await paid(type, 3)];
    const wish = { cause: 'SUPPORT', lines: [{ orderItemId: '1', quantity: 1 }], within: ['1'] } as const;
    await refundOrder(world.table, part, { refundId: ulid(), requestHash: 'x', reason: 'x', wish }, at(world.start));
    await world.rest(world.start);
    await world.queues.drain('mail');
    const what = await cancel(type);
    await run(what);
    await world.rest(clock);
    expect(await stateOf(type)).toBe('CANCELLED');
    expect(await Promise.all([plain, used, part].map(back))).toEqual([9_000, 4_500, 13_500]);
    for (const order of [plain, used, part]) {
      expect((await findTicketsOf(world.table, [order], 'strong')).every(({ status }) => status === 'ARCHIVED')).toBe(
        true,
      );
      expect((await world.reload(order)).state).toBe('REFUNDED');
    }
    expect(await world.free(type)).toBe(20);
    expect(await raised(type.eventId)).toEqual([
      'catalog.EventCancellationStarted.v1',
      'catalog.EventRefundsBegun.v1',
      'catalog.EventTicketsArchived.v1',
      'catalog.EventPaymentsRefunded.v1',
      'catalog.EventCancelled.v1',
    ]);
    const receipt = (await findProgress(world.table, what.cancellationId))?.receipt;
    expect(receipt).toEqual({
      orders: 3,
      tickets: 5,
      refunds: { succeeded: 3, pending: 0, failed: 0, due: 0 },
      amounts: [{ currency: 'EUR', succeeded: 22_500, pending: 0, failed: 0 }],
      exceptions: [],
    });
    if (receipt === undefined) throw new Error('no receipt');
    expect(receiptCsv(receipt)).toContain('\r\nsum succeeded,,22500,EUR,,,\r\n');
    const mails = (await world.queues.drain('mail')).filter(({ name }) => name === 'payments.RefundIssued.v1');
    expect(mails).toHaveLength(3);
    // Whoever starts it again finds it done.
    await run(what);
    expect(await Promise.all([plain, used, part].map(back))).toEqual([9_000, 4_500, 13_500]);
  });

  it('gives up at once what a person would decide about in days, and ends without waiting for that', async () => {
    const type = await onSale();
    const order = await world.order(type, 2);
    await world.pay(order);
    await noteFacts(world.table, order.customerId, [{ id: 'x', kind: 'HIGHEST', at: world.start }], world.start);
    await world.machine.run({ orderId: order.orderId }, world.start);
    await world.rest(world.start);
    expect(await world.reload(order)).toMatchObject({ state: 'SECURED', review: { state: 'OPEN' } });

    await run(await cancel(type));
    await world.rest(world.start);

    expect(await world.reload(order)).toMatchObject({ state: 'FAILED', settlement: 'RETURNED' });
    expect((await world.intent(order)).status).toBe('canceled');
    expect((await findEvent(world.table, type.eventId))?.status).toBe('CANCELLED');
    const found = await findCase(world.table, caseIdOf('FRAUD_REVIEW', order.orderId));
    expect(found).toMatchObject({ status: 'CLOSED', resolution: 'REFUSED' });
  });

  it('meets purchases that were under way with another pass, and money that comes after it goes back (35, 37)', async () => {
    const type = await onSale();
    await paid(type);
    const open = await world.order(type);
    const forgotten = await world.order(type);
    const what = await cancel(type);
    await run(what, {
      after: async (state, call) => {
        // It pays when the list has been read; the hold of the other lapses.
        if (state === 'RefundNextPage' && call <= 3) {
          await world.pay(open);
          await world.machine.run({ orderId: open.orderId }, clock);
        }
        if (state === 'VerifyCancellation') {
          clock += 10 * MINUTE;
          await world.sweep(clock);
        }
        await world.rest(clock);
      },
    });
    expect(await stateOf(type)).toBe('CANCELLED');
    expect([(await world.reload(open)).state, await back(open)]).toEqual(['REFUNDED', 4_500]);
    expect((await world.reload(forgotten)).state).toBe('EXPIRED');
    // The one that came too late is paid by a browser that was left open.
    await world.pay(forgotten).catch(() => undefined);
    await world.machine.run({ orderId: forgotten.orderId }, clock);
    await world.rest(clock);
    expect((await world.reload(forgotten)).state).toBe('EXPIRED');
    expect(await world.free(type)).toBe(20);
  });

  it('pauses while there is no balance and goes on from its cursor', async () => {
    const type = await onSale();
    const orders = [await paid(type), await paid(type), await paid(type)];
    const what = await cancel(type);
    const paymentIntent = orders[1]?.paymentIntentId ?? '';
    await world.fault({
      on: 'request',
      route: 'POST /v1/refunds',
      effect: 'balance_insufficient',
      paymentIntent,
      times: 2,
      skip: 0,
    });
    const phases: unknown[] = [];
    await run(what, {
      after: async (state) => {
        if (state === 'RefundNextPage') phases.push((await findProgress(world.table, what.cancellationId))?.phase);
        clock += HOUR;
      },
    });
    expect(phases.filter((phase) => phase === 'PAUSED').length).toBe(2);
    expect(await Promise.all(orders.map(back))).toEqual([4_500, 4_500, 4_500]);
    expect(await stateOf(type)).toBe('CANCELLED');
  });

  it('ends though a refund is refused: it has a case, which the receipt names', async () => {
    const type = await onSale();
    const good = await paid(type);
    const bad = await paid(type, 1, 'pm_card_createDispute');
    const what = await cancel(type);
    await run(what);
    expect(await stateOf(type)).toBe('CANCELLED');
    expect([await back(good), await back(bad)]).toEqual([4_500, 0]);
    const receipt = (await findProgress(world.table, what.cancellationId))?.receipt;
    expect(receipt).toMatchObject({
      refunds: { succeeded: 1, failed: 1 },
      exceptions: [{ orderId: bad.orderId, amount: 4_500, caseId: expect.any(String) }],
    });
    expect((await findTicketsOf(world.table, [bad], 'strong')).map(({ status }) => status)).toEqual(['ARCHIVED']);
  });

  it('waits for banks, and says that payments are back only when they are', async () => {
    const type = await onSale();
    const slow = await paid(type, 1, 'pm_card_pendingRefund');
    const what = await cancel(type);
    let looks = 0;
    const states: (string | undefined)[] = [];
    await run(what, {
      before: async (state) => {
        if (state !== 'VerifyCancellation') return;
        looks += 1;
        if (looks < 3) return;
        const { refunds = [] } = await world.reload(slow);
        for (const { refundId } of refunds) await arrives(slow, refundId);
      },
      after: async (state) => {
        if (state === 'VerifyCancellation') states.push(await stateOf(type));
      },
    });
    expect(states).toEqual(['CANCELLING', 'CANCELLING', 'CANCELLED']);
    expect(await stateOf(type)).toBe('CANCELLED');
  });

  it('waits for what buyers had asked back before, too', async () => {
    const type = await onSale();
    await paid(type);
    const slow = await paid(type, 2, 'pm_card_pendingRefund');
    const refundId = await giveBack(slow, '1', 2);
    const what = await cancel(type);
    const states: (string | undefined)[] = [];
    await run(what, {
      before: async (state) => {
        if (state !== 'VerifyCancellation' || states.length < 2) return;
        await arrives(slow, refundId);
      },
      after: async (state) => {
        if (state === 'VerifyCancellation') states.push(await stateOf(type));
      },
    });
    expect(states).toEqual(['CANCELLING', 'CANCELLING', 'CANCELLED']);
    // The receipt counts what the cancellation gave back.
    expect((await findProgress(world.table, what.cancellationId))?.receipt).toMatchObject({ orders: 1, tickets: 1 });
  });

  it('does not wait for money of another event in the same orders', async () => {
    const [type, other] = [await onSale(), await onSale()];
    const mixed = await paidTogether([type, other], 'pm_card_pendingRefund');
    // In this one the event's line has the number that the other event's has in the one above.
    await paidTogether([other, type]);
    const refundId = await giveBack(mixed, '2', 1);
    const what = await cancel(type);
    let looks = 0;
    await run(what, {
      before: async (state) => {
        if (state !== 'VerifyCancellation' || (looks += 1) > 1) return;
        const { refunds = [] } = await world.reload(mixed);
        const [own = ''] = refunds.flatMap(({ cause, refundId: id }) => (cause === 'EVENT_CANCELLED' ? id : []));
        await arrives(mixed, own);
      },
    });
    expect(looks).toBe(1);
    expect(await stateOf(type)).toBe('CANCELLED');
    const { refunds = [] } = await world.reload(mixed);
    expect(refunds.find((each) => each.refundId === refundId)).toMatchObject({ state: 'PENDING' });
  });

  it('survives the death of a step before and after its effect, and of its execution, at every call', async () => {
    const counted = await onSale();
    await paid(counted, 2);
    await paid(counted);
    const calls = await run(await cancel(counted));
    for (let call = 1; call <= calls; call += 1)
      for (const when of ['before', 'after'] as const) {
        clock = world.start;
        const type = await onSale();
        const orders = [await paid(type, 2), await paid(type)];
        const what = await cancel(type);
        const dies = async (_state: string, at_: number): Promise<void> => {
          if (at_ === call) throw new Error('killed');
        };
        await run(what, { [when]: dies });
        expect(await Promise.all(orders.map(back)), `${when} call ${call}`).toEqual([9_000, 4_500]);
        expect(await stateOf(type), `${when} call ${call}`).toBe('CANCELLED');
        await world.rest(clock);
      }
  }, 240_000);

  it('is moved by one execution at a time: another takes over, and the former ends', async () => {
    const type = await onSale();
    const orders = await Promise.all([paid(type), paid(type)]);
    const what = await cancel(type);
    let other: Promise<number> | undefined;
    await run(what, {
      after: async (state, call) => {
        if (call === 1 && state === 'BeginPass') {
          other = run(what);
          await other;
        }
      },
    });
    expect(await Promise.all(orders.map(back))).toEqual([4_500, 4_500]);
    expect(await stateOf(type)).toBe('CANCELLED');
  });
});

it('asks the provider for no more than 25 refunds a second', async () => {
  const times: number[] = [];
  let now = 0;
  const gateway = pacedGateway(
    { ...world.gateway, retrieveRefund: async (id) => (times.push(now), world.gateway.retrieveRefund(id)) },
    { perSecond: 25, now: () => now, wait: async (ms) => void (now += ms) },
  );
  for (let call = 0; call < 60; call += 1) await gateway.retrieveRefund('re_none');
  const most = Math.max(...times.map((from) => times.filter((each) => each >= from && each < from + 1_000).length));
  expect(most).toBe(25);
});

it('visited every state of the definition', () => {
  expect(Object.keys(STATES).filter((name) => !visited.has(name))).toEqual([]);
});

it('at rest, everything adds up', async () => {
  await world.rest(clock);
  const left = await world.audit(clock);
  expect(left.filter(({ name }) => !['HOLD_OUTLIVED', 'AUTHORISATION_LEFT'].includes(name))).toEqual([]);
});
