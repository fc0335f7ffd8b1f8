import type { TicketTypeCopy } from '../../functions/inventory/contract.ts';
import type { Instant } from '../../functions/shared/kernel/clock.ts';

/** What the catalogue's row says of the published event whose one type is on sale as `type`. */
export function publishedEventOf(
  { eventId, organizationId, ticketTypeId, name, unitPrice, currency, capacity, eventStartsAt }: TicketTypeCopy,
  createdBy: string,
  publishedAt: Instant,
) {
  return {
    eventId,
    organizationId,
    createdBy,
    title: 'Harbour Lights',
    description: '',
    category: 'music',
    startsAt: eventStartsAt,
    timeZone: 'Europe/Berlin',
    ticketTypes: [{ ticketTypeId, name, unitPrice, currency, quantity: capacity }],
    status: 'PUBLISHED',
    createdAt: publishedAt,
    publishedAt,
    requestHash: 'x',
  };
}
