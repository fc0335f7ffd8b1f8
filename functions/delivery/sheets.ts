import type { TicketTypeCopy } from '../inventory/contract.ts';
import type { Instant } from '../shared/kernel/clock.ts';
import { placesOf, qrSubjectOf, ticketCodeOf, type Ticket, type TicketedOrder } from './domain/ticket.ts';
import { signQr, type TicketSeeds } from './qr.ts';

/** What a ticket shows of itself, in print and in a mail. */
export interface TicketSheet {
  readonly event: {
    readonly title: string;
    readonly startsAt: Instant;
    readonly endsAt?: Instant | undefined;
    /** IANA name; times are shown in it. */
    readonly timeZone: string;
    readonly venueName?: string | undefined;
    readonly city?: string | undefined;
  };
  readonly ticketTypeName: string;
  readonly accessLevel?: string | undefined;
  readonly holderName?: string | undefined;
  readonly orderNumber: string;
  readonly number: string;
  /** The ticket's place among the `count` of its order, from 1. */
  readonly position: number;
  readonly count: number;
  readonly code: string;
  /** The text of the QR code. */
  readonly qr: string;
}

/**
 * The sheets of `tickets`, all of `order`, in the order given.
 *
 * @param types copies of every type on the order
 * @throws when a type is missing or a ticket is not of the order
 */
export function sheetsOf(
  order: TicketedOrder,
  tickets: readonly Ticket[],
  types: ReadonlyMap<string, TicketTypeCopy>,
  seeds: TicketSeeds,
): readonly TicketSheet[] {
  const places = placesOf(order);
  return tickets.map((ticket) => {
    const type = types.get(ticket.ticketTypeId);
    const place = places.find(({ ticketId }) => ticketId === ticket.ticketId);
    if (type === undefined || place === undefined) throw new Error(`Ticket ${ticket.ticketId} lacks its type or its order`);
    return {
      event: {
        title: type.eventTitle,
        startsAt: type.eventStartsAt,
        endsAt: type.eventEndsAt,
        timeZone: type.timeZone,
        venueName: type.venueName,
        city: type.city,
      },
      ticketTypeName: type.name,
      accessLevel: ticket.accessLevel,
      orderNumber: order.number,
      number: ticket.number,
      position: place.position,
      count: places.length,
      code: ticketCodeOf(ticket.ticketId),
      qr: signQr(seeds, qrSubjectOf(ticket)),
    };
  });
}
