import * as z from 'zod/mini';

import { MINUTE, type Instant } from '../shared/kernel/clock.ts';
import { ULID_PATTERN } from '../shared/kernel/ids.ts';
import { accessCodesEnv } from '../shared/runtime/access-codes.ts';
import { stripeEnv } from '../orders/contract.ts';
import { cursorEnv, sessionEnv, tableEnv } from '../shared/runtime/env.ts';
import { route } from '../shared/runtime/route.ts';
import type { Marked } from '../shared/table/aggregate.ts';
import { HOLDS_GONE_MS } from './domain/ending.ts';
import { endOf } from './domain/event.ts';
import {
  eventCancellationStarted,
  eventPublished,
  eventRescheduled,
  eventUpdated,
  ticketTypeChanged,
  ticketTypePriceChanged,
} from './events.ts';
import { feedRoutes } from './feed-routes.ts';
import { PUBLISHED_EVENTS } from './keys.ts';
import { organizerRoutes } from './organizer-routes.ts';
import { pictureRoutes } from './image-routes.ts';
import { seriesRoutes } from './series-routes.ts';
import { stockRoutes } from './stock-routes.ts';
import { eventView, ticketTypeView } from './views.ts';

const id = z.string().check(z.regex(ULID_PATTERN));

/** Whether a row is that of an event which everybody may find. */
export function isListed(row: Readonly<Record<string, unknown>> | undefined): boolean {
  return row?.['gsi1pk'] === PUBLISHED_EVENTS;
}

/**
 * When somebody must look after an event because of this change: when it ends, and once its blocks should be in line
 * or the holds of a cancelled one have lapsed. Undefined for rows and changes that need nobody.
 */
export function tendedAt(row: Marked): readonly Instant[] {
  if (row.ev === eventCancellationStarted.name) return [row.at + HOLDS_GONE_MS];
  if (movesSale(row)) return [row.at + MINUTE];
  if (row.ev !== eventPublished.name && row.ev !== eventRescheduled.name) return [];
  const ends = endOf(z.parse(timed, row));
  return row.ev === eventRescheduled.name ? [row.at + MINUTE, ends] : [ends];
}

const timed = z.object({ startsAt: z.int(), endsAt: z.optional(z.int()) });

/** What a change of a ticket type may raise. */
const CHANGES_OF_TYPES = new Set<string>([ticketTypeChanged.name, ticketTypePriceChanged.name, eventUpdated.name]);

/** Whether the change moved the sale of a ticket type, whose blocks may not all be in line with it yet. */
function movesSale({ ev, status, changed }: Marked): boolean {
  if (status !== 'PUBLISHED' || !CHANGES_OF_TYPES.has(ev)) return false;
  return Array.isArray(changed) && changed.some((name) => name === 'saleStartsAt' || name === 'saleEndsAt');
}

/** What a published event is found by, for the index of the search. */
export interface Searchable {
  readonly eventId: string;
  /** Version of the row that this was read from. */
  readonly version: number;
  readonly title: string;
  readonly description: string;
  readonly performers: readonly string[];
  readonly tags: readonly string[];
  readonly category: string;
  readonly venueName: string | undefined;
  readonly city: string | undefined;
  /** Degrees, where the place of the venue is known. */
  readonly latitude: number | undefined;
  readonly longitude: number | undefined;
  /** Milliseconds since the epoch. */
  readonly startsAt: number;
  /** IANA name. */
  readonly timeZone: string;
  readonly featured: boolean;
  /** Minor units, of the ticket types that everybody sees, as they cost now; undefined where there are none. */
  readonly priceRange: { readonly lowest: number; readonly highest: number; readonly currency: string } | undefined;
}

/** The header that opens hidden ticket types. */
const ACCESS_CODE = { 'X-Access-Code': 'A code that opens hidden ticket types to its sender' };

const eventParams = z.strictObject({ eventId: id });

export const getEvent = route({
  id: 'getEvent',
  method: 'GET',
  path: '/api/events/{eventId}',
  summary: 'One event with its ticket types; a draft only for its organizers',
  access: { who: 'anyone' },
  params: eventParams,
  headers: ACCESS_CODE,
  responses: { 304: null, 200: eventView },
  problems: ['EVENT_NOT_FOUND'],
});

export const listTicketTypes = route({
  id: 'listTicketTypes',
  method: 'GET',
  path: '/api/tickets/types',
  summary: 'Ticket types of an event',
  access: { who: 'anyone' },
  query: z.strictObject({ eventId: id }),
  headers: ACCESS_CODE,
  responses: { 304: null, 200: z.object({ items: z.array(ticketTypeView), nextCursor: z.null() }) },
  problems: ['EVENT_NOT_FOUND'],
});

export const getTicketType = route({
  id: 'getTicketType',
  method: 'GET',
  path: '/api/ticket-types/{ticketTypeId}',
  summary: 'One ticket type of a published event',
  access: { who: 'anyone' },
  params: z.strictObject({ ticketTypeId: id }),
  headers: ACCESS_CODE,
  responses: { 304: null, 200: ticketTypeView },
  problems: ['TICKET_TYPE_NOT_FOUND'],
});

export const listCategories = route({
  id: 'listCategories',
  method: 'GET',
  path: '/api/event-categories',
  summary: 'The categories that events may have, labelled in four languages',
  access: { who: 'anyone' },
  responses: {
    304: null,
    200: z.object({
      items: z.array(
        z.object({
          id: z.string(),
          labels: z.object({ en: z.string(), de: z.string(), fr: z.string(), es: z.string() }),
        }),
      ),
      nextCursor: z.null(),
    }),
  },
  problems: [],
});

/** What anybody reads. */
export const readRoutes = [getEvent, listTicketTypes, getTicketType, listCategories] as const;

export const catalogRoutes = [
  ...organizerRoutes,
  ...seriesRoutes,
  ...stockRoutes,
  ...readRoutes,
  ...feedRoutes,
  ...pictureRoutes,
] as const;

export const catalogEnv = z.extend(sessionEnv, accessCodesEnv.shape);

/** What organizers' routes need: they page through lists. */
export const organizeEnv = z.extend(sessionEnv, { ...cursorEnv.shape, CANCEL_EVENT_STATE_MACHINE_ARN: z.string() });

export const cancelEventEnv = z.extend(tableEnv, stripeEnv.shape);
