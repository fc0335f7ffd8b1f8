import * as z from 'zod/mini';

import { charge } from '../pricing/views.ts';
import { ULID_PATTERN } from '../shared/kernel/ids.ts';
import { eventStatus } from './domain/event.ts';

const id = z.string().check(z.regex(ULID_PATTERN));
const money = z.object({ amount: z.int(), currency: z.string() });
const instant = z.iso.datetime();

/**
 * A ticket type as anyone sees it. `available` is live but approximate: only a hold is certain. Where it shares a pool,
 * `quantity` is how many of it are offered at a time; what limits the sale is the capacity of the pool.
 */
export const ticketTypeView = z.object({
  id,
  eventId: id,
  name: z.string(),
  description: z.nullable(z.string()),
  price: money,
  /** How the price came about, a sentence for each step. */
  priceExplanation: z.array(z.string()),
  /** The price with all fees and taxes on top of a ticket; those that an order bears once are beside it. */
  allInPrice: money,
  charges: z.array(charge),
  quantity: z.int(),
  available: z.int(),
  saleStartsAt: z.nullable(instant),
  saleEndsAt: instant,
  maxPerPerson: z.nullable(z.int()),
  accessLevel: z.nullable(z.string()),
  /** Parts of the place that its tickets open, beside the access level; neither means all. */
  zones: z.array(z.string()),
  seatCategory: z.nullable(z.string()),
  /** Sold only to who knows an access code. */
  hidden: z.boolean(),
  /** How many codes open it, where it is hidden. */
  accessCodeCount: z.int(),
  pool: z.nullable(z.string()),
  /** 1 at first, one more with each change of the price. */
  priceVersion: z.int(),
  status: z.enum(['DRAFT', 'NOT_YET_ON_SALE', 'ON_SALE', 'SOLD_OUT', 'SALE_ENDED']),
});
export type TicketTypeView = z.infer<typeof ticketTypeView>;

const venueView = z.object({ name: z.string(), city: z.nullable(z.string()) });

/** An event as lists show it. */
export const eventSummary = z.object({
  id,
  title: z.string(),
  startsAt: instant,
  endsAt: z.nullable(instant),
  /** IANA name; the instants above are UTC. */
  timeZone: z.string(),
  venue: z.nullable(venueView),
  category: z.string(),
  tags: z.array(z.string()),
  performers: z.array(z.string()),
  ageLimit: z.nullable(z.int()),
  featured: z.boolean(),
  /** Over the ticket types that the caller sees; null where there are none. */
  priceRange: z.nullable(z.object({ min: money, max: money })),
  availableTickets: z.int(),
  imageUrl: z.nullable(z.string()),
  status: eventStatus,
});
export type EventSummary = z.infer<typeof eventSummary>;

/** Where an event is, in full. */
const placeView = z.extend(venueView, {
  address: z.nullable(z.string()),
  latitude: z.nullable(z.number()),
  longitude: z.nullable(z.number()),
});

export const imageView = z.object({
  width: z.int(),
  height: z.int(),
  /** Smallest first. */
  sizes: z.array(z.object({ width: z.int(), webp: z.string(), jpeg: z.string() })),
});

const cancellationPolicyView = z.object({
  windowHours: z.int(),
  feeAmount: z.nullable(z.int()),
  feePercent: z.nullable(z.number()),
});

export const eventView = z.extend(eventSummary, {
  description: z.string(),
  organizationId: id,
  venueId: z.nullable(id),
  venue: z.nullable(placeView),
  pools: z.array(z.object({ name: z.string(), quantity: z.int() })),
  /** No sale of its seats may leave a single empty one. */
  noSingleSeats: z.boolean(),
  cancellationPolicy: z.nullable(cancellationPolicyView),
  /** Gates that admit tickets of their zones alone; any other admits all. */
  gates: z.array(z.object({ name: z.string(), zones: z.array(z.string()) })),
  imageKey: z.nullable(z.string()),
  image: z.nullable(imageView),
  /**
   * The upload that was asked for last, and why it was refused, if it was; for the event's organizers alone. LOST is one
   * that has become nothing in half an hour.
   */
  imageUpload: z.nullable(
    z.object({ imageId: id, state: z.enum(['WAITING', 'READY', 'REFUSED', 'LOST']), reason: z.nullable(z.string()) }),
  ),
  /** When it was first to start, once it has been moved. */
  rescheduledFrom: z.nullable(instant),
  /** Until when who had tickets before it was moved may give them back in full. */
  optOutUntil: z.nullable(instant),
  seriesId: z.nullable(id),
  createdAt: instant,
  publishedAt: z.nullable(instant),
  ticketTypes: z.array(ticketTypeView),
  /** What the event's ETag begins with, for If-Match. */
  version: z.int(),
});
export type EventView = z.infer<typeof eventView>;

/** What a ticket type cost from one moment to another; null where it always did, or still does. */
export const pricePoint = z.object({
  priceVersion: z.int(),
  price: money,
  from: z.nullable(instant),
  until: z.nullable(instant),
});
export type PricePoint = z.infer<typeof pricePoint>;

/** How far the refunds of a cancelled event are. */
const cancellationProgress = z.object({
  /** PAUSED: the payment provider has too little balance; it goes on by itself. */
  phase: z.enum(['REFUNDING', 'PAUSED', 'VERIFYING', 'DONE']),
  ordersLookedAt: z.int(),
  pass: z.int(),
  changedAt: instant,
});
export type CancellationProgress = z.infer<typeof cancellationProgress>;

/** What a cancellation came to: counts, sums, and what failed with its cases. */
const cancellationReceipt = z.object({
  orders: z.int(),
  tickets: z.int(),
  refunds: z.object({ succeeded: z.int(), pending: z.int(), failed: z.int() }),
  amounts: z.array(z.object({ succeeded: money, pending: money, failed: money })),
  exceptions: z.array(z.object({ orderId: id, orderNumber: z.string(), refundId: id, caseId: id, amount: money })),
});
export type CancellationReceipt = z.infer<typeof cancellationReceipt>;

/** How far the cancellation of an event is. */
export const cancellationView = z.object({
  cancellationId: id,
  status: z.enum(['CANCELLING', 'CANCELLED']),
  reason: z.string(),
  startedAt: instant,
  completedAt: z.nullable(instant),
  /** Tickets that are still held or sold; the event is CANCELLED once there is none. */
  ticketsOut: z.int(),
  ticketsArchivedAt: z.nullable(instant),
  paymentsRefundedAt: z.nullable(instant),
  /** How far the refunds are; null where nobody had paid, or they have not begun. */
  progress: z.nullable(cancellationProgress),
  /** What it came to, as it was counted last; final once it is completed. */
  receipt: z.nullable(cancellationReceipt),
});
export type CancellationView = z.infer<typeof cancellationView>;
