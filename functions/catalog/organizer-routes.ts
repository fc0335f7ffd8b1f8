import * as z from 'zod/mini';

import { lineOfText } from '../shared/kernel/text.ts';
import { route } from '../shared/runtime/route.ts';
import { copyOf, eventPatch, moveTo, ticketTypePatch } from './edit-schemas.ts';
import { pastFaults, unchecked } from './domain/draft-rules.ts';
import { accessCodes, id } from './fields.ts';
import { eventDraft, ticketTypeDraft } from './schemas.ts';
import { cancellationView, eventSummary, eventView, pricePoint, ticketTypeView } from './views.ts';

const ofTheirEvents = { who: ['organizer'], owns: 'event' } as const;
const ofTheirTypes = { who: ['organizer'], owns: 'ticketType' } as const;
const eventParams = z.strictObject({ eventId: id });
const typeParams = z.strictObject({ ticketTypeId: id });
const nothing = z.strictObject({});
const page = z.strictObject({
  limit: z.optional(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(100))),
  cursor: z.optional(z.string().check(z.maxLength(400))),
});

export const createEvent = route({
  id: 'createEvent',
  method: 'POST',
  path: '/api/events',
  summary: 'Create an event as a draft',
  access: { who: ['organizer'], owns: 'organization', by: 'body', checkedBy: 'use case' },
  body: eventDraft,
  faultsAt: (body, now) => pastFaults(unchecked(body), now),
  responses: { 201: z.object({ eventId: id, event: eventView }) },
  problems: ['INVALID_INPUT', 'ORGANIZATION_NOT_FOUND', 'EVENT_IN_PAST', 'IDEMPOTENCY_KEY_REUSED'],
});

export const editEvent = route({
  id: 'editEvent',
  method: 'PATCH',
  path: '/api/events/{eventId}',
  summary: 'Change an event; null takes a member away. If-Match with its ETag is required',
  access: ofTheirEvents,
  params: eventParams,
  body: eventPatch,
  responses: { 200: eventView },
  problems: [
    'EVENT_NOT_EDITABLE',
    'EVENT_IS_PUBLISHED',
    'EVENT_IN_PAST',
    'QUANTITY_TOO_LOW',
    'PRECONDITION_FAILED',
    'PRECONDITION_REQUIRED',
  ],
});

export const deleteEvent = route({
  id: 'deleteEvent',
  method: 'DELETE',
  path: '/api/events/{eventId}',
  summary: 'Delete a draft',
  access: ofTheirEvents,
  params: eventParams,
  responses: { 204: null },
  problems: ['NOT_DRAFT', 'PRECONDITION_FAILED'],
});

export const publishEvent = route({
  id: 'publishEvent',
  method: 'POST',
  path: '/api/events/{eventId}/publish',
  summary: 'Publish a draft and put its tickets on sale',
  access: ofTheirEvents,
  params: eventParams,
  body: nothing,
  responses: { 200: eventView },
  problems: ['NOT_DRAFT', 'EVENT_IN_PAST', 'VENUE_ARCHIVED'],
});

export const unpublishEvent = route({
  id: 'unpublishEvent',
  method: 'POST',
  path: '/api/events/{eventId}/unpublish',
  summary: 'Make a published event a draft again, while nothing of it is held or sold',
  access: ofTheirEvents,
  params: eventParams,
  body: nothing,
  responses: { 200: eventView },
  problems: ['EVENT_NOT_PUBLISHED', 'EVENT_HAS_SALES', 'EVENT_TOO_LARGE', 'PRECONDITION_FAILED'],
});

export const rescheduleEvent = route({
  id: 'rescheduleEvent',
  method: 'POST',
  path: '/api/events/{eventId}/reschedule',
  summary: 'Move a published event to another time; without an end it keeps its length',
  access: ofTheirEvents,
  params: eventParams,
  body: moveTo,
  responses: { 200: eventView },
  problems: ['EVENT_NOT_PUBLISHED', 'EVENT_NOT_EDITABLE', 'EVENT_IN_PAST', 'PRECONDITION_FAILED'],
});

export const cancelEvent = route({
  id: 'cancelEvent',
  method: 'POST',
  path: '/api/events/{eventId}/cancel',
  summary: 'Cancel a published event: its sale stops at once; again answers the same',
  access: ofTheirEvents,
  params: eventParams,
  body: z.strictObject({ reason: lineOfText(500) }),
  responses: { 202: z.object({ cancellationId: id }) },
  problems: ['EVENT_NOT_PUBLISHED', 'PRECONDITION_FAILED'],
});

export const getCancellationReceipt = route({
  id: 'getCancellationReceipt',
  method: 'GET',
  path: '/api/events/{eventId}/cancellation/receipt.csv',
  summary: 'What the cancellation of an event came to: counts, sums, and exceptions with their cases',
  access: ofTheirEvents,
  params: eventParams,
  responses: { 200: null },
  produces: 'text/csv; charset=utf-8',
  problems: ['CANCELLATION_NOT_FOUND'],
});

export const getCancellation = route({
  id: 'getCancellation',
  method: 'GET',
  path: '/api/events/{eventId}/cancellation',
  summary: 'How far the cancellation of an event is',
  access: ofTheirEvents,
  params: eventParams,
  responses: { 200: cancellationView },
  problems: ['CANCELLATION_NOT_FOUND'],
});

export const archiveEvent = route({
  id: 'archiveEvent',
  method: 'POST',
  path: '/api/events/{eventId}/archive',
  summary: 'Put away a draft, or an event that is over or cancelled; again changes nothing',
  access: ofTheirEvents,
  params: eventParams,
  body: nothing,
  responses: { 200: eventView },
  problems: ['EVENT_NOT_OVER', 'PRECONDITION_FAILED'],
});

export const duplicateEvent = route({
  id: 'duplicateEvent',
  method: 'POST',
  path: '/api/events/{eventId}/duplicate',
  summary: 'A new draft like this event, at another time if its own is past',
  access: ofTheirEvents,
  params: eventParams,
  body: copyOf,
  responses: { 201: z.object({ eventId: id, event: eventView }) },
  problems: ['EVENT_IN_PAST', 'IDEMPOTENCY_KEY_REUSED'],
});

export const featureEvent = route({
  id: 'featureEvent',
  method: 'PUT',
  path: '/api/events/{eventId}/featured',
  summary: 'Show an event among the featured ones, or no longer',
  access: { who: ['admin'], owns: 'event' },
  params: eventParams,
  body: z.strictObject({ featured: z.boolean() }),
  responses: { 200: eventView },
  problems: [],
});

export const addTicketType = route({
  id: 'addTicketType',
  method: 'POST',
  path: '/api/events/{eventId}/ticket-types',
  summary: 'Add a ticket type to an event; to a published one, on sale at once',
  access: ofTheirEvents,
  params: eventParams,
  body: ticketTypeDraft,
  responses: { 201: ticketTypeView },
  problems: ['EVENT_NOT_EDITABLE', 'PRECONDITION_FAILED'],
});

export const editTicketType = route({
  id: 'editTicketType',
  method: 'PATCH',
  path: '/api/ticket-types/{ticketTypeId}',
  summary: "Change a ticket type; what is held keeps its price. If-Match with the event's ETag is required",
  access: ofTheirTypes,
  params: typeParams,
  body: ticketTypePatch,
  responses: { 200: ticketTypeView },
  problems: [
    'EVENT_IS_PUBLISHED',
    'EVENT_NOT_EDITABLE',
    'QUANTITY_TOO_LOW',
    'PRECONDITION_FAILED',
    'PRECONDITION_REQUIRED',
  ],
});

export const setAccessCodes = route({
  id: 'setAccessCodes',
  method: 'PUT',
  path: '/api/ticket-types/{ticketTypeId}/access-codes',
  summary: 'Replace the codes by which buyers see and hold a hidden ticket type; they are not shown again',
  access: ofTheirTypes,
  params: typeParams,
  body: z.strictObject({ codes: accessCodes }),
  responses: { 200: ticketTypeView },
  problems: ['EVENT_NOT_EDITABLE', 'PRECONDITION_FAILED'],
});

export const deleteTicketType = route({
  id: 'deleteTicketType',
  method: 'DELETE',
  path: '/api/ticket-types/{ticketTypeId}',
  summary: 'Delete a ticket type of which nothing is held or sold',
  access: ofTheirTypes,
  params: typeParams,
  responses: { 204: null },
  problems: [
    'EVENT_NOT_EDITABLE',
    'TICKET_TYPE_HAS_SALES',
    'EVENT_TOO_LARGE',
    'LAST_TICKET_TYPE',
    'PRECONDITION_FAILED',
  ],
});

export const listPrices = route({
  id: 'listPrices',
  method: 'GET',
  path: '/api/ticket-types/{ticketTypeId}/prices',
  summary: 'What a ticket type has cost, newest first',
  access: ofTheirTypes,
  params: typeParams,
  query: page,
  responses: { 200: z.object({ items: z.array(pricePoint), nextCursor: z.nullable(z.string()) }) },
  problems: [],
});

export const listOrganizationEvents = route({
  id: 'listOrganizationEvents',
  method: 'GET',
  path: '/api/organizations/{organizationId}/events',
  summary: 'Events of an organisation in any state, newest first',
  access: { who: ['organizer'], owns: 'organization' },
  params: z.strictObject({ organizationId: id }),
  query: page,
  responses: { 200: z.object({ items: z.array(eventSummary), nextCursor: z.nullable(z.string()) }) },
  problems: [],
});

/** What organizers, and admins, do. */
export const organizerRoutes = [
  createEvent,
  editEvent,
  deleteEvent,
  publishEvent,
  unpublishEvent,
  rescheduleEvent,
  cancelEvent,
  getCancellation,
  getCancellationReceipt,
  archiveEvent,
  duplicateEvent,
  featureEvent,
  addTicketType,
  editTicketType,
  setAccessCodes,
  deleteTicketType,
  listPrices,
  listOrganizationEvents,
] as const;
