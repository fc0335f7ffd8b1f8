import { parseOrder } from '../../orders/reads.ts';
import type { Instant } from '../../shared/kernel/clock.ts';
import type { StreamChange } from '../../shared/runtime/stream.ts';
import type { Table } from '../../shared/table/client.ts';
import { repriceType } from './reprice-type.ts';

/**
 * Recomputes the prices of the ticket types that a batch of changed orders is about, each once however many of
 * its tickets went or came back. What a price is made from is read anew, so batches may come late, twice or out
 * of order; one that is given up is made good by the job that looks at every price each minute.
 *
 * @param changes orders of types whose price follows rules, as the event source filters them
 */
export async function repriceSold(table: Table, changes: readonly StreamChange[], now: Instant): Promise<void> {
  const orders = changes.map(({ after }) => parseOrder(after));
  const cause = orders.at(-1);
  const ticketTypeIds = new Set(orders.flatMap(({ lines }) => lines.map(({ ticketTypeId }) => ticketTypeId)));
  if (cause === undefined) return;
  const occasion = { now, correlationId: cause.cid, by: 'system' };
  for (const ticketTypeId of ticketTypeIds) await repriceType(table, ticketTypeId, occasion);
}
