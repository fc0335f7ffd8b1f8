import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import { versionAsked } from '../../shared/runtime/conditional.ts';
import type { Occasion } from '../../shared/table/aggregate.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit } from '../../shared/table/commit.ts';
import { changedMeanwhile, planChanges } from '../domain/changes.ts';
import type { VenueRecord } from '../domain/venue.ts';
import type { VenueChanges } from '../schemas.ts';
import { archiveVenue as archived, changeVenue as changed } from '../writes.ts';

/** Changes what is said of a venue; what is so already makes no new version. */
export async function changeVenue(
  table: Table,
  venue: VenueRecord,
  changes: VenueChanges,
  occasion: Occasion,
): Promise<Result<VenueRecord, Problem>> {
  const planned = planChanges(venue, changes);
  if (!planned.ok) return planned;
  if (Object.keys(planned.value).length === 0) return ok(venue);
  const change = changed(venue, planned.value, occasion, changedMeanwhile);
  const done = await commit(table, [change.write]);
  return done.ok ? ok(change.venue) : done;
}

/** Archives a venue; one that is archived already stays so. */
export async function archiveVenue(
  table: Table,
  venue: VenueRecord,
  occasion: Occasion,
): Promise<Result<VenueRecord, Problem>> {
  if (venue.status === 'ARCHIVED') return ok(venue);
  const change = archived(venue, occasion, changedMeanwhile);
  const done = await commit(table, [change.write]);
  return done.ok ? ok(change.venue) : done;
}

/** What `If-Match` may be left out for. */
export type Unnamed = 'may be left out' | 'is required';

/**
 * Runs `change` if the venue is still in the version that `If-Match` names. The change itself pins the version that was
 * read, so nothing slips in between.
 *
 * @param unnamed whether the header may be missing: not where one editor would undo what another has done
 * @returns PRECONDITION_REQUIRED, PRECONDITION_FAILED, or what `change` does
 */
export async function unchanged<T>(
  venue: VenueRecord,
  headers: Readonly<Record<string, string | undefined>>,
  unnamed: Unnamed,
  change: () => Promise<Result<T, Problem>>,
): Promise<Result<T, Problem>> {
  const asked = versionAsked(headers['if-match']);
  if (asked === undefined && unnamed === 'is required')
    return err(problem('PRECONDITION_REQUIRED', 'Send If-Match with the ETag of the venue that you have read.'));
  if (asked !== undefined && asked !== 'any' && asked !== venue.ver && !namesPlan(headers, venue))
    return err(changedMeanwhile());
  return change();
}

/** Whether `If-Match` is the tag that the venue's plan was read with, packed or not: its answer goes by the plan. */
function namesPlan(headers: Readonly<Record<string, string | undefined>>, { planId }: VenueRecord): boolean {
  const tag = /^\s*(?:W\/)?"(\w+)(?:-\w+)?"\s*$/.exec(headers['if-match'] ?? '')?.[1];
  return planId !== undefined && tag === planId;
}
