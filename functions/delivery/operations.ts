import { findTicketTypes } from '../inventory/reads.ts';
import type { Occasion } from '../shared/table/aggregate.ts';
import type { Table } from '../shared/table/client.ts';
import type { Otherwise, Write } from '../shared/table/writes.ts';
import type { NewTicket, Ticket } from './contract.ts';
import { draftTickets, isLive, ticketIdOf, type TicketedOrder } from './domain/ticket.ts';
import { findTicketsOf } from './reads.ts';
import { archiveTicket, freezeTicket, putArchived } from './writes.ts';

/**
 * The writes by which the live tickets of an order admit nobody while its payment is disputed, or admit again: one for
 * each that is not so already.
 */
export async function readTicketsToFreeze<E>(
  table: Table,
  order: TicketedOrder,
  frozen: boolean,
  occasion: Occasion,
  otherwise: Otherwise<E>,
): Promise<readonly Write<E>[]> {
  return (await findTicketsOf(table, [order], 'strong'))
    .filter((ticket) => isLive(ticket) && (ticket.frozen === true) !== frozen)
    .map((ticket) => freezeTicket(ticket, frozen, occasion, otherwise));
}

/** The tickets of an order as they are: what each place has, and how it is given up. */
export interface TicketsOfOrder {
  /** Whether the ticket of a place may be given up, and has let somebody in; one not issued yet is as good as valid. */
  readonly use: (lineId: string, place: number) => 'VALID' | 'USED' | 'GONE';
  /** The write by which a place's ticket admits nobody any more, on condition that it is as it was read. */
  giveUp<E>(lineId: string, place: number, occasion: Occasion, otherwise: Otherwise<E>): readonly Write<E>[];
}

/**
 * Reads the tickets of an order. A ticket that is not issued yet is put archived, so that whoever issues the order's
 * tickets a moment later leaves it so.
 */
export async function readTicketsOf(table: Table, order: TicketedOrder, now: number): Promise<TicketsOfOrder> {
  const [tickets, types] = await Promise.all([
    findTicketsOf(table, [order], 'strong'),
    findTicketTypes(
      table,
      order.lines.map(({ ticketTypeId }) => ticketTypeId),
    ),
  ]);
  // By the ticket that was issued for their place, whoever has it by now.
  const issued = new Map(tickets.map((ticket): [string, Ticket] => [ticket.originId ?? ticket.ticketId, ticket]));
  let drafts: ReadonlyMap<string, NewTicket> | undefined;
  const draftOf = (ticketId: string): NewTicket | undefined =>
    (drafts ??= new Map(draftTickets(order, types, now).map((draft) => [draft.ticketId, draft]))).get(ticketId);
  return {
    use: (lineId, place) => {
      const ticket = issued.get(ticketIdOf(order.orderId, lineId, place));
      if (ticket === undefined) return 'VALID';
      if (!isLive(ticket)) return 'GONE';
      // What somebody has given away is no longer theirs to give back, as if it were used: they would have money and take
      // the ticket from who has it. An organizer may still take it back.
      return ticket.customerId === order.customerId && ticket.status === 'VALID' ? 'VALID' : 'USED';
    },
    giveUp: (lineId, place, occasion, otherwise) => {
      const ticketId = ticketIdOf(order.orderId, lineId, place);
      const ticket = issued.get(ticketId);
      if (ticket !== undefined) return ticket.status === 'ARCHIVED' ? [] : [archiveTicket(ticket, occasion, otherwise)];
      const draft = draftOf(ticketId);
      return draft === undefined ? [] : [putArchived(draft, occasion, otherwise)];
    },
  };
}
