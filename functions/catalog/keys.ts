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
