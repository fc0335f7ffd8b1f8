import { findTicketTypes } from '../../inventory/reads.ts';
import { toTimestamp, type Instant } from '../../shared/kernel/clock.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { Table } from '../../shared/table/client.ts';
import { signQr, type TicketSeeds } from '../codes.ts';
import { isLive, qrSubjectOf, timesOf } from '../domain/ticket.ts';
import type { LinkedTicketView } from '../holder-contract.ts';
import type { NamesOf } from '../holder-names.ts';
import { qrPng } from '../qr-image.ts';
import { findTicket } from '../reads.ts';
import { isLinkOf, ticketIdInToken } from '../web-tickets.ts';

/** What showing a ticket by its link needs. */
export interface LinkDeps {
  readonly table: Table;
  readonly seeds: () => Promise<TicketSeeds>;
  readonly linkKey: () => Promise<Uint8Array>;
  readonly namesOf: NamesOf;
}

/**
 * A ticket by the token of its link. How often is not limited: the token has 256 bits, and before a gate a thousand people
 * come from one address.
 *
 * @returns TOKEN_INVALID_OR_EXPIRED for what is no token, and once the ticket has another code or holder, was given back or is over
 */
export async function showLinkedTicket(
  { table, seeds, linkKey, namesOf }: LinkDeps,
  token: string,
  now: Instant,
): Promise<Result<LinkedTicketView, Problem>> {
  const ticketId = ticketIdInToken(token);
  const ticket = ticketId === undefined ? undefined : await findTicket(table, ticketId, 'strong');
  if (ticket === undefined || !isLinkOf(await linkKey(), ticket, token)) return err(gone());
  if (!isLive(ticket)) return err(gone());
  const type = (await findTicketTypes(table, [ticket.ticketTypeId])).get(ticket.ticketTypeId);
  if (type === undefined) throw new Error(`Ticket ${ticket.ticketId} lacks its type`);
  const times = timesOf(type);
  if (now > times.validUntil) return err(gone());
  const names = await namesOf([ticket]);
  const qr = signQr(await seeds(), qrSubjectOf(ticket, times));
  return ok({
    ticketNumber: ticket.number,
    status: ticket.status,
    event: {
      title: type.eventTitle,
      startsAt: toTimestamp(type.eventStartsAt),
      endsAt: type.eventEndsAt === undefined ? null : toTimestamp(type.eventEndsAt),
      timeZone: type.timeZone,
      venueName: type.venueName ?? null,
      city: type.city ?? null,
    },
    ticketTypeName: type.name,
    seat: ticket.seat?.label ?? null,
    accessLevel: ticket.accessLevel ?? null,
    holderName: names.get(ticket.ticketId) ?? null,
    qr,
    qrImage: Buffer.from(await qrPng(qr)).toString('base64'),
  });
}

function gone(): Problem {
  return problem('TOKEN_INVALID_OR_EXPIRED', 'This link does not show a ticket any more. Ask its holder for another.');
}
