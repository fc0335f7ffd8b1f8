import type { TicketTypeCopy } from '../../inventory/contract.ts';
import { findTicketTypes } from '../../inventory/reads.ts';
import { countAgainstLimit, returnToLimit } from '../../inventory/writes.ts';
import { dropAttendee, findAttendees } from '../../orders/attendees.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { Occasion } from '../../shared/table/aggregate.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit, pause, StoreBusyError } from '../../shared/table/commit.ts';
import type { Write } from '../../shared/table/writes.ts';
import { hashesOfAccount } from '../../users/addresses.ts';
import { findAccount } from '../../users/reads.ts';
import { isTokenOf } from '../../users/tokens.ts';
import type { Ticket } from '../contract.ts';
import { placeIn, timesOf } from '../domain/ticket.ts';
import { mayPassOn, notToPassOn, offerIsGone, openOffer, successorOf, type Offer } from '../domain/transfer.ts';
import { findOffer, findTicket } from '../reads.ts';
import { passOn } from '../writes.ts';
import type { TransferDeps } from './offer-ticket.ts';

const ROUNDS = 6;

/** Who accepts, and how they show that the offer is to them. */
export interface Acceptance {
  readonly ticketId: string;
  readonly userId: string;
  /** Whom limits are counted for; the person unless another name of theirs is known. */
  readonly limitKey: string;
  /** Of the mail; without it, the account must have the address that it went to. */
  readonly token: string | undefined;
}

type Obstacle = { readonly kind: 'MOVED_ON' } | { readonly kind: 'REFUSED'; readonly problem: Problem };
const MOVED_ON = (): Obstacle => ({ kind: 'MOVED_ON' });

/**
 * Accepts an offered ticket. In one transaction the old one becomes TRANSFERRED, hence its code SUPERSEDED, and another
 * with an id and a code of its own exists for who accepts: so it is accepted once, and of an acceptance, a scan, a refund, a
 * new code and the offer's end exactly one wins. Again by who has accepted it is answered as the first time.
 *
 * @returns the old ticket and the new one
 */
export async function acceptTicket(
  deps: TransferDeps,
  acceptance: Acceptance,
  occasion: Occasion,
): Promise<Result<{ readonly former: Ticket; readonly ticket: Ticket }, Problem>> {
  const { table } = deps;
  const { ticketId, userId } = acceptance;
  for (let round = 1; round <= ROUNDS; round += 1) {
    const [former, offer] = await Promise.all([findTicket(table, ticketId, 'strong'), findOffer(table, ticketId)]);
    if (former === undefined) return err(offerIsGone());
    if (former.transferredTo !== undefined) return again(deps, former, former.transferredTo, userId);
    const open = openOffer(former, occasion.now);
    if (open === undefined || offer?.offerId !== open.offerId || !(await isFor(deps, acceptance, offer)))
      return err(offerIsGone());
    if (former.customerId === userId)
      return err(problem('TICKET_IS_YOURS', 'You hold this ticket already. Take the offer back instead.'));
    const type = (await findTicketTypes(table, [former.ticketTypeId])).get(former.ticketTypeId);
    if (type === undefined) throw new Error(`Ticket ${ticketId} lacks its type`);
    if (!mayPassOn(former, timesOf(type), occasion.now)) return err(notToPassOn());
    const plan = await planOf(deps, { former, type, offer }, acceptance, occasion);
    const done = await commit(table, plan.writes);
    if (done.ok) return ok({ former: plan.former, ticket: plan.ticket });
    if (done.error.kind === 'REFUSED') return err(done.error.problem);
    await pause(round);
  }
  throw new StoreBusyError('The ticket kept changing');
}

async function isFor(
  { table, book, linkKey }: TransferDeps,
  { ticketId, userId, token }: Acceptance,
  { nonce, addressHash }: Offer,
): Promise<boolean> {
  if (token !== undefined) return isTokenOf(await linkKey(), 'ticket-transfer', ticketId, nonce, token);
  const account = await findAccount(table, userId);
  if (account === undefined || account.status !== 'VERIFIED' || account.deletedAt !== undefined) return false;
  return (await hashesOfAccount(book, account))?.hash === addressHash;
}

async function planOf(
  { table }: TransferDeps,
  { former, type, offer }: { readonly former: Ticket; readonly type: TicketTypeCopy; readonly offer: Offer },
  { userId, limitKey }: Acceptance,
  occasion: Occasion,
): Promise<{ readonly writes: readonly Write<Obstacle>[]; readonly former: Ticket; readonly ticket: Ticket }> {
  const { ticketTypeId, countedFor } = former;
  const limit = type.maxPerPerson;
  const successor = successorOf(former, {
    offerId: offer.offerId,
    customerId: userId,
    now: occasion.now,
    countedFor: limit === undefined ? undefined : limitKey,
    times: timesOf(type),
  });
  const passed = passOn(former, successor, occasion, MOVED_ON);
  // Between two accounts of one person nothing changes.
  const same = countedFor === limitKey;
  const counted =
    limit === undefined || same
      ? []
      : [countAgainstLimit(ticketTypeId, limitKey, 1, limit, (found): Obstacle => refusedBy(limit, found))];
  // What its first buyer has bought stays counted for them: passing on is no way to buy more.
  const returned = countedFor === undefined || same ? [] : [returnToLimit(ticketTypeId, countedFor, 1)];
  const unnamed = await forgetName(table, former);
  return {
    writes: [...passed.writes, ...counted, ...returned, ...unnamed],
    former: passed.former,
    ticket: passed.ticket,
  };
}

/** Whoever was named for the place does not come any more: the ticket shows its new holder, by their account. */
async function forgetName(table: Table, { orderId, namings, ...ticket }: Ticket): Promise<readonly Write<Obstacle>[]> {
  const named = namings !== undefined && (await findAttendees(table, [orderId])).has(orderId);
  return named ? [dropAttendee({ orderId }, placeIn(ticket), MOVED_ON)] : [];
}

function refusedBy(limit: number, found: Readonly<Record<string, unknown>> | undefined): Obstacle {
  const held = Number(found?.['held'] ?? 0);
  const detail = `One person may have ${limit} tickets of this type, and you have ${held}.`;
  return { kind: 'REFUSED', problem: problem('LIMIT_EXCEEDED', detail, { extra: { limit, held } }) };
}

/** The answer to somebody who accepts what they have accepted before: the first answer may have been lost. */
async function again(
  { table }: TransferDeps,
  former: Ticket,
  successorId: string,
  userId: string,
): Promise<Result<{ readonly former: Ticket; readonly ticket: Ticket }, Problem>> {
  const ticket = await findTicket(table, successorId, 'strong');
  return ticket?.customerId === userId ? ok({ former, ticket }) : err(offerIsGone());
}
