import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { Occasion } from '../../shared/table/aggregate.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit, pause, StoreBusyError } from '../../shared/table/commit.ts';
import type { Ticket } from '../contract.ts';
import { parseTicket } from '../domain/ticket.ts';
import { MOST_REISSUES } from '../holder-contract.ts';
import { reissue } from '../writes.ts';

const ROUNDS = 6;

/**
 * Gives a ticket a new code. Of a scan and this, exactly one wins: both pin the row that they were decided on.
 *
 * @param request names the request where its sender gave it a key; the same makes one new code
 * @returns TICKET_NOT_VALID once it is used, refunded or passed on; TOO_MANY_REISSUES
 */
export async function reissueTicket(
  table: Table,
  found: Ticket,
  request: string | undefined,
  occasion: Occasion,
): Promise<Result<Ticket, Problem>> {
  let ticket = found;
  for (let round = 1; round <= ROUNDS; round += 1) {
    if (ticket.status !== 'VALID')
      return err(problem('TICKET_NOT_VALID', 'It was used, given back or passed on. Look at its order.'));
    if (request !== undefined && ticket.reissuedFor === request) return ok(ticket);
    if (ticket.ticketVersion > MOST_REISSUES)
      return err(problem('TOO_MANY_REISSUES', `A ticket gets ${MOST_REISSUES} new codes at most. Ask the support.`));
    const change = reissue(ticket, request, occasion, (row) => row);
    const done = await commit(table, [change.write]);
    if (done.ok) return ok(change.ticket);
    if (done.error === undefined) break;
    ticket = parseTicket({ ...done.error, pk: ticket.pk, sk: ticket.sk });
    await pause(round);
  }
  throw new StoreBusyError('The ticket kept changing');
}
