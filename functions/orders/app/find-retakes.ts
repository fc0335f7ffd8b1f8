import type { Take, TicketTypeCopy } from '../../inventory/contract.ts';
import { findTakes, seatsAreFree } from '../../inventory/reads.ts';
import { allotTakes } from '../../inventory/writes.ts';
import type { Table } from '../../shared/table/client.ts';
import type { Order } from '../domain/order.ts';

/**
 * Where the tickets of an order whose hold is gone can be taken again, by line; undefined where they cannot.
 * Lines that share a pool are looked for together. Seats are the very ones that were chosen: other seats are
 * not what was paid for.
 */
export async function findRetakes(
  table: Table,
  order: Order,
  copies: ReadonlyMap<string, TicketTypeCopy>,
): Promise<ReadonlyMap<string, readonly Take[]> | undefined> {
  const found = new Map<string, readonly Take[]>();
  for (const [poolId, lines] of Map.groupBy(order.lines, (line) => line.poolId)) {
    const copy = copies.get(lines[0]?.ticketTypeId ?? '');
    if (copy === undefined) return undefined;
    if (copy.seated === true) {
      const free = await seatsAreFree(
        table,
        poolId,
        lines.flatMap(({ takes }) => takes),
      );
      if (!free) return undefined;
      for (const { id, takes } of lines) found.set(id, takes);
      continue;
    }
    const quantities = lines.map(({ quantity }) => quantity);
    const wanted = quantities.reduce((sum, quantity) => sum + quantity, 0);
    const takes = await findTakes(table, copy, wanted, order.orderId);
    if (!takes.ok) return undefined;
    for (const [index, parts] of allotTakes(takes.value, quantities).entries())
      found.set(lines[index]?.id ?? '', parts);
  }
  return found;
}
