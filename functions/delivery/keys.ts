import { toTimestamp, type Instant } from '../shared/kernel/clock.ts';
import type { Key } from '../shared/table/keys.ts';

/** One ticket. Its id derives from its order, so that an order's tickets are found without an index. */
export function ticketKey(ticketId: string): Key {
  return { pk: `TICKET#${ticketId}`, sk: 'TICKET' };
}

/** To whom a ticket is offered. */
export function offerKey(ticketId: string): Key {
  return { pk: `TICKET#${ticketId}`, sk: 'OFFER' };
}

/** How often a ticket was printed at a box office. */
export function printsKey(ticketId: string): Key {
  return { pk: `TICKET#${ticketId}`, sk: 'PRINTS' };
}

/** A ticket to be printed once. */
export function printJobKey(jobId: string): Key {
  return { pk: `PRINTJOB#${jobId}`, sk: 'PRINTJOB' };
}

/** Where the print jobs of an event wait, oldest first. */
export function printQueue(eventId: string): string {
  return `PRINTQUEUE#${eventId}`;
}

/** A print job that is not finished. */
export function printQueueKey({
  eventId,
  createdAt,
  place,
  jobId,
}: {
  readonly eventId: string;
  readonly createdAt: Instant;
  readonly place: number;
  readonly jobId: string;
}): Key {
  return { pk: printQueue(eventId), sk: `${toTimestamp(createdAt)}#${String(place).padStart(2, '0')}#${jobId}` };
}

/** Sort keys of received tickets begin with this. */
export const RECEIVED_PREFIX = 'TICKET#';

/** Where the tickets that somebody has received are listed, by time. */
export function receivedPartition(customerId: string): string {
  return `CUSTOMER#${customerId}`;
}

/** One ticket that somebody has received. */
export function receivedKey(customerId: string, at: Instant, ticketId: string): Key {
  return { pk: receivedPartition(customerId), sk: `${RECEIVED_PREFIX}${toTimestamp(at)}#${ticketId}` };
}

/** The devices that have a pass: with its holder, so that they go with the holder. */
export function registrationsKey(customerId: string, serial: string): Key {
  return { pk: `USER#${customerId}`, sk: `PASS#${serial}` };
}

/** A pass in the list of its event. */
export function eventPassKey(eventId: string, serial: string): Key {
  return { pk: `PASSES#${eventId}`, sk: serial };
}

/** A pass in the list of a device, which is known by a keyed hash. */
export function devicePassKey(device: string, serial: string): Key {
  return { pk: `PASSDEVICE#${device}`, sk: serial };
}
