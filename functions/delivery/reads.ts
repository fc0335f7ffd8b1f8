import type { Table } from '../shared/table/client.ts';
import { getItem, getItems, type Consistency } from '../shared/table/read.ts';
import type { Ticket } from './contract.ts';
import { isLive, parseTicket, placesOf, type TicketedOrder } from './domain/ticket.ts';
import { ticketKey } from './keys.ts';

/** The ticket `ticketId`, or undefined. */
export async function findTicket(
  table: Table,
  ticketId: string,
  consistency: Consistency,
): Promise<Ticket | undefined> {
  const item = await getItem(table, ticketKey(ticketId), consistency);
  return item === undefined ? undefined : parseTicket(item);
}

/**
 * The tickets of `orders` in their printed order, those not issued yet left out. No index is needed: the
 * ids follow from the orders' lines.
 */
export async function findTicketsOf(
  table: Table,
  orders: readonly TicketedOrder[],
  consistency: Consistency,
): Promise<readonly Ticket[]> {
  const ids = orders.flatMap((order) => placesOf(order).map(({ ticketId }) => ticketId));
  const items = await getItems(table, ids.map(ticketKey), consistency);
  const byId = new Map(items.map(parseTicket).map((ticket) => [ticket.ticketId, ticket]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}

/** As {@link findTicketsOf}, only those that stand for an entry: what is mailed or printed of an order. */
export async function findLiveTicketsOf(table: Table, order: TicketedOrder): Promise<readonly Ticket[]> {
  return (await findTicketsOf(table, [order], 'strong')).filter(isLive);
}

export { parseTicket } from './domain/ticket.ts';
export { viewTicket } from './domain/view.ts';
