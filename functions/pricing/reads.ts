import * as z from 'zod/mini';

import { toTimestamp } from '../shared/kernel/clock.ts';
import type { Table } from '../shared/table/client.ts';
import { getItem, getItems, queryAll, queryPage } from '../shared/table/read.ts';
import { TIMELINE_PREFIX } from '../shared/table/timeline.ts';
import { parseCharges, type ChargeTableRecord } from './domain/charge-table.ts';
import { parsePricing, type PricingRecord } from './domain/record.ts';
import { chargesKey, LIVE_PRICING, pricingKey } from './keys.ts';

export { parsePricing, type ChargeTableRecord, type PricingRecord };

/** The pricing of a ticket type, or undefined where it never had rules. Strong: who sets it decides on it. */
export async function findPricing(table: Table, ticketTypeId: string): Promise<PricingRecord | undefined> {
  const item = await getItem(table, pricingKey(ticketTypeId), 'strong');
  return item === undefined ? undefined : parsePricing(item);
}

/** The pricing of those of the ticket types that have rules, or had. Strong, as {@link findPricing}. */
export async function findPricings(table: Table, ticketTypeIds: readonly string[]): Promise<readonly PricingRecord[]> {
  return (await getItems(table, ticketTypeIds.map(pricingKey), 'strong')).map(parsePricing);
}

/** The table of fees and taxes of an event or an organisation, or undefined. Strong: who sets it decides on it. */
export async function findCharges(table: Table, ownerId: string): Promise<ChargeTableRecord | undefined> {
  const item = await getItem(table, chargesKey(ownerId), 'strong');
  return item === undefined ? undefined : parseCharges(item);
}

/** The types on sale whose prices their rules make; from the index, so a moment behind. */
export async function* livePricings(table: Table): AsyncGenerator<PricingRecord> {
  for await (const item of queryAll(table, { pk: LIVE_PRICING, index: 'gsi1' })) yield parsePricing(item);
}

const priceStep = z.object({
  sk: z.string(),
  at: z.int(),
  set: z.looseObject({
    unitPrice: z.optional(z.int()),
    priceVersion: z.optional(z.int()),
    formerPrice: z.optional(z.object({ until: z.int() })),
  }),
});

/** A price from when it was asked on. */
export interface PastPrice {
  readonly unitPrice: number;
  readonly priceVersion: number;
  /** RFC 3339, UTC. */
  readonly from: string;
}

/**
 * A page of the prices that rules made of a type, newest first; a copy written from the stream, so the latest
 * one shows a moment after it counts. Steps that changed no price are passed over, so it may be short.
 *
 * @param after the position that a page before this one ended with
 */
export async function pageOfPrices(
  table: Table,
  ticketTypeId: string,
  limit: number,
  after?: string,
): Promise<{ readonly prices: readonly PastPrice[]; readonly next: string | undefined }> {
  const { pk } = pricingKey(ticketTypeId);
  const query = { pk, skPrefix: TIMELINE_PREFIX, newestFirst: true, ...(after === undefined ? {} : { after }) };
  const { items, more } = await queryPage(table, query, limit);
  // Below the first step sorts the row itself.
  const own = items.filter(({ sk }) => sk.startsWith(TIMELINE_PREFIX));
  const steps = own.map((item) => z.parse(priceStep, item));
  return {
    prices: steps.flatMap(({ at, set: { unitPrice, priceVersion, formerPrice } }) =>
      unitPrice === undefined || priceVersion === undefined
        ? []
        : [{ unitPrice, priceVersion, from: toTimestamp(formerPrice?.until ?? at) }],
    ),
    next: more && own.length === items.length ? steps.at(-1)?.sk : undefined,
  };
}
