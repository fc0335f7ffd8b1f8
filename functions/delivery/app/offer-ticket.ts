import { ulid } from 'ulid';

import { toTimestamp, type Instant } from '../../shared/kernel/clock.ts';
import { derivedId } from '../../shared/kernel/ids.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { Limiter } from '../../shared/runtime/limits.ts';
import type { Occasion } from '../../shared/table/aggregate.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit, pause, StoreBusyError } from '../../shared/table/commit.ts';
import { hashesOf, type AddressBook } from '../../users/addresses.ts';
import { findAccount } from '../../users/reads.ts';
import { newLink } from '../../users/tokens.ts';
import type { Ticket } from '../contract.ts';
import { mayPassOn, notToPassOn, openOffer, type Offer } from '../domain/transfer.ts';
import { inOffer } from '../offers.ts';
import { findAdmissionTerms, findTicket } from '../reads.ts';
import { MOST_TRANSFERS, OFFER_LIVES_MS, type OfferView } from '../transfer-contract.ts';
import { cancelOfferOf, offerTo } from '../writes.ts';

const ROUNDS = 6;
const MOVED_ON = (): 'MOVED_ON' => 'MOVED_ON';

/** What passing tickets on needs. */
export interface TransferDeps {
  readonly table: Table;
  readonly book: AddressBook;
  readonly limiter: Limiter;
  readonly linkKey: () => Promise<Uint8Array>;
}

/** To whom a ticket is to be offered. */
export interface OfferWish {
  readonly email: string;
  /** BCP 47; that of who offers if left out. */
  readonly locale: string | undefined;
  /** Of the request, where its sender gave it one. */
  readonly key: string | undefined;
}

/**
 * Offers a ticket to an address. It stays its holder's, and admits, until somebody accepts; the mail follows from the change.
 * The address is sealed under a data key of the offer's own, which the table drops with its end whatever becomes of it.
 *
 * @returns TICKET_NOT_VALID, TICKET_OFFERED_ALREADY, TOO_MANY_TRANSFERS, or TOO_MANY_REQUESTS for the holder or the mailbox
 */
export async function offerTicket(
  { table, book, limiter }: TransferDeps,
  found: Ticket,
  { email, locale, key }: OfferWish,
  occasion: Occasion,
): Promise<Result<OfferView, Problem>> {
  const { now } = occasion;
  const { ticketId, customerId } = found;
  const { hash: addressHash, mailboxHash } = await hashesOf(book, email);
  const offerId = key === undefined ? ulid(now) : derivedId('offer', ticketId, customerId, key, addressHash);
  const { nonce, until } = newLink(now, OFFER_LIVES_MS);
  const language = locale ?? (await findAccount(table, customerId))?.locale ?? 'en';
  let sealed: Awaited<ReturnType<typeof seal>> | undefined;
  let ticket: Ticket | undefined = found;
  for (let round = 1; round <= ROUNDS && ticket !== undefined; round += 1) {
    const times = await findAdmissionTerms(table, ticket);
    if (!mayPassOn(ticket, times, now)) return err(notToPassOn());
    const open = openOffer(ticket, now);
    if (open?.offerId === offerId) return ok({ offerId, expiresAt: toTimestamp(open.until) });
    if (open !== undefined) return err(offeredAlready(open.until));
    if ((ticket.transfers ?? 0) >= MOST_TRANSFERS)
      return err(problem('TOO_MANY_TRANSFERS', `A ticket changes hands ${MOST_TRANSFERS} times at most.`));
    const expiresAt = Math.min(until, times.validUntil);
    if (sealed === undefined) {
      const counted = await countMail(limiter, customerId, mailboxHash, now);
      if (!counted.ok) return counted;
      sealed = await seal(book, ticketId, offerId, email, expiresAt);
    }
    const offer: Offer = { offerId, email: sealed.email, addressHash, nonce, locale: language, expiresAt };
    const done = await commit(table, [...offerTo(ticket, offer, occasion, MOVED_ON), sealed.keep]);
    if (done.ok) return ok({ offerId, expiresAt: toTimestamp(expiresAt) });
    await pause(round);
    ticket = await findTicket(table, ticketId, 'strong');
  }
  throw new StoreBusyError('The ticket kept changing');
}

/** Whoever may offer has mails sent to whomever they like. */
async function countMail(
  limiter: Limiter,
  customerId: string,
  mailboxHash: string,
  now: Instant,
): Promise<Result<void, Problem>> {
  const counted = await limiter.count('offersPerHolder', customerId, now);
  return counted.ok ? limiter.count('offersPerMailbox', mailboxHash, now) : counted;
}

async function seal(
  { personalData }: AddressBook,
  ticketId: string,
  offerId: string,
  email: string,
  expiresAt: number,
) {
  const { person, keep } = await personalData.newPerson(offerId);
  return {
    email: await person.seal(inOffer(ticketId), email),
    // The table drops the key, and what it opens is gone: for offers that nobody ends.
    keep: {
      ...keep,
      item: { ...keep.item, ttl: Math.ceil(expiresAt / 1_000) },
      otherwise: MOVED_ON,
    },
  };
}

function offeredAlready(until: Instant): Problem {
  const extra = { expiresAt: toTimestamp(until) };
  return problem('TICKET_OFFERED_ALREADY', 'Take that offer back first, or wait for it.', { extra });
}

/**
 * Takes the offer of a ticket back. Twice is once, and where there is none nothing happens; of this and an acceptance
 * exactly one wins, since both pin the ticket.
 *
 * @returns TICKET_NOT_VALID once it has been accepted
 */
export async function cancelOffer(table: Table, found: Ticket, occasion: Occasion): Promise<Result<void, Problem>> {
  let ticket: Ticket | undefined = found;
  for (let round = 1; round <= ROUNDS && ticket !== undefined; round += 1) {
    if (ticket.status === 'TRANSFERRED') return err(notToPassOn());
    if (ticket.offer === undefined) return ok(undefined);
    const done = await commit(table, cancelOfferOf(ticket, occasion, MOVED_ON));
    if (done.ok) return ok(undefined);
    await pause(round);
    ticket = await findTicket(table, ticket.ticketId, 'strong');
  }
  throw new StoreBusyError('The ticket kept changing');
}
