import * as z from 'zod/mini';

import { seatRow, type SeatRow } from '../contract.ts';

/** Characters of JSON in one part: half of what an item may hold, for letters of two bytes. */
const PART_LENGTH = 150_000;

/** Where a seat stands. */
export interface Place {
  readonly block: number;
  /** Its place in the row, from the left. */
  readonly index: number;
}

/** The rows of a seated pool: which block each seat is in, and how rows lie. It never changes. */
export interface SeatMap {
  /** Row `n` is block `n`; those with the best view come first. */
  readonly rows: readonly SeatRow[];
  readonly places: ReadonlyMap<string, Place>;
}

/** The map of `rows`. */
export function seatMapOf(rows: readonly SeatRow[]): SeatMap {
  const places = new Map(
    rows.flatMap(({ seats }, block) => seats.map(({ id }, index): [string, Place] => [id, { block, index }])),
  );
  return { rows, places };
}

/** `rows` as texts that each fit an item with room; see {@link parseSeatRows}. */
export function partsOf(rows: readonly SeatRow[]): readonly string[] {
  const parts: string[] = [];
  let part: string[] = [];
  let length = 0;
  for (const row of rows.map((each) => JSON.stringify(each))) {
    if (part.length > 0 && length + row.length > PART_LENGTH) {
      parts.push(`[${part.join()}]`);
      [part, length] = [[], 0];
    }
    part.push(row);
    length += row.length;
  }
  return [...parts, `[${part.join()}]`];
}

/** The rows that {@link partsOf} split. */
export function parseSeatRows(parts: readonly string[]): readonly SeatRow[] {
  return parts.flatMap((part) => z.parse(z.array(seatRow), JSON.parse(part)));
}

/** How a seat is named to people, for example `Stalls, row 5, seat 12`. */
export function seatLabel({ rows, places }: SeatMap, seatId: string): string {
  const place = places.get(seatId);
  const row = place === undefined ? undefined : rows[place.block];
  if (place === undefined || row === undefined) return seatId;
  const section = row.section === undefined ? '' : `${row.section}, `;
  // Plans call a row `5` or `Row 5`, as they like.
  const label = /\s/.test(row.label) ? row.label : `row ${row.label}`;
  return `${section}${label}, seat ${row.seats[place.index]?.number ?? seatId}`;
}
