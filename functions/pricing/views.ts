import * as z from 'zod/mini';

// The price of a ticket and of an order are worked out by pure functions: no bundle carries more for them.
export { itemise, ticketPrice } from './domain/charges.ts';
export { priceAt, priceFor, type PriceNow } from './domain/tag.ts';
export { explain } from './domain/words.ts';

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

/** A fee or a tax as the table of an event or an organisation gives it. */
export const charge = z.object({
  name: z.string(),
  kind: z.enum(['FEE', 'TAX']),
  /** Whether it is borne by each ticket, or once by each order for the event. A tax is on whatever it taxes. */
  per: z.enum(['TICKET', 'ORDER']),
  /** Basis points: of a fee, of the price of the tickets; of a tax, of tickets and fees. */
  rateBp: z.optional(z.int()),
  /** Minor units, of a fee. */
  amount: z.optional(z.int()),
  /** Contained in the price, and not on top of it. */
  included: z.optional(z.boolean()),
  /** A fee that is given back with its ticket; a tax goes the way of what it taxes. */
  refundable: z.optional(z.boolean()),
});
export type Charge = z.infer<typeof charge>;

/** What an order bears of a charge. */
export const chargeLine = z.object({
  name: z.string(),
  kind: z.enum(['FEE', 'TAX']),
  per: z.enum(['TICKET', 'ORDER']),
  /** Minor units, for the whole order. */
  amount: z.int(),
  included: z.optional(z.boolean()),
  refundable: z.optional(z.boolean()),
  /** Set where the order is for several events. */
  eventId: z.optional(z.string()),
});
export type ChargeLine = z.infer<typeof chargeLine>;

const money = z.object({ amount: z.int(), currency: z.string() });

/** What an order bears of a charge, as clients see it. */
export const chargeLineView = z.object({
  name: z.string(),
  kind: z.enum(['FEE', 'TAX']),
  per: z.enum(['TICKET', 'ORDER']),
  amount: money,
  /** Contained in the prices above, and not on top of them. */
  included: z.boolean(),
  /** Given back with the tickets; a fee for the whole order with the last of them. */
  refundable: z.boolean(),
});
export type ChargeLineView = z.infer<typeof chargeLineView>;

/** What an order bears, as clients see it. */
export function viewCharges(charges: readonly ChargeLine[] = [], currency: string): ChargeLineView[] {
  return charges.map(({ name, kind, per, amount, included, refundable }) => ({
    name,
    kind,
    per,
    amount: { amount, currency },
    included: included ?? false,
    // What a tax is on goes back with it.
    refundable: refundable ?? kind === 'TAX',
  }));
}
