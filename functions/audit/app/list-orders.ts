import { findOrders } from '../../orders/reads.ts';
import { listForEvents } from '../../orders/writes.ts';
import { DAY, HOUR, MINUTE, type Instant } from '../../shared/kernel/clock.ts';
import { putItems } from '../../shared/table/batch.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit } from '../../shared/table/commit.ts';
import { findListedUntil } from '../reads.ts';
import { rememberListed } from '../writes.ts';
import { touchedOrders } from './touched-orders.ts';

/** How far the first run looks back. */
const FIRST_MS = 90 * DAY;
/** What is looked through at a time, so that a run that ends in between has not been for nothing. */
const PART_MS = 6 * HOUR;
/** How late a mark may come from the stream and still be seen. */
const LATE_MS = 30 * MINUTE;
/** How far the clock that made an order may be ahead of ours. */
const AHEAD_MS = 10 * MINUTE;
/** Orders of which the events are looked up together. */
const ORDERS = 1_000;

/**
 * Lists orders with the events that they have lines of, from what the outbox has marked as new since the last run: the
 * purchase itself pays nothing for it. An order may be listed twice.
 *
 * @returns whether all is listed that was marked by `now`
 */
export async function listNewOrders(table: Table, now: Instant, hasTime: () => boolean): Promise<boolean> {
  const until = await findListedUntil(table);
  let from = until === undefined ? now - FIRST_MS : until - LATE_MS;
  while (from < now) {
    if (!hasTime()) return false;
    const to = Math.min(now, from + PART_MS);
    const made: string[] = [];
    // What was marked at this very moment belongs to both parts.
    const marked = touchedOrders(table, from, to === now ? now + AHEAD_MS : to);
    for await (const { orderId, version } of marked) if (version === 1) made.push(orderId);
    for (let start = 0; start < made.length; start += ORDERS) {
      const orders = await findOrders(table, made.slice(start, start + ORDERS), 'eventual');
      await putItems(table, listForEvents(orders));
    }
    await commit(table, [rememberListed(to)]);
    from = to;
  }
  return true;
}
