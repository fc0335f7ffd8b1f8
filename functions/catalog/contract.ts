import * as z from 'zod/mini';

import { ULID_PATTERN } from '../shared/kernel/ids.ts';
import { cursorEnv, sessionEnv } from '../shared/runtime/env.ts';
import { defineEvent } from '../shared/runtime/events.ts';
import { route } from '../shared/runtime/route.ts';
import { eventDraft } from './schemas.ts';
import { eventSummary, eventView, ticketTypeView } from './views.ts';

const id = z.string().check(z.regex(ULID_PATTERN));

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

export const listEvents = route({
  id: 'listEvents',
  method: 'GET',
  path: '/api/events',
  summary: 'Published events that are still to begin, soonest first',
  access: { who: 'anyone' },
  query: z.strictObject({
    limit: z.optional(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(100))),
    cursor: z.optional(z.string().check(z.maxLength(400))),
  }),
  responses: { 304: null, 200: z.object({ items: z.array(eventSummary), nextCursor: z.nullable(z.string()) }) },
  problems: [],
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
  listEvents,
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

export const catalogEnv = z.extend(sessionEnv, cursorEnv.shape);
