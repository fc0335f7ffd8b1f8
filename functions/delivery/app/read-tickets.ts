import { findTicketTypes } from '../../inventory/reads.ts';
import { findOrder, pageOfCustomerOrders } from '../../orders/reads.ts';
import type { Instant } from '../../shared/kernel/clock.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { Session } from '../../shared/runtime/session.ts';
import type { Table } from '../../shared/table/client.ts';
import { signQr, type TicketSeeds } from '../codes.ts';
import type { Ticket, TicketView } from '../contract.ts';
import type { NamesOf } from '../holder-names.ts';
import { qrPng } from '../qr-image.ts';
import { isLive, qrSubjectOf, timesOf } from '../domain/ticket.ts';
import { maySee, viewTicket } from '../domain/view.ts';
import { findAdmissionTerms, findChainsOf, findIssuedTicketsOf, pageOfReceivedTickets } from '../reads.ts';

/** `ticket` as far as it stands for an entry: nothing is printed of a refunded or passed-on one. */
export function stillLive(ticket: Ticket): Result<Ticket, Problem> {
  if (isLive(ticket)) return ok(ticket);
  return err(problem('TICKET_NOT_VALID', 'This ticket was given back or passed on. Look at its order.'));
}

/** The tickets of an order that the caller may see: of a stranger's order, those of the caller's own events. */
export async function orderTicketsFor(
  table: Table,
  session: Session,
  orderId: string,
  now: Instant,
): Promise<Result<readonly Ticket[], Problem>> {
  const order = await findOrder(table, orderId);
  // Whoever may see the event sees all that its places have led to; the buyer, what they were issued.
  const tickets = order === undefined ? [] : (await findChainsOf(table, [order], 'strong')).flat();
  const seen = tickets.filter((ticket) => maySee(session, ticket, now));
  if (order?.customerId !== session.userId && seen.length === 0)
    return err(problem('ORDER_NOT_FOUND', 'There is no such order among those you may see.'));
  return ok(seen);
}

/**
 * Where a page of somebody's tickets begins: among those that they have received, behind which one; or else behind which
 * order, and how many tickets into the next one.
 */
export interface TicketsPosition {
  /** Empty for the very first page. */
  readonly received?: string;
  readonly after?: string;
  readonly skip: number;
}

interface TicketsPage {
  readonly tickets: readonly Ticket[];
  readonly next?: TicketsPosition;
}

/** A page of the caller's own tickets: those that they have received, then those that they have bought; newest first each. */
export async function ownTickets(
  table: Table,
  customerId: string,
  limit: number,
  position: TicketsPosition,
): Promise<TicketsPage> {
  const { received } = position;
  if (received === undefined) return boughtTickets(table, customerId, limit, position);
  const page = await pageOfReceivedTickets(table, customerId, limit, received === '' ? undefined : received);
  if (page.next !== undefined) return { tickets: page.tickets, next: { received: page.next, skip: 0 } };
  if (page.tickets.length === limit) return { tickets: page.tickets, next: { skip: 0 } };
  const bought = await boughtTickets(table, customerId, limit - page.tickets.length, { skip: 0 });
  return { ...bought, tickets: [...page.tickets, ...bought.tickets] };
}

async function boughtTickets(
  table: Table,
  customerId: string,
  limit: number,
  { after, skip }: TicketsPosition,
): Promise<TicketsPage> {
  const page = await pageOfCustomerOrders(table, customerId, limit, after);
  const perOrder = await Promise.all(
    page.orders.map((order) =>
      order.ticketsIssued === true ? findIssuedTicketsOf(table, [order], 'eventual') : Promise.resolve([]),
    ),
  );
  const available = perOrder.flat().slice(skip);
  if (available.length <= limit)
    return { tickets: available, ...(page.next === undefined ? {} : { next: { after: page.next, skip: 0 } }) };

  // The page ends inside an order: the next one begins behind the last order that is shown in full.
  let taken = 0;
  let whole = 0;
  while (taken + (perOrder[whole]?.length ?? 0) <= skip + limit) taken += perOrder[whole++]?.length ?? 0;
  const behind = whole === 0 ? after : (await pageOfCustomerOrders(table, customerId, whole, after)).next;
  return {
    tickets: available.slice(0, limit),
    next: { ...(behind === undefined ? {} : { after: behind }), skip: skip + limit - taken },
  };
}

/** What showing tickets needs. */
export interface ShowDeps {
  readonly table: Table;
  readonly seeds: () => Promise<TicketSeeds>;
  readonly namesOf: NamesOf;
}

/** `tickets` as clients see them, with their QR codes and the names of their holders. */
export async function viewsOf(tickets: readonly Ticket[], deps: ShowDeps): Promise<readonly TicketView[]> {
  const [seeds, names, types] = await Promise.all([
    deps.seeds(),
    deps.namesOf(tickets),
    findTicketTypes(
      deps.table,
      tickets.filter(isLive).map(({ ticketTypeId }) => ticketTypeId),
    ),
  ]);
  return Promise.all(
    tickets.map(async (ticket) => {
      if (!isLive(ticket)) return viewTicket(ticket, null, undefined);
      const type = types.get(ticket.ticketTypeId);
      const qr = signQr(seeds, qrSubjectOf(ticket, type === undefined ? ticket : timesOf(type)));
      return viewTicket(
        ticket,
        { qr, qrImage: Buffer.from(await qrPng(qr)).toString('base64') },
        names.get(ticket.ticketId),
      );
    }),
  );
}

/** The QR code of one ticket as a PNG. */
export async function qrImageOf(table: Table, ticket: Ticket, seeds: TicketSeeds): Promise<Uint8Array> {
  return qrPng(signQr(seeds, qrSubjectOf(ticket, await findAdmissionTerms(table, ticket))));
}
