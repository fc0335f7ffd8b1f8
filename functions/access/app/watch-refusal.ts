import type { Ticket } from '../../delivery/contract.ts';
import { noteFacts } from '../../fraud/operations.ts';
import { findOrder, scrutinised } from '../../orders/reads.ts';
import { MINUTE, type Instant } from '../../shared/kernel/clock.ts';
import { logFault } from '../../shared/runtime/log.ts';
import type { Table } from '../../shared/table/client.ts';
import type { Admission } from '../domain/admission.ts';

/** A second scan of the same person takes seconds; whoever comes with a copy comes later. */
const SAME_PERSON_MS = 2 * MINUTE;

/**
 * The fraud check's eye at the gate (ADR 60): a copy of a ticket's code that is turned away speaks against whoever has the
 * ticket, once for each scan however often it is answered. It decides nothing about the scan and keeps no gate waiting for a
 * fault of its own.
 */
export async function watchRefusal(table: Table, admission: Admission, scanId: string, now: Instant): Promise<void> {
  const ticket = copiedTicket(admission, now);
  if (ticket === undefined) return;
  const { orderId, customerId } = ticket;
  try {
    const order = await findOrder(table, orderId);
    if (order === undefined) return;
    // One that was passed on is its holder's to keep.
    const subject = customerId === order.customerId ? scrutinised(order) : customerId;
    if (subject !== undefined) await noteFacts(table, subject, [{ id: scanId, kind: 'SHARED', at: now }], now);
  } catch (error) {
    logFault('WATCH_FAULT', error, { orderId });
  }
}

/** The ticket of a code that somebody else has shown before, or that is in force no more. */
function copiedTicket(admission: Admission, now: Instant): Ticket | undefined {
  if (admission.kind !== 'REFUSE') return undefined;
  const { reason, ticket, firstUse } = admission;
  const later = firstUse !== undefined && now - firstUse.at >= SAME_PERSON_MS;
  return reason === 'SUPERSEDED' || (reason === 'ALREADY_USED' && later) ? ticket : undefined;
}
