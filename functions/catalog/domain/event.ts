import * as z from 'zod/mini';

import { marked, type Marked } from '../../shared/table/aggregate.ts';
import type { Item } from '../../shared/table/keys.ts';

/** A price that is no longer asked, in minor units. */
const formerPrice = z.object({ unitPrice: z.int(), until: z.int() });

const ticketTypeRow = z.object({
  ticketTypeId: z.string(),
  name: z.string(),
  description: z.optional(z.string()),
  /** Minor units per ticket. */
  unitPrice: z.int(),
  currency: z.string(),
  quantity: z.int(),
  /** Sale window, milliseconds since the epoch, where the organizer gave one. */
  saleStartsAt: z.optional(z.int()),
  saleEndsAt: z.optional(z.int()),
  maxPerPerson: z.optional(z.int()),
  accessLevel: z.optional(z.string()),
  /** Parts of the place that its tickets open, beside its access level; neither means all. */
  zones: z.optional(z.array(z.string())),
  /** Category of a seat map whose seats it sells. */
  seatCategory: z.optional(z.string()),
  /** Shown and sold only to who knows an access code. */
  hidden: z.optional(z.boolean()),
  /** Of the codes that open it, see `shared/kernel/access-code.ts`. */
  accessHashes: z.optional(z.array(z.string())),
  /** The ticket type whose id is in those hashes, where this one has taken its codes over. */
  codesOf: z.optional(z.string()),
  /** Name of the shared capacity that its tickets come out of, see `pools` of the event. */
  pool: z.optional(z.string()),
  /** How often the price has been changed, and what it was before, newest first. */
  priceVersion: z.optional(z.int()),
  formerPrices: z.optional(z.array(formerPrice)),
});

/** A ticket type as its event's row keeps it. */
export type TicketType = z.infer<typeof ticketTypeRow>;

const venueRow = z.object({
  name: z.string(),
  city: z.optional(z.string()),
  address: z.optional(z.string()),
  /** WGS 84, degrees. */
  latitude: z.optional(z.number()),
  longitude: z.optional(z.number()),
});

/** When a buyer may cancel, and what it costs: a fixed fee for each ticket, or a share of its price. */
const cancellationPolicyRow = z.object({
  /** Hours before the start until which a buyer may cancel. */
  windowHours: z.int(),
  /** Minor units for each ticket. */
  feeAmount: z.optional(z.int()),
  /** Percent of a ticket's price. */
  feePercent: z.optional(z.number()),
});

const imageRow = z.object({
  imageId: z.string(),
  /** Pixels of what was uploaded. */
  width: z.int(),
  height: z.int(),
  /** Widths in pixels of the pictures made of it. */
  widths: z.array(z.int()),
});

/** An upload that was asked for, and what became of it. */
const imageUploadRow = z.object({
  imageId: z.string(),
  state: z.enum(['WAITING', 'READY', 'REFUSED']),
  since: z.int(),
  reason: z.optional(z.string()),
});

const cancellationRow = z.object({
  cancellationId: z.string(),
  reason: z.string(),
  startedAt: z.int(),
  startedBy: z.string(),
  completedAt: z.optional(z.int()),
  /** Tickets of it are out: it ends when the rows say that they are archived, and paid back. */
  refunding: z.optional(z.boolean()),
  ticketsArchivedAt: z.optional(z.int()),
  paymentsRefundedAt: z.optional(z.int()),
});

export const eventStatus = z.enum([
  'DRAFT',
  'PUBLISHED',
  'CANCELLING',
  'CANCELLED',
  'COMPLETED',
  'ARCHIVED',
  'DELETED',
]);
/** How far an event is; see `lifecycle.ts`. */
export type EventStatus = z.infer<typeof eventStatus>;

const eventRow = z.object({
  eventId: z.string(),
  organizationId: z.string(),
  createdBy: z.string(),
  title: z.string(),
  description: z.string(),
  /** Id of the governed list; see `categories.ts`. */
  category: z.string(),
  tags: z.optional(z.array(z.string())),
  performers: z.optional(z.array(z.string())),
  /** Years that a visitor must have. */
  ageLimit: z.optional(z.int()),
  /** Shown first, as an admin decides. */
  featured: z.optional(z.boolean()),
  /** Milliseconds since the epoch; the zone beside it says what local time that is (invariant I23). */
  startsAt: z.int(),
  endsAt: z.optional(z.int()),
  timeZone: z.string(),
  /** When it was first to start, once it has been moved. */
  rescheduledFrom: z.optional(z.int()),
  rescheduledAt: z.optional(z.int()),
  /** Whoever has held tickets before the first may give them back in full until the second, since the event has moved. */
  optOutHeldBefore: z.optional(z.int()),
  optOutUntil: z.optional(z.int()),
  venueId: z.optional(z.string()),
  /** The version of the venue's plan that it was published with. */
  planId: z.optional(z.string()),
  venue: z.optional(venueRow),
  ticketTypes: z.array(ticketTypeRow),
  /** Capacities that several ticket types share. */
  pools: z.optional(z.array(z.object({ name: z.string(), quantity: z.int() }))),
  /** No sale of its seats may leave a single empty one. */
  noSingleSeats: z.optional(z.boolean()),
  cancellationPolicy: z.optional(cancellationPolicyRow),
  /** Gates that lead to zones, see `gates.ts`. */
  gates: z.optional(z.array(z.object({ name: z.string(), zones: z.array(z.string()) }))),
  imageKey: z.optional(z.string()),
  image: z.optional(imageRow),
  imageUpload: z.optional(imageUploadRow),
  /** What was shown before `image`, until the next: it goes a while after nobody is shown it any more. */
  formerImage: z.optional(imageRow),
  cancellation: z.optional(cancellationRow),
  /** The series that the event is a date of, which date, and the edition of the series that it follows. */
  seriesId: z.optional(z.string()),
  seriesDate: z.optional(z.string()),
  /** Changed by itself, so that its series leaves it alone. */
  ownWay: z.optional(z.boolean()),
  status: eventStatus,
  createdAt: z.int(),
  publishedAt: z.optional(z.int()),
  /** What the latest edit changed, for whoever hears of it. */
  changed: z.optional(z.array(z.string())),
  /** The ticket type that the latest change was about, if it was about one. */
  changedType: z.optional(z.string()),
  /** Hash of the request that made the event, to tell a retry from a reused key. */
  requestHash: z.string(),
});

/** What an event's row keeps beside its mark. */
export type EventDetails = z.infer<typeof eventRow>;

/** An event as its row holds it. */
export type EventRecord = EventDetails & Marked & Item;

/** Reads a row as an event. @throws when it is none */
export function parseEvent(item: Item): EventRecord {
  return { ...marked(item), ...z.parse(eventRow, item) };
}

/** The ids of an event's ticket types, in the organizer's order. */
export function idsOf({ ticketTypes }: Pick<EventDetails, 'ticketTypes'>): readonly string[] {
  return ticketTypes.map(({ ticketTypeId }) => ticketTypeId);
}

/** When an event is over. One without an end is given twelve hours, longer than a night. */
export function endOf({ startsAt, endsAt }: Pick<EventDetails, 'startsAt' | 'endsAt'>): number {
  return endsAt ?? startsAt + 12 * 3_600_000;
}
