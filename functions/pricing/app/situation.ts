import type { TicketTypeCopy } from '../../inventory/contract.ts';
import { findStockOnSale, findStockOut } from '../../inventory/reads.ts';
import type { Instant } from '../../shared/kernel/clock.ts';
import type { Table } from '../../shared/table/client.ts';
import type { Situation } from '../domain/quote.ts';

/** A ticket type on sale, and what its price is made from. */
export interface OnSale {
  readonly copy: TicketTypeCopy;
  readonly situation: Situation;
}

/**
 * What the price of a ticket type is made from at `now`, by a strong read of all its blocks: held and sold tickets
 * count alike, as held ones can be sold to nobody else. Types that share a pool share what is sold.
 *
 * @returns undefined where it is not on sale yet, or will never be again
 */
export async function situationOf(table: Table, ticketTypeId: string, now: Instant): Promise<OnSale | undefined> {
  const { copies, pools } = await findStockOnSale(table, [ticketTypeId]);
  const [copy] = copies;
  const [pool] = pools;
  if (copy === undefined || pool === undefined || pool.state !== 'OPEN') return undefined;
  const { out } = await findStockOut(table, pools);
  const { opensAt, closesAt } = copy;
  // What the house keeps for itself is neither sold nor to be had.
  const capacity = pool.capacity - (pool.blocked ?? 0);
  return { copy, situation: { sold: out, capacity, opensAt, closesAt, now } };
}
