import type { Key } from '../shared/table/keys.ts';

/** A venue. */
export function venueKey(venueId: string): Key {
  return { pk: `VENUE#${venueId}`, sk: 'VENUE' };
}

/** Where version `version` of a venue's seating plan is named; six digits sort. */
export function planVersionKey(venueId: string, version: number): Key {
  return { pk: `VENUE#${venueId}`, sk: `PLAN#${String(version).padStart(6, '0')}` };
}

/** The partition of `gsi1` with the venues of an organisation. */
export function venuesOf(organizationId: string): string {
  return `ORG#${organizationId}#VENUES`;
}

/** One part of a seating plan's packed content. */
export function planPartKey(planId: string, part: number): Key {
  return { pk: planPartition(planId), sk: `PART#${String(part).padStart(3, '0')}` };
}

/** The partition of a seating plan's content. */
export function planPartition(planId: string): string {
  return `SEATING#${planId}`;
}

/** Which seats of a row paid orders have, for display. */
export function soldSeatsKey(eventId: string, rowId: string): Key {
  return { pk: soldSeatsPartition(eventId), sk: `ROW#${rowId}` };
}

/** The partition of an event's sold seats. */
export function soldSeatsPartition(eventId: string): string {
  return `SEATS#${eventId}`;
}
