import type { Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
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

/**
 * Runs `change` if the venue is still in the version that `If-Match` names, or none is named. The change
 * itself pins the version that was read, so nothing slips in between.
 */
export async function unchanged<T>(
  venue: VenueRecord,
  headers: Readonly<Record<string, string | undefined>>,
  change: () => Promise<Result<T, Problem>>,
): Promise<Result<T, Problem>> {
  const asked = headers['if-match']?.trim();
  if (asked !== undefined && asked !== '*' && asked.replace(/^W\//, '') !== `"v${venue.ver}"`) {
    return err(changedMeanwhile());
  }
  return change();
}
