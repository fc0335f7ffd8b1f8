import type { Owned } from '../shared/runtime/policy.ts';
import type { Table } from '../shared/table/client.ts';
import { ticketIdIn, type Ticket } from './contract.ts';
import { findTicket } from './reads.ts';

/** Tickets for policies that say `owns: 'ticket'`: each is its holder's, and of the organisation of its event. */
export function ownedTickets(table: Table): Owned<'ticket', Ticket> {
  return {
    kind: 'ticket',
    find: (ticketId) => findTicket(table, ticketId, 'strong'),
    ownersOf: ({ customerId, organizationId, eventId }) => ({
      userId: customerId,
      places: [{ organizationId, eventId }],
    }),
  };
}

/** As {@link ownedTickets}, named by their codes. */
export function ownedTicketsByCode(table: Table): Owned<'ticket', Ticket> {
  return { ...ownedTickets(table), name: 'code', find: (code) => findTicket(table, ticketIdIn(code), 'strong') };
}
