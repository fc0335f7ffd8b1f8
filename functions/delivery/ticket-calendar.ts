import { findEvents, type EventRecord } from '../catalog/reads.ts';
import { findTicketTypes } from '../inventory/reads.ts';
import type { TicketTypeCopy } from '../inventory/contract.ts';
import type { Table } from '../shared/table/client.ts';
import type { Ticket } from './contract.ts';
import { ticketCalendarOf, type CalendarEntry } from './domain/calendar.ts';
import { isLive } from './domain/ticket.ts';

/** Whom calendars come from, and where their links lead. */
export interface CalendarSettings {
  /** The address that mails come from. */
  readonly sender: string;
  readonly publicUrl: string;
  /** How the operator is called. */
  readonly brand: { readonly name: string };
}

/**
 * What `tickets` are for, as a calendar: an entry for each event, or for the one ticket that is asked for. A ticket that was
 * given back or passed on is taken out again by the same entry, cancelled.
 *
 * @param named the entry of the only ticket is known by the ticket, of an order's by order and event
 */
export async function calendarOfTickets(
  table: Table,
  tickets: readonly Ticket[],
  named: 'ticket' | 'order',
  settings: CalendarSettings,
): Promise<string> {
  const [events, types] = await Promise.all([
    findEvents(table, [...new Set(tickets.map(({ eventId }) => eventId))]),
    findTicketTypes(table, [...new Set(tickets.map(({ ticketTypeId }) => ticketTypeId))]),
  ]);
  const groups = Map.groupBy(tickets, ({ ticketId, orderId, eventId }) =>
    named === 'ticket' ? ticketId : `${orderId}.${eventId}`,
  );
  const entries = [...groups].map(([uid, group]) => entryOf(uid, group, events, types, settings));
  return ticketCalendarOf(entries, settings.sender, settings.brand.name);
}

function entryOf(
  uid: string,
  tickets: readonly Ticket[],
  events: ReadonlyMap<string, EventRecord>,
  types: ReadonlyMap<string, TicketTypeCopy>,
  { publicUrl }: CalendarSettings,
): CalendarEntry {
  const [first] = tickets;
  const type = first === undefined ? undefined : types.get(first.ticketTypeId);
  if (first === undefined || type === undefined) throw new Error(`Entry ${uid} has no ticket or no type`);
  const event = events.get(first.eventId);
  const live = tickets.filter(isLive);
  const venue = event?.venue;
  const place = [venue?.name ?? type.venueName, venue?.address, venue?.city ?? type.city];
  return {
    uid,
    sequence: (event?.ver ?? 0) + tickets.reduce((sum, { ver }) => sum + ver, 0),
    title: event?.title ?? type.eventTitle,
    startsAt: event?.startsAt ?? type.eventStartsAt,
    endsAt: event === undefined ? type.eventEndsAt : event.endsAt,
    place: place.filter((part) => part !== undefined).join(', '),
    geo:
      venue?.latitude === undefined || venue.longitude === undefined
        ? undefined
        : { lat: venue.latitude, lon: venue.longitude },
    changedAt: Math.max(event?.at ?? 0, ...tickets.map(({ at }) => at)),
    lines: live.map(({ number, ticketTypeId, seat }) =>
      [number, types.get(ticketTypeId)?.name, seat?.label].filter((part) => part !== undefined).join(' · '),
    ),
    url: `${publicUrl}/orders/${first.orderId}`,
    cancelled: live.length === 0 || event?.status === 'CANCELLED' || event?.status === 'CANCELLING',
  };
}
