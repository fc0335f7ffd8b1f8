import type { Searchable } from '../../functions/catalog/contract.ts';
import { documentOf } from '../../functions/search/domain/document.ts';
import { LiveIndex, type Update } from '../../functions/search/domain/live-index.ts';
import { search, type Found, type Position } from '../../functions/search/domain/search.ts';
import type { SearchQuery } from '../../functions/search/domain/query.ts';
import { wantedBy } from '../../functions/search/domain/text.ts';
import { derivedId } from '../../functions/shared/kernel/ids.ts';
import { DAY } from '../../functions/shared/kernel/clock.ts';

/** The moment at which everything in these tests is asked. */
export const NOW = Date.UTC(2026, 10, 24, 12);

/** An event that says nothing but what a test gives it. */
export function event(name: string, more: Partial<Searchable> = {}): Searchable {
  return {
    eventId: derivedId('event', name),
    version: 2,
    title: name,
    description: '',
    performers: [],
    tags: [],
    category: 'other',
    venueName: undefined,
    city: undefined,
    latitude: undefined,
    longitude: undefined,
    startsAt: NOW + 10 * DAY,
    timeZone: 'Europe/Berlin',
    featured: false,
    priceRange: { lowest: 2_000, highest: 4_000, currency: 'EUR' },
    ...more,
  };
}

/** The news of an event as it is. */
export function shown(of: Searchable): Update {
  return { kind: 'document', document: documentOf(of) };
}

/** An index of `events`, all of them news. */
export function indexOf(events: readonly Searchable[]): LiveIndex {
  const index = new LiveIndex();
  index.apply(events.map(shown));
  return index;
}

/** Searches for a text, with filters. */
export function find(
  index: LiveIndex,
  text: string,
  { limit = 25, after, ...more }: Partial<SearchQuery> & { limit?: number; after?: Position } = {},
): Found {
  const wanted = wantedBy(text);
  return search(index, { now: NOW, wanted, sort: wanted.length > 0 ? 'relevance' : 'date', ...more }, limit, after);
}

/** Names of the events that were found, in their order. */
export function namesOf(found: Found, events: readonly Searchable[]): readonly string[] {
  const names = new Map(events.map(({ eventId, title }) => [eventId, title]));
  return found.hits.map(({ eventId }) => names.get(eventId) ?? eventId);
}
