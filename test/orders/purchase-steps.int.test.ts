import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { cancelOrder } from '../../functions/orders/app/cancel-order.ts';
import {
  confirmOrder,
  failOrder,
  releaseInventory,
  reopenOrder,
  secureInventory,
  validateOrder,
} from '../../functions/orders/app/purchase-steps.ts';
import type { Order } from '../../functions/orders/reads.ts';
import { MINUTE, SECOND } from '../../functions/shared/kernel/clock.ts';
import { tableOn } from '../../functions/shared/table/client.ts';
import { injectFaults } from '../shared/faults.ts';
import { testClient } from '../support/dynamodb.ts';
import { at, startWorld, type World } from '../workflows/world.ts';

let world: World;

beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

const state = (order: Order, run: string): Parameters<typeof secureInventory>[1] => ({
  run,
  startedAt: world.start,
  order,
});

/** A PENDING order that `run` has just secured, as the next step is handed it. */
async function secured(run: string): Promise<Order> {
  const order = await world.order(await world.putOnSale());
  return (await secureInventory(world.table, state(order, run), at(world.start))).order;
}

describe('a step of a run that another run has overtaken', () => {
  const later = (): number => world.start + 2 * MINUTE;

  it('does not compensate: whoever took the order over decides about its money', async () => {
    const stale = await secured('first');
    const taken = await secureInventory(world.table, state(stale, 'second'), at(later()));
    await expect(releaseInventory(world.table, state(stale, 'first'), at(later()))).rejects.toThrow(
      'Another run owns this order',
    );
    await confirmOrder(world.table, state(taken.order, 'second'), at(later()));
    await expect(releaseInventory(world.table, state(stale, 'first'), at(later()))).rejects.toThrow(
      'Another run owns this order',
    );
    expect((await world.reload(stale)).state).toBe('PAID');
  });

  it('neither confirms nor reopens what is not its own any more', async () => {
    const stale = await secured('first');
    const taken = await secureInventory(world.table, state(stale, 'second'), at(later()));
    expect(await confirmOrder(world.table, state(stale, 'first'), at(later()))).toMatchObject({
      outcome: 'PROCESSING',
    });
    expect(await reopenOrder(world.table, state(stale, 'first'), at(later()))).toMatchObject({ outcome: 'PROCESSING' });
    expect(await world.reload(stale)).toMatchObject({ state: 'SECURED', run: 'second', ver: taken.order.ver });
  });

  it('records nothing as given back on an order that was paid', async () => {
    const order = await secured('first');
    await confirmOrder(world.table, state(order, 'first'), at(world.start));
    expect(await failOrder(world.table, state(order, 'other'), at(world.start))).toMatchObject({ outcome: 'PAID' });
    expect((await world.reload(order)).settlement).toBeUndefined();
  });
});

describe('a step that is sent again', () => {
  it('SecureInventory of the same run goes on with what it has, and takes the lease from nobody', async () => {
    const order = await world.order(await world.putOnSale());
    const first = await secureInventory(world.table, state(order, 'mine'), at(world.start));
    const again = await secureInventory(world.table, state(order, 'mine'), at(world.start + SECOND));
    expect(again.order.ver).toBe(first.order.ver);
    await expect(secureInventory(world.table, state(order, 'other'), at(world.start + 30 * SECOND))).rejects.toThrow(
      'Another run',
    );
  });

  it('ConfirmOrder answers PAID again and writes once', async () => {
    const order = await secured('mine');
    await confirmOrder(world.table, state(order, 'mine'), at(world.start));
    const { ver } = await world.reload(order);
    expect(await confirmOrder(world.table, state(order, 'mine'), at(world.start + SECOND))).toMatchObject({
      outcome: 'PAID',
    });
    expect((await world.reload(order)).ver).toBe(ver);
  });

  it('every step knows its own effect though answers of the store get lost', async () => {
    const client = testClient();
    const struck = injectFaults(client, { lostAnswers: 0.6, seed: 3 });
    const flaky = tableOn(client, world.table.name);
    for (let round = 0; round < 8; round += 1) {
      const order = await world.order(await world.putOnSale());
      const own = await secureInventory(flaky, state(order, 'mine'), at(world.start));
      expect(await confirmOrder(flaky, state(own.order, 'mine'), at(world.start))).toMatchObject({ outcome: 'PAID' });
      expect((await world.reload(order)).ver).toBe(4);
    }
    expect(struck.lostAnswers).toBeGreaterThan(5);
    client.destroy();
  });
});

/** A client under which `rival` acts right after the blocks were read, before anything is made of them. */
function overtakenAfterItsLook(rival: () => Promise<unknown>): { client: DynamoDBClient; looks: () => number } {
  const client = testClient();
  let looks = 0;
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const seen = await next(args);
      // The second batch is the blocks, after the ticket types.
      if (context['commandName'] === 'BatchGetItemCommand' && (looks += 1) === 2) await rival();
      return seen;
    },
    { step: 'initialize', name: 'overtake' },
  );
  return { client, looks: () => looks };
}

describe('late money', () => {
  it('that sees the last ticket does not get it when somebody else is faster: stock is a condition, not a look', async () => {
    const type = await world.putOnSale({ capacity: 1 });
    const order = await world.order(type);
    const later = order.expiresAt + 2 * MINUTE;
    await world.relay();
    await world.sweep(later);
    const { client, looks } = overtakenAfterItsLook(() => world.hold(type, 1, { now: later }));
    const overtaken = tableOn(client, world.table.name);
    const found = await world.reload(order);
    await expect(secureInventory(overtaken, state(found, 'mine'), at(later))).rejects.toThrow('SOLD_OUT');
    expect(looks()).toBeGreaterThan(2);
    expect(await world.free(type)).toBe(0);
    expect(await world.reload(order)).toMatchObject({ state: 'EXPIRED', settlement: 'RETURN_DUE' });
    expect(await world.audit(later, 'in-flight')).toEqual([]);
    client.destroy();
  });

  it('that finds nothing leaves the order to a run that found what was given back a moment later', async () => {
    const type = await world.putOnSale({ capacity: 1 });
    const order = await world.order(type);
    const later = order.expiresAt + 2 * MINUTE;
    await world.relay();
    await world.sweep(later);
    const rival = await world.hold(type, 1, { now: later });
    const found = await world.reload(order);
    const { client } = overtakenAfterItsLook(async () => {
      await cancelOrder(world.table, rival, at(later));
      await secureInventory(world.table, state(found, 'other'), at(later));
    });
    await expect(secureInventory(tableOn(client, world.table.name), state(found, 'mine'), at(later))).rejects.toThrow(
      'Another run decided this order',
    );
    expect(await world.reload(order)).toMatchObject({ state: 'SECURED', run: 'other' });
    client.destroy();
  });
});

describe('the hold of an order', () => {
  it('cannot be secured a moment too late, even by a run that read it in time', async () => {
    const type = await world.putOnSale({ capacity: 1 });
    const order = await world.order(type);
    const late = await secureInventory(world.table, state(order, 'mine'), at(order.expiresAt));
    // It lapsed and was taken again: the stock went back and was there to be had.
    expect(late.order).toMatchObject({ state: 'SECURED', ver: order.ver + 2 });
    expect(await world.free(type)).toBe(0);
  });

  it('cannot be reopened once it has lapsed: the order fails and frees its stock', async () => {
    const type = await world.putOnSale({ capacity: 1 });
    const order = await world.order(type);
    const own = await secureInventory(world.table, state(order, 'mine'), at(order.expiresAt - 1));
    expect(await reopenOrder(world.table, state(own.order, 'mine'), at(order.expiresAt))).toMatchObject({
      outcome: 'PAYMENT_FAILED',
    });
    expect((await world.reload(order)).state).toBe('FAILED');
    expect(await world.free(type)).toBe(1);
  });

  it('is told apart by ValidateOrder', async () => {
    const order = await world.order(await world.putOnSale());
    const input = { orderId: order.orderId, run: 'mine', startedAt: world.start };
    expect(await validateOrder(world.table, input, world.start)).toMatchObject({ decision: 'PROCEED' });
    await secureInventory(world.table, state(order, 'other'), at(world.start));
    expect(await validateOrder(world.table, input, world.start)).toMatchObject({ decision: 'WAIT' });
    expect(await validateOrder(world.table, { ...input, waits: 4 }, world.start)).toMatchObject({
      decision: 'ANSWER',
      outcome: 'PROCESSING',
    });
    expect(await validateOrder(world.table, input, world.start + 2 * MINUTE)).toMatchObject({ decision: 'PROCEED' });
  });
});
