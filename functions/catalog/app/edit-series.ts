import { findContents, requireContents } from '../../inventory/contents.ts';
import { findStockOnSale } from '../../inventory/reads.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import { isOwnEffect, type Occasion } from '../../shared/table/aggregate.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit } from '../../shared/table/commit.ts';
import type { Check } from '../../shared/table/writes.ts';
import { idsOf as ticketTypesOf, type EventRecord } from '../domain/event.ts';
import { planEdit } from '../domain/editing.ts';
import { viewSeries, whyLeft, type Left, type SeriesRecord } from '../domain/series.ts';
import { findEvents } from '../reads.ts';
import type { SeriesPatch, SeriesView } from '../series-routes.ts';
import { changeSeries } from '../writes.ts';
import { changeEvent, movedAway, preconditionRequired, ROOM, withCopies, type Moved } from './change-event.ts';
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
 * series made it, one after the other; the answer says which were left. Sent again it goes on where it died. That a
 * date is unsold is a condition of its edit, as {@link lookAtStock} tells: of a hold and this the faster one wins.
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
      const { out, asRead } = await lookAtStock(table, current);
      reason = whyLeft(current, out, occasion.now);
      if (reason !== undefined) return ok('UNCHANGED');
      const decided = planned(current, patch, occasion);
      if (!decided.ok || decided.value === 'UNCHANGED') return decided;
      const { writes = [] } = decided.value;
      const fits = writes.length + asRead.length <= ROOM;
      return ok({ ...decided.value, writes: fits ? [...writes, ...asRead] : writes });
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
    if (!decided.ok && (await lookAtStock(table, event)).out === 0) return decided.error;
  }
  return undefined;
}

function planned(event: EventRecord, patch: SeriesPatch, { now }: Occasion): ReturnType<typeof withCopies> {
  return withCopies(event, planEdit(event, patch, now, 'BY_SERIES'));
}

function movedOn(): Problem<'PRECONDITION_FAILED'> {
  return problem('PRECONDITION_FAILED', 'The series has changed since you read it. Read it again.');
}

/** What is out of a date's stock, and that it is still so. */
interface Look {
  /** Tickets that are held or sold; those kept for the house are neither. */
  readonly out: number;
  /**
   * For the transaction that relies on it, as far as that holds them. A house of more blocks than that is judged by the
   * look alone; the edit then is one that its organizer may make of a sold date as well.
   */
  readonly asRead: readonly Check<Moved>[];
}

async function lookAtStock(table: Table, event: EventRecord): Promise<Look> {
  if (event.status !== 'PUBLISHED') return { out: 0, asRead: [] };
  const { pools } = await findStockOnSale(table, ticketTypesOf(event));
  const looks = await Promise.all(pools.map(async (pool) => ({ pool, contents: await findContents(table, pool) })));
  return {
    out: looks
      .flatMap(({ contents }) => contents)
      .reduce((sum, { size, free, blocked }) => sum + size - free - blocked, 0),
    asRead: looks.flatMap(({ pool, contents }) => requireContents(pool, contents, movedAway)),
  };
}
