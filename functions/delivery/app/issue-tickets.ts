import { findTicketTypes } from '../../inventory/reads.ts';
import { findAttendees, keepAttendees } from '../../orders/attendees.ts';
import { findOrder } from '../../orders/reads.ts';
import { markTicketsIssued, type Occasion } from '../../orders/writes.ts';
import type { Instant } from '../../shared/kernel/clock.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit } from '../../shared/table/commit.ts';
import type { NewTicket } from '../contract.ts';
import { draftTickets } from '../domain/ticket.ts';
import { putTicket } from '../writes.ts';

/** Attempts to mark an order that other changes keep moving on, before the message is tried again. */
const MARKINGS = 4;

/**
 * Issues the tickets of a paid order and marks the order, which raises `delivery.TicketsGenerated.v1`.
 *
 * Idempotent under redelivery and under two workers at once: ids follow from the order, each ticket is put
 * only where there is none, and the mark is one conditional write. The puts are single: 1 write unit each
 * where a transaction would cost 2, and a crash between them is mended by the redelivery.
 *
 * @throws when the order is unknown, or keeps changing: the message is delivered again
 */
export async function issueTickets(table: Table, orderId: string, occasion: Occasion): Promise<void> {
  for (let marking = 1; marking <= MARKINGS; marking += 1) {
    const order = await findOrder(table, orderId);
    if (order === undefined) throw new Error(`Order ${orderId} was paid but does not exist`);
    // Refunded or cancelled meanwhile: such an order has no live ticket (invariant I6). Of one that is refunded in part
    // the tickets that were given up are there already, archived.
    if (order.ticketsIssued === true || (order.state !== 'PAID' && order.state !== 'PARTIALLY_REFUNDED')) return;
    const [types, names] = await Promise.all([
      findTicketTypes(
        table,
        order.lines.map(({ ticketTypeId }) => ticketTypeId),
      ),
      findAttendees(table, [orderId]),
    ]);
    const drafts = draftTickets(order, types, occasion.now, names.has(orderId));
    await putAll(table, drafts, occasion);
    // Names of orders that are never paid are dropped before long.
    if (names.has(orderId)) await commit(table, [keepAttendees(orderId, endOf(drafts), () => 'GONE' as const)]);
    const marked = await commit(table, [markTicketsIssued(order, occasion, () => 'MOVED_ON' as const).write]);
    if (marked.ok) return;
  }
  throw new Error(`Order ${orderId} kept changing while its tickets were issued`);
}

function endOf(tickets: readonly NewTicket[]): Instant {
  return Math.max(...tickets.map(({ validUntil }) => validUntil));
}

async function putAll(table: Table, tickets: readonly NewTicket[], occasion: Occasion): Promise<void> {
  // All are waited for, also when one fails: nothing may go on writing after the message was answered.
  const puts = await Promise.allSettled(tickets.map((ticket) => putOnce(table, ticket, occasion)));
  for (const put of puts) if (put.status === 'rejected') throw put.reason;
}

async function putOnce(table: Table, ticket: NewTicket, occasion: Occasion): Promise<void> {
  // A ticket that is there already was put by another delivery of the same payment.
  await commit(table, [putTicket(ticket, occasion, () => 'ISSUED_BEFORE' as const)]);
}
