import { ulid } from 'ulid';

import type { Ticket } from '../../functions/delivery/contract.ts';
import { successorOf } from '../../functions/delivery/domain/transfer.ts';
import { markUsed, passOn } from '../../functions/delivery/writes.ts';
import { issueTickets } from '../../functions/delivery/app/issue-tickets.ts';
import { findTicketsOf } from '../../functions/delivery/reads.ts';
import { ticketAdmitted } from '../../functions/access/contract.ts';
import { logScan } from '../../functions/access/writes.ts';
import { firstClaim } from '../../functions/notifications/writes.ts';
import type { TicketTypeCopy } from '../../functions/inventory/contract.ts';
import type { Order } from '../../functions/orders/domain/order.ts';
import { listForCustomer } from '../../functions/orders/writes.ts';
import { timelineEntries } from '../../functions/outbox/domain/relay.ts';
import { putItems } from '../../functions/shared/table/batch.ts';
import { commit } from '../../functions/shared/table/commit.ts';
import { marked } from '../../functions/shared/table/aggregate.ts';
import { placePaidOrder } from '../delivery/paid-order.ts';
import type { TestTable } from '../support/dynamodb.ts';

const mustNotFail = (): never => {
  throw new Error('A step of the fixture was refused');
};

/** A paid order of two tickets, one of them used, with a mail about it and one about the account, listed as the relay would. */
export async function givenPurchase({ table }: TestTable, customerId: string, type: TicketTypeCopy): Promise<Order> {
  const now = Date.now();
  const order = await placePaidOrder(table, now, { customerId, lines: [{ type, quantity: 2 }] });
  await issueTickets(table, order.orderId, { now, correlationId: 'test', by: 'system' });
  const [ticket] = await findTicketsOf(table, [order], 'strong');
  if (ticket === undefined) throw new Error('No ticket was issued');
  const scan = { scanId: 'scan-1', gate: 'North' };
  const cause = { event: ticketAdmitted.name, now, correlationId: 'test', by: 'system' };
  const admitted = { ...scan, at: now, result: 'ADMIT' as const, staffId: 'gatekeeper', ticketId: ticket.ticketId };
  await commit(table, [
    markUsed(ticket, scan, cause, mustNotFail).write,
    logScan({ eventId: ticket.eventId }, { ...admitted, eventId: ticket.eventId }),
  ]);
  const note = { about: { orderId: order.orderId }, cause: 'delivery.TicketsGenerated.v1/5', notificationId: 'note-1' };
  const notice = {
    about: { userId: customerId },
    cause: `users.UserRolesChanged.v1#${order.orderId}`,
    notificationId: 'note-2',
  };
  await commit(table, [firstClaim(note, now, mustNotFail), firstClaim(notice, now, mustNotFail)]);
  await putItems(table, [listForCustomer(order)]);
  return order;
}

/** A ticket of somebody's order that was passed on to `customerId`. */
export async function givenReceived({ table }: TestTable, customerId: string, order: Order): Promise<Ticket> {
  const now = Date.now();
  const former = (await findTicketsOf(table, [order], 'strong')).find(({ status }) => status === 'VALID');
  if (former === undefined) throw new Error('No ticket of the order can be passed on');
  const successor = successorOf(former, { offerId: ulid(), customerId, now, countedFor: undefined, times: former });
  const passed = passOn(former, successor, { now, correlationId: 'test', by: customerId }, mustNotFail);
  await commit(table, passed.writes);
  return passed.ticket;
}

/** Copies the present row of an account to its timeline, as the relay does with each change. */
export async function copyToTimeline(db: TestTable, userId: string): Promise<void> {
  const row = (await db.items()).find(({ pk, sk }) => pk === `USER#${userId}` && sk === 'USER');
  if (row === undefined) throw new Error('There is no such account');
  const after = marked({ ...row, pk: `USER#${userId}`, sk: 'USER' });
  await putItems(db.table, timelineEntries([{ before: undefined, after }]));
}
