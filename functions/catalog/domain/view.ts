import { toTimestamp, type Instant } from '../../shared/kernel/clock.ts';
import type { EventSummary, EventView, TicketTypeView } from '../contract.ts';
import type { EventDetails, TicketType } from './event.ts';
import { saleWindow } from './sale.ts';

/** Free tickets by ticket type; a type that is missing is not on sale yet and has all of its tickets. */
export type Availability = ReadonlyMap<string, number>;

/** An event as anyone who may see it sees it. */
export function viewEvent(event: EventDetails, availability: Availability, now: Instant): EventView {
  return {
    ...viewSummary(event, availability),
    description: event.description,
    organizationId: event.organizationId,
    createdAt: toTimestamp(event.createdAt),
    publishedAt: timestampOrNull(event.publishedAt),
    ticketTypes: viewTicketTypes(event, availability, now),
  };
}

/** An event as lists show it. */
export function viewSummary(event: EventDetails, availability: Availability): EventSummary {
  const prices = event.ticketTypes.map(({ unitPrice }) => unitPrice);
  const currency = event.ticketTypes[0]?.currency ?? '';
  return {
    id: event.eventId,
    title: event.title,
    startsAt: toTimestamp(event.startsAt),
    endsAt: timestampOrNull(event.endsAt),
    timeZone: event.timeZone,
    venue: event.venue === undefined ? null : { name: event.venue.name, city: event.venue.city ?? null },
    category: event.category,
    priceRange: { min: { amount: Math.min(...prices), currency }, max: { amount: Math.max(...prices), currency } },
    availableTickets: event.ticketTypes.reduce((total, type) => total + availableOf(type, availability), 0),
    imageUrl: null,
    status: event.status,
  };
}

/** The ticket types of an event, in the organizer's order. */
export function viewTicketTypes(event: EventDetails, availability: Availability, now: Instant): TicketTypeView[] {
  return event.ticketTypes.map((type) => ({
    id: type.ticketTypeId,
    eventId: event.eventId,
    name: type.name,
    price: { amount: type.unitPrice, currency: type.currency },
    quantity: type.quantity,
    available: availableOf(type, availability),
    saleStartsAt: timestampOrNull(type.saleStartsAt),
    saleEndsAt: toTimestamp(type.saleEndsAt ?? event.startsAt),
    maxPerPerson: type.maxPerPerson ?? null,
    accessLevel: type.accessLevel ?? null,
    status: statusOf(type, event, availability, now),
  }));
}

function statusOf(
  type: TicketType,
  event: EventDetails,
  availability: Availability,
  now: Instant,
): TicketTypeView['status'] {
  if (event.publishedAt === undefined) return 'DRAFT';
  const { opensAt, closesAt } = saleWindow(type, event, event.publishedAt);
  if (now >= closesAt) return 'SALE_ENDED';
  if (now < opensAt) return 'NOT_YET_ON_SALE';
  return availableOf(type, availability) === 0 ? 'SOLD_OUT' : 'ON_SALE';
}

function availableOf(type: TicketType, availability: Availability): number {
  return availability.get(type.ticketTypeId) ?? type.quantity;
}

function timestampOrNull(instant: Instant | undefined): string | null {
  return instant === undefined ? null : toTimestamp(instant);
}
