import * as z from 'zod/mini';

import type { Instant } from '../shared/kernel/clock.ts';
import type { Item } from '../shared/table/keys.ts';
import type { Table } from '../shared/table/client.ts';
import { getItems, queryAll } from '../shared/table/read.ts';
import { availabilityOf } from './app/show-events.ts';
import { isListed, type Searchable } from './contract.ts';
import { categoryOf, CATEGORIES } from './domain/categories.ts';
import { parseEvent, type EventRecord } from './domain/event.ts';
import { isOnSale, viewSummary } from './domain/view.ts';
import { eventKey, positionAt, PUBLISHED_EVENTS } from './keys.ts';
import type { EventSummary } from './views.ts';

/** What the search finds: events that stand in the index of published ones, whatever else their state is called. */

/** What has become of an event: what it is found by, or nothing when it is not to be found (any more). */
export interface Listing {
  readonly eventId: string;
  /** Version of the row; 0 when there is none. */
  readonly version: number;
  readonly searchable: Searchable | undefined;
}

/** What has become of the events of these ids. Strong, so that it is never older than the news of a change. */
export async function findListings(table: Table, eventIds: readonly string[]): Promise<readonly Listing[]> {
  const rows = new Map((await getItems(table, eventIds.map(eventKey), 'strong')).map((item) => [item.pk, item]));
  return eventIds.map((eventId) => {
    const row = rows.get(eventKey(eventId).pk);
    if (row === undefined || !isListed(row)) return { eventId, version: versionOf(row), searchable: undefined };
    return { eventId, version: versionOf(row), searchable: searchableOf(row) };
  });
}

/** Every event that begins after `now`, soonest first; from the index, so a moment behind. */
export async function* allListings(table: Table, now: Instant): AsyncGenerator<Searchable> {
  for await (const item of queryAll(table, { pk: PUBLISHED_EVENTS, index: 'gsi1', after: positionAt(now) }))
    yield searchableOf(item);
}

/** An event as lists show it, and whether anybody can buy a ticket now. */
export interface ListedEvent {
  readonly summary: EventSummary;
  readonly onSale: boolean;
}

/** Events as lists show them, with live availability, in the order of `eventIds`; those that went are left out. */
export async function findSummaries(
  table: Table,
  eventIds: readonly string[],
  now: Instant,
): Promise<readonly ListedEvent[]> {
  const rows = await getItems(table, eventIds.map(eventKey), 'eventual');
  const events = new Map(rows.filter(isListed).map((row) => [row.pk, parseEvent(row)]));
  const shown = eventIds.flatMap((eventId) => events.get(eventKey(eventId).pk) ?? []);
  const availability = await availabilityOf(table, shown);
  return shown.map((event) => ({
    summary: viewSummary(event, availability, now),
    onSale: isOnSale(event, availability, now),
  }));
}

/** The id of the category that somebody means, in whatever language; what names none is taken as it is. */
export function categoryMeant(word: string): string {
  return categoryOf(word) ?? word;
}

/** A category is found by its names in every language. */
function wordsOf(category: string): readonly string[] {
  return Object.values(CATEGORIES.find(({ id }) => id === category)?.labels ?? {});
}

const versioned = z.object({ ver: z.int() });

function versionOf(row: Item | undefined): number {
  return row === undefined ? 0 : z.parse(versioned, row).ver;
}

function searchableOf(row: Item): Searchable {
  const event: EventRecord = parseEvent(row);
  const { priceRange, performers, tags, featured } = viewSummary(event, new Map(), event.at);
  return {
    eventId: event.eventId,
    version: event.ver,
    title: event.title,
    description: event.description,
    performers,
    tags: [...tags, ...wordsOf(event.category)],
    category: event.category,
    venueName: event.venue?.name,
    city: event.venue?.city,
    latitude: event.venue?.latitude,
    longitude: event.venue?.longitude,
    startsAt: event.startsAt,
    timeZone: event.timeZone,
    featured,
    priceRange:
      priceRange === null
        ? undefined
        : {
            lowest: priceRange.min.amount,
            highest: priceRange.max.amount,
            currency: priceRange.min.currency,
          },
  };
}
