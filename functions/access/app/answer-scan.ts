import { findTicketTypes } from '../../inventory/reads.ts';
import { toTimestamp } from '../../shared/kernel/clock.ts';
import { derivedId } from '../../shared/kernel/ids.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { Answer, PersonalRequest, ResponseBody } from '../../shared/runtime/http.ts';
import type { Session } from '../../shared/runtime/session.ts';
import type { Table } from '../../shared/table/client.ts';
import type { validateTicket } from '../contract.ts';
import type { Admission } from '../domain/admission.ts';
import type { OrganizationOf } from '../ports.ts';
import { scanTicket, type Scanned } from './scan-ticket.ts';

type Verdict = ResponseBody<typeof validateTicket, 200>;
type ScanRequest = Pick<PersonalRequest<typeof validateTicket>, 'body' | 'session' | 'headers' | 'requestId' | 'now'>;

/** Organisations at whose gates `session` works. */
export function gatesOf(session: Session): ReadonlySet<string> {
  return new Set(session.memberships.flatMap(({ organizationId, post }) => (post === 'gate' ? [organizationId] : [])));
}

/**
 * Answers a scan.
 *
 * @param newId for a scan that its scanner gave no name to
 */
export async function answerScan(
  table: Table,
  organizationOf: OrganizationOf,
  { body, session, headers, requestId, now }: ScanRequest,
  scanned: Scanned,
  newId: () => string,
): Promise<Result<Answer, Problem>> {
  const organizationIds = gatesOf(session);
  if (organizationIds.size === 0) return err(problem('NOT_ALLOWED', 'Only gate staff may scan. Ask your organizer for the post.'));
  const name = body.scanId ?? headers['idempotency-key'];
  // The code is part of the id: a name used for two tickets by mistake must not admit the second one.
  const scanId = name === undefined ? newId() : derivedId('scan', session.userId, name, body.qr);
  const { gate, deviceId, eventId } = body;
  const admission = await scanTicket(table, organizationOf, scanned, {
    scanId,
    organizationIds,
    eventId,
    gate,
    deviceId,
    staffId: session.userId,
    now,
    correlationId: requestId,
  });
  return ok({ status: 200, body: await verdictOf(table, admission, scanId, now) });
}

async function verdictOf(table: Table, admission: Admission, scanId: string, now: number): Promise<Verdict> {
  const refused = admission.kind === 'REFUSE' ? admission : undefined;
  return {
    result: refused === undefined ? 'ADMIT' : 'REFUSE',
    ...(refused === undefined ? {} : { reason: refused.reason }),
    ...(admission.ticket === undefined ? {} : { ticket: await ticketOf(table, admission.ticket) }),
    ...(refused?.firstUse === undefined ? {} : { firstUse: { at: toTimestamp(refused.firstUse.at), gate: refused.firstUse.gate ?? null } }),
    scanId,
    scannedAt: toTimestamp(admission.kind === 'ADMITTED' ? admission.at : now),
  };
}

async function ticketOf(table: Table, ticket: NonNullable<Admission['ticket']>): Promise<NonNullable<Verdict['ticket']>> {
  const types = await findTicketTypes(table, [ticket.ticketTypeId]);
  return {
    id: ticket.ticketId,
    code: `tc_${ticket.ticketId}`,
    ticketNumber: ticket.number,
    eventId: ticket.eventId,
    ticketTypeId: ticket.ticketTypeId,
    ticketTypeName: types.get(ticket.ticketTypeId)?.name ?? null,
    accessLevel: ticket.accessLevel ?? null,
    status: ticket.status,
  };
}
