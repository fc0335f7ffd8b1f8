import * as z from 'zod/mini';

import type { Table } from '../shared/table/client.ts';
import { getItem, queryAll, queryPage } from '../shared/table/read.ts';
import type { PlanSupply } from './contract.ts';
import type { SeatingPlan } from './domain/plan.ts';
import { supplyOf } from './domain/supply.ts';
import { parseVenue, type VenueRecord } from './domain/venue.ts';
import type { RowSold } from './domain/seat-status.ts';
import { planPartition, planVersionKey, soldSeatsPartition, venueKey, venuesOf } from './keys.ts';
import { unpackPlan } from './packing.ts';

/** The venue `venueId`, archived or not, or undefined. Strong: who has just changed it sees it so. */
export async function findVenue(table: Table, venueId: string): Promise<VenueRecord | undefined> {
  const item = await getItem(table, venueKey(venueId), 'strong');
  return item === undefined ? undefined : parseVenue(item);
}

/**
 * A page of an organisation's venues, archived ones included, in the order in which they were made; from
 * the index, so a moment behind.
 *
 * @param after the venue that a page before this one ended with
 */
export async function pageOfVenues(
  table: Table,
  organizationId: string,
  limit: number,
  after?: string,
): Promise<{ readonly venues: readonly VenueRecord[]; readonly next: string | undefined }> {
  const query = { pk: venuesOf(organizationId), index: 'gsi1', ...(after === undefined ? {} : { after }) } as const;
  const { items, more } = await queryPage(table, query, limit);
  const venues = items.map(parseVenue);
  return { venues, next: more ? venues.at(-1)?.venueId : undefined };
}

const versionRow = z.object({ planId: z.string() });

/** The id of version `version` of a venue's seating plan, or undefined. */
export async function findPlanVersion(table: Table, venueId: string, version: number): Promise<string | undefined> {
  const item = await getItem(table, planVersionKey(venueId, version), 'eventual');
  return item === undefined ? undefined : z.parse(versionRow, item).planId;
}

const partRow = z.object({ venueId: z.string(), parts: z.int(), bytes: z.instanceof(Uint8Array) });

/** A seating plan with the venue that it is of. Immutable: its id follows from its content. */
export interface StoredPlan {
  readonly planId: string;
  readonly venueId: string;
  readonly plan: SeatingPlan;
}

/** The seating plan `planId`, or undefined. A plan of 20,000 seats is one item of some 100 KB. */
export async function findPlan(table: Table, planId: string): Promise<StoredPlan | undefined> {
  const parts: z.infer<typeof partRow>[] = [];
  for await (const item of queryAll(table, { pk: planPartition(planId), skPrefix: 'PART#', consistency: 'strong' })) {
    parts.push(z.parse(partRow, item));
  }
  const [first] = parts;
  // Parts are put before anything names their plan, so one that lacks some is one that was never accepted.
  if (first === undefined || parts.length !== first.parts) return undefined;
  return { planId, venueId: first.venueId, plan: unpackPlan(parts.map(({ bytes }) => bytes)) };
}

/** What can be sold of the seating plan `planId`, or undefined where there is no such plan. */
export async function findSupply(table: Table, planId: string): Promise<PlanSupply | undefined> {
  const stored = await findPlan(table, planId);
  return stored === undefined ? undefined : { planId, venueId: stored.venueId, ...supplyOf(stored.plan) };
}

const soldRow = z.object({
  sk: z.string(),
  /** Seats, each with a mark of its order; absent when the last one is taken off. */
  sold: z.optional(z.set(z.string())),
  touched: z.int(),
});

/** Which seats of an event paid orders have, row by row. A full house of 20,000 is 350 KB: 45 read units. */
export async function findSoldSeats(table: Table, eventId: string): Promise<readonly RowSold[]> {
  const rows: RowSold[] = [];
  for await (const item of queryAll(table, { pk: soldSeatsPartition(eventId), skPrefix: 'ROW#' })) {
    const { sk, sold, touched } = z.parse(soldRow, item);
    const seats = new Set([...(sold ?? [])].map((mark) => mark.slice(0, mark.indexOf('@'))));
    rows.push({ rowId: sk.slice('ROW#'.length), seats, touched });
  }
  return rows;
}
