import { findStockOnSale, findStockOut } from '../../inventory/reads.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import { isOwnEffect, type Occasion } from '../../shared/table/aggregate.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit } from '../../shared/table/commit.ts';
import { idsOf as ticketTypesOf, type EventRecord } from '../domain/event.ts';
import { planEdit } from '../domain/editing.ts';
import { viewSeries, whyLeft, type Left, type SeriesRecord } from '../domain/series.ts';
import { findEvents } from '../reads.ts';
import type { SeriesPatch, SeriesView } from '../series-routes.ts';
import { changeSeries } from '../writes.ts';
import { changeEvent, preconditionRequired, withCopies } from './change-event.ts';
import { idsOf } from './create-series.ts';

/** What an edit of a series came to. */
export interface EditedSeries {
  readonly series: SeriesView;
  /** Events that have changed now, or were so already. */
  readonly changed: readonly string[];
  readonly left: readonly { readonly eventId: string; readonly reason: Left }[];
}

/**
 * Changes what the dates of a series have in common: on each date that is still to come, unsold and as its
 * series made it, one after the other; the answer says which were left. Sent again it goes on where it died.
 *
 * @param version what If-Match named of the series
 * @returns PRECONDITION_REQUIRED, PRECONDITION_FAILED, or the faults of the first date that would not take it: of such
 *   an edit nothing is stored
 */
export async function editSeries(
  table: Table,
  { series, version }: { readonly series: SeriesRecord; readonly version: number | 'any' | 'none' | undefined },
  patch: SeriesPatch,
  occasion: Occasion,
): Promise<Result<EditedSeries, Problem>> {
  if (version === undefined) return err(preconditionRequired());
  if (version !== 'any' && version !== series.ver) return err(movedOn());
  const refused = await judge(table, series, patch, occasion);
  if (refused !== undefined) return err(refused);
  // Of two editors of one version the second stops here; the walk below may be taken up by whoever reads anew.
  const begun = changeSeries(series, patch.title ?? series.title, occasion, (found) => ({ found }));
  const done = await commit(table, [begun.write]);
  if (!done.ok && !isOwnEffect(done.error.found, begun.series)) return err(movedOn());
  const events = await findEvents(table, idsOf(series));
  const changed: string[] = [];
  const left: { eventId: string; reason: Left }[] = [];
  for (const event of events.values()) {
    let reason: Left | undefined;
    const edited = await changeEvent(table, { event }, occasion, async (current) => {
      reason = whyLeft(current, await outOf(table, current), occasion.now);
      return reason === undefined ? planned(current, patch, occasion) : ok('UNCHANGED');
    });
    if (!edited.ok) return edited;
    if (reason === undefined) changed.push(event.eventId);
    else left.push({ eventId: event.eventId, reason });
  }
  return ok({ series: viewSeries(begun.series, await findEvents(table, idsOf(series))), changed, left });
}

/** What the first date that the edit would reach has against it: of an edit that is refused nothing is stored. */
async function judge(
  table: Table,
  series: SeriesRecord,
  patch: SeriesPatch,
  occasion: Occasion,
): Promise<Problem | undefined> {
  for (const event of (await findEvents(table, idsOf(series))).values()) {
    if (whyLeft(event, 0, occasion.now) !== undefined) continue;
    const decided = planned(event, patch, occasion);
    // Stock is looked at only where it matters: a date of which tickets are out is left, not refused.
    if (!decided.ok && (await outOf(table, event)) === 0) return decided.error;
  }
  return undefined;
}

function planned(event: EventRecord, patch: SeriesPatch, { now }: Occasion): ReturnType<typeof withCopies> {
  return withCopies(event, planEdit(event, patch, now, 'BY_SERIES'));
}

function movedOn(): Problem<'PRECONDITION_FAILED'> {
  return problem('PRECONDITION_FAILED', 'The series has changed since you read it. Read it again.');
}

/** Tickets of a published event that are held or sold; those kept for the house are neither. */
async function outOf(table: Table, event: EventRecord): Promise<number> {
  if (event.status !== 'PUBLISHED') return 0;
  const { pools } = await findStockOnSale(table, ticketTypesOf(event));
  return (await findStockOut(table, pools)).out;
}
