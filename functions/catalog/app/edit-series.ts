import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import { isOwnEffect, type Occasion } from '../../shared/table/aggregate.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit } from '../../shared/table/commit.ts';
import type { EventRecord } from '../domain/event.ts';
import { planEdit } from '../domain/editing.ts';
import { viewSeries, whyLeft, type Left, type SeriesRecord } from '../domain/series.ts';
import { findEvents } from '../reads.ts';
import type { SeriesPatch, SeriesView } from '../series-routes.ts';
import { changeSeries } from '../writes.ts';
import { changeEvent, preconditionRequired, withCopies } from './change-event.ts';
import { idsOf } from './create-series.ts';
import { availabilityOf } from './show-events.ts';

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
 * @returns PRECONDITION_REQUIRED, or the faults of the first date that would not take it
 */
export async function editSeries(
  table: Table,
  { series, version }: { readonly series: SeriesRecord; readonly version: number | 'any' | 'none' | undefined },
  patch: SeriesPatch,
  occasion: Occasion,
): Promise<Result<EditedSeries, Problem>> {
  if (version === undefined) return err(preconditionRequired());
  if (version !== 'any' && version !== series.ver) return err(movedOn());
  // Of two editors of one version the second stops here; the walk below may be taken up by whoever reads anew.
  const begun = changeSeries(series, patch.title ?? series.title, occasion, (found) => ({ found }));
  const done = await commit(table, [begun.write]);
  if (!done.ok && !isOwnEffect(done.error.found, begun.series)) return err(movedOn());
  const events = await findEvents(table, idsOf(series));
  const changed: string[] = [];
  const left: { eventId: string; reason: Left }[] = [];
  for (const event of events.values()) {
    const reason = whyLeft(event, await outOf(table, event), occasion.now);
    if (reason !== undefined) {
      left.push({ eventId: event.eventId, reason });
      continue;
    }
    const edited = await changeEvent(table, { event }, occasion, (current) =>
      whyLeft(current, 0, occasion.now) === undefined
        ? withCopies(current, planEdit(current, patch, occasion.now, 'BY_SERIES'))
        : ok('UNCHANGED'),
    );
    if (!edited.ok) return edited;
    changed.push(event.eventId);
  }
  return ok({ series: viewSeries(begun.series, await findEvents(table, idsOf(series))), changed, left });
}

function movedOn(): Problem<'PRECONDITION_FAILED'> {
  return problem('PRECONDITION_FAILED', 'The series has changed since you read it. Read it again.');
}

/** Tickets of a published event that are held or sold. */
async function outOf(table: Table, event: EventRecord): Promise<number> {
  if (event.status !== 'PUBLISHED') return 0;
  const free = await availabilityOf(table, [event]);
  return event.ticketTypes.reduce(
    (out, { ticketTypeId, quantity }) => out + quantity - (free.get(ticketTypeId)?.free ?? quantity),
    0,
  );
}
