import { advance, begin, type Cause, type Occasion } from '../shared/table/aggregate.ts';
import type { Instant } from '../shared/kernel/clock.ts';
import {
  absent,
  allOf,
  equals,
  mustHold,
  type Delete,
  type Otherwise,
  type Put,
  type Update,
  type Write,
} from '../shared/table/writes.ts';
import { destroyDataKey } from '../users/writes.ts';
import { ticketArchived, ticketFrozen, ticketIssued, type NewTicket, type Ticket } from './contract.ts';
import { ticketNamed, ticketReissued } from './holder-contract.ts';
import { parsePrintJob, type NewPrintJob, type PrintJob, type Prints } from './domain/print-job.ts';
import { parseTicket } from './domain/ticket.ts';
import type { Key } from '../shared/table/keys.ts';
import type { PassDevice, Registrations } from './domain/registration.ts';
import type { Offer } from './domain/transfer.ts';
import {
  devicePassKey,
  eventPassKey,
  offerKey,
  printJobKey,
  printQueueKey,
  printsKey,
  receivedKey,
  registrationsKey,
  ticketKey,
} from './keys.ts';
import { printClaimed, printFailed, printQueued, ticketPrinted } from './print-contract.ts';
import { ticketOffered, ticketOfferCancelled, ticketReceived, ticketTransferred } from './transfer-contract.ts';

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
 * Counts that the holder of a ticket is named, from exactly the row that was read, which must still be VALID: of this and a
 * scan or an acceptance exactly one wins. Goes into one transaction with the name, which lies beside the order.
 */
export function countNaming<E>(
  ticket: Ticket,
  occasion: Occasion,
  otherwise: Otherwise<E>,
): { readonly write: Update<E>; readonly ticket: Ticket } {
  const changes = { namings: (ticket.namings ?? 0) + 1 };
  const cause = { ...occasion, event: ticketNamed.name };
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

/** Offers a ticket, from exactly the row that was read, which must still be VALID. */
export function offerTo<E>(
  ticket: Ticket,
  offer: Offer,
  occasion: Occasion,
  otherwise: Otherwise<E>,
): readonly [Update<E>, Put<never>] {
  const { offerId, expiresAt } = offer;
  const changes = { offer: { offerId, until: expiresAt } };
  const cause = { ...occasion, event: ticketOffered.name };
  return [
    advance(ticket, changes, cause, otherwise, equals('status', 'VALID')).write,
    // The ticket beside it says that there is no other.
    {
      kind: 'put',
      key: offerKey(ticket.ticketId),
      item: { ...offer, ttl: Math.ceil(expiresAt / 1_000) },
      otherwise: mustHold('a put without a condition'),
    },
  ];
}

/** Takes the offer of a ticket back, from exactly the row that was read, and with it the address that it was made to. */
export function cancelOfferOf<E>(ticket: Ticket, occasion: Occasion, otherwise: Otherwise<E>): readonly Write<E>[] {
  const cause = { ...occasion, event: ticketOfferCancelled.name };
  const { write } = advance(ticket, { offer: undefined }, cause, otherwise);
  return [write, ...forgetOffer(ticket)];
}

/**
 * VALID → TRANSFERRED, from exactly the row that was read, and another ticket in its place for who accepts it: all codes of
 * the former are superseded in the same moment (invariant I16).
 */
export function passOn<E>(
  former: Ticket,
  successor: NewTicket,
  occasion: Occasion,
  otherwise: Otherwise<E>,
): { readonly writes: readonly Write<E>[]; readonly former: Ticket; readonly ticket: Ticket } {
  const { ticketId, customerId } = successor;
  const changes = {
    status: 'TRANSFERRED',
    transferredTo: ticketId,
    ticketVersion: former.ticketVersion + 1,
    offer: undefined,
    countedFor: undefined,
  };
  const cause = { ...occasion, event: ticketTransferred.name };
  const gone = advance(former, changes, cause, otherwise, equals('status', 'VALID'));
  const come = begin(ticketKey(ticketId), { ...successor }, { ...occasion, event: ticketReceived.name }, otherwise);
  return {
    former: parseTicket(gone.row),
    ticket: parseTicket({ ...come.item, ...come.key }),
    writes: [gone.write, come, listReceived(customerId, occasion.now, ticketId), ...forgetOffer(former)],
  };
}

function listReceived(customerId: string, at: Instant, ticketId: string): Put<never> {
  return {
    kind: 'put',
    key: receivedKey(customerId, at, ticketId),
    item: { ticketId },
    otherwise: mustHold('a put without a condition'),
  };
}

function forgetOffer({ ticketId, offer }: Ticket): readonly Delete<never>[] {
  const drop: Delete<never> = {
    kind: 'delete',
    key: offerKey(ticketId),
    otherwise: mustHold('a removal without a condition'),
  };
  return offer === undefined ? [drop] : [drop, destroyDataKey(offer.offerId)];
}

/**
 * Queues one print of a ticket: the job, its entry in the queue of the event, and beside the ticket that it is under way. Two
 * at once are one, since a ticket has one open job at most.
 *
 * @param seen the prints of the ticket that this was decided on
 */
export function queuePrint<E>(
  job: NewPrintJob,
  seen: Prints | undefined,
  occasion: Occasion,
  otherwise: Otherwise<E>,
): readonly Write<E>[] {
  const { jobId, ticketId } = job;
  const openJob = { copies: seen?.copies ?? 0, openJob: jobId };
  return [
    begin(printJobKey(jobId), { ...job }, { ...occasion, event: printQueued.name }, otherwise),
    {
      kind: 'put',
      key: printQueueKey(job),
      item: { jobId },
      otherwise: mustHold('a put without a condition'),
    },
    seen === undefined
      ? { kind: 'put', key: printsKey(ticketId), item: openJob, when: absent('pk'), otherwise }
      : {
          kind: 'update',
          key: printsKey(ticketId),
          set: openJob,
          when: allOf(absent('openJob'), equals('copies', seen.copies)),
          otherwise,
        },
  ];
}

/** → CLAIMED by a station, from exactly the row that was read: of two that ask at once one gets it. */
export function claimPrint<E>(
  job: PrintJob,
  lease: { readonly station: string; readonly leaseId: string; readonly leaseUntil: Instant },
  occasion: Occasion,
  otherwise: Otherwise<E>,
): { readonly write: Update<E>; readonly job: PrintJob } {
  const changes = { ...lease, state: 'CLAIMED', attempts: job.attempts + 1 };
  const { row, write } = advance(job, changes, { ...occasion, event: printClaimed.name }, otherwise);
  return { write, job: parsePrintJob(row) };
}

/** → PRINTED or FAILED, from exactly the row that was read; the job leaves the queue, and its ticket counts the print. */
export function finishPrint<E>(
  job: PrintJob,
  failure: string | undefined,
  occasion: Occasion,
  otherwise: Otherwise<E>,
): { readonly writes: readonly Write<E>[]; readonly job: PrintJob } {
  const { jobId, ticketId, copy } = job;
  const event = failure === undefined ? ticketPrinted.name : printFailed.name;
  const changes = { state: failure === undefined ? 'PRINTED' : 'FAILED', failure };
  const { row, write } = advance(job, changes, { ...occasion, event }, otherwise);
  return {
    job: parsePrintJob(row),
    writes: [
      write,
      {
        kind: 'delete',
        key: printQueueKey(job),
        otherwise: mustHold('a removal without a condition'),
      },
      {
        kind: 'update',
        key: printsKey(ticketId),
        ...(failure === undefined ? { set: { copies: copy } } : {}),
        remove: ['openJob'],
        when: equals('openJob', jobId),
        otherwise,
      },
    ],
  };
}

/**
 * Keeps which devices have a pass, from exactly the row that was read, and the lists by which they are found; those that are
 * gone are taken off. None left is no row.
 *
 * @param gone devices that had it before
 */
export function keepRegistrations<E>(
  { serial, customerId, eventId, ttl, rev }: Omit<Registrations, 'devices'>,
  devices: readonly PassDevice[],
  gone: readonly PassDevice[],
  otherwise: Otherwise<E>,
): readonly Write<E>[] {
  const key = registrationsKey(customerId, serial);
  const when = rev === 0 ? absent('pk') : equals('rev', rev);
  const lists = [eventPassKey(eventId, serial), ...devices.map(({ device }) => devicePassKey(device, serial))];
  const dropped = [
    ...gone.map(({ device }) => devicePassKey(device, serial)),
    ...(devices.length === 0 ? [eventPassKey(eventId, serial)] : []),
  ];
  const item = { serial, customerId, eventId, devices, rev: rev + 1, ttl };
  return [
    devices.length === 0 ? { kind: 'delete', key, when, otherwise } : { kind: 'put', key, item, when, otherwise },
    ...(devices.length === 0 ? [] : lists.map((list) => putListed(list, customerId, ttl))),
    ...dropped.map((list): Delete<never> => ({ kind: 'delete', key: list, otherwise: mustHold('a bare removal') })),
  ];
}

function putListed(key: Key, customerId: string, ttl: number): Put<never> {
  return { kind: 'put', key, item: { customerId, ttl }, otherwise: mustHold('a put without a condition') };
}
