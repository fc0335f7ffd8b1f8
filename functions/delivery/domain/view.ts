import { toTimestamp } from '../../shared/kernel/clock.ts';
import { hasRole, holdsPost, type Session } from '../../shared/runtime/session.ts';
import { ticketCodeOf, type Ticket, type TicketView } from '../contract.ts';

/** Whether `session` may see `ticket`: holder, organizer or gate of its event, support, admin (invariant I18). */
export function maySee(
  session: Session,
  { customerId, organizationId }: Pick<Ticket, 'customerId' | 'organizationId'>,
): boolean {
  return (
    session.userId === customerId ||
    hasRole(session, ['support', 'admin']) ||
    holdsPost(session, organizationId, 'organizer') ||
    holdsPost(session, organizationId, 'gate')
  );
}

/**
 * A ticket as clients see it.
 *
 * @param code its QR code as text and as a Base64 PNG; null once it no longer stands for an entry
 */
export function viewTicket(ticket: Ticket, code: { readonly qr: string; readonly qrImage: string } | null): TicketView {
  return {
    id: ticket.ticketId,
    code: ticketCodeOf(ticket.ticketId),
    customerId: ticket.customerId,
    orderId: ticket.orderId,
    eventId: ticket.eventId,
    ticketTypeId: ticket.ticketTypeId,
    ticketNumber: ticket.number,
    // Orders name no attendees yet; the buyer's name would be wrong on all but one ticket.
    holderName: null,
    status: ticket.status,
    qr: code?.qr ?? null,
    qrImage: code?.qrImage ?? null,
    createdAt: toTimestamp(ticket.issuedAt),
    ...(ticket.usedAt === undefined ? {} : { usedAt: toTimestamp(ticket.usedAt) }),
  };
}
