import { toTimestamp, type Instant } from '../../shared/kernel/clock.ts';
import { STAFF_POSTS } from '../../shared/runtime/policy.ts';
import { hasRole, organizes, worksFor, type Session } from '../../shared/runtime/session.ts';
import { ticketCodeOf, type Ticket, type TicketView } from '../contract.ts';

/** Whether `session` may see `ticket` now: holder, organizer or staff of its event, support, admin (invariant I18). */
export function maySee(
  session: Session,
  { customerId, organizationId, eventId }: Pick<Ticket, 'customerId' | 'organizationId' | 'eventId'>,
  now: Instant,
): boolean {
  return (
    session.userId === customerId ||
    hasRole(session, ['support', 'admin']) ||
    organizes(session, organizationId) ||
    STAFF_POSTS.some((post) => worksFor(session, post, { organizationId, eventId }, now))
  );
}

/**
 * A ticket as clients see it.
 *
 * @param holderName see `holder-names.ts`
 * @param code its QR code as text and as a Base64 PNG; null once it no longer stands for an entry
 */
export function viewTicket(
  ticket: Ticket,
  code: { readonly qr: string; readonly qrImage: string } | null,
  holderName: string | undefined,
): TicketView {
  return {
    id: ticket.ticketId,
    code: ticketCodeOf(ticket.ticketId),
    customerId: ticket.customerId,
    orderId: ticket.orderId,
    eventId: ticket.eventId,
    ticketTypeId: ticket.ticketTypeId,
    ticketNumber: ticket.number,
    holderName: holderName ?? null,
    ...(ticket.seat === undefined ? {} : { seat: ticket.seat }),
    status: ticket.status,
    qr: code?.qr ?? null,
    qrImage: code?.qrImage ?? null,
    createdAt: toTimestamp(ticket.issuedAt),
    ...(ticket.usedAt === undefined ? {} : { usedAt: toTimestamp(ticket.usedAt) }),
    ...(ticket.offer === undefined ? {} : { offeredUntil: toTimestamp(ticket.offer.until) }),
  };
}
