import { afterAll, beforeAll, expect, it } from 'vitest';
import { ulid } from 'ulid';

import { logScan } from '../../functions/access/writes.ts';
import { issueTickets } from '../../functions/delivery/app/issue-tickets.ts';
import { findTicketsOf } from '../../functions/delivery/reads.ts';
import { markUsed } from '../../functions/delivery/writes.ts';
import { firstClaim } from '../../functions/notifications/writes.ts';
import { readOrderTimeline } from '../../functions/orders/app/read-timeline.ts';
import { pageOf } from '../../functions/orders/domain/timeline.ts';
import { ownedOrders } from '../../functions/orders/owned.ts';
import { refundOrder } from '../../functions/orders/operations.ts';
import type { Order } from '../../functions/orders/reads.ts';
import { MINUTE } from '../../functions/shared/kernel/clock.ts';
import type { Post, Role } from '../../functions/shared/runtime/route.ts';
import { commit } from '../../functions/shared/table/commit.ts';
import type { TicketTypeCopy } from '../../functions/inventory/contract.ts';
import { placePaidOrder } from '../delivery/paid-order.ts';
import { at, startWorld, type World } from '../workflows/world.ts';
import { asker } from './askers.ts';

let world: World;
let types: readonly [TicketTypeCopy, TicketTypeCopy];
let order: Order;

/** An order for the events of two organisations, of which the first event has let somebody in with one of two tickets. */
beforeAll(async () => {
  world = await startWorld();
  const { table, start } = world;
  types = [await world.putOnSale(), await world.putOnSale()];
  const lines = types.map((type) => ({ type, quantity: 2 }));
  const paid = await placePaidOrder(table, start, { lines });
  await issueTickets(table, paid.orderId, at(start));
  await world.relay();
  order = await world.reload(paid);
  const [first, passedOn] = await findTicketsOf(table, [order], 'strong');
  if (first === undefined || passedOn === undefined) throw new Error('no tickets');
  // The second ticket is somebody else's by now.
  const successor = { ...passedOn, pk: `TICKET#${ulid()}`, customerId: ulid(), originId: passedOn.ticketId };
  const ticketId = successor.pk.slice('TICKET#'.length);
  for (const { pk, sk, ...item } of [
    { ...passedOn, status: 'TRANSFERRED', transferredTo: ticketId },
    { ...successor, ticketId },
  ])
    await commit(table, [{ kind: 'put', key: { pk, sk }, item, otherwise: () => 'LOST' }]);
  for (const [ticket, gate] of [
    [first, 'North'],
    [{ ...successor, ticketId }, 'South'],
  ] as const) {
    const scanId = ulid();
    const used = markUsed(
      ticket,
      { scanId, gate },
      { ...at(start + MINUTE), event: 'access.TicketAdmitted.v1' },
      () => 'LOST',
    );
    const { eventId } = ticket;
    const scan = { scanId, at: start + MINUTE, result: 'ADMIT', ticketId: ticket.ticketId, eventId, gate } as const;
    await commit(table, [used.write]);
    await commit(table, [logScan({ eventId }, { ...scan, staffId: ulid() })]);
  }
  const mail = (about: { orderId: string } | { userId: string }, cause: string, now = start): Promise<unknown> =>
    commit(table, [firstClaim({ about, cause, notificationId: ulid() }, now, () => 'SENT')]);
  const { orderId, customerId: userId } = order;
  await mail({ orderId }, 'delivery.TicketsGenerated.v1#5');
  await mail({ userId }, `catalog.EventRescheduled.v1#${types[1].eventId}#7`);
  await mail({ userId }, `catalog.EventRescheduled.v1#${types[1].eventId}#6`, start - MINUTE);
  await mail({ userId }, `catalog.EventRescheduled.v1#${ulid()}#7`);
  await mail({ userId }, 'users.PasswordReset.v1#2');
});
afterAll(() => world.close());

/** What somebody sees: the mails' templates, the gates of the scans, the amounts of the money. */
async function seenBy(as: { customerId?: string; roles?: Role[]; post?: Post; organizationId?: string }) {
  const { session } = asker({ customerId: ulid(), ...as, occasion: at(world.start) });
  const { post, organizationId = '' } = as;
  const memberships = post === undefined ? [] : [{ organizationId, post }];
  const found = await ownedOrders(world.table).find(order.orderId, {});
  if (found === undefined) throw new Error('no order');
  const placed = await readOrderTimeline(world.table, found, { ...session, memberships }, world.start);
  const { items } = pageOf(placed, 100, undefined);
  return {
    steps: items.filter(({ kind }) => kind === 'STEP').length,
    mails: items.flatMap((item) => (item.kind === 'MAIL' ? item.mail.template : [])).toSorted(),
    gates: items.flatMap((item) => (item.kind === 'SCAN' ? (item.scan.gate ?? '') : [])).toSorted(),
    money: items.flatMap((item) => (item.kind === 'STEP' ? item.movements : [])).map(({ amount }) => amount),
  };
}

it('shows its buyer the money, the mails of the order and its events, and the entries of the tickets that are still theirs', async () => {
  expect(await seenBy({ customerId: order.customerId })).toEqual({
    steps: 5,
    mails: ['eventMoved', 'tickets'],
    gates: ['North'],
    money: [18_000],
  });
});

it('shows support all entries, an organizer those of their own events without money or mails', async () => {
  const [one, other] = types;
  expect(await seenBy({ roles: ['support'] })).toMatchObject({ gates: ['North', 'South'], money: [18_000] });
  const lead = { roles: ['organizer'] as Role[], post: 'organizer' as const };
  expect(await seenBy({ ...lead, organizationId: one.organizationId })).toEqual({
    steps: 5,
    mails: [],
    gates: ['North', 'South'],
    money: [],
  });
  expect(await seenBy({ ...lead, organizationId: other.organizationId })).toMatchObject({ gates: [], money: [] });
  // An organisation's support sees mails of the order, and of its own events alone.
  const desk = { roles: ['staff'] as Role[], post: 'support' as const };
  expect((await seenBy({ ...desk, organizationId: one.organizationId })).mails).toEqual(['tickets']);
});

it('tells what goes back with how far it is', async () => {
  const wish = { cause: 'SUPPORT', amount: 1_000, within: ['1', '2'] } as const;
  await refundOrder(world.table, order, { refundId: ulid(), requestHash: 'x', reason: 'r', wish }, at(world.start));
  await world.relay();
  expect((await seenBy({ customerId: order.customerId })).money).toEqual([18_000, 1_000]);
});
