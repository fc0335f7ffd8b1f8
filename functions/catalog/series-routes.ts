import * as z from 'zod/mini';

import { relativePricingBody } from '../pricing/contract.ts';
import { route } from '../shared/runtime/route.ts';
import { eventPatch } from './edit-schemas.ts';
import { unchecked } from './domain/draft-rules.ts';
import { pastSeriesFaults, seriesFaults } from './domain/series-rules.ts';
import { eventStatus } from './domain/event.ts';
import * as field from './fields.ts';
import { descriptionFields, everyFault, MOST_TICKET_TYPES } from './schemas.ts';

/** Dates of one series: more than one for each day of a year. */
export const MOST_DATES = 400;

const { saleStartsAt: _from, saleEndsAt: _until, ...typeFields } = field.ticketTypeFields;
const dates = z.optional(z.array(field.localTime).check(z.maxLength(MOST_DATES)));

/** The body of `POST /api/series`: one description, and the dates that it has in common. */
export const seriesDraft = z
  .strictObject({
    /** May be left out by who organises exactly one. */
    organizationId: z.optional(field.id),
    ...descriptionFields,
    timeZone: field.timeZone,
    /** The first date, as clocks at the place show it (DTSTART). */
    startsAtLocal: field.localTime,
    startsAtOccurrence: z.optional(field.occurrence),
    /** Minutes that each date takes; at most two weeks. */
    durationMinutes: z.optional(field.whole(1, 20_160)),
    /** RFC 5545, for example `FREQ=WEEKLY;BYDAY=FR,SA;COUNT=20`; without it the first date and `rdates` are all. */
    rrule: z.optional(z.string().check(z.maxLength(500), z.regex(/^[A-Z0-9=;,+-]+$/, 'This is no recurrence rule'))),
    /** Further dates, and dates left out, as clocks at the place show them (RDATE, EXDATE). */
    rdates: dates,
    exdates: dates,
    /** Sales of each date run from its publishing until it starts. */
    ticketTypes: z.array(z.strictObject(typeFields)).check(z.minLength(1), z.maxLength(MOST_TICKET_TYPES)),
  })
  .check(everyFault(seriesFaults));
export type SeriesDraft = z.infer<typeof seriesDraft>;

const {
  startsAt: _startsAt,
  endsAt: _endsAt,
  startsAtLocal: _startsAtLocal,
  endsAtLocal: _endsAtLocal,
  startsAtOccurrence: _startsAtOccurrence,
  endsAtOccurrence: _endsAtOccurrence,
  timeZone: _timeZone,
  pools: _pools,
  ...sharedPatch
} = eventPatch.shape;
/** The body of `PATCH /api/series/{seriesId}`. */
export const seriesPatch = z.strictObject(sharedPatch);
export type SeriesPatch = z.infer<typeof seriesPatch>;

const dateView = z.object({
  eventId: field.id,
  /** As clocks at the place show it. */
  date: z.string(),
  startsAt: z.iso.datetime(),
  status: eventStatus,
});
const seriesView = z.object({
  id: field.id,
  organizationId: field.id,
  title: z.string(),
  timeZone: z.string(),
  rrule: z.nullable(z.string()),
  /** Whether all of its dates exist; until then, the same request under its Idempotency-Key goes on. */
  complete: z.boolean(),
  dates: z.array(dateView),
  version: z.int(),
});
export type SeriesView = z.infer<typeof seriesView>;

export const createSeries = route({
  id: 'createSeries',
  method: 'POST',
  path: '/api/series',
  summary: 'Create an event for each date of a recurrence, each a draft of its own',
  access: { who: ['organizer'], owns: 'organization', by: 'body', checkedBy: 'use case' },
  body: seriesDraft,
  faultsAt: (body, now) => pastSeriesFaults(unchecked(body), now),
  responses: { 201: z.object({ seriesId: field.id, series: seriesView }) },
  problems: ['INVALID_INPUT', 'EVENT_IN_PAST', 'IDEMPOTENCY_KEY_REUSED'],
});

const access = { who: ['organizer'], owns: 'series' } as const;
const params = z.strictObject({ seriesId: field.id });

export const getSeries = route({
  id: 'getSeries',
  method: 'GET',
  path: '/api/series/{seriesId}',
  summary: 'A series with its dates',
  access,
  params,
  responses: { 200: seriesView },
  problems: [],
});

export const editSeries = route({
  id: 'editSeries',
  method: 'PATCH',
  path: '/api/series/{seriesId}',
  summary: 'Change what the dates still to come have in common; says which were left, and why',
  access,
  params,
  body: seriesPatch,
  responses: {
    200: z.object({
      series: seriesView,
      changed: z.array(field.id),
      left: z.array(z.object({ eventId: field.id, reason: z.enum(['PAST', 'SOLD', 'ITS_OWN_WAY', 'CLOSED']) })),
    }),
  },
  problems: ['EVENT_IS_PUBLISHED', 'PRECONDITION_FAILED', 'PRECONDITION_REQUIRED'],
});

export const setSeriesCodes = route({
  id: 'setSeriesCodes',
  method: 'PUT',
  path: '/api/series/{seriesId}/access-codes',
  summary: 'Replace the codes of a hidden ticket type on all dates still to come; says which were left, and why',
  access,
  params,
  body: z.strictObject({
    /** Name of the ticket type, as its dates call it. */
    ticketType: field.ticketTypeFields.name,
    codes: field.accessCodes,
  }),
  responses: {
    200: z.object({
      changed: z.array(field.id),
      left: z.array(z.object({ eventId: field.id, reason: z.enum(['PAST', 'CLOSED', 'NOT_HIDDEN', 'NO_SUCH_TYPE']) })),
    }),
  },
  problems: [],
});

export const setSeriesPricing = route({
  id: 'setSeriesPricing',
  method: 'PUT',
  path: '/api/series/{seriesId}/pricing',
  summary: 'Replace the price rules of a ticket type on all dates still to come; says which were left, and why',
  access,
  params,
  body: z.strictObject({
    /** Name of the ticket type, as its dates call it. */
    ticketType: field.ticketTypeFields.name,
    /** Phases are told as minutes before each date starts. */
    rules: relativePricingBody,
  }),
  responses: {
    200: z.object({
      changed: z.array(field.id),
      left: z.array(z.object({ eventId: field.id, reason: z.enum(['PAST', 'CLOSED', 'NO_SUCH_TYPE']) })),
    }),
  },
  problems: [],
});

export const seriesRoutes = [createSeries, getSeries, editSeries, setSeriesCodes, setSeriesPricing] as const;
