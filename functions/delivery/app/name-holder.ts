import { findAttendees, nameAttendee, openAttendees, sealerFor } from '../../orders/attendees.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { Occasion } from '../../shared/table/aggregate.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit, pause, StoreBusyError } from '../../shared/table/commit.ts';
import type { PersonalData } from '../../users/recipients.ts';
import type { Ticket } from '../contract.ts';
import { placeIn } from '../domain/ticket.ts';
import { MOST_NAMINGS } from '../holder-contract.ts';
import { findTicket } from '../reads.ts';
import { countNaming } from '../writes.ts';

const ROUNDS = 6;
const MOVED_ON = (): 'MOVED_ON' => 'MOVED_ON';

/**
 * Names the holder of a ticket that its buyer still has. The name and the ticket change in one transaction: of this, a scan,
 * an acceptance and a refund exactly one wins, and no name is given to a ticket that somebody else holds by then. The same
 * name again changes nothing.
 *
 * @param name null for nobody
 * @param vendor whether a program names, which no account has given a data key
 * @returns TICKET_NOT_VALID once it is used, given back or passed on; NAME_FROM_PROFILE for one that the caller was given;
 *   TOO_MANY_NAMES
 * @throws StoreBusyError when the ticket keeps changing; SecretUnavailableError; PersonErasedError
 */
export async function nameHolder(
  { table, personalData }: { readonly table: Table; readonly personalData: PersonalData },
  found: Ticket,
  { name, vendor }: { readonly name: string | null; readonly vendor: boolean },
  occasion: Occasion,
): Promise<Result<Ticket, Problem>> {
  let ticket: Ticket | undefined = found;
  for (let round = 1; round <= ROUNDS && ticket !== undefined; round += 1) {
    const refusal = refusalOf(ticket);
    if (refusal !== undefined) return err(refusal);
    const { orderId, validUntil, customerId } = ticket;
    const place = placeIn(ticket);
    const [rows, { person, keep }] = await Promise.all([
      findAttendees(table, [orderId]),
      sealerFor(personalData, { userId: customerId, vendor }, MOVED_ON),
    ]);
    const names = (await openAttendees(personalData, rows)).get(orderId);
    if ((names?.get(place) ?? null) === name) return ok(ticket);
    if ((ticket.namings ?? 0) >= MOST_NAMINGS)
      return err(problem('TOO_MANY_NAMES', `A ticket is named ${MOST_NAMINGS} times at most. Ask the support.`));
    const counted = countNaming(ticket, occasion, MOVED_ON);
    const named = await nameAttendee(person, rows.get(orderId), { orderId, place, validUntil }, name, MOVED_ON);
    const done = await commit(table, [counted.write, named, ...keep]);
    if (done.ok) return ok(counted.ticket);
    await pause(round);
    ticket = await findTicket(table, ticket.ticketId, 'strong');
  }
  throw new StoreBusyError('The ticket kept changing');
}

function refusalOf({ status, transferredFrom }: Ticket): Problem | undefined {
  if (status !== 'VALID')
    return problem('TICKET_NOT_VALID', 'It was used, given back or passed on. Look at its order.');
  return transferredFrom === undefined
    ? undefined
    : problem('NAME_FROM_PROFILE', 'A ticket that you were given shows the name of your account. Change it there.');
}
