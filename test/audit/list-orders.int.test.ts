import { afterAll, beforeAll, expect, it } from 'vitest';

import { listNewOrders } from '../../functions/audit/app/list-orders.ts';
import { orderIdsOfEvent } from '../../functions/orders/reads.ts';
import { MINUTE } from '../../functions/shared/kernel/clock.ts';
import { startWorld, type World } from '../workflows/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

async function listed(eventId: string): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const ids of orderIdsOfEvent(world.table, eventId)) found.push(...ids);
  return found;
}

it.each([
  ['ahead of ours', 5 * MINUTE],
  ['behind ours', -5 * MINUTE],
])('an order is listed with its event though the clock that made it was %s', async (_name, skew) => {
  const type = await world.putOnSale({ capacity: 3, opensAt: world.start - 10 * MINUTE });
  // What is marked together is found by the earliest of it.
  await world.rest(world.start);
  const held = await world.hold(type, 1, { now: world.start + skew });
  await world.rest(world.start);
  expect(await listNewOrders(world.table, world.start, () => true)).toBe(true);
  expect(await listed(type.eventId)).toEqual([held.orderId]);
});
