import { ICalEventStatus, default as ical } from 'ical-generator';

import type { EventRecord } from './event.ts';
import { endOf } from './event.ts';

/** How often a calendar that subscribes should look again: seconds. */
const REFRESH_SECONDS = 3_600;

/**
 * Events as a calendar (RFC 5545). A moved or cancelled event keeps its UID and raises its SEQUENCE, so a
 * calendar that has it already changes its entry instead of making another. Times are UTC instants, which no
 * time-zone table of the reader can get wrong. It names no METHOD: as an iTIP message it would have to name an
 * organizer's address (RFC 5546, 3.2.1). The library folds, and escapes what organizers wrote (I25), all but the name.
 *
 * @param pageOf address of an event's page
 */
export function calendarOf(name: string, events: readonly EventRecord[], pageOf: (eventId: string) => string): string {
  const calendar = ical({
    name: escaped(name),
    prodId: { company: 'Onsale', product: 'Events', language: 'EN' },
    ttl: REFRESH_SECONDS,
  });
  for (const event of events) {
    const { venue } = event;
    const place = [venue?.name, venue?.address, venue?.city].filter((part) => part !== undefined).join(', ');
    calendar.createEvent({
      id: `${event.eventId}@onsale`,
      sequence: event.ver,
      start: new Date(event.startsAt),
      end: new Date(endOf(event)),
      stamp: new Date(event.at),
      created: new Date(event.createdAt),
      lastModified: new Date(event.at),
      summary: event.title,
      description: event.description,
      url: pageOf(event.eventId),
      categories: [{ name: event.category }],
      status:
        event.status === 'CANCELLED' || event.status === 'CANCELLING'
          ? ICalEventStatus.CANCELLED
          : ICalEventStatus.CONFIRMED,
      ...(place === '' ? {} : { location: placeOf(place, venue) }),
    });
  }
  return calendar.toString();
}

function placeOf(title: string, venue: EventRecord['venue']): { title: string; geo?: { lat: number; lon: number } } {
  return venue?.latitude === undefined || venue.longitude === undefined
    ? { title }
    : { title, geo: { lat: venue.latitude, lon: venue.longitude } };
}

/** A text as RFC 5545, 3.3.11 writes it. */
function escaped(text: string): string {
  return text.replaceAll(/[\\;,]/g, String.raw`\$&`).replaceAll(/\r?\n|\r/g, String.raw`\n`);
}
