import { openSale, type PreparedPool } from '../inventory/sale-writes.ts';
import { advance, begin, type Cause, type Occasion } from '../shared/table/aggregate.ts';
import {
  equals,
  mustHold,
  type Attributes,
  type Check,
  type Otherwise,
  type Put,
  type Update,
  type Write,
} from '../shared/table/writes.ts';
import {
  cancellationProgressed,
  eventCreated,
  eventPublished,
  seriesCompleted,
  seriesCreated,
  seriesEdited,
} from './events.ts';
import { parseProgress, type Progress, type ProgressDetails } from './domain/cancellation.ts';
import { parseEvent, type EventDetails, type EventRecord } from './domain/event.ts';
import { parseSeries, type SeriesDetails, type SeriesRecord } from './domain/series.ts';
import {
  cancellationKey,
  eventKey,
  eventOfTypeKey,
  organizationEventKey,
  PUBLISHED_EVENTS,
  publishedPosition,
  seriesKey,
} from './keys.ts';

export type { Occasion };

/** The row of a new event, a draft. */
export function putEvent<E>(event: EventDetails, occasion: Occasion, otherwise: Otherwise<E>): Put<E> {
  return begin(eventKey(event.eventId), event, { ...occasion, event: eventCreated.name }, otherwise);
}

/**
 * DRAFT → PUBLISHED together with its ticket types: either the event is public and its tickets are on sale, or
 * neither.
 *
 * @param prepared the stock of the event, all of it put
 * @param otherwise what it means that somebody else published it meanwhile
 */
export function publish<E>(
  event: EventRecord,
  {
    prepared,
    planId,
    ticketTypes = event.ticketTypes,
    venue,
  }: {
    readonly prepared: readonly PreparedPool[];
    readonly planId: string | undefined;
    /** Its types, where publishing tells how many tickets they have. */
    readonly ticketTypes?: EventDetails['ticketTypes'];
    /** Where its venue is; without one, the event says itself. */
    readonly venue?: EventDetails['venue'];
  },
  occasion: Occasion,
  otherwise: Otherwise<E>,
): { readonly writes: readonly Write<E>[]; readonly event: EventRecord } {
  const changes = {
    status: 'PUBLISHED',
    publishedAt: occasion.now,
    planId,
    ticketTypes,
    ...(venue === undefined ? {} : { venue }),
    gsi1pk: PUBLISHED_EVENTS,
    gsi1sk: publishedPosition(event.startsAt, event.eventId),
  };
  const { write, row } = advance(
    event,
    changes,
    { ...occasion, event: eventPublished.name },
    otherwise,
    equals('status', 'DRAFT'),
  );
  return { writes: [write, ...openSale(prepared, occasion, otherwise)], event: parseEvent(row) };
}

/**
 * Any other change of an event, on condition that it is still as it was read.
 *
 * @param changes attributes to set, or with undefined to remove
 * @param otherwise what it means that it has moved on meanwhile
 */
export function changeRow<E>(
  event: EventRecord,
  changes: Attributes,
  cause: Cause,
  otherwise: Otherwise<E>,
): { readonly write: Update<E>; readonly event: EventRecord } {
  const { write, row } = advance(event, changes, cause, otherwise);
  return { write, event: parseEvent(row) };
}

/** Insists that an event is as it was read, in the transaction of who decides on it elsewhere. */
export function requireEvent<E>({ eventId, ver }: EventRecord, otherwise: Otherwise<E>): Check<E> {
  return { kind: 'check', key: eventKey(eventId), when: equals('ver', ver), otherwise };
}

/** Lists a new event among those of its organisation; with the event itself, or not at all. */
export function listForOrganization({
  organizationId,
  createdAt,
  eventId,
}: Pick<EventDetails, 'organizationId' | 'createdAt' | 'eventId'>): Put<never> {
  return {
    kind: 'put',
    key: organizationEventKey(organizationId, createdAt, eventId),
    item: { eventId },
    otherwise: mustHold('a put without a condition'),
  };
}

/** Says which event a ticket type is of, so that it is found by its own id before it is on sale. */
export function pointToEvent(ticketTypeId: string, eventId: string): Put<never> {
  return {
    kind: 'put',
    key: eventOfTypeKey(ticketTypeId),
    item: { eventId },
    otherwise: mustHold('a put without a condition'),
  };
}

/** The row of a cancellation's workflow, once there is something to refund. */
export function beginProgress<E>(progress: ProgressDetails, occasion: Occasion, otherwise: Otherwise<E>): Put<E> {
  const cause = { ...occasion, event: cancellationProgressed.name };
  return begin(cancellationKey(progress.cancellationId), progress, cause, otherwise);
}

/** Moves a cancellation on from where it was read to be. */
export function moveProgress<E>(
  progress: Progress,
  changes: Partial<Omit<ProgressDetails, 'cancellationId' | 'eventId' | 'cursor'>> & {
    readonly cursor?: string | undefined;
  },
  occasion: Occasion,
  otherwise: Otherwise<E>,
): { readonly write: Update<E>; readonly progress: Progress } {
  const { write, row } = advance(progress, changes, { ...occasion, event: cancellationProgressed.name }, otherwise);
  return { write, progress: parseProgress(row) };
}

/** The row of a new series; its events follow. */
export function putSeries<E>(series: SeriesDetails, occasion: Occasion, otherwise: Otherwise<E>): Put<E> {
  return begin(seriesKey(series.seriesId), series, { ...occasion, event: seriesCreated.name }, otherwise);
}

/** All events of the series exist. */
export function completeSeries<E>(
  series: SeriesRecord,
  occasion: Occasion,
  otherwise: Otherwise<E>,
): { readonly write: Update<E>; readonly series: SeriesRecord } {
  return moved(series, { complete: true }, { ...occasion, event: seriesCompleted.name }, otherwise);
}

/** The series is edited; its events follow, one by one. */
export function changeSeries<E>(
  series: SeriesRecord,
  title: string,
  occasion: Occasion,
  otherwise: Otherwise<E>,
): { readonly write: Update<E>; readonly series: SeriesRecord } {
  return moved(series, { title }, { ...occasion, event: seriesEdited.name }, otherwise);
}

function moved<E>(
  series: SeriesRecord,
  changes: Attributes,
  cause: Cause,
  otherwise: Otherwise<E>,
): { readonly write: Update<E>; readonly series: SeriesRecord } {
  const { write, row } = advance(series, changes, cause, otherwise);
  return { write, series: parseSeries(row) };
}
