import { parseEvent, type EventRecord } from '../../functions/catalog/domain/event.ts';

export const STARTS = Date.UTC(2090, 6, 1, 18);

/** A published event as its row holds it, with what a test gives it. */
export function listedEvent(as: Partial<EventRecord> = {}): EventRecord {
  return parseEvent({
    pk: 'EVENT#01J00000000000000000000009',
    sk: 'EVENT',
    ver: 3,
    ev: 'catalog.EventPublished.v1',
    at: Date.UTC(2090, 0, 1),
    cid: 'c',
    by: 'me',
    ch: 'h',
    eventId: '01J00000000000000000000009',
    organizationId: '01J00000000000000000000001',
    createdBy: 'me',
    createdAt: Date.UTC(2090, 0, 1),
    publishedAt: Date.UTC(2090, 0, 1),
    title: 'Harbour at Night',
    description: 'Brass on the quay.',
    category: 'concert',
    performers: ['Tide Orchestra'],
    startsAt: STARTS,
    endsAt: STARTS + 3 * 3_600_000,
    timeZone: 'Europe/Berlin',
    venue: { name: 'Quay 7', city: 'Hamburg', latitude: 53.5, longitude: 9.9 },
    ticketTypes: [
      { ticketTypeId: 't1', name: 'Standing', unitPrice: 4_500, currency: 'EUR', quantity: 10 },
      { ticketTypeId: 't2', name: 'Friends', unitPrice: 1, currency: 'EUR', quantity: 10, hidden: true },
    ],
    status: 'PUBLISHED',
    requestHash: 'h',
    ...as,
  });
}
