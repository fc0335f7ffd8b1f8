import type { Table } from '../shared/table/client.ts';
import type { Consistency } from '../shared/table/read.ts';
import type { Take, TicketTypeCopy } from './contract.ts';
import {
  bestApart,
  bestTogether,
  countFree,
  takesOf,
  type Choosing,
  type Party,
  type RowState,
} from './domain/best-seats.ts';
import { seatLabel, type SeatMap } from './domain/seat-map.ts';
import { gapsBeside, leftAlone, type Gap } from './domain/singles.ts';
import { findPool, findSeatMap, freeSeatsIn } from './reads.ts';

/**
 * Choosing seats: apart from `reads.ts`, so that only the functions that sell carry it.
 */

// What those who sell need of the domain.
export { gapsBeside, leftAlone, seatLabel, type Gap, type Party, type SeatMap };

/** Rows that are read at a time, those with the best view first: as many as one request takes. */
const PAGE = 100;

/** Why a party gets no seats. */
export type Unseated =
  /** Too few places of the kind that is short. */
  | { readonly kind: 'SHORT'; readonly of: 'seats' | 'wheelchairs'; readonly available: number }
  /** Enough of them, but each way would leave a single one. */
  | { readonly kind: 'SINGLES' };

/**
 * The best seats side by side for a party, by reads that may lag: rows are read from the front until none that is
 * left could be nearer. Undefined where no row shows that many together.
 */
export async function guessSeats(
  table: Table,
  { poolId }: TicketTypeCopy,
  party: Party,
  choosing: Choosing,
): Promise<readonly Take[] | undefined> {
  const { rows } = await findSeatMap(table, poolId);
  const states: RowState[] = [];
  for (let from = 0; from < rows.length; from += PAGE) {
    states.push(...(await statesOf(table, poolId, rows, from, from + PAGE, 'eventual')));
    const best = bestTogether(states, party, choosing);
    if (best !== undefined && best.distance <= (rows[from + PAGE]?.distance ?? Infinity)) return takesOf([best]);
  }
  return undefined;
}

/**
 * The best seats for a party by a strong read of all rows, apart where they cannot be together; or why there are
 * none, which is the proof on which a buyer is told so (invariant I21). Seats are never moved between rows, so one
 * read proves it.
 */
export async function proveSeats(
  table: Table,
  { poolId }: TicketTypeCopy,
  party: Party,
  choosing: Choosing,
): Promise<readonly Take[] | Unseated> {
  const { rows } = await findSeatMap(table, poolId);
  const [pool, states] = await Promise.all([
    findPool(table, poolId),
    statesOf(table, poolId, rows, 0, rows.length, 'strong'),
  ]);
  if (pool === undefined || pool.state === 'STOPPED') return { kind: 'SHORT', of: 'seats', available: 0 };
  const together = bestTogether(states, party, choosing);
  const groups = together === undefined ? bestApart(states, party, choosing.noSingles) : [together];
  if (groups !== undefined) return takesOf(groups);
  const free = countFree(states);
  if (free.wheelchairs < party.wheelchairs) return { kind: 'SHORT', of: 'wheelchairs', available: free.wheelchairs };
  const seats = free.seats + Math.min(free.companions, party.wheelchairs);
  if (seats < party.seats - party.wheelchairs) return { kind: 'SHORT', of: 'seats', available: seats };
  return { kind: 'SINGLES' };
}

async function statesOf(
  table: Table,
  poolId: string,
  rows: SeatMap['rows'],
  from: number,
  until: number,
  consistency: Consistency,
): Promise<readonly RowState[]> {
  const page = rows.slice(from, until).map((row, index) => ({ row, block: from + index }));
  const free = await freeSeatsIn(
    table,
    poolId,
    page.map(({ block }) => block),
    consistency,
  );
  return page.map(({ row, block }) => ({ row, block, free: free.get(block) ?? new Set<string>() }));
}
