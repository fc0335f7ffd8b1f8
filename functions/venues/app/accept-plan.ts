import { createHash } from 'node:crypto';

import { derivedId } from '../../shared/kernel/ids.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { Occasion } from '../../shared/table/aggregate.ts';
import { putItems } from '../../shared/table/batch.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit } from '../../shared/table/commit.ts';
import { changedMeanwhile, venueArchived } from '../domain/changes.ts';
import type { Finding } from '../domain/findings.ts';
import { importPlan } from '../domain/import-plan.ts';
import type { SeatingPlan } from '../domain/plan.ts';
import { supplyOf } from '../domain/supply.ts';
import type { VenueRecord } from '../domain/venue.ts';
import { packPlan } from '../packing.ts';
import { acceptPlan as accepted, putPlanParts } from '../writes.ts';

/** A venue with the seating plan that it has now. */
export interface AcceptedPlan {
  readonly venue: VenueRecord;
  readonly warnings: readonly Finding[];
}

/**
 * Gives a venue a seating plan, as its next version; the plan that it has already makes none. The content is
 * stored first, under an id that follows from it, so that dying in between leaves nothing that anybody sees
 * and trying again stores the same.
 *
 * @param json pretix' JSON as it came
 * @returns VENUE_ARCHIVED, SEATING_PLAN_INVALID with every fault, or PRECONDITION_FAILED
 */
export async function acceptPlan(
  table: Table,
  venue: VenueRecord,
  json: unknown,
  occasion: Occasion,
): Promise<Result<AcceptedPlan, Problem>> {
  if (venue.status === 'ARCHIVED') return err(venueArchived());
  const { plan, faults, warnings } = importPlan(json);
  if (plan === undefined) {
    const errors = [...faults];
    return err(problem('SEATING_PLAN_INVALID', 'Mend what `errors` lists and send the whole plan again.', { errors }));
  }
  const planId = planIdOf(venue.venueId, plan);
  if (planId === venue.planId) return ok({ venue, warnings });
  await putItems(table, putPlanParts(planId, venue.venueId, packPlan(plan)));
  const { categories } = supplyOf(plan);
  const current = {
    planId,
    planVersion: (venue.planVersion ?? 0) + 1,
    seats: categories.reduce((count, { seats }) => count + seats, 0),
    standing: categories.reduce((count, { standing }) => count + standing, 0),
  };
  const change = accepted(venue, current, occasion, changedMeanwhile);
  const done = await commit(table, change.writes);
  return done.ok ? ok({ venue: change.venue, warnings }) : done;
}

/** The id of a venue's plan: a function of its content. */
function planIdOf(venueId: string, plan: SeatingPlan): string {
  return derivedId('seating-plan', venueId, createHash('sha256').update(JSON.stringify(plan)).digest('hex'));
}
