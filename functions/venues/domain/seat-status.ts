import type { Instant } from '../../shared/kernel/clock.ts';
import type { PlanSupply, SeatStatus } from '../contract.ts';

/** What a block of stock says of the seats of one row and category. */
export interface RowStock {
  readonly category: string;
  /** Index of the row among those of its category, in the order of the plan's supply. */
  readonly row: number;
  readonly free: ReadonlySet<string>;
  /** Taken off sale by the house. */
  readonly blocked: ReadonlySet<string>;
  /** When it was last written. */
  readonly touched: Instant;
}

/** Seats of paid orders in one row. */
export interface RowSold {
  readonly rowId: string;
  readonly seats: ReadonlySet<string>;
  readonly touched: Instant;
}

/** A row of one category with the status of its seats, in the order in which they stand. */
export interface RowStatus {
  readonly category: string;
  readonly section: string;
  readonly seats: readonly { readonly id: string; readonly status: SeatStatus }[];
  /** When any of it may last have changed. */
  readonly touched: Instant;
}

/**
 * The status of every seat. Free and blocked are what the stock itself says, so neither is ever stale by
 * more than the read; who holds the others only colours them: sold when a paid order is known to have the
 * seat, held until then. A mark of a sale that was undone can therefore never hide a free seat.
 */
export function statusOf(
  { categories }: Pick<PlanSupply, 'categories'>,
  stock: readonly RowStock[],
  sold: readonly RowSold[],
): readonly RowStatus[] {
  const stocked = new Map(stock.map((found) => [`${found.category} ${found.row}`, found]));
  const marked = new Map(sold.map((found) => [found.rowId, found]));
  return categories.flatMap(({ name, rows }) =>
    rows.map(({ rowId, section, seats }, row) => {
      const block = stocked.get(`${name} ${row}`);
      const marks = marked.get(rowId);
      return {
        category: name,
        section,
        seats: seats.map(({ id }) => ({ id, status: seatStatus(id, block, marks) })),
        touched: Math.max(block?.touched ?? 0, marks?.touched ?? 0),
      };
    }),
  );
}

/** A seat without stock is not for sale: no ticket type sells its category. */
function seatStatus(id: string, block: RowStock | undefined, marks: RowSold | undefined): SeatStatus {
  if (block === undefined || block.blocked.has(id)) return 'blocked';
  if (block.free.has(id)) return 'free';
  return marks?.seats.has(id) === true ? 'sold' : 'held';
}

/**
 * How far back a delta looks beyond the version that it starts from. A row is stamped by whoever writes it,
 * before the write is made: it may show this much later, for a function lives 10 s, clocks of AWS differ by
 * milliseconds and a read may lag by a second.
 */
export const STAMPS_LATE_MS = 15_000;

/** Rows that may have changed since the version `since`. */
export function changedSince(rows: readonly RowStatus[], since: Instant): readonly RowStatus[] {
  return rows.filter(({ touched }) => touched > since - STAMPS_LATE_MS);
}
