import * as z from 'zod/mini';

import { canonicalJson } from '../../shared/kernel/hash.ts';
import { marked, type Marked } from '../../shared/table/aggregate.ts';
import type { Item } from '../../shared/table/keys.ts';
import type { Attributes } from '../../shared/table/writes.ts';
import { pricingRules, priceRestated, ticketTypePriceChanged } from '../contract.ts';
import { priceTagMembers, type PriceTag } from '../views.ts';
import { nextBoundary, quote, type Situation } from './quote.ts';
import { priceAt } from './tag.ts';

const pricingRow = z.object({
  ticketTypeId: z.string(),
  eventId: z.string(),
  organizationId: z.string(),
  currency: z.string(),
  rules: pricingRules,
  /** One more with each change of the rules: prices that follow them do not count. */
  rulesVersion: z.int(),
  /** The organizer's price, minor units. */
  basePrice: z.int(),
  ...priceTagMembers,
});

/** What the row of a type's pricing keeps beside its mark. */
export type PricingDetails = z.infer<typeof pricingRow>;
/** The pricing of a ticket type as its row keeps it. */
export type PricingRecord = PricingDetails & Marked & Item;

/** Reads a row as the pricing of a ticket type. @throws when it is none */
export function parsePricing(item: Item): PricingRecord {
  return { ...marked(item), ...z.parse(pricingRow, item) };
}

/** The part of a row that the ticketing side copies. */
export function tagOf({ unitPrice, priceVersion, formerPrice, nextPrice, reasons }: PriceTag): PriceTag {
  return { unitPrice, priceVersion, formerPrice, nextPrice, reasons };
}

/** What is to become of a price: attributes of its row to set or remove, and what that raises. */
export interface PriceDecision {
  readonly raises: string;
  readonly changes: Attributes & PriceTag;
}

/**
 * The price tag as rules and situation make it. An announced price that has begun is told first, by itself, so
 * that the history names every price that a hold may have taken; whoever writes it decides once more.
 *
 * @returns UNCHANGED where the tag says all of it already
 */
export function planPrice(pricing: PricingDetails, situation: Situation): PriceDecision | 'UNCHANGED' {
  const { now } = situation;
  const { priceVersion = 1, nextPrice } = pricing;
  const standing = priceAt(pricing, now);
  if (nextPrice !== undefined && standing.priceVersion !== priceVersion) {
    return {
      raises: ticketTypePriceChanged.name,
      changes: {
        unitPrice: standing.unitPrice,
        priceVersion: standing.priceVersion,
        reasons: [...standing.reasons],
        formerPrice: { unitPrice: pricing.unitPrice, until: nextPrice.from },
        nextPrice: undefined,
      },
    };
  }
  const { unitPrice, reasons } = quote(pricing, situation);
  const stated = { reasons: [...reasons], nextPrice: announced(pricing, unitPrice, situation) };
  if (unitPrice !== pricing.unitPrice) {
    const formerPrice = { unitPrice: pricing.unitPrice, until: now };
    return {
      raises: ticketTypePriceChanged.name,
      changes: { ...stated, unitPrice, priceVersion: priceVersion + 1, formerPrice },
    };
  }
  const same = canonicalJson(stated) === canonicalJson({ reasons: pricing.reasons, nextPrice });
  return same ? 'UNCHANGED' : { raises: priceRestated.name, changes: { ...stated, unitPrice } };
}

/** The price from the next phase on, where it is another one. Demand counts as it is now. */
function announced(pricing: PricingDetails, unitPrice: number, situation: Situation): PriceTag['nextPrice'] {
  const from = nextBoundary(pricing.rules, situation);
  if (from === undefined) return undefined;
  const next = quote(pricing, situation, from);
  return next.unitPrice === unitPrice ? undefined : { unitPrice: next.unitPrice, from, reasons: [...next.reasons] };
}
