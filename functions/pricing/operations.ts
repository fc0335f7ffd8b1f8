import { logFault } from '../shared/runtime/log.ts';
import type { JobReport } from '../shared/runtime/schedule.ts';
import type { Occasion } from '../shared/table/aggregate.ts';
import type { Table } from '../shared/table/client.ts';
import { priceSale } from './app/price-sale.ts';
import { repriceType } from './app/reprice-type.ts';
import { setPricing } from './app/set-pricing.ts';
import { faultsOf, isDynamic, rulesBefore } from './domain/rule-faults.ts';
import { livePricings } from './reads.ts';

export { faultsOf, isDynamic, priceSale, repriceType, rulesBefore, setPricing };

/** Ticket types that are looked at side by side. */
const AT_ONCE = 10;
/** Ticket types that one run looks at: some 10 s of work. */
const MOST_TYPES = 2_000;

/**
 * Makes every price that follows rules what they make of it now: time has passed, and what the recomputation on a
 * sale has missed is made good. A fault with one keeps no other waiting.
 */
export async function tendPrices(table: Table, occasion: Occasion): Promise<JobReport> {
  let [prices, pricesChanged, priceFaults] = [0, 0, 0];
  const tend = async (ticketTypeId: string): Promise<void> => {
    try {
      if ((await repriceType(table, ticketTypeId, occasion)) === 'CHANGED') pricesChanged += 1;
    } catch (error) {
      logFault('JOB_FAULT', error, { job: 'tend-prices', ticketTypeId });
      priceFaults += 1;
    }
  };
  let batch: string[] = [];
  for await (const { ticketTypeId } of livePricings(table)) {
    if (prices === MOST_TYPES) break;
    prices += 1;
    batch.push(ticketTypeId);
    if (batch.length < AT_ONCE) continue;
    await Promise.all(batch.map(tend));
    batch = [];
  }
  await Promise.all(batch.map(tend));
  return { prices, pricesChanged, priceFaults };
}
