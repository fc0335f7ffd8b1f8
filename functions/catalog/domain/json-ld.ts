import { formatMoney } from '../../shared/kernel/money.ts';
import { toTimestamp, type Instant } from '../../shared/kernel/clock.ts';
import type { EventDetails } from './event.ts';
import { localTimeAt } from './local-time.ts';
import { SHOWN, viewEvent, type Offers, type Versioned } from './view.ts';
import type { TicketTypeView } from '../views.ts';

/** What a description in schema.org's words needs beside the event. */
export interface JsonLdContext {
  readonly availability: Offers;
  readonly organizer: string | undefined;
  readonly now: Instant;
  /** Without a slash at the end. */
  readonly publicUrl: string;
}

const AVAILABLE: Readonly<Record<TicketTypeView['status'], string>> = {
  DRAFT: 'https://schema.org/PreSale',
  NOT_YET_ON_SALE: 'https://schema.org/PreSale',
  ON_SALE: 'https://schema.org/InStock',
  SOLD_OUT: 'https://schema.org/SoldOut',
  SALE_ENDED: 'https://schema.org/Discontinued',
};

/**
 * A public event as schema.org's Event, the way search engines read it (developers.google.com, "Event structured
 * data"): a moved event says where it was, a cancelled one that it is.
 *
 * @returns JSON that may stand inside a script element as it is: nothing in it closes one
 */
export function jsonLdOf(event: Versioned, { availability, organizer, now, publicUrl }: JsonLdContext): string {
  const view = viewEvent(event, availability, now, SHOWN);
  const url = `${publicUrl}/events/${event.eventId}`;
  const local = (instant: Instant): string => localTimestamp(instant, event.timeZone);
  const thing = {
    '@context': 'https://schema.org',
    '@type': 'Event',
    '@id': url,
    url,
    name: event.title,
    description: event.description,
    startDate: local(event.startsAt),
    ...(event.endsAt === undefined ? {} : { endDate: local(event.endsAt) }),
    eventStatus: statusOf(event),
    ...(event.rescheduledFrom === undefined ? {} : { previousStartDate: local(event.rescheduledFrom) }),
    eventAttendanceMode: 'https://schema.org/OfflineEventAttendanceMode',
    ...(view.image === null ? {} : { image: view.image.sizes.map(({ jpeg }) => publicUrl + jpeg) }),
    ...(view.venue === null ? {} : { location: placeOf(view.venue) }),
    performer: view.performers.map((name) => ({ '@type': 'PerformingGroup', name })),
    ...(organizer === undefined ? {} : { organizer: { '@type': 'Organization', name: organizer } }),
    ...(view.ageLimit === null ? {} : { typicalAgeRange: `${view.ageLimit}-` }),
    keywords: [view.category, ...view.tags],
    offers: view.ticketTypes.map((type) => ({
      '@type': 'Offer',
      name: type.name,
      price: formatMoney(type.price).split(' ')[0],
      priceCurrency: type.price.currency,
      availability: AVAILABLE[type.status],
      ...(type.saleStartsAt === null ? {} : { validFrom: type.saleStartsAt }),
      validThrough: type.saleEndsAt,
      url,
    })),
  };
  return JSON.stringify(thing).replaceAll('<', String.raw`\u003c`);
}

function statusOf({ status, rescheduledFrom }: EventDetails): string {
  if (status === 'CANCELLED' || status === 'CANCELLING') return 'https://schema.org/EventCancelled';
  return rescheduledFrom === undefined ? 'https://schema.org/EventScheduled' : 'https://schema.org/EventRescheduled';
}

function placeOf(venue: NonNullable<ReturnType<typeof viewEvent>['venue']>): object {
  const { name, city, address, latitude, longitude } = venue;
  return {
    '@type': 'Place',
    name,
    address: {
      '@type': 'PostalAddress',
      ...(address === null ? {} : { streetAddress: address }),
      ...(city === null ? {} : { addressLocality: city }),
    },
    ...(latitude === null || longitude === null ? {} : { geo: { '@type': 'GeoCoordinates', latitude, longitude } }),
  };
}

/** `2027-07-01T20:00:00+02:00`: what clocks at the place show, and how far they are from UTC. */
function localTimestamp(instant: Instant, timeZone: string): string {
  const local = localTimeAt(instant, timeZone);
  const minutes = Math.round((Date.parse(`${local}Z`) - Math.floor(instant / 1_000) * 1_000) / 60_000);
  if (minutes === 0) return toTimestamp(instant);
  const two = (value: number): string => String(value).padStart(2, '0');
  const ahead = Math.abs(minutes);
  return `${local}${minutes < 0 ? '-' : '+'}${two(Math.floor(ahead / 60))}:${two(ahead % 60)}`;
}
