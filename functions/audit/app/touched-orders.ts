import type { Instant } from '../../shared/kernel/clock.ts';
import type { Table } from '../../shared/table/client.ts';
import { marksWithin } from './steps-within.ts';

const ORDER_PREFIX = 'ORDER#';

/** An order that changed, with its first version within a span of ten minutes. */
export interface TouchedOrder {
  readonly orderId: string;
  readonly version: number;
}

/**
 * The orders that changed from the span of `since` until and at `until`, newest first, as the outbox has marked them.
 * One that changed in several spans comes as often.
 */
export async function* touchedOrders(table: Table, since: Instant, until: Instant): AsyncGenerator<TouchedOrder> {
  for await (const { things } of marksWithin(table, since, until + 1))
    for (const [pk, version] of things)
      if (pk.startsWith(ORDER_PREFIX)) yield { orderId: pk.slice(ORDER_PREFIX.length), version };
}
