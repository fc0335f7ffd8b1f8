import * as z from 'zod/mini';

/** The largest number of tickets of one type (a stadium season, with room). */
export const LARGEST_QUANTITY = 1_000_000;

/**
 * The copy of a ticket type, and of what of its event a ticket shows, that the ticketing side keeps. It is
 * written when the event is published, so a purchase never reads the catalogue (seed 003, "local copy").
 */
export const ticketTypeCopy = z.object({
  ticketTypeId: z.string(),
  eventId: z.string(),
  organizationId: z.string(),
  name: z.string(),
  /** Minor units per ticket. */
  unitPrice: z.int(),
  currency: z.string(),
  /** How many blocks the stock lies in. */
  blocks: z.int(),
  /** Tickets of the type in all. */
  capacity: z.int(),
  /** Sale window, milliseconds since the epoch; also kept in each block, where it is enforced. */
  opensAt: z.int(),
  closesAt: z.int(),
  maxPerPerson: z.optional(z.int()),
  accessLevel: z.optional(z.string()),
  eventTitle: z.string(),
  eventStartsAt: z.int(),
  eventEndsAt: z.optional(z.int()),
  /** When the gates open; without it there is no earliest moment. */
  admissionOpensAt: z.optional(z.int()),
  timeZone: z.string(),
  venueName: z.optional(z.string()),
  city: z.optional(z.string()),
});
export type TicketTypeCopy = z.infer<typeof ticketTypeCopy>;

/** Where tickets of a line were taken from, kept on the order so that they can be put back. */
export const take = z.object({ block: z.int(), quantity: z.int() });
export type Take = z.infer<typeof take>;
