import type { TicketTypeCopy } from '../inventory/contract.ts';
import { promisedFor } from '../orders/contract.ts';
import type { ObjectStore } from '../shared/runtime/object-store.ts';
import { signQr, type TicketSeeds } from './codes.ts';
import { ticketCodeOf, type Ticket, type TicketSheet } from './contract.ts';
import type { HolderNames } from './holder-names.ts';
import { placesOf, qrSubjectOf, timesOf, type TicketedOrder } from './domain/ticket.ts';
import { picturesOf, widthsOf } from './kept-documents.ts';
import { ticketsPdf, type PrintOptions } from './print/document.ts';

/**
 * The sheets of `tickets`, all of `order`, in the order given.
 *
 * @param types copies of every type on the order
 * @param events those of the tickets, for what they ask of who comes and how they look; as the types have it where left out
 * @param names of their holders, as far as they have any
 * @throws when a type is missing or a ticket is not of the order
 */
export function sheetsOf(
  order: TicketedOrder,
  tickets: readonly Ticket[],
  types: ReadonlyMap<string, TicketTypeCopy>,
  seeds: TicketSeeds,
  events: ReadonlyMap<string, PrintedEvent> = new Map(),
  names: HolderNames = new Map(),
): readonly TicketSheet[] {
  const places = placesOf(order);
  return tickets.map((ticket) => {
    const type = types.get(ticket.ticketTypeId);
    const place = places.find(({ ticketId }) => ticketId === (ticket.originId ?? ticket.ticketId));
    if (type === undefined || place === undefined)
      throw new Error(`Ticket ${ticket.ticketId} lacks its type or its order`);
    return {
      event: {
        title: type.eventTitle,
        startsAt: type.eventStartsAt,
        endsAt: type.eventEndsAt,
        timeZone: type.timeZone,
        venueName: type.venueName,
        city: type.city,
        ...printedOf(events.get(ticket.eventId), promisedFor(order, ticket.eventId)),
      },
      ticketTypeName: type.name,
      accessLevel: ticket.accessLevel,
      seat: ticket.seat?.label,
      holderName: names.get(ticket.ticketId),
      orderNumber: order.number,
      number: ticket.number,
      position: place.position,
      count: places.length,
      code: ticketCodeOf(ticket.ticketId),
      qr: signQr(seeds, qrSubjectOf(ticket, timesOf(type))),
    };
  });
}

/** What a ticket shows of its event beyond what its type knows. */
export interface PrintedEvent {
  readonly image?: { readonly imageId: string; readonly widths: readonly number[] } | undefined;
  readonly ageLimit?: number | undefined;
  readonly cancellationPolicy?: { readonly windowHours: number } | undefined;
}

/** Of the terms that a ticket was held on and those of its event now, those count that leave its buyer more time (ADR 54). */
function printedOf(
  event: PrintedEvent | undefined,
  promised: { readonly windowHours: number } | undefined,
): Pick<TicketSheet['event'], 'imageId' | 'terms'> {
  if (event === undefined) return {};
  const { image, ageLimit, cancellationPolicy } = event;
  const hours = [promised, cancellationPolicy].flatMap((policy) => policy?.windowHours ?? []);
  const cancelHours = hours.length === 0 ? undefined : Math.min(...hours);
  return { imageId: image?.imageId, terms: { ageLimit, cancelHours } };
}

/** Bytes that a printed ticket has at most: 150 KB. */
export const MOST_TICKET_BYTES = 153_600;

/**
 * The tickets as one PDF with the pictures of their events, of {@link MOST_TICKET_BYTES} a ticket at most: with smaller pictures
 * or none where texts leave too little room for them. Texts and codes are never left out: hundreds of different Chinese letters
 * in every text of a ticket take more by themselves, and get it.
 */
export async function illustratedPdf(
  store: Pick<ObjectStore, 'read'>,
  sheets: readonly TicketSheet[],
  events: ReadonlyMap<string, PrintedEvent>,
  options: Omit<PrintOptions, 'images'>,
): Promise<Uint8Array> {
  for (const width of widthsOf(events.values())) {
    const images = await picturesOf(store, events.values(), width);
    const bytes = await ticketsPdf(sheets, { ...options, images });
    if (bytes.length <= MOST_TICKET_BYTES * sheets.length) return bytes;
  }
  return ticketsPdf(sheets, options);
}

export { ticketsPdf };
export { receiptPdf } from './print/receipt.ts';
export { qrPng } from './qr-image.ts';
