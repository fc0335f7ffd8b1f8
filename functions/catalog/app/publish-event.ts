import { prepareStock } from '../../inventory/operations.ts';
import type { PreparedPool } from '../../inventory/sale-writes.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit, StoreBusyError } from '../../shared/table/commit.ts';
import { priceSale } from '../../pricing/operations.ts';
import { findSupply, findVenue } from '../../venues/reads.ts';
import { requireVenue } from '../../venues/writes.ts';
import type { PlanSupply } from '../../venues/contract.ts';
import { invalid } from '../domain/draft-of.ts';
import type { EventDetails, EventRecord } from '../domain/event.ts';
import { addressed, countedTypes, notDraft, planPublication } from '../domain/publication.ts';
import { ALL, type Offers } from '../domain/view.ts';
import { publish, type Occasion } from '../writes.ts';
import type { ShownEvent } from './show-events.ts';

/**
 * Publishes a draft and puts its tickets on sale, at once or not at all; of two tries at once one wins. The stock
 * is put before, in as many steps as it takes: a try that died on the way is finished by the next. At a venue
 * with a seating plan the event keeps the version that the plan has now, and where the venue is.
 *
 * @returns what {@link planPublication} refuses with, and VENUE_ARCHIVED
 */
export async function publishEvent(
  table: Table,
  event: EventRecord,
  occasion: Occasion,
): Promise<Result<ShownEvent, Problem>> {
  const place = await placeOf(table, event);
  if (!place.ok) return place;
  const { supply, venue } = place.value;
  const pools = planPublication({ ...event, ...venue }, occasion.now, supply);
  if (!pools.ok) return pools;
  const stock = await prepareStock(table, pools.value, occasion);
  const priced = await priceSale<Problem>(table, event, stock, occasion, pricingMoved);
  if (!priced.ok) return priced;
  const { prepared } = priced.value;
  const published = publish<Problem>(
    event,
    { prepared, planId: supply?.planId, ticketTypes: countedTypes(event, supply), ...venue },
    occasion,
    notDraft,
  );
  const { venueId } = event;
  const open = venueId === undefined ? [] : [requireVenue<Problem>(venueId, venueArchived)];
  const done = await commit(table, [...published.writes, ...open, ...priced.value.writes]);
  // All of its tickets are free at that moment.
  return done.ok ? ok({ event: published.event, availability: offersOf(prepared), sees: ALL }) : done;
}

/** What an event takes over from its venue: the places of its plan, if it has one, and where it is. */
interface Place {
  readonly supply: PlanSupply | undefined;
  readonly venue: Pick<EventDetails, 'venue'>;
}

async function placeOf(table: Table, event: EventRecord): Promise<Result<Place, Problem>> {
  if (event.venueId === undefined) return ok({ supply: undefined, venue: {} });
  const venue = await findVenue(table, event.venueId);
  if (venue === undefined || venue.organizationId !== event.organizationId)
    return err(invalid([{ path: 'venueId', message: 'Your organisation has no such venue' }]));
  const supply = venue.planId === undefined ? undefined : await findSupply(table, venue.planId);
  return ok({ supply, venue: { venue: addressed(venue) } });
}

/** What anybody who asks at the moment of publishing is offered. */
function offersOf(prepared: readonly PreparedPool[]): Offers {
  const copies = prepared.flatMap((pool) => pool.copies);
  return new Map(copies.map((copy) => [copy.ticketTypeId, { tag: copy }]));
}

function pricingMoved(): never {
  throw new StoreBusyError('Price rules or fees were changed while the event was published');
}

function venueArchived(): Problem<'VENUE_ARCHIVED'> {
  return problem('VENUE_ARCHIVED', 'Restore the venue first, or move the event to another one.');
}
