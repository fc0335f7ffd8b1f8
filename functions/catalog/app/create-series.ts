import { ulid } from 'ulid';

import { canonicalJson, shortHash } from '../../shared/kernel/hash.ts';
import { derivedId } from '../../shared/kernel/ids.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { Session } from '../../shared/runtime/session.ts';
import type { Occasion } from '../../shared/table/aggregate.ts';
import { putItems } from '../../shared/table/batch.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit, StoreBusyError } from '../../shared/table/commit.ts';
import { chooseOrganization, eventInPast } from '../domain/draft.ts';
import type { EventDetails } from '../domain/event.ts';
import { datesOf } from '../domain/recurrence.ts';
import { eventIdOf, planDate, viewSeries, type SeriesRecord } from '../domain/series.ts';
import { findEvents, findSeries } from '../reads.ts';
import { organizationsOf } from '../scope.ts';
import type { SeriesDraft, SeriesView } from '../series-routes.ts';
import { completeSeries, listForOrganization, pointToEvent, putEvent, putSeries } from '../writes.ts';

/** The request to create a series. */
export interface CreateSeries {
  readonly draft: SeriesDraft;
  readonly session: Session;
  readonly idempotencyKey: string | undefined;
}

/** Events made in one transaction, each with its entry in the organisation's list. */
const BATCH = 40;
/** Times that the missing dates are looked for and made, each of which another run may be faster at. */
const ROUNDS = 5;

/**
 * Creates a series and an event for each of its dates. The ids of the events follow from the series and the
 * date, so a run that died half-way is taken up by the next request under the same key, and two at once make
 * each date once.
 *
 * @returns INVALID_INPUT, EVENT_IN_PAST, ORGANIZATION_NOT_FOUND, IDEMPOTENCY_KEY_REUSED
 */
export async function createSeries(
  table: Table,
  { draft, session, idempotencyKey }: CreateSeries,
  occasion: Occasion,
): Promise<Result<SeriesView, Problem>> {
  const requestHash = shortHash(canonicalJson(draft));
  const seriesId =
    idempotencyKey === undefined ? ulid(occasion.now) : derivedId('series', session.userId, idempotencyKey);
  const earlier = idempotencyKey === undefined ? undefined : await findSeries(table, seriesId);
  const begun =
    earlier === undefined ? await begin(table, seriesId, draft, session, requestHash, occasion) : ok(earlier);
  if (!begun.ok) return begun;
  const series = begun.value;
  if (series.requestHash !== requestHash)
    return err(problem('IDEMPOTENCY_KEY_REUSED', 'Send another Idempotency-Key with another request.'));
  if (!series.complete) await makeDates(table, series, draft, occasion);
  const complete = series.complete ? series : await finish(table, series, occasion);
  return ok(viewSeries(complete, await findEvents(table, idsOf(complete))));
}

/** Ids of the events of a series, date by date. */
export function idsOf({ seriesId, dates }: SeriesRecord): readonly string[] {
  return dates.map(({ date }) => eventIdOf(seriesId, date));
}

async function begin(
  table: Table,
  seriesId: string,
  draft: SeriesDraft,
  session: Session,
  requestHash: string,
  occasion: Occasion,
): Promise<Result<SeriesRecord, Problem>> {
  const chosen = chooseOrganization(organizationsOf(session), draft.organizationId);
  if (!chosen.ok) return chosen;
  const dates = datesOf(draft);
  if (!dates.ok) return dates;
  if (dates.value.some(({ startsAt }) => startsAt <= occasion.now)) return err(eventInPast());
  const { title, timeZone, rrule } = draft;
  const details = {
    seriesId,
    organizationId: chosen.value,
    createdBy: session.userId,
    createdAt: occasion.now,
    title,
    timeZone,
    ...(rrule === undefined ? {} : { rrule }),
    dates: [...dates.value],
    complete: false,
    requestHash,
  };
  // Whoever was faster under the same key has put the same, or is told from us by its hash.
  await commit(table, [putSeries(details, occasion, () => 'TAKEN')]);
  const found = await findSeries(table, seriesId);
  if (found === undefined) throw new StoreBusyError('A series that was begun is not there yet');
  return ok(found);
}

async function makeDates(table: Table, series: SeriesRecord, draft: SeriesDraft, occasion: Occasion): Promise<void> {
  for (let round = 1; round <= ROUNDS; round += 1) {
    const there = await findEvents(table, idsOf(series));
    const missing = series.dates
      .filter(({ date }) => !there.has(eventIdOf(series.seriesId, date)))
      .map((date) => planDate(series, draft, date));
    if (missing.length === 0) return;
    // Pointers are a function of what they point to; without their event they lead nowhere.
    await putItems(table, missing.flatMap(pointers));
    for (let start = 0; start < missing.length; start += BATCH)
      await commit(
        table,
        missing.slice(start, start + BATCH).flatMap((event) => dateWrites(event, occasion)),
      );
  }
  throw new StoreBusyError('Another run kept getting in between');
}

function pointers({ eventId, ticketTypes }: EventDetails): ReturnType<typeof pointToEvent>[] {
  return ticketTypes.map(({ ticketTypeId }) => pointToEvent(ticketTypeId, eventId));
}

function dateWrites(event: EventDetails, occasion: Occasion) {
  return [putEvent(event, occasion, () => 'THERE' as const), listForOrganization(event)];
}

async function finish(table: Table, series: SeriesRecord, occasion: Occasion): Promise<SeriesRecord> {
  const { write, series: complete } = completeSeries(series, occasion, () => 'MOVED_ON');
  const done = await commit(table, [write]);
  return done.ok ? complete : ((await findSeries(table, series.seriesId)) ?? complete);
}
