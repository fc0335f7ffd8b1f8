import * as z from 'zod/mini';

import { toTimestamp, MINUTE } from '../../shared/kernel/clock.ts';
import { derivedId } from '../../shared/kernel/ids.ts';
import { marked, type Marked } from '../../shared/table/aggregate.ts';
import type { Item } from '../../shared/table/keys.ts';
import type { SeriesDraft, SeriesView } from '../series-routes.ts';
import { describe, planTicketType, type Description } from './draft.ts';
import type { EventDetails, EventRecord } from './event.ts';
import type { SeriesDate } from './recurrence.ts';

const seriesRow = z.object({
  seriesId: z.string(),
  organizationId: z.string(),
  createdBy: z.string(),
  createdAt: z.int(),
  title: z.string(),
  timeZone: z.string(),
  rrule: z.optional(z.string()),
  dates: z.array(z.object({ date: z.string(), startsAt: z.int() })),
  /** Whether an event has been made for each date. */
  complete: z.boolean(),
  requestHash: z.string(),
});
export type SeriesDetails = z.infer<typeof seriesRow>;
export type SeriesRecord = SeriesDetails & Marked & Item;

/** Reads a row as a series. @throws when it is none */
export function parseSeries(item: Item): SeriesRecord {
  return { ...marked(item), ...z.parse(seriesRow, item) };
}

/** The event of a date; always the same, so that a run that died half-way is taken up by the next. */
export function eventIdOf(seriesId: string, date: string): string {
  return derivedId('series-event', seriesId, date);
}

/** The draft event of one date of a series. */
export function planDate(series: SeriesDetails, draft: SeriesDraft, { date, startsAt }: SeriesDate): EventDetails {
  const eventId = eventIdOf(series.seriesId, date);
  return {
    eventId,
    organizationId: series.organizationId,
    createdBy: series.createdBy,
    createdAt: series.createdAt,
    requestHash: series.requestHash,
    ...describe(draft),
    startsAt,
    ...(draft.durationMinutes === undefined ? {} : { endsAt: startsAt + draft.durationMinutes * MINUTE }),
    timeZone: series.timeZone,
    ticketTypes: draft.ticketTypes.map((type, index) =>
      planTicketType(type, derivedId('ticket-type', eventId, String(index))),
    ),
    seriesId: series.seriesId,
    seriesDate: date,
    status: 'DRAFT',
  };
}

/** Why a date of a series is left alone when the series is edited. */
export type Left = 'PAST' | 'SOLD' | 'ITS_OWN_WAY' | 'CLOSED';

/**
 * Whether an edit of the series reaches one of its dates: those still to come, of which nothing was sold and
 * that nobody has changed by themselves.
 *
 * @param out tickets of it that are held or sold
 */
export function whyLeft(event: EventRecord, out: number, now: number): Left | undefined {
  if (event.status !== 'DRAFT' && event.status !== 'PUBLISHED') return 'CLOSED';
  if (event.startsAt <= now) return 'PAST';
  if (event.ownWay === true) return 'ITS_OWN_WAY';
  return out > 0 ? 'SOLD' : undefined;
}

/** A series as its organizers see it. */
export function viewSeries(series: SeriesRecord, events: ReadonlyMap<string, EventRecord>): SeriesView {
  return {
    id: series.seriesId,
    organizationId: series.organizationId,
    title: series.title,
    timeZone: series.timeZone,
    rrule: series.rrule ?? null,
    complete: series.complete,
    dates: series.dates.flatMap(({ date }) => {
      const event = events.get(eventIdOf(series.seriesId, date));
      return event === undefined
        ? []
        : [{ eventId: event.eventId, date, startsAt: toTimestamp(event.startsAt), status: event.status }];
    }),
    version: series.ver,
  };
}

export type { Description };
