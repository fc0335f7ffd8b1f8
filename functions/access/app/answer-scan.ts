import type * as z from 'zod/mini';

import { ticketCodeOf } from '../../delivery/contract.ts';
import { findTicketTypes } from '../../inventory/reads.ts';
import { toTimestamp, type Instant } from '../../shared/kernel/clock.ts';
import { derivedId } from '../../shared/kernel/ids.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import { worksFor, type Place, type Session } from '../../shared/runtime/session.ts';
import type { Table } from '../../shared/table/client.ts';
import type { validateTicket, Verdict } from '../contract.ts';
import type { Admission } from '../domain/admission.ts';
import type { OrganizationOf } from '../ports.ts';
import { scanTicket, type Scanned } from './scan-ticket.ts';
import { watchRefusal } from './watch-refusal.ts';

/** A scan as its scanner asks for it; `body` is the contract's. */
export interface ScanRequest {
  readonly body: z.infer<(typeof validateTicket)['body']>;
  readonly session: Session;
  /** Header names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly requestId: string;
  readonly now: Instant;
}

/** Where `session` works at the gate now: organisations, or single events of theirs. */
export function gatesOf(session: Session, now: Instant): readonly Place[] {
  return session.memberships.filter(
    (held) => held.post === 'gate' && worksFor({ ...session, memberships: [held] }, 'gate', held, now),
  );
}

/**
 * Decides a scan and words the verdict.
 *
 * @param newId for a scan that its scanner gave no name to
 */
export async function answerScan(
  table: Table,
  organizationOf: OrganizationOf,
  { body, session, headers, requestId, now }: ScanRequest,
  scanned: Scanned,
  newId: () => string,
): Promise<Result<Verdict, Problem>> {
  const gates = gatesOf(session, now);
  if (gates.length === 0)
    return err(problem('NOT_ALLOWED', 'Only gate staff may scan. Ask your organizer for the post.'));
  const name = body.scanId ?? headers['idempotency-key'];
  // The code is part of the id: a name used for two tickets by mistake must not admit the second one.
  const scanId = name === undefined ? newId() : derivedId('scan', session.userId, name, body.qr);
  const { gate, deviceId, eventId } = body;
  const where = { gate, deviceId, eventId, gates };
  const command = { ...where, scanId, staffId: session.userId, now, correlationId: requestId };
  const admission = await scanTicket(table, organizationOf, scanned, command);
  const [verdict] = await Promise.all([
    verdictOf(table, admission, scanId, now),
    watchRefusal(table, admission, scanId, now),
  ]);
  return ok(verdict);
}

async function verdictOf(table: Table, admission: Admission, scanId: string, now: number): Promise<Verdict> {
  const refused = admission.kind === 'REFUSE' ? admission : undefined;
  return {
    result: refused === undefined ? 'ADMIT' : 'REFUSE',
    ...(refused === undefined ? {} : { reason: refused.reason }),
    ...(admission.ticket === undefined ? {} : { ticket: await ticketOf(table, admission.ticket) }),
    ...(refused?.firstUse === undefined
      ? {}
      : { firstUse: { at: toTimestamp(refused.firstUse.at), gate: refused.firstUse.gate ?? null } }),
    scanId,
    scannedAt: toTimestamp(admission.kind === 'ADMITTED' ? admission.at : now),
  };
}

async function ticketOf(
  table: Table,
  ticket: NonNullable<Admission['ticket']>,
): Promise<NonNullable<Verdict['ticket']>> {
  const types = await findTicketTypes(table, [ticket.ticketTypeId]);
  return {
    id: ticket.ticketId,
    code: ticketCodeOf(ticket.ticketId),
    ticketNumber: ticket.number,
    eventId: ticket.eventId,
    ticketTypeId: ticket.ticketTypeId,
    ticketTypeName: types.get(ticket.ticketTypeId)?.name ?? null,
    accessLevel: ticket.accessLevel ?? null,
    ...(ticket.seat === undefined ? {} : { seat: ticket.seat.label }),
    status: ticket.status,
  };
}
