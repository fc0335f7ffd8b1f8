import { advance, begin, type Cause, type Occasion } from '../shared/table/aggregate.ts';
import { equals, type Otherwise, type Put, type Update } from '../shared/table/writes.ts';
import { ticketArchived, ticketFrozen, ticketIssued, type NewTicket, type Ticket } from './contract.ts';
import { ticketReissued } from './holder-contract.ts';
import { parseTicket } from './domain/ticket.ts';
import { ticketKey } from './keys.ts';

/** Puts a new ticket unless it exists: issuing twice is issuing once. */
export function putTicket<E>(ticket: NewTicket, cause: Occasion, otherwise: Otherwise<E>): Put<E> {
  return begin(ticketKey(ticket.ticketId), { ...ticket }, { ...cause, event: ticketIssued.name }, otherwise);
}

/** Where and when a ticket is used, and by which scan. */
export interface TicketUse {
  readonly scanId: string;
  readonly gate?: string | undefined;
}

/**
 * VALID → USED, from exactly the row that was read, which must still be VALID (invariant I15). Goes into
 * one transaction with the row of the validation log.
 *
 * @param otherwise reads the row that stood in the way
 */
export function markUsed<E>(
  ticket: Ticket,
  use: TicketUse,
  cause: Cause,
  otherwise: Otherwise<E>,
): { readonly write: Update<E>; readonly ticket: Ticket } {
  const changes = { status: 'USED', usedAt: cause.now, usedGate: use.gate, usedScan: use.scanId };
  const { row, write } = advance(ticket, changes, cause, otherwise, equals('status', 'VALID'));
  return { ticket: parseTicket(row), write };
}

/**
 * Raises the version that a code must show, from exactly the row that was read, which must still be VALID: every code
 * that is out is superseded with it (invariant I16).
 *
 * @param request names who asks, so that asking again is answered the same
 */
export function reissue<E>(
  ticket: Ticket,
  request: string | undefined,
  occasion: Occasion,
  otherwise: Otherwise<E>,
): { readonly write: Update<E>; readonly ticket: Ticket } {
  const changes = { ticketVersion: ticket.ticketVersion + 1, reissuedFor: request };
  const cause = { ...occasion, event: ticketReissued.name };
  const { row, write } = advance(ticket, changes, cause, otherwise, equals('status', 'VALID'));
  return { ticket: parseTicket(row), write };
}

/**
 * → ARCHIVED, from exactly the row that was read: of a scan and this exactly one wins. Goes into the transaction of
 * the refund that gives the ticket up (invariant I16).
 */
export function archiveTicket<E>(ticket: Ticket, cause: Occasion, otherwise: Otherwise<E>): Update<E> {
  const changes = { status: 'ARCHIVED', frozen: undefined };
  return advance(ticket, changes, { ...cause, event: ticketArchived.name }, otherwise).write;
}

/** Puts a ticket that was given up before it was issued, so that whoever issues it finds it there (invariant I6). */
export function putArchived<E>(ticket: NewTicket, cause: Occasion, otherwise: Otherwise<E>): Put<E> {
  const item = { ...ticket, status: 'ARCHIVED' };
  return begin(ticketKey(ticket.ticketId), item, { ...cause, event: ticketArchived.name }, otherwise);
}

/** Lets a ticket admit nobody while its payment is disputed, or admit again. */
export function freezeTicket<E>(ticket: Ticket, frozen: boolean, cause: Occasion, otherwise: Otherwise<E>): Update<E> {
  const changes = { frozen: frozen ? true : undefined };
  return advance(ticket, changes, { ...cause, event: ticketFrozen.name }, otherwise).write;
}
