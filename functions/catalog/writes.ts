import { openSale, type PreparedPool } from '../inventory/writes.ts';
import { advance, begin, type Occasion } from '../shared/table/aggregate.ts';
import { equals, type Otherwise, type Put, type Write } from '../shared/table/writes.ts';
import { eventCreated, eventPublished } from './contract.ts';
import { parseEvent, type EventDetails, type EventRecord } from './domain/event.ts';
import { eventKey, PUBLISHED_EVENTS, publishedPosition } from './keys.ts';

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
  prepared: readonly PreparedPool[],
  occasion: Occasion,
  otherwise: Otherwise<E>,
): { readonly writes: readonly Write<E>[]; readonly event: EventRecord } {
  const changes = {
    status: 'PUBLISHED',
    publishedAt: occasion.now,
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
