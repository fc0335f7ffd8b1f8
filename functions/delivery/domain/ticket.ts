import * as z from 'zod/mini';

import type { TicketTypeCopy } from '../../inventory/contract.ts';
import { seatsOf, type OrderLine, type SeatView } from '../../orders/contract.ts';
import { HOUR, type Instant } from '../../shared/kernel/clock.ts';
import { derivedId } from '../../shared/kernel/ids.ts';
import { marked } from '../../shared/table/aggregate.ts';
import type { Item } from '../../shared/table/keys.ts';
import { ticketRow, type AdmissionTimes, type NewTicket, type QrSubject, type Ticket } from '../contract.ts';

/** Reads a row as a ticket. */
export function parseTicket(item: Item): Ticket {
  return { ...marked(item), ...z.parse(ticketRow, item) };
}

/** The order that tickets are of: what its row and its event agree on. */
export interface TicketedOrder {
  readonly orderId: string;
  readonly customerId: string;
  readonly number: string;
  readonly lines: readonly OrderLine[];
}

/** Places of tickets in an order, by line and then by count, from 1. */
interface Place {
  readonly ticketId: string;
  readonly line: OrderLine;
  readonly position: number;
  /** The seat, where the line is for seats. */
  readonly seat: SeatView | undefined;
}

/** Where an event without an end is taken to be over. */
const USUAL_LENGTH_MS = 12 * HOUR;
/** Doors stay open to whoever steps out or arrives late, and events run over. */
const GRACE_MS = 12 * HOUR;

/** The place of a ticket in its order, from 1, by which its holder is named: its number ends in it, whoever holds it. */
export function placeIn({ number }: Pick<NewTicket, 'number'>): number {
  return Number(number.slice(number.lastIndexOf('-') + 1));
}

/** The id of ticket `index` (from 0) of a line: the same for ever, whoever issues it (invariant I6). */
export function ticketIdOf(orderId: string, lineId: string, index: number): string {
  return derivedId('ticket', orderId, lineId, String(index));
}

/** Where each ticket of `order` stands; ids follow from the order alone. */
export function placesOf({ orderId, lines }: TicketedOrder): readonly Place[] {
  return lines
    .flatMap((line) => {
      const seats = seatsOf(line);
      return Array.from({ length: line.quantity }, (_unused, index) => ({
        line,
        ticketId: ticketIdOf(orderId, line.id, index),
        seat: seats[index],
      }));
    })
    .map((place, index) => ({ ...place, position: index + 1 }));
}

/**
 * The tickets of a paid order, one for each place.
 *
 * @param types copies of every type on the order
 * @param named whether holders were named with the order
 * @throws when a type is missing: an order is made of copies, which stay
 */
export function draftTickets(
  order: TicketedOrder,
  types: ReadonlyMap<string, TicketTypeCopy>,
  now: Instant,
  named = false,
): readonly NewTicket[] {
  return placesOf(order).map(({ ticketId, line, position, seat }) => {
    const type = types.get(line.ticketTypeId);
    if (type === undefined) throw new Error(`Ticket type ${line.ticketTypeId} of order ${order.orderId} is missing`);
    return {
      ticketId,
      orderId: order.orderId,
      lineId: line.id,
      customerId: order.customerId,
      eventId: line.eventId,
      organizationId: type.organizationId,
      ticketTypeId: line.ticketTypeId,
      number: `${order.number}-${position}`,
      status: 'VALID',
      ticketVersion: 1,
      ...(type.accessLevel === undefined ? {} : { accessLevel: type.accessLevel }),
      ...(seat === undefined ? {} : { seat }),
      ...timesOf(type),
      issuedAt: now,
      ...(named ? { namings: 1 } : {}),
    };
  });
}

/** From when until when tickets of a type admit, by the times that its event has now. */
export function timesOf(
  type: Pick<TicketTypeCopy, 'admissionOpensAt' | 'eventStartsAt' | 'eventEndsAt'>,
): AdmissionTimes {
  return {
    ...(type.admissionOpensAt === undefined ? {} : { admitFrom: type.admissionOpensAt }),
    validUntil: (type.eventEndsAt ?? type.eventStartsAt + USUAL_LENGTH_MS) + GRACE_MS,
  };
}

/** Whether the ticket still stands for an entry: a refunded or passed-on one is not printed or mailed. */
export function isLive({ status }: Pick<Ticket, 'status'>): boolean {
  return status === 'VALID' || status === 'USED';
}

/** Ids of those of `issued` of which more is known than that they were issued: nobody was mailed about the others alone. */
export function toldOf(issued: readonly Ticket[]): readonly string[] {
  return issued.filter(({ ver }) => ver > 1).map(({ ticketId }) => ticketId);
}

/**
 * What the QR code of `ticket` says.
 *
 * @param times until when it admits by now: its event may have moved since it was issued
 */
export function qrSubjectOf(ticket: NewTicket, { validUntil }: Pick<AdmissionTimes, 'validUntil'>): QrSubject {
  const { eventId, ticketId, ticketVersion, accessLevel } = ticket;
  return { eventId, ticketId, ticketVersion, validUntil, accessLevel: accessLevel ?? '' };
}
