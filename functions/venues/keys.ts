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
