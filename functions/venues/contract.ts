import * as z from 'zod/mini';

import { ULID_PATTERN } from '../shared/kernel/ids.ts';
import { cursorEnv, httpEnv, sessionEnv, tableEnv } from '../shared/runtime/env.ts';
import { defineEvent } from '../shared/runtime/events.ts';
import { route } from '../shared/runtime/route.ts';
import { venueChanges, venueDraft } from './schemas.ts';

const id = z.string().check(z.regex(ULID_PATTERN));
const instant = z.iso.datetime();
const money = z.object({ amount: z.int(), currency: z.string() });
const finding = z.object({ path: z.string(), message: z.string() });
const point = z.object({ x: z.number(), y: z.number() });

/** What can be sold of a seating plan, for whoever opens its stock. */
export interface PlanSupply {
  readonly planId: string;
  readonly venueId: string;
  readonly categories: readonly CategorySupply[];
}

/** Places of one category: what ticket types with this `seatCategory` sell. */
export interface CategorySupply {
  readonly name: string;
  /** Seats in all rows. */
  readonly seats: number;
  /** Places in all standing areas. */
  readonly standing: number;
  /** The nearest to the focal point first. */
  readonly rows: readonly RowSupply[];
  readonly areas: readonly AreaSupply[];
}

/** The seats that a category has in one row, in the order in which they stand. */
export interface RowSupply {
  /** The first part of its seats' ids; a row with seats of two categories is in both under one id. */
  readonly rowId: string;
  readonly label: string;
  /** The zone. */
  readonly section: string;
  /** Index in `seats`, possibly between two, of what is nearest to the focal point. */
  readonly centre: number;
  /** From the focal point to the nearest seat, in units of the drawing. */
  readonly distance: number;
  /** From one seat to the next, in the same units. */
  readonly pitch: number;
  readonly seats: readonly SeatSupply[];
}

export interface SeatSupply {
  /** Unique in the plan: `3f-12`. */
  readonly id: string;
  /** As it is written on the seat. */
  readonly number: string;
  /** Set where the seat before it in `seats` is not its neighbour: an aisle, or a seat of another category. */
  readonly aisleBefore?: true;
  readonly access?: 'WHEELCHAIR' | 'COMPANION';
  readonly restrictedView?: true;
}

/** The row that the seat `seatId` stands in. */
export function rowIdOf(seatId: string): string {
  return seatId.slice(0, seatId.lastIndexOf('-'));
}

/** Room for people without seats. */
export interface AreaSupply {
  readonly areaId: string;
  readonly name: string;
  readonly capacity: number;
  readonly distance: number;
}

/** The current seating plan of a venue, in figures. */
const planSummary = z.object({
  id,
  version: z.int(),
  seats: z.int(),
  /** Places in standing areas. */
  standing: z.int(),
  /** Where its drawing is, for ever the same. */
  geometryUrl: z.string(),
  pictureUrl: z.string(),
});

export const venueView = z.object({
  id,
  organizationId: id,
  name: z.string(),
  /** IANA name. */
  timeZone: z.string(),
  address: z.nullable(
    z.object({
      street: z.optional(z.string()),
      postalCode: z.optional(z.string()),
      city: z.optional(z.string()),
      region: z.optional(z.string()),
      country: z.optional(z.string()),
    }),
  ),
  coordinates: z.nullable(z.object({ latitude: z.number(), longitude: z.number() })),
  mapUrl: z.nullable(z.string()),
  accessibilityNotes: z.nullable(z.string()),
  status: z.enum(['ACTIVE', 'ARCHIVED']),
  seatingPlan: z.nullable(planSummary),
  createdAt: instant,
});
export type VenueView = z.infer<typeof venueView>;

export const createVenue = route({
  id: 'createVenue',
  method: 'POST',
  path: '/api/venues',
  summary: 'Create a venue of an organisation',
  access: { who: ['organizer'], owns: 'organization', by: 'body', checkedBy: 'use case' },
  body: venueDraft,
  responses: { 201: venueView },
  problems: ['INVALID_INPUT', 'IDEMPOTENCY_KEY_REUSED'],
});

export const listVenues = route({
  id: 'listVenues',
  method: 'GET',
  path: '/api/venues',
  summary: 'Venues of an organisation, archived ones included',
  access: { who: ['organizer'], owns: 'organization', by: 'query', checkedBy: 'use case' },
  query: z.strictObject({
    /** May be left out by who organises exactly one. */
    organizationId: z.optional(id),
    limit: z.optional(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(100))),
    cursor: z.optional(z.string().check(z.maxLength(400))),
  }),
  responses: { 200: z.object({ items: z.array(venueView), nextCursor: z.nullable(z.string()) }) },
  problems: ['INVALID_INPUT'],
});

const venueParams = z.strictObject({ venueId: id });

export const getVenue = route({
  id: 'getVenue',
  method: 'GET',
  path: '/api/venues/{venueId}',
  summary: 'One venue',
  access: { who: ['organizer'], owns: 'venue' },
  params: venueParams,
  responses: { 200: venueView, 304: null },
  problems: [],
});

export const updateVenue = route({
  id: 'updateVenue',
  method: 'PATCH',
  path: '/api/venues/{venueId}',
  summary: 'Change a venue; null removes what may be left out. If-Match with its ETag is required',
  access: { who: ['organizer'], owns: 'venue' },
  params: venueParams,
  body: venueChanges,
  responses: { 200: venueView },
  problems: ['VENUE_ARCHIVED', 'PRECONDITION_FAILED', 'PRECONDITION_REQUIRED'],
});

export const archiveVenue = route({
  id: 'archiveVenue',
  method: 'DELETE',
  path: '/api/venues/{venueId}',
  summary: 'Archive a venue: no further event is published there; published ones keep what they copied',
  access: { who: ['organizer'], owns: 'venue' },
  params: venueParams,
  responses: { 204: null },
  problems: ['PRECONDITION_FAILED'],
});

/** A plan of 100,000 seats with random ids, as JSON. */
export const LARGEST_PLAN_BYTES = 64 * 1024 * 1024;

export const putSeatingPlan = route({
  id: 'putSeatingPlan',
  method: 'PUT',
  path: '/api/venues/{venueId}/seating-plan',
  summary: "Give a venue a seating plan in pretix' JSON, plain or as gzip; instead of another one, with If-Match only",
  access: { who: ['organizer'], owns: 'venue' },
  params: venueParams,
  body: z.unknown(),
  largeBody: { mostBytes: LARGEST_PLAN_BYTES },
  responses: { 200: z.object({ seatingPlan: planSummary, warnings: z.array(finding) }) },
  problems: ['VENUE_ARCHIVED', 'SEATING_PLAN_INVALID', 'PRECONDITION_FAILED', 'PRECONDITION_REQUIRED'],
});

export const getSeatingPlan = route({
  id: 'getSeatingPlan',
  method: 'GET',
  path: '/api/venues/{venueId}/seating-plan',
  summary: "A venue's seating plan in pretix' JSON: the current version, or the one asked for",
  access: { who: ['organizer'], owns: 'venue' },
  params: venueParams,
  query: z.strictObject({ version: z.optional(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(999_999))) }),
  responses: { 200: z.looseObject({ name: z.string() }), 304: null },
  problems: ['SEATING_PLAN_NOT_FOUND'],
});

const planParams = z.strictObject({ planId: id });

/** A plan's drawing, in coordinates of the whole; lists are as long as `seats` says. */
export const planGeometry = z.object({
  id,
  name: z.string(),
  size: z.object({ width: z.number(), height: z.number() }),
  focalPoint: point,
  categories: z.array(z.object({ name: z.string(), color: z.string() })),
  zones: z.array(
    z.object({
      name: z.string(),
      rows: z.array(
        z.object({
          id: z.string(),
          number: z.string(),
          label: z.string(),
          numberPosition: z.nullable(z.enum(['start', 'end', 'both'])),
          seats: z.array(
            z.object({
              id: z.string(),
              number: z.string(),
              /** Where the label differs from the number. */
              label: z.optional(z.string()),
              x: z.number(),
              y: z.number(),
              /** Index in `categories`. */
              category: z.int(),
              radius: z.optional(z.number()),
              features: z.optional(z.array(z.enum(['wheelchair', 'companion', 'restricted view']))),
            }),
          ),
        }),
      ),
      areas: z.array(
        z.looseObject({
          id: z.string(),
          x: z.number(),
          y: z.number(),
          standing: z.optional(z.object({ capacity: z.int(), category: z.int() })),
        }),
      ),
    }),
  ),
});
export type PlanGeometry = z.infer<typeof planGeometry>;

export const getPlanGeometry = route({
  id: 'getPlanGeometry',
  method: 'GET',
  path: '/api/seating-plans/{planId}',
  summary: 'The drawing of a seating plan; it never changes',
  access: { who: 'anyone' },
  params: planParams,
  responses: { 200: planGeometry, 304: null },
  problems: ['SEATING_PLAN_NOT_FOUND'],
});

export const getPlanPicture = route({
  id: 'getPlanPicture',
  method: 'GET',
  path: '/api/seating-plans/{planId}/picture.svg',
  summary: 'The drawing of a seating plan as a picture; it never changes',
  access: { who: 'anyone' },
  params: planParams,
  produces: 'image/svg+xml',
  responses: { 200: null, 304: null },
  problems: ['SEATING_PLAN_NOT_FOUND'],
});

export const seatStatus = z.enum(['free', 'held', 'sold', 'blocked']);
export type SeatStatus = z.infer<typeof seatStatus>;

/** The seats of an event with their status; `seats` holds those that may have changed where `since` was asked. */
export const eventSeats = z.object({
  /** Grows with changes; to be sent as `since` next time. */
  version: z.int(),
  /** The version that these seats are changes to; null where all seats are listed. */
  since: z.nullable(z.int()),
  plan: z.object({ id, geometryUrl: z.string(), pictureUrl: z.string() }),
  zones: z.array(z.object({ name: z.string(), seats: z.int(), free: z.int() })),
  categories: z.array(
    z.object({
      name: z.string(),
      color: z.string(),
      seats: z.int(),
      free: z.int(),
      standing: z.int(),
      ticketTypes: z.array(z.object({ id, name: z.string(), price: money })),
    }),
  ),
  seats: z.array(z.object({ id: z.string(), status: seatStatus, category: z.string() })),
});
export type EventSeats = z.infer<typeof eventSeats>;

export const getEventSeats = route({
  id: 'getEventSeats',
  method: 'GET',
  path: '/api/events/{eventId}/seats',
  summary: 'The seats of a published event with their status; with `since`, only what has changed',
  access: { who: 'anyone' },
  params: z.strictObject({ eventId: id }),
  query: z.strictObject({
    since: z.optional(z.coerce.number().check(z.int(), z.minimum(0), z.maximum(Number.MAX_SAFE_INTEGER))),
  }),
  responses: { 200: eventSeats, 304: null },
  problems: ['EVENT_NOT_FOUND', 'SEATING_PLAN_NOT_FOUND'],
});

/** What organizers do with their venues. */
export const venueRoutes = [
  createVenue,
  listVenues,
  getVenue,
  updateVenue,
  archiveVenue,
  putSeatingPlan,
  getSeatingPlan,
] as const;
/** What everybody sees of seating plans; hot while something goes on sale, so a function of its own. */
export const seatRoutes = [getPlanGeometry, getPlanPicture, getEventSeats] as const;
export const venuesRoutes = [...venueRoutes, ...seatRoutes] as const;

const aboutVenue = z.object({ venueId: z.string(), organizationId: z.string() });

/** A venue exists. */
export const venueCreated = defineEvent('venues.VenueCreated.v1', 'an organizer creates a venue', aboutVenue);
/** What is said of a venue has changed. */
export const venueUpdated = defineEvent('venues.VenueUpdated.v1', 'an organizer changes a venue', aboutVenue);
/** No further event is published there. */
export const venueArchived = defineEvent('venues.VenueArchived.v1', 'an organizer archives a venue', aboutVenue);
/** A venue has a new version of its seating plan; events keep the one that they were published with. */
export const seatingPlanAccepted = defineEvent(
  'venues.SeatingPlanAccepted.v1',
  'an organizer gives a venue a seating plan',
  z.extend(aboutVenue, { planId: z.string(), planVersion: z.int(), seats: z.int(), standing: z.int() }),
);

export const venuesEvents = [venueCreated, venueUpdated, venueArchived, seatingPlanAccepted] as const;

export const venuesEnv = z.extend(sessionEnv, cursorEnv.shape);
export const seatsEnv = z.extend(tableEnv, httpEnv.shape);
