import * as z from 'zod/mini';

/**
 * What the ticketing side keeps of a price, and what orders keep of fees: the shapes that other contexts build
 * into their rows. Amounts are minor units of the currency beside them.
 */

/** One step on the way to a price, with the amount that it led to. */
export const priceReason = z.discriminatedUnion('rule', [
  /** The organizer's price of the type. */
  z.object({ rule: z.literal('BASE'), amount: z.int() }),
  /** So many tickets are held or sold. */
  z.object({ rule: z.literal('TIER'), amount: z.int(), afterSold: z.int() }),
  /** A named time; without `until` it lasts as long as the sale. */
  z.object({ rule: z.literal('PHASE'), amount: z.int(), name: z.string(), until: z.optional(z.int()) }),
  /** Tickets go faster or slower than time; basis points more or, below zero, less. */
  z.object({ rule: z.literal('DEMAND'), amount: z.int(), changeBp: z.int() }),
  z.object({ rule: z.literal('FLOOR'), amount: z.int() }),
  z.object({ rule: z.literal('CEILING'), amount: z.int() }),
]);
export type PriceReason = z.infer<typeof priceReason>;

/** The members of a price tag: what a ticket costs now, did until a moment ago, and will from a moment on. */
export const priceTagMembers = {
  /** Minor units per ticket. */
  unitPrice: z.int(),
  /** 1 at first, one more with each change of the price. */
  priceVersion: z.optional(z.int()),
  /** The price before; who was shown it may still have it for a moment. */
  formerPrice: z.optional(z.object({ unitPrice: z.int(), until: z.int() })),
  /** What it costs from an instant on, which nobody has to write at that instant. */
  nextPrice: z.optional(z.object({ unitPrice: z.int(), from: z.int(), reasons: z.array(priceReason) })),
  /** How the price came about; without them it is the organizer's. */
  reasons: z.optional(z.array(priceReason)),
};
const priceTag = z.object(priceTagMembers);
export type PriceTag = z.infer<typeof priceTag>;
