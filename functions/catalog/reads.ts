import * as z from 'zod/mini';

import type { Table } from '../shared/table/client.ts';
import { getItem, getItems, queryPage } from '../shared/table/read.ts';
import { parseEvent, type EventRecord } from './domain/event.ts';
import { eventKey, eventOfTypeKey, organizationEventsPartition } from './keys.ts';

/** The event `eventId` in any state but deleted, or undefined. Strong: who has just published sees it so. */
export async function findEvent(table: Table, eventId: string): Promise<EventRecord | undefined> {
  const item = await getItem(table, eventKey(eventId), 'strong');
  const event = item === undefined ? undefined : parseEvent(item);
  return event?.status === 'DELETED' ? undefined : event;
}

const pointer = z.object({ eventId: z.string() });

/** The event that a ticket type is of, on sale or not, or undefined. Strong, as {@link findEvent}. */
export async function findEventOfType(table: Table, ticketTypeId: string): Promise<EventRecord | undefined> {
  const item = await getItem(table, eventOfTypeKey(ticketTypeId), 'strong');
  return item === undefined ? undefined : findEvent(table, z.parse(pointer, item).eventId);
}

/**
 * A page of an organisation's events, newest first; deleted ones are passed over, so it may be short.
 *
 * @param after the position that a page before this one ended with
 */
export async function pageOfOrganizationEvents(
  table: Table,
  organizationId: string,
  limit: number,
  after?: string,
): Promise<{ readonly events: readonly EventRecord[]; readonly next: string | undefined }> {
  const { items, more } = await queryPage(
    table,
    {
      pk: organizationEventsPartition(organizationId),
      newestFirst: true,
      consistency: 'strong',
      ...(after === undefined ? {} : { after }),
    },
    limit,
  );
  const ids = items.map((item) => z.parse(pointer, item).eventId);
  const rows = new Map(
    (await getItems(table, ids.map(eventKey), 'strong')).map(parseEvent).map((event) => [event.eventId, event]),
  );
  const events = ids.flatMap((eventId) => rows.get(eventId) ?? []).filter(({ status }) => status !== 'DELETED');
  return { events, next: more ? items.at(-1)?.sk : undefined };
}
