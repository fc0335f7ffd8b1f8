import type { PoolDraft, Sale, SaleTerms } from '../../inventory/contract.ts';
import type { Instant } from '../../shared/kernel/clock.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { CategorySupply, PlanSupply } from '../../venues/contract.ts';
import { eventInPast, present } from './draft.ts';
import { invalid } from './draft-of.ts';
import type { EventDetails, TicketType } from './event.ts';
import { gatesClosedTo } from './gates.ts';
import { saleWindow } from './sale.ts';

/**
 * Puts a draft on sale at `now`.
 *
 * @param supply the places of its venue's plan, where it has one
 * @returns NOT_DRAFT, EVENT_IN_PAST when the draft has outlived its event, or INVALID_INPUT for seat categories
 *   that the plan lacks, that have no places in it, or whose places are seats and standing at once
 */
export function planPublication(
  event: EventDetails,
  now: Instant,
  supply?: PlanSupply,
): Result<readonly PoolDraft[], Problem> {
  if (event.status !== 'DRAFT') return err(notDraft());
  if (event.startsAt <= now) return err(eventInPast());
  const faults = event.ticketTypes.flatMap((type, index) => categoryFaults(type, supply, `ticketTypes.${index}.`));
  return faults.length > 0 ? err(invalid(faults)) : ok(poolsOf(event, now, supply));
}

/**
 * The stock of a type that is added to a published event: a pool of its own, or the draft of one that others sell
 * from already.
 *
 * @param supply the places of the plan that the event was published with, where it has one
 * @returns INVALID_INPUT for a seat category that the plan lacks, that has no places in it, or whose places are seats
 *   and standing at once
 */
export function planOpening(event: EventDetails, type: TicketType, supply?: PlanSupply): Result<PoolDraft, Problem> {
  const faults = categoryFaults(type, supply, '');
  if (faults.length > 0) return err(invalid(faults));
  const [pool] = poolsOf({ ...event, ticketTypes: [type] }, event.publishedAt ?? event.createdAt, supply);
  if (pool === undefined) throw new Error('A ticket type without stock');
  return ok(pool);
}

/**
 * What is wrong with the category whose places a type sells. Who buys a ticket for a category with seats names or is
 * given a seat, so standing places in it could not be sold: they belong in a category of their own.
 */
function categoryFaults({ seatCategory }: TicketType, supply: PlanSupply | undefined, path: string): readonly Fault[] {
  if (seatCategory === undefined) return [];
  const category = supply?.categories.find(({ name }) => name === seatCategory);
  const fault = (message: string): readonly Fault[] => [{ path: `${path}seatCategory`, message }];
  if (category === undefined) return fault('The seating plan of the venue has no such category');
  // A type of no tickets could not be edited again, and would be sold out from its first moment.
  if (category.seats === 0 && category.standing === 0) return fault('This category has no places in the seating plan');
  if (category.seats > 0 && category.standing > 0)
    return fault('This category has seats and standing places; give the standing area a category of its own');
  return [];
}

type Fault = NonNullable<Problem['errors']>[number];

/** Where a venue is, as its events tell it; what the venue changes later, published events do not follow. */
export function addressed({
  name,
  address: { street, postalCode, city } = {},
  coordinates,
}: VenueAddress): NonNullable<EventDetails['venue']> {
  const place = [postalCode, city].filter((part) => part !== undefined).join(' ');
  const address = [street, ...(street === undefined || postalCode === undefined ? [] : [place])];
  const line = address.filter((part) => part !== undefined).join(', ');
  return present({ name, city, address: line === '' ? undefined : line, ...coordinates });
}

interface VenueAddress {
  readonly name: string;
  readonly address?:
    | {
        readonly street?: string | undefined;
        readonly postalCode?: string | undefined;
        readonly city?: string | undefined;
      }
    | undefined;
  /** Degrees, WGS 84. */
  readonly coordinates?: { readonly latitude: number; readonly longitude: number } | undefined;
}

/** Why an event cannot be published again. */
export function notDraft(): Problem<'NOT_DRAFT'> {
  return problem('NOT_DRAFT', 'The event is published already.');
}

/**
 * The stock of an event published at `now`: one pool for each shared capacity and each seat category, with all
 * types that sell it; any other type has a pool of its own.
 */
export function poolsOf(event: EventDetails, now: Instant, supply?: PlanSupply): readonly PoolDraft[] {
  const pools = new Map<string, { stock: PoolDraft['stock']; types: Sale[] }>();
  for (const type of event.ticketTypes) {
    const [name, stock] = stockOf(type, event, supply);
    const pool = pools.get(name) ?? { stock, types: [] };
    pool.types.push(saleOf(event, type, now));
    pools.set(name, pool);
  }
  return [...pools].map(([name, pool]) => ({ name, ...pool }));
}

/** The types of an event, those that sell places of a plan with as many tickets as there are places. */
export function countedTypes({ ticketTypes }: EventDetails, supply: PlanSupply | undefined): TicketType[] {
  return ticketTypes.map((type) => {
    const category = supply?.categories.find(({ name }) => name === type.seatCategory);
    if (category === undefined) return type;
    return { ...type, quantity: category.seats > 0 ? category.seats : category.standing };
  });
}

/** What a type sells, and the name of the pool that it lies in, unique within the event. */
function stockOf(
  { ticketTypeId, quantity, pool, seatCategory }: TicketType,
  { pools = [], noSingleSeats = false }: EventDetails,
  supply: PlanSupply | undefined,
): readonly [string, PoolDraft['stock']] {
  const category = supply?.categories.find(({ name }) => name === seatCategory);
  if (category !== undefined) return [`seats:${category.name}`, placesOf(category, noSingleSeats)];
  const shared = pools.find(({ name }) => name === pool);
  if (shared !== undefined) return [`pool:${shared.name}`, { kind: 'COUNT', capacity: shared.quantity }];
  return [ticketTypeId, { kind: 'COUNT', capacity: quantity }];
}

/** Seats where the category has any, else the room of its standing areas. */
function placesOf({ rows, standing }: CategorySupply, noSingles: boolean): PoolDraft['stock'] {
  return rows.length > 0
    ? { kind: 'SEATS', noSingles, rows: rows.map(({ seats, ...row }) => ({ ...row, seats: [...seats] })) }
    : { kind: 'COUNT', capacity: standing };
}

/** What goes to the ticketing side for a type of an event. @param publishedAt when it is or was published */
export function saleOf(
  event: EventDetails,
  type: TicketType,
  publishedAt: Instant = event.publishedAt ?? event.createdAt,
): Sale {
  return {
    ticketTypeId: type.ticketTypeId,
    eventId: event.eventId,
    organizationId: event.organizationId,
    name: type.name,
    unitPrice: type.unitPrice,
    priceVersion: type.priceVersion,
    currency: type.currency,
    ...saleWindow(type, event, publishedAt),
    maxPerPerson: type.maxPerPerson,
    accessLevel: type.accessLevel,
    closedGates: gatesClosedTo(event, type),
    hidden: type.hidden,
    accessHashes: type.accessHashes,
    codesOf: type.codesOf,
    eventTitle: event.title,
    eventStartsAt: event.startsAt,
    eventEndsAt: event.endsAt,
    timeZone: event.timeZone,
    venueName: event.venue?.name,
    city: event.venue?.city,
    cancellationPolicy: event.cancellationPolicy,
    optOutHeldBefore: event.optOutHeldBefore,
    optOutUntil: event.optOutUntil,
  };
}

/** What the ticketing side is told of a type on sale: all but its price, which rules may make. */
export function termsOf(event: EventDetails, type: TicketType): SaleTerms {
  const { unitPrice: _price, priceVersion: _version, ...terms } = saleOf(event, type);
  return terms;
}
