import { changeHouseSeats, type HouseChange, type HouseRefusal } from '../../inventory/house-seats.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, type Result } from '../../shared/kernel/result.ts';
import type { Occasion } from '../../shared/table/aggregate.ts';
import type { Table } from '../../shared/table/client.ts';
import { invalid } from '../domain/draft-of.ts';
import type { StockView } from '../stock-routes.ts';
import { notOnSale, poolOf, showStock, type TypeOnSale } from './change-stock.ts';

/**
 * Keeps seats of a type on sale for the house, or puts them on sale again.
 *
 * @returns SEATS_TAKEN with those that buyers have, INVALID_INPUT for seats that are not of the type or too many at
 *   once, STOCK_IS_COUNTED, or EVENT_NOT_PUBLISHED
 */
export async function changeSeats(
  table: Table,
  on: TypeOnSale,
  seatIds: readonly string[],
  change: HouseChange,
  occasion: Occasion,
): Promise<Result<StockView, Problem>> {
  if (on.event.status !== 'PUBLISHED') return err(notOnSale());
  const poolId = await poolOf(table, on.type.ticketTypeId);
  const done = await changeHouseSeats(table, poolId, seatIds, change, occasion);
  return done.ok ? showStock(table, on) : err(refused(done.error));
}

function refused(why: HouseRefusal): Problem {
  switch (why.kind) {
    case 'STOPPED':
      return notOnSale();
    case 'COUNTED':
      return problem('STOCK_IS_COUNTED', 'Say how many of its tickets are kept, with PUT …/blocked.');
    case 'STRANGE':
      return invalid([{ path: 'seatIds', message: `Not of this type: ${why.seatIds.join(', ')}` }]);
    case 'TAKEN':
      return problem('SEATS_TAKEN', `Buyers have ${why.seatIds.join(', ')}.`, { extra: { seatIds: why.seatIds } });
    case 'TOO_MANY': {
      const message = `At once at most ${why.mostRows} rows, and ${why.mostInRow} seats of each`;
      return invalid([{ path: 'seatIds', message }]);
    }
  }
}
