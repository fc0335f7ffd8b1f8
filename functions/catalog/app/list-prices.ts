import { pageOfPrices } from '../../pricing/reads.ts';
import { decodeCursor, encodeCursor } from '../../shared/runtime/cursor.ts';
import type { Table } from '../../shared/table/client.ts';
import type { TicketType } from '../domain/event.ts';
import { viewPrices } from '../domain/view.ts';
import { listPrices as route } from '../organizer-routes.ts';
import type { PricePoint } from '../views.ts';

const DEFAULT_LIMIT = 25;

/** Which page of a list is asked for. */
interface Page {
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

/**
 * A page of what a ticket type has cost, newest first: what its rules made of the price, from when it got them, or
 * without rules what its organizer asked.
 *
 * @param cursorKey key that signs cursors
 * @throws ProblemError INVALID_INPUT for a cursor that is not of this list
 */
export async function listPrices(
  table: Table,
  cursorKey: Uint8Array,
  type: TicketType,
  { limit = DEFAULT_LIMIT, cursor }: Page,
): Promise<{ readonly items: readonly PricePoint[]; readonly nextCursor: string | null }> {
  const { ticketTypeId, currency } = type;
  const scope = { route: route.id, query: { ticketTypeId } };
  const position = cursor === undefined ? undefined : decodeCursor(cursorKey, scope, cursor);
  // A page begins where the one before it ended: after that step, with prices that lasted until its first.
  const [after, until] = position?.split(' ') ?? [];
  const { prices, next } = await pageOfPrices(table, ticketTypeId, limit, after);
  if (prices.length === 0 && position === undefined && next === undefined)
    return { items: viewPrices(type), nextCursor: null };
  const items = prices.map(({ unitPrice, priceVersion, from }, index) => ({
    priceVersion,
    price: { amount: unitPrice, currency },
    from,
    until: prices[index - 1]?.from ?? until ?? null,
  }));
  const reached = items.at(-1)?.from ?? until;
  const ended = reached === undefined ? next : `${next} ${reached}`;
  return {
    items,
    nextCursor: next === undefined || ended === undefined ? null : encodeCursor(cursorKey, scope, ended),
  };
}
