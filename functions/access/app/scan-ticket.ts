import { verifyQr, type TicketSeeds } from '../../delivery/codes.ts';
import type { QrPayload, Ticket } from '../../delivery/contract.ts';
import { findAdmissionTerms, findTicket, parseTicket } from '../../delivery/reads.ts';
import { markUsed } from '../../delivery/writes.ts';
import type { Instant } from '../../shared/kernel/clock.ts';
import type { Place } from '../../shared/runtime/session.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit, StoreBusyError } from '../../shared/table/commit.ts';
import { ticketAdmitted } from '../contract.ts';
import { decideAdmission, worksAt, type Admission, type ScanAttempt } from '../domain/admission.ts';
import type { ScanRow } from '../domain/scan.ts';
import type { ScanPlace } from '../keys.ts';
import type { OrganizationOf } from '../ports.ts';
import { logScan } from '../writes.ts';

/** A scanned code: what it says and the ticket that it names, or that it is none of ours. */
export type Scanned =
  | { readonly genuine: false }
  | { readonly genuine: true; readonly qr: QrPayload; readonly ticket: Ticket | undefined };

/** Reads a scanned code and its ticket's row. It needs nothing of the caller, so it runs beside the session's read. */
export async function readScanned(table: Table, seeds: TicketSeeds, text: string): Promise<Scanned> {
  const verified = verifyQr(seeds, text);
  if (!verified.ok) return { genuine: false };
  return { genuine: true, qr: verified.value, ticket: await findTicket(table, verified.value.ticketId, 'strong') };
}

/** One scan with everything that is logged of it. */
export interface ScanCommand extends ScanAttempt {
  readonly staffId: string;
  readonly deviceId?: string | undefined;
  readonly now: Instant;
  readonly correlationId: string;
}

/** Decisions on one ticket before we say that it is busy; each follows from a change that another scan made. */
const DECISIONS = 4;

/**
 * Decides a scan and logs it. Admission moves the ticket and appends to the log in one transaction, on the
 * condition that the ticket is still VALID: of any number of scans at once exactly one admits. The others
 * decide again from the row that stood in their way, and learn when and where it was used.
 *
 * @param organizationOf tells whose event the scanner claims to admit, so that nobody writes into another's log
 * @throws StoreBusyError when the ticket keeps changing
 */
export async function scanTicket(
  table: Table,
  organizationOf: OrganizationOf,
  scanned: Scanned,
  command: ScanCommand,
): Promise<Admission> {
  const place = await placeOf(organizationOf, scanned, command);
  if (!scanned.genuine) {
    const refusal: Admission = { kind: 'REFUSE', reason: 'FORGED' };
    await commit(table, [logScan(place, rowOf(command, place, refusal, undefined))]);
    return refusal;
  }
  let { ticket } = scanned;
  const terms = ticket === undefined ? undefined : await findAdmissionTerms(table, ticket);
  for (let attempt = 1; attempt <= DECISIONS; attempt += 1) {
    const decided = decideAdmission(scanned.qr, ticket, command, command.now, terms);
    const log = logScan(place, rowOf(command, place, decided, scanned.qr.ticketId));
    switch (decided.kind) {
      case 'ADMITTED':
        return decided;
      case 'REFUSE':
        await commit(table, [log]);
        return decided;
      case 'ADMIT': {
        const { now, correlationId, staffId: by } = command;
        const cause = { event: ticketAdmitted.name, now, correlationId, by };
        const used = markUsed(decided.ticket, { scanId: command.scanId, gate: command.gate }, cause, (found) => found);
        const done = await commit(table, [used.write, log]);
        if (done.ok) return { kind: 'ADMIT', ticket: used.ticket };
        ticket =
          done.error === undefined ? undefined : parseTicket({ ...done.error, pk: used.ticket.pk, sk: used.ticket.sk });
      }
    }
  }
  throw new StoreBusyError('The ticket kept changing while it was scanned');
}

async function placeOf(
  organizationOf: OrganizationOf,
  scanned: Scanned,
  { eventId, gates }: ScanCommand,
): Promise<ScanPlace> {
  const ticket = scanned.genuine ? scanned.ticket : undefined;
  const own = ticket !== undefined && worksAt(gates, ticket) ? ticket.eventId : undefined;
  if (eventId === own || eventId === undefined) return own === undefined ? organizationPlace(gates) : { eventId: own };
  const organizer = await organizationOf(eventId);
  if (organizer !== undefined && worksAt(gates, { organizationId: organizer, eventId })) return { eventId };
  return own === undefined ? organizationPlace(gates) : { eventId: own };
}

function organizationPlace([first]: readonly Place[]): ScanPlace {
  if (first === undefined) throw new Error('A scan by somebody who works at no gate');
  return { organizationId: first.organizationId };
}

function rowOf(command: ScanCommand, place: ScanPlace, decided: Admission, ticketId: string | undefined): ScanRow {
  const { scanId, now: at, gate, deviceId, staffId } = command;
  return {
    scanId,
    at,
    result: decided.kind === 'REFUSE' ? 'REFUSE' : 'ADMIT',
    staffId,
    ...(decided.kind === 'REFUSE' ? { reason: decided.reason } : {}),
    ...('eventId' in place ? { eventId: place.eventId } : {}),
    ...(ticketId === undefined ? {} : { ticketId }),
    ...(gate === undefined ? {} : { gate }),
    ...(deviceId === undefined ? {} : { deviceId }),
  };
}
