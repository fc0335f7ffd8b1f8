import type { PreparedPool } from '../../inventory/sale-writes.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { Occasion } from '../../shared/table/aggregate.ts';
import type { Table } from '../../shared/table/client.ts';
import type { Otherwise, Write } from '../../shared/table/writes.ts';
import { chargesIn } from '../domain/charge-table.ts';
import { findCharges, findPricings } from '../reads.ts';
import { requireCharges, startPricing } from '../writes.ts';

/** Stock with its prices, fees and taxes, and what goes into the transaction that puts it on sale. */
export interface PricedStock<E> {
  readonly prepared: readonly PreparedPool[];
  readonly writes: readonly Write<E>[];
}

/**
 * Prices the stock of an event that is about to be published: by the rules of its types, with its own fees and taxes
 * or else its organisation's. All that this was read from is pinned.
 *
 * @param otherwise what it means that rules or tables are not as they were read
 * @returns INVALID_INPUT where the organisation's fixed fees are in another currency
 */
export async function priceSale<E>(
  table: Table,
  { eventId, organizationId }: { readonly eventId: string; readonly organizationId: string },
  stock: readonly PreparedPool[],
  occasion: Occasion,
  otherwise: Otherwise<E>,
): Promise<Result<PricedStock<E>, Problem>> {
  const copies = stock.flatMap((pool) => pool.copies);
  const [pricings, own, inherited] = await Promise.all([
    findPricings(
      table,
      copies.map(({ ticketTypeId }) => ticketTypeId),
    ),
    findCharges(table, eventId),
    findCharges(table, organizationId),
  ]);
  const charged = own ?? inherited;
  const charges = charged === undefined ? [] : chargesIn(charged, copies[0]?.currency ?? '');
  if (charges === undefined) return err(otherCurrency());
  const bearing = stock.map(({ pool, ...beside }) => ({
    pool,
    copies: beside.copies.map((copy) => (charges.length === 0 ? copy : { ...copy, charges: [...charges] })),
  }));
  const started = startPricing(pricings, bearing, occasion, otherwise);
  const pinned = [requireCharges(eventId, own, otherwise), requireCharges(organizationId, inherited, otherwise)];
  return ok({ prepared: started.prepared, writes: [...started.writes, ...pinned] });
}

function otherCurrency(): Problem<'INVALID_INPUT'> {
  const message = 'The fixed fees of your organisation are in another currency; give the event fees of its own';
  return problem('INVALID_INPUT', 'Mend what `errors` lists and send it again.', {
    errors: [{ path: 'ticketTypes.0.price.currency', message }],
  });
}
