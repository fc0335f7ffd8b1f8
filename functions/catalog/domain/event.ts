import * as z from 'zod/mini';

import { marked, type Marked } from '../../shared/table/aggregate.ts';
import type { Item } from '../../shared/table/keys.ts';

const ticketTypeRow = z.object({
  ticketTypeId: z.string(),
  name: z.string(),
  /** Minor units per ticket. */
  unitPrice: z.int(),
  currency: z.string(),
  quantity: z.int(),
  /** Sale window, milliseconds since the epoch, where the organizer gave one. */
  saleStartsAt: z.optional(z.int()),
  saleEndsAt: z.optional(z.int()),
  maxPerPerson: z.optional(z.int()),
  accessLevel: z.optional(z.string()),
});

/** A ticket type as its event's row keeps it. */
export type TicketType = z.infer<typeof ticketTypeRow>;

const eventRow = z.object({
  eventId: z.string(),
  organizationId: z.string(),
  createdBy: z.string(),
  title: z.string(),
  description: z.string(),
  category: z.string(),
  /** Milliseconds since the epoch; the zone beside it says what local time that is (invariant I23). */
  startsAt: z.int(),
  endsAt: z.optional(z.int()),
  timeZone: z.string(),
  venue: z.optional(z.object({ name: z.string(), city: z.optional(z.string()) })),
  ticketTypes: z.array(ticketTypeRow),
  status: z.enum(['DRAFT', 'PUBLISHED']),
  createdAt: z.int(),
  publishedAt: z.optional(z.int()),
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
