import { advance, begin, type Occasion } from '../shared/table/aggregate.ts';
import type { TicketTypeCopy } from '../inventory/contract.ts';
import type { PreparedPool } from '../inventory/sale-writes.ts';
import {
  absent,
  equals,
  type Attributes,
  type Check,
  type Otherwise,
  type Put,
  type Update,
  type Write,
} from '../shared/table/writes.ts';
import { chargesSet, pricingEnded, pricingRulesSet, pricingStarted } from './contract.ts';
import { parseCharges, type ChargeTable, type ChargeTableRecord } from './domain/charge-table.ts';
import {
  parsePricing,
  planPrice,
  type PriceDecision,
  type PricingDetails,
  type PricingRecord,
} from './domain/record.ts';
import { isDynamic, movedRules } from './domain/rule-faults.ts';
import { chargesKey, LIVE_PRICING, pricingKey } from './keys.ts';

/** The row of a type that gets its first rules. */
export function putPricing<E>(
  pricing: PricingDetails,
  onSale: boolean,
  occasion: Occasion,
  otherwise: Otherwise<E>,
): Put<E> {
  const cause = { ...occasion, event: pricingRulesSet.name };
  const listed = onSale ? listing(pricing.ticketTypeId) : {};
  return begin(pricingKey(pricing.ticketTypeId), { ...pricing, ...listed }, cause, otherwise);
}

/**
 * The row of a type that is made like another one with rules: it has the same, in phases that keep their distance to the
 * start of its event.
 *
 * @param pricing of the type that it is made like
 * @param to the new type, at its organizer's price
 * @param laterMs by how much its event starts later
 */
export function copyPricing<E>(
  pricing: PricingDetails,
  to: Pick<PricingDetails, 'ticketTypeId' | 'eventId' | 'organizationId' | 'currency' | 'unitPrice'>,
  laterMs: number,
  occasion: Occasion,
  otherwise: Otherwise<E>,
): Put<E> {
  const { ticketTypeId, eventId, organizationId, currency, unitPrice } = to;
  const rules = movedRules(pricing.rules, laterMs);
  const ids = { ticketTypeId, eventId, organizationId, currency };
  const details = { ...ids, rules, rulesVersion: 1, basePrice: unitPrice, unitPrice, priceVersion: 1 };
  return putPricing(details, false, occasion, otherwise);
}

/**
 * Gives an event or an organisation a table of fees and taxes.
 *
 * @param former the row as it was read, if there is one
 */
export function putCharges<E>(
  next: ChargeTable,
  former: ChargeTableRecord | undefined,
  occasion: Occasion,
  otherwise: Otherwise<E>,
): { readonly table: ChargeTableRecord; readonly write: Write<E> } {
  const cause = { ...occasion, event: chargesSet.name };
  if (former !== undefined) {
    const { row, write } = advance(former, { currency: next.currency, charges: next.charges }, cause, otherwise);
    return { table: parseCharges(row), write };
  }
  const write = begin(chargesKey(next.ownerId), next, cause, otherwise);
  return { table: parseCharges({ ...write.key, ...write.item }), write };
}

/** Insists that a table of fees and taxes is as it was read, or that there is none still. */
export function requireCharges<E>(
  ownerId: string,
  found: ChargeTableRecord | undefined,
  otherwise: Otherwise<E>,
): Check<E> {
  const when = found === undefined ? absent('pk') : equals('ver', found.ver);
  return { kind: 'check', key: chargesKey(ownerId), when, otherwise };
}

/** Insists that the pricing of a type is as it was read, or that there is none still. */
export function requirePricing<E>(
  ticketTypeId: string,
  pricing: PricingRecord | undefined,
  otherwise: Otherwise<E>,
): Check<E> {
  const when = pricing === undefined ? absent('pk') : equals('ver', pricing.ver);
  return { kind: 'check', key: pricingKey(ticketTypeId), when, otherwise };
}

/** A pricing's next row and the one write that makes it so. */
export interface PricingChange<E> {
  readonly pricing: PricingRecord;
  readonly write: Update<E>;
}

/**
 * Other rules, or another price of the organizer's. The price itself follows by {@link reprice}.
 *
 * @param onSale whether the rules make a price now, and not only once the event is published
 */
export function changePricing<E>(
  pricing: PricingRecord,
  changes: Partial<Pick<PricingDetails, 'rules' | 'rulesVersion' | 'basePrice'>>,
  onSale: boolean,
  occasion: Occasion,
  otherwise: Otherwise<E>,
): PricingChange<E> {
  const listed = onSale ? listing(pricing.ticketTypeId) : {};
  return moved(pricing, { ...changes, ...listed }, pricingRulesSet.name, occasion, otherwise);
}

/** The price tag as the rules make it now. */
export function reprice<E>(
  pricing: PricingRecord,
  { raises, changes }: PriceDecision,
  occasion: Occasion,
  otherwise: Otherwise<E>,
): PricingChange<E> {
  return moved(pricing, changes, raises, occasion, otherwise);
}

/**
 * Puts types on sale at the prices that their rules make while nothing is sold, in the transaction that publishes
 * their event.
 *
 * @param pricings of the types that have rules, or had
 * @param otherwise what it means that the rules of one are not as they were read
 * @returns the stock with the price tags on its copies, and the writes
 */
export function startPricing<E>(
  pricings: readonly PricingRecord[],
  stock: readonly PreparedPool[],
  occasion: Occasion,
  otherwise: Otherwise<E>,
): { readonly prepared: readonly PreparedPool[]; readonly writes: readonly Write<E>[] } {
  const byType = new Map(pricings.map((pricing) => [pricing.ticketTypeId, pricing]));
  const writes: Write<E>[] = [];
  const priced = (copy: TicketTypeCopy): TicketTypeCopy => {
    const pricing = byType.get(copy.ticketTypeId);
    if (pricing === undefined || !isDynamic(pricing.rules)) return copy;
    const { unitPrice: basePrice, priceVersion = 1, currency } = copy;
    const before = { ...pricing, basePrice, currency, ...NO_TAG, unitPrice: basePrice, priceVersion };
    const planned = planPrice(before, { ...copy, sold: 0, now: occasion.now });
    const { unitPrice, reasons, nextPrice } = planned === 'UNCHANGED' ? before : planned.changes;
    const tag = { ...NO_TAG, unitPrice, priceVersion, reasons, nextPrice };
    const changes = { basePrice, currency, ...tag, ...listing(pricing.ticketTypeId) };
    writes.push(moved(pricing, changes, pricingStarted.name, occasion, otherwise).write);
    return { ...copy, ...tag, dynamic: true };
  };
  return { prepared: stock.map(({ pool, copies }) => ({ pool, copies: copies.map(priced) })), writes };
}

const NO_TAG = { reasons: undefined, formerPrice: undefined, nextPrice: undefined } as const;

/** The sale is over, or was taken back: the rules make no price any more. */
export function endPricing<E>(pricing: PricingRecord, occasion: Occasion, otherwise: Otherwise<E>): PricingChange<E> {
  return moved(pricing, { gsi1pk: undefined, gsi1sk: undefined }, pricingEnded.name, occasion, otherwise);
}

/** Where a pricing is found by the job that looks after prices. */
function listing(ticketTypeId: string): Attributes {
  return { gsi1pk: LIVE_PRICING, gsi1sk: ticketTypeId };
}

function moved<E>(
  pricing: PricingRecord,
  changes: Attributes,
  event: string,
  occasion: Occasion,
  otherwise: Otherwise<E>,
): PricingChange<E> {
  const { row, write } = advance(pricing, changes, { ...occasion, event }, otherwise);
  return { pricing: parsePricing(row), write };
}
