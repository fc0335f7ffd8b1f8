import { opensTo } from '../../shared/kernel/access-code.ts';
import { toTimestamp, type Instant } from '../../shared/kernel/clock.ts';
import type { CancellationView, EventSummary, EventView, PricePoint, TicketTypeView } from '../views.ts';
import { explain, priceAt, ticketPrice, type Charge, type PriceNow, type PriceTag } from '../../pricing/views.ts';
import { viewProgress, viewReceipt, type Progress } from './cancellation.ts';
import type { EventDetails, TicketType } from './event.ts';
import { isLost } from './images.ts';
import { saleWindow } from './sale.ts';

/** What is offered of a ticket type: how many are free, all where that is not said, and at which price. */
export interface Offer {
  readonly free?: number;
  readonly tag?: PriceTag & { readonly charges?: readonly Charge[] | undefined };
}

/** Offers by ticket type; a type that is missing is not on sale yet. */
export type Offers = ReadonlyMap<string, Offer>;

/** Which ticket types somebody sees: hidden ones only who runs the event, or knows a code for them. */
export type Sees = (type: TicketType) => boolean;

/** What anybody sees. */
export const SHOWN: Sees = (type) => opensTo(type, undefined);
/** What who sent an access code sees, right or wrong. */
export const seesWith =
  (code: string): Sees =>
  (type) =>
    opensTo(type, code);
/** What organizers of the event see. */
export const ALL: Sees = () => true;

/** An event with the version of its row. */
export type Versioned = EventDetails & { readonly ver: number };

/** An event as somebody who may see it sees it. */
export function viewEvent(event: Versioned, availability: Offers, now: Instant, sees: Sees): EventView {
  const { venue, image, imageUpload, cancellationPolicy } = event;
  return {
    ...viewSummary(event, availability, now, sees),
    venue: venue === undefined ? null : viewPlace(venue),
    venueId: event.venueId ?? null,
    description: event.description,
    organizationId: event.organizationId,
    pools: event.pools ?? [],
    noSingleSeats: event.noSingleSeats ?? false,
    cancellationPolicy:
      cancellationPolicy === undefined
        ? null
        : {
            windowHours: cancellationPolicy.windowHours,
            feeAmount: cancellationPolicy.feeAmount ?? null,
            feePercent: cancellationPolicy.feePercent ?? null,
          },
    gates: event.gates ?? [],
    imageKey: event.imageKey ?? null,
    image: image === undefined ? null : viewImage(image),
    imageUpload: imageUpload === undefined || sees !== ALL ? null : viewUpload(imageUpload, now),
    rescheduledFrom: timestampOrNull(event.rescheduledFrom),
    optOutUntil: timestampOrNull(event.optOutUntil),
    seriesId: event.seriesId ?? null,
    createdAt: toTimestamp(event.createdAt),
    publishedAt: timestampOrNull(event.publishedAt),
    ticketTypes: viewTicketTypes(event, availability, now, sees),
    version: event.ver,
  };
}

/** An event as lists show it; without `sees`, to anybody. */
export function viewSummary(event: EventDetails, availability: Offers, now: Instant, sees: Sees = SHOWN): EventSummary {
  const types = event.ticketTypes.filter(sees);
  const prices = types.map((type) => priceOf(type, availability, now).unitPrice);
  const currency = types[0]?.currency ?? '';
  return {
    id: event.eventId,
    title: event.title,
    startsAt: toTimestamp(event.startsAt),
    endsAt: timestampOrNull(event.endsAt),
    timeZone: event.timeZone,
    venue: event.venue === undefined ? null : { name: event.venue.name, city: event.venue.city ?? null },
    category: event.category,
    tags: event.tags ?? [],
    performers: event.performers ?? [],
    ageLimit: event.ageLimit ?? null,
    featured: event.featured ?? false,
    priceRange:
      types.length === 0
        ? null
        : { min: { amount: Math.min(...prices), currency }, max: { amount: Math.max(...prices), currency } },
    availableTickets: availableTickets(event, types, availability),
    imageUrl: event.image === undefined ? null : (sizesOf(event.image).at(-1)?.jpeg ?? null),
    status: event.status,
  };
}

/** Whether anybody can buy a ticket at `now`: of some type that all see, the sale is open and some are left. */
export function isOnSale(event: EventDetails, availability: Offers, now: Instant): boolean {
  return event.ticketTypes.some((type) => SHOWN(type) && statusOf(type, event, availability, now) === 'ON_SALE');
}

function viewPlace(venue: NonNullable<EventDetails['venue']>): NonNullable<EventView['venue']> {
  return {
    name: venue.name,
    city: venue.city ?? null,
    address: venue.address ?? null,
    latitude: venue.latitude ?? null,
    longitude: venue.longitude ?? null,
  };
}

function viewUpload(
  upload: NonNullable<EventDetails['imageUpload']>,
  now: Instant,
): NonNullable<EventView['imageUpload']> {
  const { imageId, state, reason } = upload;
  if (isLost(upload, now))
    return { imageId, state: 'LOST', reason: 'No picture came of it. Ask again and send it anew.' };
  return { imageId, state, reason: reason ?? null };
}

/** The picture of an event in its sizes. */
export function viewImage(image: NonNullable<EventDetails['image']>): NonNullable<EventView['image']> {
  return { width: image.width, height: image.height, sizes: sizesOf(image) };
}

/** Where the pictures of an event are; their names never change, so they may be kept for ever. */
function sizesOf({ imageId, widths }: NonNullable<EventDetails['image']>): NonNullable<EventView['image']>['sizes'] {
  const at = (width: number, type: string): string => `/api/images/${imageId}/${width}.${type}`;
  return widths.map((width) => ({ width, webp: at(width, 'webp'), jpeg: at(width, 'jpg') }));
}

/** The ticket types of an event that somebody sees, in the organizer's order. */
export function viewTicketTypes(event: EventDetails, availability: Offers, now: Instant, sees: Sees): TicketTypeView[] {
  const seen = event.ticketTypes.filter(sees).map((type) => ({ type, price: priceOf(type, availability, now) }));
  return seen.map(({ type, price }) => ({
    id: type.ticketTypeId,
    eventId: event.eventId,
    name: type.name,
    description: type.description ?? null,
    price: { amount: price.unitPrice, currency: type.currency },
    priceExplanation: [...explain(price.reasons, type.currency)],
    ...chargedView(type, price, availability),
    quantity: type.quantity,
    available: availableOf(type, availability),
    saleStartsAt: timestampOrNull(type.saleStartsAt),
    saleEndsAt: toTimestamp(type.saleEndsAt ?? event.startsAt),
    maxPerPerson: type.maxPerPerson ?? null,
    accessLevel: type.accessLevel ?? null,
    zones: type.zones ?? [],
    seatCategory: type.seatCategory ?? null,
    hidden: type.hidden ?? false,
    accessCodeCount: type.accessHashes?.length ?? 0,
    pool: type.pool ?? null,
    priceVersion: price.priceVersion,
    status: statusOf(type, event, availability, now),
  }));
}

/** What a type has cost, newest first. */
export function viewPrices({ unitPrice, currency, priceVersion = 1, formerPrices = [] }: TicketType): PricePoint[] {
  return [{ unitPrice, until: undefined }, ...formerPrices].map((point, index) => ({
    priceVersion: priceVersion - index,
    price: { amount: point.unitPrice, currency },
    from: timestampOrNull(formerPrices[index]?.until),
    until: timestampOrNull(point.until),
  }));
}

/** How far a cancellation is. @param out tickets that are still held or sold */
export function viewCancellation(
  cancellation: NonNullable<EventDetails['cancellation']>,
  { out }: { readonly out: number },
  progress: Progress | undefined,
): CancellationView {
  const { cancellationId, reason, startedAt, completedAt, ticketsArchivedAt, paymentsRefundedAt } = cancellation;
  const receipt = progress?.receipt;
  return {
    cancellationId,
    status: completedAt === undefined ? 'CANCELLING' : 'CANCELLED',
    reason,
    startedAt: toTimestamp(startedAt),
    completedAt: timestampOrNull(completedAt),
    ticketsOut: out,
    ticketsArchivedAt: timestampOrNull(ticketsArchivedAt),
    paymentsRefundedAt: timestampOrNull(paymentsRefundedAt),
    progress: progress === undefined ? null : viewProgress(progress),
    receipt: receipt === undefined ? null : viewReceipt(receipt),
  };
}

function statusOf(type: TicketType, event: EventDetails, availability: Offers, now: Instant): TicketTypeView['status'] {
  if (event.status === 'DRAFT' || event.publishedAt === undefined) return 'DRAFT';
  if (event.status !== 'PUBLISHED') return 'SALE_ENDED';
  const { opensAt, closesAt } = saleWindow(type, event, event.publishedAt);
  if (now >= closesAt) return 'SALE_ENDED';
  if (now < opensAt) return 'NOT_YET_ON_SALE';
  return availableOf(type, availability) === 0 ? 'SOLD_OUT' : 'ON_SALE';
}

/** What is free of a type: of a shared capacity at most as many as the type offers. */
function availableOf(type: TicketType, availability: Offers): number {
  return Math.min(availability.get(type.ticketTypeId)?.free ?? type.quantity, type.quantity);
}

/** What is free of all `types` of an event; what several of them sell from one pool is there once. */
function availableTickets({ pools = [] }: EventDetails, types: readonly TicketType[], availability: Offers): number {
  const stocks = new Map<string, { offered: number; free: number }>();
  for (const type of types) {
    const { ticketTypeId, seatCategory, pool, quantity } = type;
    const shared = pools.find(({ name }) => name === pool);
    const own = seatCategory === undefined ? ticketTypeId : `seats:${seatCategory}`;
    const name = seatCategory === undefined && shared !== undefined ? `pool:${shared.name}` : own;
    const free = availability.get(ticketTypeId)?.free ?? (seatCategory === undefined ? shared?.quantity : undefined);
    const former = stocks.get(name) ?? { offered: 0, free: 0 };
    const offered = former.offered + availableOf(type, availability);
    stocks.set(name, { offered, free: Math.max(former.free, free ?? quantity) });
  }
  return [...stocks.values()].reduce((total, { offered, free }) => total + Math.min(offered, free), 0);
}

/** What a ticket costs with its fees and taxes. Those of a draft are known once it is published. */
function chargedView(
  { ticketTypeId, currency }: TicketType,
  { unitPrice }: PriceNow,
  availability: Offers,
): Pick<TicketTypeView, 'allInPrice' | 'charges'> {
  const charges = availability.get(ticketTypeId)?.tag?.charges ?? [];
  const { extra } = ticketPrice(unitPrice, currency, charges);
  return { allInPrice: { amount: unitPrice + extra, currency }, charges: [...charges] };
}

/** The price of a type as it is in force; that of a draft is its organizer's. */
function priceOf(type: TicketType, availability: Offers, now: Instant): PriceNow {
  const { unitPrice, priceVersion } = type;
  return priceAt({ unitPrice, priceVersion, ...availability.get(type.ticketTypeId)?.tag }, now);
}

function timestampOrNull(instant: Instant | undefined): string | null {
  return instant === undefined ? null : toTimestamp(instant);
}
