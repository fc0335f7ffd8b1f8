import { err, ok, type Result } from '../shared/kernel/result.ts';
import { advance, type Occasion } from '../shared/table/aggregate.ts';
import type { Table } from '../shared/table/client.ts';
import { commit, MOST_ACTIONS, pause, StoreBusyError } from '../shared/table/commit.ts';
import { allOf, contains, type Update } from '../shared/table/writes.ts';
import { stockBlocked, stockUnblocked } from './contract.ts';
import { blockKey } from './keys.ts';
import { findHouseRows, findPool, findSeatMap, type HouseRow } from './reads.ts';

/** Rows that one transaction reaches, beside the pool. */
const MOST_ROWS = MOST_ACTIONS - 1;
/** Seats of one row in one write: two operators each, of the 300 that an expression takes. */
const MOST_IN_ROW = 140;
/** Tries that lose their race against buyers or other operations. */
const TRIES = 10;

/** Why seats are not kept for the house, or not given back. */
export type HouseRefusal =
  /** The pool is not on sale any more, or has no seats. */
  | { readonly kind: 'STOPPED' | 'COUNTED' }
  /** The plan has no such seats. */
  | { readonly kind: 'STRANGE'; readonly seatIds: readonly string[] }
  /** Buyers have them. */
  | { readonly kind: 'TAKEN'; readonly seatIds: readonly string[] }
  /** More rows, or more seats of a row, than one transaction takes. */
  | { readonly kind: 'TOO_MANY'; readonly mostRows: number; readonly mostInRow: number };

/** What is to become of house seats. */
export type HouseChange = 'BLOCK' | 'RELEASE';

/**
 * Takes seats off sale for the house, or puts them on sale again: all of them or none, in one transaction with the
 * pool, each seat on condition that it is free, or the house's. Seats that are so already stay so, so that a repeated
 * request changes nothing.
 *
 * @throws StoreBusyError when buyers kept getting in between
 */
export async function changeHouseSeats(
  table: Table,
  poolId: string,
  seatIds: readonly string[],
  change: HouseChange,
  occasion: Occasion,
): Promise<Result<void, HouseRefusal>> {
  for (let round = 1; round <= TRIES; round += 1) {
    const pool = await findPool(table, poolId);
    if (pool?.state !== 'OPEN') return err({ kind: 'STOPPED' });
    if (pool.kind !== 'SEATS') return err({ kind: 'COUNTED' });
    const { places } = await findSeatMap(table, poolId);
    const strange = seatIds.filter((seatId) => !places.has(seatId));
    if (strange.length > 0) return err({ kind: 'STRANGE', seatIds: strange });

    const wanted = Map.groupBy(new Set(seatIds), (seatId) => places.get(seatId)?.block ?? 0);
    const rows = await findHouseRows(table, poolId, [...wanted.keys()]);
    const moves = rows.map((row) => moveIn(row, wanted.get(row.block) ?? [], change));
    const taken = moves.flatMap((move) => move.taken);
    if (taken.length > 0) return err({ kind: 'TAKEN', seatIds: taken });
    const moving = moves.filter(({ seats }) => seats.length > 0);
    if (moving.length === 0) return ok(undefined);
    if (moving.length > MOST_ROWS || moving.some(({ seats }) => seats.length > MOST_IN_ROW))
      return err({ kind: 'TOO_MANY', mostRows: MOST_ROWS, mostInRow: MOST_IN_ROW });

    const count = moving.reduce((sum, { seats }) => sum + seats.length, 0);
    const blocked = (pool.blocked ?? 0) + (change === 'BLOCK' ? count : -count);
    const event = change === 'BLOCK' ? stockBlocked.name : stockUnblocked.name;
    const done = await commit(table, [
      advance(pool, { blocked }, { ...occasion, event }, again).write,
      ...moving.map((move) => moveSeats(poolId, move, change, occasion)),
    ]);
    if (done.ok) return ok(undefined);
    await pause(round);
  }
  throw new StoreBusyError('Buyers kept getting in between');
}

const again = (): 'AGAIN' => 'AGAIN';

/** Seats of one row that change hands, and those that cannot since buyers have them. */
interface Move {
  readonly block: number;
  readonly seats: readonly string[];
  readonly taken: readonly string[];
}

function moveIn({ block, free, blocked }: HouseRow, wanted: readonly string[], change: HouseChange): Move {
  // What is not the house's needs no giving back: it is on sale, or sold.
  if (change === 'RELEASE') return { block, seats: wanted.filter((seatId) => blocked.has(seatId)), taken: [] };
  const seats = wanted.filter((seatId) => !blocked.has(seatId));
  return { block, seats, taken: seats.filter((seatId) => !free.has(seatId)) };
}

function moveSeats(
  poolId: string,
  { block, seats }: Move,
  change: HouseChange,
  { now }: Occasion,
): Update<ReturnType<typeof again>> {
  const [from, to] = change === 'BLOCK' ? ['free', 'blocked'] : ['blocked', 'free'];
  return {
    kind: 'update',
    key: blockKey(poolId, block),
    set: { touched: now },
    exclude: { [from]: new Set(seats) },
    include: { [to]: new Set(seats) },
    when: allOf(...seats.map((seatId) => contains(from, seatId))),
    otherwise: again,
  };
}
