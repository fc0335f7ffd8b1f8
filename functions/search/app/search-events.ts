import * as z from 'zod/mini';

import { findSummaries } from '../../catalog/listings.ts';
import type { Instant } from '../../shared/kernel/clock.ts';
import { decodeCursor, encodeCursor, type CursorScope } from '../../shared/runtime/cursor.ts';
import type { Table } from '../../shared/table/client.ts';
import { listEvents, type suggestEvents, type FoundEvent } from '../contract.ts';
import { STAGES } from '../domain/match.ts';
import { search, type Found, type Hit, type Position } from '../domain/search.ts';
import type { SearchParameters } from '../schemas.ts';
import { queryOf } from './query-of.ts';
import type { LiveSearch } from './live-search.ts';

const DEFAULT_LIMIT = 25;
const DEFAULT_SUGGESTIONS = 8;
/** How many pages a request looks through for events that are on sale with tickets left; the next request looks on. */
const MOST_PAGES = 4;

/** What a search needs. */
export interface SearchDeps {
  readonly table: Table;
  readonly live: LiveSearch;
  /** Signs cursors. */
  readonly cursorKey: Uint8Array;
}

type Page = z.infer<(typeof listEvents.responses)[200]>;

/**
 * A page of events. Which and in what order comes from the index, what is shown of them from their rows, so
 * that nothing is shown that has been taken back, and availability is live.
 *
 * @throws ProblemError SEARCH_UNAVAILABLE, or INVALID_INPUT for a cursor that is not of this search
 */
export async function searchEvents(deps: SearchDeps, parameters: SearchParameters, now: Instant): Promise<Page> {
  const { limit = DEFAULT_LIMIT, cursor, availableOnly, ...asked } = parameters;
  const scope: CursorScope = { route: listEvents.id, query: { ...asked, availableOnly: availableOnly ?? 'false' } };
  const query = queryOf(parameters, now);
  const index = await deps.live.current(now);

  let after = cursor === undefined ? undefined : positionOf(decodeCursor(deps.cursorKey, scope, cursor));
  let first: Found | undefined;
  let more = true;
  const items: FoundEvent[] = [];
  for (let page = 0; page < MOST_PAGES && more && items.length < limit; page += 1) {
    const found = search(index, query, limit - items.length, after);
    first ??= found;
    more = found.more;
    after = found.hits.at(-1)?.position ?? after;
    const shown = await show(deps.table, found.hits, now);
    items.push(...shown.filter(({ onSale }) => onSale || availableOnly !== 'true').map(({ event }) => event));
    if (availableOnly !== 'true') break;
  }
  return {
    items,
    nextCursor: more && after !== undefined ? encodeCursor(deps.cursorKey, scope, JSON.stringify(after)) : null,
    total: first?.total ?? 0,
    matching: first?.stage ?? 'plain',
    facets: mutable(first),
  };
}

/** Events that somebody who has typed `q` so far may mean. */
export async function suggest(
  { table, live }: Omit<SearchDeps, 'cursorKey'>,
  { q, limit = DEFAULT_SUGGESTIONS }: { readonly q: string; readonly limit?: number | undefined },
  now: Instant,
): Promise<z.infer<(typeof suggestEvents.responses)[200]>> {
  const found = search(await live.current(now), queryOf({ q }, now), limit);
  const shown = await show(table, found.hits, now);
  return {
    items: shown.map(({ event: { id, title, startsAt, timeZone, venue, category, imageUrl } }) => ({
      id,
      title,
      startsAt,
      timeZone,
      venue,
      category,
      imageUrl,
    })),
  };
}

interface Shown {
  readonly event: FoundEvent;
  readonly onSale: boolean;
}

async function show(table: Table, hits: readonly Hit[], now: Instant): Promise<readonly Shown[]> {
  const distances = new Map(hits.map((hit) => [hit.eventId, hit.distanceKm ?? null]));
  const summaries = await findSummaries(
    table,
    hits.map(({ eventId }) => eventId),
    now,
  );
  return summaries.map(({ summary, onSale }) => ({
    event: { ...summary, distanceKm: distances.get(summary.id) ?? null },
    onSale,
  }));
}

const position = z.object({
  stage: z.enum(STAGES),
  keys: z.tuple([z.number(), z.number(), z.number()]),
  eventId: z.string(),
});

function positionOf(json: string): Position {
  return z.parse(position, JSON.parse(json));
}

function mutable(found: Found | undefined): Page['facets'] {
  const { category = [], city = [], price = [], month = [] } = found?.facets ?? {};
  return { category: [...category], city: [...city], price: [...price], month: [...month] };
}
