import type { Instant } from '../shared/kernel/clock.ts';
import type { Table } from '../shared/table/client.ts';
import { getItem, queryPage } from '../shared/table/read.ts';
import { parseEvent, type EventRecord } from './domain/event.ts';
import { eventKey, positionAt, PUBLISHED_EVENTS, publishedPosition } from './keys.ts';

/** The event `eventId` in any state but deleted, or undefined. Strong: who has just published sees it so. */
export async function findEvent(table: Table, eventId: string): Promise<EventRecord | undefined> {
  const item = await getItem(table, eventKey(eventId), 'strong');
  const event = item === undefined ? undefined : parseEvent(item);
  return event?.status === 'DELETED' ? undefined : event;
}

/**
 * A page of published events that begin after `now`, soonest first; from the index, so a moment behind.
 *
 * @param after the position that a page before this one ended with
 */
export async function pageOfPublishedEvents(
  table: Table,
  now: Instant,
  limit: number,
  after?: string,
): Promise<{ readonly events: readonly EventRecord[]; readonly next: string | undefined }> {
  const { items, more } = await queryPage(
    table,
    { pk: PUBLISHED_EVENTS, index: 'gsi1', after: after ?? positionAt(now) },
    limit,
  );
  const events = items.map(parseEvent);
  const last = events.at(-1);
  return { events, next: more && last !== undefined ? publishedPosition(last.startsAt, last.eventId) : undefined };
}
