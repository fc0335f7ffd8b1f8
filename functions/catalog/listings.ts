import * as z from 'zod/mini';

import { findTicketTypes } from '../inventory/reads.ts';
import { livePricings } from '../pricing/reads.ts';
import type { Instant } from '../shared/kernel/clock.ts';
import type { Item } from '../shared/table/keys.ts';
import type { Table } from '../shared/table/client.ts';
import { getItems, queryAll } from '../shared/table/read.ts';
import { availabilityOf } from './app/show-events.ts';
import { isListed, type Searchable } from './contract.ts';
import { categoryOf, CATEGORIES } from './domain/categories.ts';
import { parseEvent, type EventRecord } from './domain/event.ts';
import { isOnSale, viewSummary, type Offer, type Offers } from './domain/view.ts';
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

/**
 * What has become of the events of these ids, at the prices of `now`. Strong, so that it is never older than the news
 * of a change.
 */
export async function findListings(
  table: Table,
  eventIds: readonly string[],
  now: Instant,
): Promise<readonly Listing[]> {
  const rows = new Map((await getItems(table, eventIds.map(eventKey), 'strong')).map((item) => [item.pk, item]));
  const events = new Map([...rows].flatMap(([pk, row]) => (isListed(row) ? [[pk, parseEvent(row)]] : [])));
  const types = [...events.values()].flatMap(({ ticketTypes }) => ticketTypes);
  const copies = await findTicketTypes(
    table,
    types.map(({ ticketTypeId }) => ticketTypeId),
    'strong',
  );
  const prices: Offers = new Map([...copies].map(([id, tag]) => [id, { tag }]));
  return eventIds.map((eventId) => {
    const { pk } = eventKey(eventId);
    const event = events.get(pk);
    const searchable = event === undefined ? undefined : searchableOf(event, prices, now);
    return { eventId, version: versionOf(rows.get(pk)), searchable };
  });
}

/**
 * Every event that begins after `now`, soonest first, at the prices of `now`; from the index, so a moment behind. Which
 * types have another price than their organizer's is asked for once, since few do.
 */
export async function* allListings(table: Table, now: Instant): AsyncGenerator<Searchable> {
  const prices = new Map<string, Offer>();
  for await (const tag of livePricings(table)) prices.set(tag.ticketTypeId, { tag });
  for await (const item of queryAll(table, { pk: PUBLISHED_EVENTS, index: 'gsi1', after: positionAt(now) }))
    yield searchableOf(parseEvent(item), prices, now);
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

function searchableOf(event: EventRecord, prices: Offers, now: Instant): Searchable {
  const { priceRange, performers, tags, featured } = viewSummary(event, prices, now);
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
