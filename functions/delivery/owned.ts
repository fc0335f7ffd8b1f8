import type { Owned } from '../shared/runtime/policy.ts';
import type { Table } from '../shared/table/client.ts';
import { ticketIdIn, type Ticket } from './contract.ts';
import type { PrintJob } from './domain/print-job.ts';
import { findPrintJob, findTicket } from './reads.ts';

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

/** Print jobs for policies that say `owns: 'printJob'`: each is of the event whose box office has asked for it. */
export function ownedPrintJobs(table: Table): Owned<'printJob', PrintJob> {
  return {
    kind: 'printJob',
    find: (jobId) => findPrintJob(table, jobId),
    ownersOf: ({ organizationId, eventId }) => ({ places: [{ organizationId, eventId }], within: { eventId } }),
  };
}
