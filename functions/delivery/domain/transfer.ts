import * as z from 'zod/mini';

import type { Instant } from '../../shared/kernel/clock.ts';
import { derivedId } from '../../shared/kernel/ids.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import type { AdmissionTimes, NewTicket, Ticket } from '../contract.ts';

const offerRow = z.object({
  offerId: z.string(),
  /** Sealed under a data key of the offer's own, which goes with the offer. */
  email: z.string(),
  /** By `hashAddress`. It lies here and not on the ticket, whose every version is kept for ever. */
  addressHash: z.string(),
  /** What the link's token is derived from, worthless without the key (ADR 23). */
  nonce: z.string(),
  /** BCP 47 language tag of the mail. */
  locale: z.string(),
  expiresAt: z.int(),
});

/** To whom a ticket is offered. That it is, and until when, is on the ticket itself, which every change pins. */
export type Offer = z.infer<typeof offerRow>;

/** Reads an item as an offer. @throws when it is none */
export function parseOffer(item: unknown): Offer {
  return z.parse(offerRow, item);
}

/** The offer of a ticket that can still be accepted. */
export function openOffer({ offer }: Ticket, now: Instant): Ticket['offer'] {
  return offer !== undefined && offer.until > now ? offer : undefined;
}

/**
 * Whether a ticket may change hands at all: used, given back and disputed ones may not, nor those that are over.
 *
 * @param times until when it admits by now
 */
export function mayPassOn({ status, frozen }: Ticket, { validUntil }: AdmissionTimes, now: Instant): boolean {
  return status === 'VALID' && now < validUntil && frozen !== true;
}

/** The same for ever for one offer, whoever makes it. */
export function successorIdOf(ticketId: string, offerId: string): string {
  return derivedId('ticket', ticketId, offerId);
}

/** The ticket of whoever accepts `ticket`: the same place and number, with an id, a code and a holder of its own. */
export function successorOf(
  ticket: Ticket,
  {
    offerId,
    customerId,
    now,
    countedFor,
    times,
  }: {
    readonly offerId: string;
    readonly customerId: string;
    readonly now: Instant;
    /** Whom it counts against a limit for, where its type has one. */
    readonly countedFor: string | undefined;
    /** When it admits by now. */
    readonly times: AdmissionTimes;
  },
): NewTicket {
  const { orderId, lineId, eventId, organizationId, ticketTypeId, number, accessLevel, seat } = ticket;
  const { admitFrom, validUntil } = times;
  return {
    ticketId: successorIdOf(ticket.ticketId, offerId),
    orderId,
    lineId,
    customerId,
    eventId,
    organizationId,
    ticketTypeId,
    number,
    status: 'VALID',
    ticketVersion: 1,
    ...(accessLevel === undefined ? {} : { accessLevel }),
    ...(seat === undefined ? {} : { seat }),
    ...(admitFrom === undefined ? {} : { admitFrom }),
    validUntil,
    issuedAt: now,
    transferredFrom: ticket.ticketId,
    originId: ticket.originId ?? ticket.ticketId,
    transfers: (ticket.transfers ?? 0) + 1,
    ...(countedFor === undefined ? {} : { countedFor }),
  };
}

/** What is no offer, or none any more: told apart to nobody. */
export function offerIsGone(): Problem {
  return problem('TOKEN_INVALID_OR_EXPIRED', 'Ask whoever offered the ticket for another link.');
}

/** The answer where a ticket cannot change hands. */
export function notToPassOn(): Problem {
  return problem('TICKET_NOT_VALID', 'It was used, given back or passed on, or the event is over.');
}
