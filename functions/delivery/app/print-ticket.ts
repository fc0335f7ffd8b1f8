import { findEvents } from '../../catalog/reads.ts';
import { findTicketTypes } from '../../inventory/reads.ts';
import { findOrder } from '../../orders/reads.ts';
import type { ObjectStore } from '../../shared/runtime/object-store.ts';
import type { Table } from '../../shared/table/client.ts';
import type { TicketSeeds } from '../codes.ts';
import type { Ticket } from '../contract.ts';
import { illustratedPdf, sheetsOf } from '../documents.ts';
import type { NamesOf } from '../holder-names.ts';
import { keptDocument, type Printed } from '../kept-documents.ts';

/** What printing needs from outside. */
export interface PrintDeps {
  readonly table: Table;
  readonly store: ObjectStore;
  readonly seeds: () => Promise<TicketSeeds>;
  readonly namesOf: NamesOf;
  readonly brand: { readonly name: string };
}

/** One ticket to print, as it was kept or drawn anew. */
export async function printTicket(
  { table, store, seeds, namesOf, brand }: PrintDeps,
  ticket: Ticket,
  printed: Printed,
): Promise<Uint8Array> {
  const [order, types, events, names] = await Promise.all([
    findOrder(table, ticket.orderId, 'eventual'),
    findTicketTypes(table, [ticket.ticketTypeId]),
    findEvents(table, [ticket.eventId]),
    namesOf([ticket]),
  ]);
  if (order === undefined) throw new Error(`Ticket ${ticket.ticketId} lacks its order`);
  const [sheet] = sheetsOf(order, [ticket], types, await seeds(), events, names);
  if (sheet === undefined) throw new Error(`Ticket ${ticket.ticketId} has no sheet`);
  return keptDocument(store, ticket, printed, { sheet, brand }, () =>
    illustratedPdf(store, [sheet], events, { ...printed, brand, issuedAt: ticket.issuedAt }),
  );
}
