import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { Table } from '../../shared/table/client.ts';
import type { VenueRecord } from '../domain/venue.ts';
import { findPlan, findPlanVersion, type StoredPlan } from '../reads.ts';

/** The seating plan of a venue: its current version, or the one asked for. */
export async function showPlanOf(
  table: Table,
  venue: VenueRecord,
  version: number | undefined,
): Promise<Result<StoredPlan, Problem>> {
  const planId = version === undefined ? venue.planId : await findPlanVersion(table, venue.venueId, version);
  return planId === undefined ? err(planNotFound()) : showPlan(table, planId);
}

/** The seating plan `planId`. Whoever knows the id may see it: events that are published tell it to everybody. */
export async function showPlan(table: Table, planId: string): Promise<Result<StoredPlan, Problem>> {
  const stored = await findPlan(table, planId);
  return stored === undefined ? err(planNotFound()) : ok(stored);
}

/** Why no seating plan is shown. */
export function planNotFound(): Problem<'SEATING_PLAN_NOT_FOUND'> {
  return problem('SEATING_PLAN_NOT_FOUND', 'There is no such seating plan.');
}
