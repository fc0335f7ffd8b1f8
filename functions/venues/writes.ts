import { advance, begin, type Occasion } from '../shared/table/aggregate.ts';
import {
  absent,
  equals,
  mustHold,
  type Attributes,
  type Check,
  type Otherwise,
  type Put,
  type Update,
} from '../shared/table/writes.ts';
import { seatingPlanAccepted, venueArchived, venueCreated, venueUpdated } from './contract.ts';
import { parseVenue, type VenueDetails, type VenueRecord } from './domain/venue.ts';
import type { Instant } from '../shared/kernel/clock.ts';
import { planPartKey, planVersionKey, soldSeatsKey, venueKey, venuesOf } from './keys.ts';

/** A venue with the write that moved it on. */
export interface VenueChange<E> {
  readonly write: Update<E>;
  readonly venue: VenueRecord;
}

/** The row of a new venue. */
export function putVenue<E>(venue: VenueDetails, occasion: Occasion, otherwise: Otherwise<E>): Put<E> {
  const listed = { gsi1pk: venuesOf(venue.organizationId), gsi1sk: venue.venueId };
  return begin(venueKey(venue.venueId), { ...venue, ...listed }, { ...occasion, event: venueCreated.name }, otherwise);
}

/** Changes what is said of a venue; undefined members are removed. Events that are published keep what they copied. */
export function changeVenue<E>(
  venue: VenueRecord,
  changes: Attributes,
  occasion: Occasion,
  otherwise: Otherwise<E>,
): VenueChange<E> {
  return moved(venue, changes, { ...occasion, event: venueUpdated.name }, otherwise);
}

/** ACTIVE → ARCHIVED: no event can be published there any more, see {@link requireVenue}. */
export function archiveVenue<E>(venue: VenueRecord, occasion: Occasion, otherwise: Otherwise<E>): VenueChange<E> {
  return moved(venue, { status: 'ARCHIVED' }, { ...occasion, event: venueArchived.name }, otherwise);
}

/** What a venue's row says of its current seating plan. */
export interface CurrentPlan {
  readonly planId: string;
  readonly planVersion: number;
  readonly seats: number;
  readonly standing: number;
}

/**
 * Makes a plan whose content is stored the venue's current one, as its next version. Both writes go into one
 * transaction: a version that the venue names can always be found.
 */
export function acceptPlan<E>(
  venue: VenueRecord,
  current: CurrentPlan,
  occasion: Occasion,
  otherwise: Otherwise<E>,
): { readonly venue: VenueRecord; readonly writes: readonly [Update<E>, Put<E>] } {
  const change = moved(venue, { ...current }, { ...occasion, event: seatingPlanAccepted.name }, otherwise);
  const { planId, planVersion, seats, standing } = current;
  const named: Put<E> = {
    kind: 'put',
    key: planVersionKey(venue.venueId, planVersion),
    item: { planId, planVersion, seats, standing, acceptedAt: occasion.now },
    when: absent('pk'),
    otherwise,
  };
  return { venue: change.venue, writes: [change.write, named] };
}

/** The content of a plan, in parts: a function of its id, so that it may be put any number of times. */
export function putPlanParts(planId: string, venueId: string, parts: readonly Uint8Array[]): readonly Put<never>[] {
  return parts.map((bytes, part) => ({
    kind: 'put',
    key: planPartKey(planId, part),
    item: { planId, venueId, parts: parts.length, bytes },
    otherwise: mustHold('a put without a condition'),
  }));
}

/**
 * Requires in the transaction of another aggregate, such as the publishing of an event, that the venue is not
 * archived at that moment.
 */
export function requireVenue<E>(venueId: string, otherwise: Otherwise<E>): Check<E> {
  return { kind: 'check', key: venueKey(venueId), when: equals('status', 'ACTIVE'), otherwise };
}

/** Marks of sales in one row of an event; a mark is a seat's id and its order's, so that orders never meet. */
export interface SaleMarks {
  readonly eventId: string;
  readonly rowId: string;
  readonly kind: 'sold' | 'undone';
  readonly marks: ReadonlySet<string>;
}

/**
 * Marks seats of a row as sold, or takes marks off; sets make it the same however often it is done, and in
 * whatever order between orders.
 */
export function markSeats({ eventId, rowId, kind, marks }: SaleMarks, now: Instant): Update<never> {
  return {
    kind: 'update',
    key: soldSeatsKey(eventId, rowId),
    set: { touched: now },
    ...(kind === 'sold' ? { include: { sold: marks } } : { exclude: { sold: marks } }),
    otherwise: mustHold('an update without a condition'),
  };
}

function moved<E>(
  venue: VenueRecord,
  changes: Attributes,
  cause: Parameters<typeof advance>[2],
  otherwise: Otherwise<E>,
): VenueChange<E> {
  const { write, row } = advance(venue, changes, cause, otherwise);
  return { write, venue: parseVenue(row) };
}
