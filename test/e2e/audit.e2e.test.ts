import { expect, it } from 'vitest';

import { verifyTable } from '../../scripts/audit/verify.ts';
import { order, person, publishEvent, settled, systemTable, type Person } from '../support/shop.ts';

/** Steps that the audit lists, page by page. */
async function listed(
  admin: Person,
  query: Readonly<Record<string, string>>,
): Promise<readonly Record<string, unknown>[]> {
  const items: Record<string, unknown>[] = [];
  for (let cursor: string | null = null; ;) {
    const search = new URLSearchParams({ ...query, ...(cursor === null ? {} : { cursor }) });
    const { status, json, text } = await admin.call('GET', `/api/audit?${search.toString()}`);
    if (status !== 200) throw new Error(text);
    items.push(...json.items);
    cursor = json.nextCursor;
    if (cursor === null) return items;
  }
}

it('an admin sees what a buyer and an organizer did, by thing, by person and by time', async () => {
  const from = new Date(Date.now() - 1_000).toISOString();
  const { eventId, ticketTypeId } = await publishEvent();
  const buyer = await person();
  const { orderId } = await order(buyer, ticketTypeId);
  await buyer.call('POST', `/api/orders/${orderId}/cancel`, {});
  await settled();
  const admin = await person({ roles: ['customer', 'admin'] });

  const steps = await listed(admin, { aggregate: `order/${orderId}` });
  expect(steps.map(({ event }) => event)).toEqual([
    'orders.OrderCancelled.v1',
    'orders.OrderCreated.v1',
    'reservations.TicketsHeld.v1',
  ]);
  expect(new Set(steps.map(({ actor }) => actor))).toEqual(new Set([buyer.userId]));

  expect(await listed(admin, { actor: buyer.userId, from })).toEqual(steps);
  const all = await listed(admin, { from, limit: '100' });
  expect(all).toEqual(expect.arrayContaining([...steps]));
  expect(all.filter(({ aggregate }) => aggregate === `event/${eventId}`).length).toBeGreaterThan(1);
  expect(await listed(admin, { actor: buyer.userId, to: from })).toEqual([]);
});

it('the chain of every aggregate that the system has made until now is whole', async () => {
  await settled();
  const { differences, aggregates } = await verifyTable(systemTable(), { wait: async () => undefined });
  expect(differences).toEqual([]);
  expect(aggregates).toBeGreaterThan(10);
});
