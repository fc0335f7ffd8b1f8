import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { personLimitKey } from '../../functions/inventory/keys.ts';
import { orderKey } from '../../functions/orders/keys.ts';
import type { Order } from '../../functions/orders/reads.ts';
import { cancelUnpaid, orderReservation, secureHeld } from '../../functions/orders/writes.ts';
import { expireHolds } from '../../functions/reservations/app/expire-holds.ts';
import { tableOn } from '../../functions/shared/table/client.ts';
import { testClient } from '../support/dynamodb.ts';
import { MINUTE, SECOND } from '../../functions/shared/kernel/clock.ts';
import { putItems } from '../../functions/shared/table/batch.ts';
import { commit } from '../../functions/shared/table/commit.ts';
import { enlist } from '../../functions/shared/table/due-list.ts';
import { getItem } from '../../functions/shared/table/read.ts';
import { mustHold } from '../../functions/shared/table/writes.ts';
import { afterHold, at, startWorld, type World } from '../workflows/world.ts';
import { freeOf } from '../inventory/on-sale.ts';

let world: World;
let lapsed: number;

beforeAll(async () => {
  world = await startWorld();
  lapsed = afterHold(world);
});
afterAll(() => world.close());

/** Due-list entries of holds that nobody has dealt with. */
async function entriesLeft(): Promise<number> {
  return (await world.db.items()).filter(({ pk, sk }) => String(pk).startsWith('DUE#LAPSED_HOLDS#') && sk !== 'CURSOR')
    .length;
}

describe('the sweep', () => {
  it('gives lapsed stock back, block by block, and leaves what stands, is paid or is owned by a run', async () => {
    const type = await world.putOnSale({ capacity: 20, blocks: 4, maxPerPerson: 6 });
    const held = [];
    for (let buyer = 0; buyer < 3; buyer += 1) held.push(await world.hold(type, 2));
    const wide = await world.hold(type, 6);
    const pending = await world.order(type);
    const paid = await world.order(type);
    const owned = await world.order(type);
    await world.pay(paid);
    await world.machine.run({ orderId: paid.orderId }, world.start);
    await commit(world.table, [secureHeld(owned, 'run', at(world.start), mustHold('nobody else is there')).write]);
    await world.relay();

    expect(await world.sweep(lapsed)).toMatchObject({ expired: 5, offenders: 0, faults: 0 });

    for (const order of [...held, wide, pending]) expect((await world.reload(order)).state).toBe('EXPIRED');
    expect((await world.reload(paid)).state).toBe('PAID');
    expect((await world.reload(owned)).state).toBe('SECURED');
    expect(await freeOf(world.table, type)).toBe(18);
    expect((await getItem(world.table, personLimitKey(type.ticketTypeId, wide.customerId), 'strong'))?.['held']).toBe(
      0,
    );
    expect(await world.audit(lapsed, 'in-flight')).toEqual([]);
    // The entry stays as long as a run owns one of its orders.
    expect(await entriesLeft()).toBeGreaterThan(0);
  });

  it('does nothing twice, late or from many hands at once', async () => {
    const type = await world.putOnSale({ capacity: 30, blocks: 3 });
    for (let buyer = 0; buyer < 12; buyer += 1) await world.hold(type, 2);
    await world.relay();
    const reports = await Promise.all([1, 2, 3, 4].map(() => world.sweep(lapsed)));
    expect(reports.reduce((total, { expired = 0 }) => total + expired, 0)).toBe(12);
    expect(await world.sweep(lapsed + MINUTE)).toMatchObject({ expired: 0 });
    expect(await freeOf(world.table, type)).toBe(30);
    expect(await world.audit(lapsed, 'in-flight')).toEqual([]);
  });

  it('races with payments of the same batch: each order is paid or swept, never both', async () => {
    const type = await world.putOnSale({ capacity: 10, blocks: 2 });
    const orders = [];
    for (let buyer = 0; buyer < 10; buyer += 1) orders.push(await world.order(type));
    for (const order of orders) await world.pay(order);
    await world.relay();
    await Promise.all([
      world.sweep(lapsed),
      ...orders.map(({ orderId }) => world.machine.run({ orderId }, world.start)),
    ]);
    expect(await world.audit(lapsed, 'in-flight')).toEqual([]);
    await world.rest(lapsed);
    await world.sweep(lapsed);
    await world.rest(lapsed + 2 * MINUTE);
    for (const order of orders) expect((await world.reload(order)).state).toBe('PAID');
    expect(await freeOf(world.table, type)).toBe(0);
  });

  it('leaves out an order that moved on between its look and its write, and frees the rest of the batch', async () => {
    const type = await world.putOnSale({ capacity: 5 });
    const orders = [];
    for (let buyer = 0; buyer < 5; buyer += 1) orders.push(await world.hold(type));
    const [moved] = orders;
    if (moved === undefined) throw new Error('no order');
    await world.relay();
    const client = between(moved, () =>
      commit(world.table, cancelUnpaid(moved, at(world.start), mustHold('nobody else is there')).writes),
    );
    const report = await expireHolds(tableOn(client, world.table.name), at(lapsed));
    expect(report).toMatchObject({ expired: 4, offenders: 1, faults: 0 });
    expect((await world.reload(moved)).state).toBe('CANCELLED');
    expect(await freeOf(world.table, type)).toBe(5);
    client.destroy();
  });

  it('comes back to an order that began to wait for its payment between its look and its write', async () => {
    const type = await world.putOnSale({ capacity: 1 });
    const held = await world.hold(type);
    await world.relay();
    // Ordered within its time, by a request that took longer than the rest of it: the provider was asked meanwhile.
    const ordered = orderReservation(held, 'pi_late', at(held.expiresAt - SECOND), mustHold('nobody else is there'));
    const client = between(held, () => commit(world.table, [ordered.write]));
    const report = await expireHolds(tableOn(client, world.table.name), at(lapsed));
    expect(report).toMatchObject({ expired: 0, offenders: 1, faults: 0 });
    expect((await world.reload(held)).state).toBe('PENDING');
    client.destroy();
    expect(await world.sweep(lapsed + MINUTE)).toMatchObject({ expired: 1, offenders: 0 });
    expect(await freeOf(world.table, type)).toBe(1);
  });

  it('does not touch a hold before its time', async () => {
    const type = await world.putOnSale();
    const order = await world.hold(type);
    await putItems(world.table, enlist('LAPSED_HOLDS', order.expiresAt - 3 * MINUTE, [order.orderId]));
    await world.sweep(order.expiresAt - SECOND);
    expect((await world.reload(order)).state).toBe('HELD');
  });

  it('an order whose card was refused fails, and its payment is closed', async () => {
    const type = await world.putOnSale();
    const order = await world.order(type);
    await world.pay(order, 'pm_card_chargeDeclined');
    await world.machine.run({ orderId: order.orderId }, world.start);
    await world.relay();
    await world.sweep(lapsed);
    expect((await world.reload(order)).state).toBe('FAILED');
    expect(await world.settle(lapsed)).toEqual([]);
    expect((await world.intent(order)).status).toBe('canceled');
  });

  it('goes on past a row that cannot be read, and keeps its entry for an operator', async () => {
    const type = await world.putOnSale({ capacity: 2 });
    const good = await world.hold(type, 2);
    const poison = { ...orderKey('01ARZ3NDEKTSV4RRFFQ69G5FAV') };
    await putItems(world.table, [
      {
        kind: 'put',
        key: poison,
        item: { orderId: '01ARZ3NDEKTSV4RRFFQ69G5FAV', state: 'HOVERING' },
        otherwise: mustHold('a fixture'),
      },
      ...enlist('LAPSED_HOLDS', good.expiresAt - 5 * MINUTE, ['01ARZ3NDEKTSV4RRFFQ69G5FAV']),
    ]);
    await world.relay();
    expect(await world.sweep(lapsed)).toMatchObject({ expired: 1, faults: 1 });
    expect((await world.reload(good)).state).toBe('EXPIRED');
    await commit(world.table, [{ kind: 'delete', key: poison, otherwise: mustHold('a fixture') }]);
    expect(await world.sweep(lapsed)).toMatchObject({ faults: 0 });
  });

  it('finds a hold whose entry came later than the sweep of its minute, from a stream that lagged', async () => {
    const type = await world.putOnSale({ capacity: 1 });
    const order = await world.hold(type, 1, { now: world.start - 40 * MINUTE });
    await world.sweep(world.start + 20 * MINUTE);
    await world.relay(world.start + 20 * MINUTE);
    await world.sweep(world.start + 21 * MINUTE);
    expect((await world.reload(order)).state).toBe('EXPIRED');
    expect(await freeOf(world.table, type)).toBe(1);
  });

  it('splits what does not fit one transaction', async () => {
    const type = await world.putOnSale({ capacity: 160, blocks: 16 });
    const orders = [];
    for (let buyer = 0; buyer < 60; buyer += 1) orders.push(await world.hold(type, 2, { now: world.start + MINUTE }));
    await world.relay();
    expect(await world.sweep(world.start + 25 * MINUTE)).toMatchObject({ expired: 60 });
    expect(await freeOf(world.table, type)).toBe(160);
    expect(await world.audit(lapsed, 'in-flight')).toEqual([]);
  });
});

/** A client by which `effect` happens right after `order` was first read with others. */
function between({ orderId }: Pick<Order, 'orderId'>, effect: () => Promise<unknown>): DynamoDBClient {
  const client = testClient();
  let raced = false;
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const seen = await next(args);
      const looked = context['commandName'] === 'BatchGetItemCommand' && JSON.stringify(args.input).includes(orderId);
      if (looked && !raced) {
        raced = true;
        await effect();
      }
      return seen;
    },
    { step: 'initialize', name: 'race' },
  );
  return client;
}
