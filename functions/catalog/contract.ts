import * as z from 'zod/mini';

import { ULID_PATTERN } from '../shared/kernel/ids.ts';
import { sessionEnv } from '../shared/runtime/env.ts';
import { defineEvent } from '../shared/runtime/events.ts';
import { route } from '../shared/runtime/route.ts';
import { PUBLISHED_EVENTS } from './keys.ts';
import { eventDraft } from './schemas.ts';
import { eventView, ticketTypeView } from './views.ts';

const id = z.string().check(z.regex(ULID_PATTERN));

/** Whether a row is that of an event which everybody may find. */
export function isListed(row: Readonly<Record<string, unknown>> | undefined): boolean {
  return row?.['gsi1pk'] === PUBLISHED_EVENTS;
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
  /** Minor units, of the ticket types that everybody sees; undefined where there are none. */
  readonly priceRange: { readonly lowest: number; readonly highest: number; readonly currency: string } | undefined;
}

export const createEvent = route({
  id: 'createEvent',
  method: 'POST',
  path: '/api/events',
  summary: 'Create an event as a draft',
  access: { who: ['organizer'], owns: 'organization', by: 'body', checkedBy: 'use case' },
  body: eventDraft,
  responses: { 201: z.object({ eventId: id, event: eventView }) },
  problems: ['INVALID_INPUT', 'ORGANIZATION_NOT_FOUND', 'EVENT_IN_PAST', 'IDEMPOTENCY_KEY_REUSED'],
});

const eventParams = z.strictObject({ eventId: id });

export const getEvent = route({
  id: 'getEvent',
  method: 'GET',
  path: '/api/events/{eventId}',
  summary: 'One event with its ticket types; a draft only for its organizers',
  access: { who: 'anyone' },
  params: eventParams,
  responses: { 304: null, 200: eventView },
  problems: ['EVENT_NOT_FOUND'],
});

export const publishEvent = route({
  id: 'publishEvent',
  method: 'POST',
  path: '/api/events/{eventId}/publish',
  summary: 'Publish a draft and put its tickets on sale',
  access: { who: ['organizer'], owns: 'event' },
  params: eventParams,
  body: z.strictObject({}),
  responses: { 200: eventView },
  problems: ['NOT_DRAFT', 'EVENT_IN_PAST'],
});

export const listTicketTypes = route({
  id: 'listTicketTypes',
  method: 'GET',
  path: '/api/tickets/types',
  summary: 'Ticket types of an event',
  access: { who: 'anyone' },
  query: z.strictObject({ eventId: id }),
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

export const catalogRoutes = [
  createEvent,
  getEvent,
  publishEvent,
  listTicketTypes,
  getTicketType,
  listCategories,
] as const;

/** An event exists, as a draft. */
export const eventCreated = defineEvent(
  'catalog.EventCreated.v1',
  'an organizer creates an event',
  z.object({ eventId: z.string(), organizationId: z.string(), createdBy: z.string() }),
);
/** An event is public and its tickets are on sale. */
export const eventPublished = defineEvent(
  'catalog.EventPublished.v1',
  'an organizer publishes a draft',
  z.object({
    eventId: z.string(),
    organizationId: z.string(),
    startsAt: z.int(),
    timeZone: z.string(),
    ticketTypes: z.array(z.object({ ticketTypeId: z.string(), quantity: z.int() })),
  }),
);

export const catalogEvents = [eventCreated, eventPublished] as const;

export const catalogEnv = sessionEnv;
