import type { EventDetails } from '../../../functions/catalog/domain/event.ts';
import { eventKey, publishedPosition, PUBLISHED_EVENTS } from '../../../functions/catalog/keys.ts';
import type { Searchable } from '../../../functions/catalog/contract.ts';
import type { Sale } from '../../../functions/inventory/contract.ts';
import { derivedId } from '../../../functions/shared/kernel/ids.ts';
import { DAY } from '../../../functions/shared/kernel/clock.ts';
import { begin, chainHash } from '../../../functions/shared/table/aggregate.ts';
import { mustHold, type Put } from '../../../functions/shared/table/writes.ts';

const ORGANIZATION = derivedId('organization', 'bench');
/** Tickets of an event. */
const QUANTITY = 100;

function ticketTypeIdOf(eventId: string): string {
  return derivedId('type', eventId);
}

/** The row of a generated event as the catalogue leaves it when it is published, in the version that the event says. */
export function eventRow(event: Searchable, now: number): Put<never> {
  const { eventId, title, description, category, tags, performers, startsAt, timeZone, featured, priceRange } = event;
  const details: EventDetails = {
    eventId,
    organizationId: ORGANIZATION,
    createdBy: 'bench',
    title,
    description,
    category,
    tags: [...tags],
    performers: [...performers],
    featured,
    startsAt,
    timeZone,
    venue: {
      name: event.venueName ?? '',
      ...(event.city === undefined ? {} : { city: event.city }),
      ...(event.latitude === undefined ? {} : { latitude: event.latitude }),
      ...(event.longitude === undefined ? {} : { longitude: event.longitude }),
    },
    ticketTypes: [
      {
        ticketTypeId: ticketTypeIdOf(eventId),
        name: 'Standing',
        unitPrice: priceRange?.lowest ?? 0,
        currency: priceRange?.currency ?? 'EUR',
        quantity: QUANTITY,
      },
    ],
    status: 'PUBLISHED',
    createdAt: now - DAY,
    publishedAt: now - DAY,
    requestHash: 'bench',
  };
  const cause = { now, correlationId: 'bench', by: 'system', event: 'catalog.EventPublished.v1' };
  const { item } = begin(eventKey(eventId), details, cause, mustHold('rows are put'));
  const listed = {
    ...item,
    gsi1pk: PUBLISHED_EVENTS,
    gsi1sk: publishedPosition(startsAt, eventId),
    ver: event.version,
  };
  return {
    kind: 'put',
    key: eventKey(eventId),
    item: { ...listed, ch: chainHash('', listed) },
    otherwise: mustHold('rows are put'),
  };
}

/** What of a generated event is on sale. */
export function saleOf({ eventId, title, startsAt, timeZone, priceRange }: Searchable, now: number): Sale {
  return {
    ticketTypeId: ticketTypeIdOf(eventId),
    eventId,
    organizationId: ORGANIZATION,
    name: 'Standing',
    unitPrice: priceRange?.lowest ?? 0,
    currency: priceRange?.currency ?? 'EUR',
    opensAt: now - DAY,
    closesAt: startsAt,
    eventTitle: title,
    eventStartsAt: startsAt,
    timeZone,
  };
}

/** Tickets of {@link saleOf}. */
export const CAPACITY = QUANTITY;
