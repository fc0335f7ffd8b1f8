import type { Instant } from '../shared/kernel/clock.ts';
import { toTimestamp } from '../shared/kernel/clock.ts';
import type { Key } from '../shared/table/keys.ts';

/** An event with its ticket types. */
export function eventKey(eventId: string): Key {
  return { pk: `EVENT#${eventId}`, sk: 'EVENT' };
}

/** The partition of `gsi1` that holds every published event. */
export const PUBLISHED_EVENTS = 'EVENTS#PUBLISHED';

/** Where a published event stands in that partition: by start, then by id. */
export function publishedPosition(startsAt: Instant, eventId: string): string {
  return `${toTimestamp(startsAt)}#${eventId}`;
}

/** The position after which events begin later than `now`. */
export function positionAt(now: Instant): string {
  return toTimestamp(now + 1);
}

/** Which event a ticket type is of, from before it is on sale. */
export function eventOfTypeKey(ticketTypeId: string): Key {
  return { pk: `TYPE#${ticketTypeId}`, sk: 'EVENT' };
}

/** How far the workflow of a cancellation is. */
export function cancellationKey(cancellationId: string): Key {
  return { pk: `CANCELLATION#${cancellationId}`, sk: 'CANCELLATION' };
}

/** A series of events. */
export function seriesKey(seriesId: string): Key {
  return { pk: `SERIES#${seriesId}`, sk: 'SERIES' };
}

/** The partition that lists an organisation's events, drafts too. */
export function organizationEventsPartition(organizationId: string): string {
  return `ORGEVENTS#${organizationId}`;
}

/** Where an event stands in that list: by when it was made, then by id. */
export function organizationEventKey(organizationId: string, createdAt: Instant, eventId: string): Key {
  return { pk: organizationEventsPartition(organizationId), sk: `${toTimestamp(createdAt)}#${eventId}` };
}
