import { createHash } from 'node:crypto';

import type { Take } from '../../inventory/contract.ts';
import { findSeatMap, freeSeatsIn } from '../../inventory/reads.ts';
import {
  gapsBeside,
  guessSeats,
  leftAlone,
  proveSeats,
  seatLabel,
  type Gap,
  type SeatMap,
  type Unseated,
} from '../../inventory/seating.ts';
import { allotTakes } from '../../inventory/writes.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok } from '../../shared/kernel/result.ts';
import type { Table } from '../../shared/table/client.ts';
import { StoreBusyError } from '../../shared/table/commit.ts';
import type { Demand } from '../domain/hold.ts';
import { notEnough, type Choice, type Refusal, type Search } from './search-stock.ts';

/** Tries at the same seats, which others keep holding and letting go. */
const TRIES = 4;
/** Rounds of choosing anew, each among more seats than the one before. */
const ROUNDS = 8;
/** Groups in one row that one hold may have with the rule on single seats: DynamoDB takes 300 operators. */
const MOST_GROUPS = 12;

/**
 * Searches the very seats that a buyer chose: all of them or none.
 *
 * @returns INVALID_INPUT for seats that are not of the type; SEATS_TAKEN with those that others have, and
 *   SINGLE_SEAT_LEFT with those that would be left alone, once a strong read shows it
 */
export function searchChosen(table: Table, { copy, lines }: Demand): Search {
  const chosen = lines.flatMap(({ seatIds = [] }) => seatIds);
  let tries = 0;
  return {
    next: async (refusals) => {
      const map = await findSeatMap(table, copy.poolId);
      const strangers = chosen.filter((seatId) => !map.places.has(seatId));
      if (strangers.length > 0) return err(misput(`${copy.name} has no seats ${strangers.join(', ')}`));
      const rows = Map.groupBy(chosen, (seatId) => map.places.get(seatId)?.block ?? 0);
      const gaps = copy.noSingles === true ? gapsOf(map, rows) : undefined;
      if ([...(gaps?.values() ?? [])].some((row) => row.length > 2 * MOST_GROUPS))
        return err(misput('Seats that are so scattered need several reservations'));
      if (refusals.length > 0) {
        const why = await whyRefused(table, copy.poolId, rows, gaps, refusals);
        if (why !== undefined) return err(why);
      }
      if ((tries += 1) > TRIES) throw new StoreBusyError('Other buyers kept holding the seats and letting them go');
      const takes = lines.map(({ seatIds = [] }) => takesIn(map, seatIds));
      return ok(choiceOf(map, takes, gaps));
    },
  };
}

/**
 * Why seats cannot be had, from the rows that refused as they were then; where there are several rows, from all of
 * them as they are now, since a transaction that met a conflict tells of one alone.
 */
async function whyRefused(
  table: Table,
  poolId: string,
  rows: ReadonlyMap<number, readonly string[]>,
  gaps: ReadonlyMap<number, readonly Gap[]> | undefined,
  refusals: readonly Refusal[],
): Promise<Problem | undefined> {
  const free =
    rows.size === 1
      ? new Map(refusals.map(({ block, found }) => [block, seatsIn(found)]))
      : await freeSeatsIn(table, poolId, [...rows.keys()], 'strong');
  const taken = [...rows].flatMap(([block, seats]) => seats.filter((seatId) => free.get(block)?.has(seatId) !== true));
  if (taken.length > 0)
    return problem('SEATS_TAKEN', `Others have ${taken.join(', ')}. Choose other seats.`, {
      extra: { seatIds: taken },
    });
  const alone = [...(gaps ?? [])].flatMap(([block, row]) => leftAlone(row, free.get(block) ?? new Set()));
  return alone.length > 0 ? singleLeft(alone) : undefined;
}

/**
 * Searches the best seats for a party: first by reads that may lag, then, as rows refuse, among more and more of
 * the best, so that parties do not run for the same seats again. Nobody is refused but by a strong read of all rows.
 *
 * @param seed spreads parties
 * @returns SOLD_OUT, NOT_ENOUGH_TICKETS, or SINGLE_SEAT_LEFT where each way would leave a single seat
 */
export function searchBest(table: Table, { copy, lines, quantity }: Demand, seed: string): Search {
  const noSingles = copy.noSingles === true;
  const party = { seats: quantity, wheelchairs: lines.reduce((sum, { wheelchairs = 0 }) => sum + wheelchairs, 0) };
  const draw = createHash('sha256').update(seed).digest().readUInt32BE(0);
  let round = 0;
  return {
    next: async () => {
      if (round === ROUNDS) throw new StoreBusyError('Other buyers kept taking the seats in between');
      // The best first; then one of the best 4, 16, 64, …
      const choosing = { noSingles, pick: draw % 4 ** round };
      const guessed = round % 2 === 0 ? await guessSeats(table, copy, party, choosing) : undefined;
      const found = guessed ?? (await proveSeats(table, copy, party, choosing));
      round += 1;
      if ('kind' in found) return err(unseated(copy.name, found));
      const map = await findSeatMap(table, copy.poolId);
      const gaps = noSingles ? gapsOf(map, new Map(found.map(({ block, seats = [] }) => [block, seats]))) : undefined;
      const takes = allotTakes(
        found,
        lines.map((line) => line.quantity),
      );
      return ok(choiceOf(map, takes, gaps));
    },
  };
}

function choiceOf(
  map: SeatMap,
  takes: readonly (readonly Take[])[],
  gaps: ReadonlyMap<number, readonly Gap[]> | undefined,
): Choice {
  const lines = takes.map((line) => ({
    takes: line,
    labels: line.flatMap(({ seats = [] }) => seats.map((seatId) => seatLabel(map, seatId))),
  }));
  return { lines, ...(gaps === undefined ? {} : { gaps }) };
}

function takesIn({ places }: SeatMap, seatIds: readonly string[]): readonly Take[] {
  const rows = Map.groupBy(seatIds, (seatId) => places.get(seatId)?.block ?? 0);
  return [...rows].map(([block, seats]) => ({ block, quantity: seats.length, seats }));
}

function gapsOf({ rows }: SeatMap, taken: ReadonlyMap<number, readonly string[]>): ReadonlyMap<number, readonly Gap[]> {
  return new Map(
    [...taken].flatMap(([block, seats]) => {
      const row = rows[block];
      return row === undefined ? [] : [[block, gapsBeside(row, new Set(seats))] as const];
    }),
  );
}

function seatsIn(found: Refusal['found']): ReadonlySet<string> {
  const free = found?.['free'];
  return new Set(free instanceof Set ? [...free].map(String) : []);
}

function misput(message: string): Problem {
  const errors = [{ path: 'items', message }];
  return problem('INVALID_INPUT', 'Look at the map of the event again.', { errors });
}

function singleLeft(seatIds: readonly string[]): Problem {
  const detail = `${seatIds.join(', ')} would be left alone. Take it as well, or leave two.`;
  return problem('SINGLE_SEAT_LEFT', detail, { extra: { seatIds } });
}

function unseated(name: string, why: Unseated): Problem {
  if (why.kind === 'SINGLES')
    return problem(
      'SINGLE_SEAT_LEFT',
      `Wherever that many sit in ${name}, one seat would be left alone. Try one more or fewer.`,
      {
        extra: { seatIds: [] },
      },
    );
  if (why.of === 'seats') return notEnough(name, why.available);
  const detail = `Only ${why.available} wheelchair places of ${name} are left.`;
  return problem('NOT_ENOUGH_TICKETS', detail, { extra: { available: why.available } });
}
