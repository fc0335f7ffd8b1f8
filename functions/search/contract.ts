import * as z from 'zod/mini';

import { eventSummary } from '../catalog/views.ts';
import { ULID_PATTERN } from '../shared/kernel/ids.ts';
import { cursorEnv, httpEnv, tableEnv } from '../shared/runtime/env.ts';
import { defineEvent } from '../shared/runtime/events.ts';
import { route } from '../shared/runtime/route.ts';
import { searchQuery, suggestionQuery } from './schemas.ts';

const counted = z.object({ value: z.string(), count: z.int() });

/** Counts of everything that is found, each kind as if its own filter were not set. */
const facets = z.object({
  category: z.array(counted),
  city: z.array(counted),
  /** By the lowest price in minor units, from `min` to just below `max`. */
  price: z.array(z.object({ currency: z.string(), min: z.int(), max: z.nullable(z.int()), count: z.int() })),
  /** `2026-12`, in the event's own time zone. */
  month: z.array(counted),
});

const foundEvent = z.extend(eventSummary, {
  /** Kilometres from `near`; null without it. */
  distanceKm: z.nullable(z.number()),
});
export type FoundEvent = z.infer<typeof foundEvent>;

export const listEvents = route({
  id: 'listEvents',
  method: 'GET',
  path: '/api/events',
  summary:
    'Published events that are still to begin: by text, filters and place, with counts. With availableOnly=true only ' +
    'those of which a ticket can be bought now; what is sold out, over or not yet on sale is left out',
  access: { who: 'anyone' },
  query: searchQuery,
  responses: {
    200: z.object({
      items: z.array(foundEvent),
      nextCursor: z.nullable(z.string()),
      /** Events found on all pages together; `availableOnly` is not taken into account. */
      total: z.int(),
      /** How the text was read: each word as it is or begun, similar words as well, or only some of the words. */
      matching: z.enum(['plain', 'typos', 'some']),
      facets,
    }),
    304: null,
  },
  problems: ['SEARCH_UNAVAILABLE'],
});

export const suggestEvents = route({
  id: 'suggestEvents',
  method: 'GET',
  path: '/api/events/suggestions',
  summary: 'Events that somebody who is still typing may mean',
  access: { who: 'anyone' },
  query: suggestionQuery,
  responses: {
    200: z.object({
      items: z.array(
        z.object({
          id: z.string().check(z.regex(ULID_PATTERN)),
          title: z.string(),
          startsAt: z.iso.datetime(),
          timeZone: z.string(),
          venue: z.nullable(z.object({ name: z.string(), city: z.nullable(z.string()) })),
          category: z.string(),
          imageUrl: z.nullable(z.string()),
        }),
      ),
    }),
    304: null,
  },
  problems: ['SEARCH_UNAVAILABLE'],
});

export const searchRoutes = [listEvents, suggestEvents] as const;

/** The index was compacted. */
export const searchSnapshotTaken = defineEvent(
  'search.SnapshotTaken.v1',
  'the index of published events is compacted',
  z.object({ name: z.string(), events: z.int(), changesUntil: z.int() }),
);

export const searchEvents = [searchSnapshotTaken] as const;

const snapshotsEnv = z.object({
  /** Bucket that holds the snapshots of the index. */
  SNAPSHOTS_BUCKET: z.string(),
});

export const searchEnv = z.extend(httpEnv, { ...tableEnv.shape, ...cursorEnv.shape, ...snapshotsEnv.shape });
export const compactIndexEnv = z.extend(tableEnv, snapshotsEnv.shape);
