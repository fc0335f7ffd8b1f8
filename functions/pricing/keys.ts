import type { Key } from '../shared/table/keys.ts';

/** The price rules of a ticket type, with the price that they make while it is on sale. */
export function pricingKey(ticketTypeId: string): Key {
  return { pk: `PRICING#${ticketTypeId}`, sk: 'PRICING' };
}

/** The table of fees and taxes of an event or an organisation. */
export function chargesKey(ownerId: string): Key {
  return { pk: `CHARGES#${ownerId}`, sk: 'CHARGES' };
}

/** The partition of `gsi1` that holds the pricing of every type on sale whose price its rules make. */
export const LIVE_PRICING = 'PRICING#LIVE';
