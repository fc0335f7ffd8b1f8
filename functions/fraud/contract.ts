import * as z from 'zod/mini';

/**
 * What speaks against a buyer, one fact by one: a card that was refused; an order that lapsed unpaid; one more order
 * within an hour than people place; what the payment provider makes of a payment; a copy of a
 * ticket's code that a gate turned away.
 */
export const factKind = z.enum(['DECLINED', 'LAPSED', 'RAPID', 'ELEVATED', 'HIGHEST', 'SHARED']);

/** One fact; the same one, told again, is the same id. */
export const fact = z.object({
  id: z.string(),
  kind: factKind,
  at: z.int(),
  /** Of a refused card: which one, as a hash of what the provider calls it. */
  card: z.optional(z.string()),
});
export type Fact = z.infer<typeof fact>;

/**
 * How far a buyer is looked at: not at all; the bank asks them (3-D Secure); or a person of ours decides before their
 * money is taken.
 */
export type Scrutiny = 'ALLOW' | 'CHALLENGE' | 'REVIEW';

/** What was counted too often; told to the support desk alone. */
export const scrutinyReason = z.enum(['CARDS', 'DECLINES', 'LAPSED', 'RAPID', 'PROVIDER_RISK', 'SHARED_CODES']);
export type ScrutinyReason = z.infer<typeof scrutinyReason>;

/** How a buyer stands, and why. */
export interface Standing {
  readonly scrutiny: Scrutiny;
  readonly reasons: readonly ScrutinyReason[];
}

/** Orders of one account within an hour beyond which each is a fact: limits for each person let nobody need so many. */
export const ORDERS_AN_HOUR = 20;
