import type { AdmissionTerms, QrPayload, Ticket } from '../../delivery/contract.ts';
import type { Instant } from '../../shared/kernel/clock.ts';
import { foldedName } from '../../shared/kernel/text.ts';
import type { Place } from '../../shared/runtime/session.ts';
import type { RefusalReason } from '../contract.ts';

/** One scan as the gate asks for it. */
export interface ScanAttempt {
  readonly scanId: string;
  /** Organisations, or single events of theirs, at whose gates the caller works now. */
  readonly gates: readonly Place[];
  /** The event being admitted, where the scanner says so. */
  readonly eventId?: string | undefined;
  /** The gate at which it is scanned, where the scanner says so. */
  readonly gate?: string | undefined;
}

/** Where and when a ticket let its holder in. */
export interface FirstUse {
  readonly at: Instant;
  readonly gate: string | undefined;
}

/** What the gate decides. */
export type Admission =
  /** The ticket is good and goes from VALID to USED. */
  | { readonly kind: 'ADMIT'; readonly ticket: Ticket }
  /** This very scan admitted before and its answer was lost. */
  | { readonly kind: 'ADMITTED'; readonly ticket: Ticket; readonly at: Instant }
  /** `ticket` is left out where it is none of the caller's business. */
  | { readonly kind: 'REFUSE'; readonly reason: RefusalReason; readonly ticket?: Ticket; readonly firstUse?: FirstUse };

/** Whether one of `gates` is of the organisation and the event of `thing`. */
export function worksAt(gates: readonly Place[], thing: Required<Place>): boolean {
  return gates.some(
    ({ organizationId, eventId }) =>
      organizationId === thing.organizationId && (eventId === undefined || eventId === thing.eventId),
  );
}

/**
 * Whether a genuine QR code lets its bearer in (seed 001, "access control"; invariants I15, I16).
 *
 * @param qr what the signed code says
 * @param ticket the row that it names, as read now; undefined where there is none
 * @param terms when and where it admits; what it was issued with, unless its event has told otherwise
 */
export function decideAdmission(
  qr: QrPayload,
  ticket: Ticket | undefined,
  attempt: ScanAttempt,
  now: Instant,
  terms: AdmissionTerms | undefined = ticket,
): Admission {
  // Signed by us, yet nothing of ours: a code of another deployment with the same seed.
  if (ticket === undefined || ticket.eventId !== qr.eventId || qr.ticketVersion > ticket.ticketVersion)
    return { kind: 'REFUSE', reason: 'FORGED' };
  if (!worksAt(attempt.gates, ticket)) return { kind: 'REFUSE', reason: 'WRONG_EVENT' };
  const refuse = (reason: RefusalReason): Admission => ({ kind: 'REFUSE', reason, ticket });
  if (attempt.eventId !== undefined && attempt.eventId !== ticket.eventId) return refuse('WRONG_EVENT');
  if (qr.ticketVersion < ticket.ticketVersion) return refuse('SUPERSEDED');
  switch (ticket.status) {
    case 'TRANSFERRED':
      return refuse('SUPERSEDED');
    case 'ARCHIVED':
      return refuse('CANCELLED');
    case 'USED': {
      const at = ticket.usedAt ?? ticket.at;
      if (ticket.usedScan === attempt.scanId) return { kind: 'ADMITTED', ticket, at };
      return { kind: 'REFUSE', reason: 'ALREADY_USED', ticket, firstUse: { at, gate: ticket.usedGate } };
    }
    case 'VALID':
      if (ticket.frozen === true) return refuse('FROZEN');
      if (terms?.admitFrom !== undefined && now < terms.admitFrom) return refuse('NOT_YET_OPEN');
      if (terms !== undefined && now > terms.validUntil) return refuse('EVENT_OVER');
      if (attempt.gate !== undefined && terms?.closedGates?.includes(foldedName(attempt.gate)) === true)
        return refuse('WRONG_ZONE');
      return { kind: 'ADMIT', ticket };
  }
}
