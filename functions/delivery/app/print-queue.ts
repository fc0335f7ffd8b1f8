import { ulid } from 'ulid';

import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { derivedId } from '../../shared/kernel/ids.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { Occasion } from '../../shared/table/aggregate.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit, pause, StoreBusyError } from '../../shared/table/commit.ts';
import type { Write } from '../../shared/table/writes.ts';
import { forStation, leaseFrom, type NewPrintJob, type PrintJob } from '../domain/print-job.ts';
import type { PrintFormat, PrintLanguage } from '../holder-contract.ts';
import type { PrintResult } from '../print-contract.ts';
import { findPrintable, findPrintJob, findTicket, openPrintJobs } from '../reads.ts';
import { claimPrint, finishPrint, queuePrint } from '../writes.ts';

const ROUNDS = 6;
const MOVED_ON = (): 'MOVED_ON' => 'MOVED_ON';

/** What the box office wants on paper. */
export interface PrintsAsked {
  readonly eventId: string;
  readonly ticketIds: readonly string[];
  readonly format: PrintFormat;
  readonly language: PrintLanguage;
  readonly reprint?: NewPrintJob['reprint'];
  /** Names the request where its sender gave it a key, among all that were ever sent. */
  readonly request?: string | undefined;
}

/** The jobs that a request comes to, and the writes that make those which there are not yet. */
interface Plan {
  readonly jobIds: readonly string[];
  readonly writes: readonly Write<'MOVED_ON'>[];
}

/**
 * Queues tickets of one event to be printed, all of them or none. A ticket that waits already is not queued twice: its job is
 * answered. One that was printed needs a reason, so that nobody prints a second by mistake, and each print is counted.
 *
 * @returns TICKET_NOT_FOUND for one of another event, TICKET_NOT_VALID, TICKET_PRINTED_ALREADY with the tickets
 */
export async function queuePrints(
  table: Table,
  asked: PrintsAsked,
  occasion: Occasion,
): Promise<Result<readonly PrintJob[], Problem>> {
  for (let round = 1; round <= ROUNDS; round += 1) {
    const plan = await planPrints(table, asked, occasion);
    if (!plan.ok) return plan;
    const { jobIds, writes } = plan.value;
    const done = writes.length === 0 ? ok(undefined) : await commit(table, writes);
    if (done.ok) {
      const rows = await Promise.all(jobIds.map((jobId) => findPrintJob(table, jobId)));
      return ok(rows.flatMap((row) => row ?? []));
    }
    await pause(round);
  }
  throw new StoreBusyError('The prints of these tickets kept changing');
}

async function planPrints(
  table: Table,
  { eventId, ticketIds, format, language, reprint, request }: PrintsAsked,
  occasion: Occasion,
): Promise<Result<Plan, Problem>> {
  const found = await findPrintable(table, ticketIds);
  const jobIds: string[] = [];
  const printed: string[] = [];
  const writes: Write<'MOVED_ON'>[] = [];
  for (const [place, ticketId] of ticketIds.entries()) {
    const { ticket, prints } = found.get(ticketId) ?? {};
    if (ticket === undefined || ticket.eventId !== eventId)
      return err(problem('TICKET_NOT_FOUND', 'The event has no such ticket.'));
    const named = request === undefined ? undefined : derivedId('print', request, ticketId);
    const known = prints?.openJob ?? (named === undefined ? undefined : (await findPrintJob(table, named))?.jobId);
    if (known === undefined && ticket.status !== 'VALID')
      return err(problem('TICKET_NOT_VALID', 'It was used, given back or passed on. Look at its order.'));
    const jobId = known ?? named ?? ulid(occasion.now);
    jobIds.push(jobId);
    if (known !== undefined) continue;
    const { copies = 0 } = prints ?? {};
    if (copies > 0 && reprint === undefined) printed.push(ticketId);
    const job: NewPrintJob = {
      jobId,
      ticketId,
      ticketNumber: ticket.number,
      eventId,
      organizationId: ticket.organizationId,
      state: 'WAITING',
      format,
      language,
      copy: copies + 1,
      ...(copies > 0 && reprint !== undefined ? { reprint } : {}),
      attempts: 0,
      createdAt: occasion.now,
      place,
    };
    writes.push(...queuePrint(job, prints, occasion, MOVED_ON));
  }
  if (printed.length === 0) return ok({ jobIds, writes });
  const detail = 'Say with `reprint` why there is to be another.';
  return err(problem('TICKET_PRINTED_ALREADY', detail, { extra: { ticketIds: printed } }));
}

/**
 * Takes the oldest jobs that nobody has for a station. Of two stations that ask at once each gets others; whoever
 * has one and is silent past its lease leaves it to the next. What is not to be printed any more is finished on the way.
 */
export async function claimPrints(
  table: Table,
  { eventId, station, most }: { readonly eventId: string; readonly station: string; readonly most: number },
  occasion: Occasion,
): Promise<readonly PrintJob[]> {
  const taken: PrintJob[] = [];
  for (const job of await openPrintJobs(table, eventId)) {
    if (taken.length === most) break;
    const step = forStation(job, occasion.now);
    if (step === 'LEAVE') continue;
    const ticket = await findTicket(table, job.ticketId, 'strong');
    const failure = ticket?.status === 'VALID' ? undefined : 'TICKET_NOT_VALID';
    if (failure !== undefined || step === 'GIVE_UP') {
      await commit(table, finishPrint(job, failure ?? 'GIVEN_UP', occasion, MOVED_ON).writes);
      continue;
    }
    const lease = { station, leaseId: ulid(occasion.now), leaseUntil: leaseFrom(occasion.now) };
    const claimed = claimPrint(job, lease, occasion, MOVED_ON);
    if ((await commit(table, [claimed.write])).ok) taken.push(claimed.job);
  }
  return taken;
}

/**
 * Takes what a station says of a job that it has the lease of, also past its end while nobody else has taken it. Said again
 * it is answered the same.
 *
 * @returns PRINT_LEASE_LOST where another station has it, or it has ended otherwise
 */
export async function settlePrint(
  table: Table,
  found: PrintJob,
  result: PrintResult,
  occasion: Occasion,
): Promise<Result<PrintJob, Problem>> {
  const failure = result.outcome === 'FAILED' ? result.failure : undefined;
  let job = found;
  for (let round = 1; round <= ROUNDS; round += 1) {
    const isTheirs = job.leaseId === result.leaseId;
    if (isTheirs && job.state === result.outcome && job.failure === failure) return ok(job);
    if (!isTheirs || job.state !== 'CLAIMED') return err(leaseLost());
    const finished = finishPrint(job, failure, occasion, MOVED_ON);
    if ((await commit(table, finished.writes)).ok) return ok(finished.job);
    await pause(round);
    job = (await findPrintJob(table, job.jobId)) ?? job;
  }
  throw new StoreBusyError('The print job kept changing');
}

function leaseLost(): Problem {
  return problem('PRINT_LEASE_LOST', 'Another station has taken the job, or it has ended. Keep this print apart.');
}
