import * as z from 'zod/mini';

import type { Table } from '../shared/table/client.ts';
import { getItem, getItems, queryPage } from '../shared/table/read.ts';
import { parseProgress, type Progress } from './domain/cancellation.ts';
import { parseEvent, type EventRecord } from './domain/event.ts';
import { isPublic } from './domain/lifecycle.ts';
import { parseSeries, type SeriesRecord } from './domain/series.ts';
import {
  cancellationKey,
  eventKey,
  eventOfTypeKey,
  organizationEventsPartition,
  PUBLISHED_EVENTS,
  seriesKey,
} from './keys.ts';

export type { EventRecord };

/** The event `eventId` in any state but deleted, or undefined. Strong: who has just published sees it so. */
export async function findEvent(table: Table, eventId: string): Promise<EventRecord | undefined> {
  const item = await getItem(table, eventKey(eventId), 'strong');
  const event = item === undefined ? undefined : parseEvent(item);
  return event?.status === 'DELETED' ? undefined : event;
}

/** The event `eventId` as long as anybody may see it, or undefined. Eventual: for what is shown to everybody. */
export async function findPublicEvent(table: Table, eventId: string): Promise<EventRecord | undefined> {
  const item = await getItem(table, eventKey(eventId), 'eventual');
  const event = item === undefined ? undefined : parseEvent(item);
  return event !== undefined && isPublic(event.status) ? event : undefined;
}

/** Those of the events `eventIds` that there are, by id, in the order asked. Strong, as {@link findEvent}. */
export async function findEvents(table: Table, eventIds: readonly string[]): Promise<ReadonlyMap<string, EventRecord>> {
  const rows = new Map(
    (await getItems(table, eventIds.map(eventKey), 'strong')).map(parseEvent).map((event) => [event.eventId, event]),
  );
  const inOrder = eventIds.flatMap((eventId) => rows.get(eventId) ?? []);
  return new Map(inOrder.map((event) => [event.eventId, event]));
}

/** How far the workflow of a cancellation is; undefined where none was needed, or none has begun. */
export async function findProgress(table: Table, cancellationId: string): Promise<Progress | undefined> {
  const item = await getItem(table, cancellationKey(cancellationId), 'strong');
  return item === undefined ? undefined : parseProgress(item);
}

/** The series `seriesId`, or undefined. Strong: who has just begun one goes on with it. */
export async function findSeries(table: Table, seriesId: string): Promise<SeriesRecord | undefined> {
  const item = await getItem(table, seriesKey(seriesId), 'strong');
  return item === undefined ? undefined : parseSeries(item);
}

/** At most `most` published events of a month such as `2026-12`, soonest first; from the index, so a moment behind. */
export async function publishedInMonth(table: Table, month: string, most: number): Promise<readonly EventRecord[]> {
  const { items } = await queryPage(table, { pk: PUBLISHED_EVENTS, index: 'gsi1', skPrefix: month }, most);
  return items.map(parseEvent);
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
  const found = await findEvents(table, ids);
  const events = [...found.values()].filter(({ status }) => status !== 'DELETED');
  return { events, next: more ? items.at(-1)?.sk : undefined };
}
