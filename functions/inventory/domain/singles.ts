import type { Seat, SeatRow } from '../contract.ts';

/** A seat that a sale leaves beside it; unless the one beyond is free as well, it must not be free itself. */
export interface Gap {
  readonly seatId: string;
  /** Undefined where nobody could sit beyond it: the end of the row, an aisle, a wheelchair place, or a seat of the sale. */
  readonly beyond: string | undefined;
}

/**
 * What must hold so that a sale of `taken` leaves no new single empty seat in the row (invariant I22). It follows
 * from the row alone, so that it can be a condition of the very write that takes the seats: what was free when
 * somebody looked does not matter.
 *
 * Wheelchair places and those beside them stand alone by their nature and are nobody's neighbour here.
 */
export function gapsBeside({ seats }: SeatRow, taken: ReadonlySet<string>): readonly Gap[] {
  const gaps = new Map<string, Gap>();
  for (const [index, seat] of seats.entries()) {
    if (!taken.has(seat.id) || seat.access !== undefined) continue;
    for (const step of [-1, 1] as const) {
      const left = besideOf(seats, index, step);
      if (left === undefined || taken.has(left.id)) continue;
      const beyond = besideOf(seats, index + step, step)?.id;
      gaps.set(left.id, { seatId: left.id, beyond: beyond === undefined || taken.has(beyond) ? undefined : beyond });
    }
  }
  return [...gaps.values()];
}

/** The seats that a sale with these gaps would leave alone, where `free` are the row's free seats before it. */
export function leftAlone(gaps: readonly Gap[], free: ReadonlySet<string>): readonly string[] {
  return gaps.flatMap(({ seatId, beyond }) =>
    free.has(seatId) && (beyond === undefined || !free.has(beyond)) ? [seatId] : [],
  );
}

/** The seat for one person next to the one at `index`, to the left (-1) or right (1), with no aisle between. */
function besideOf(seats: readonly Seat[], index: number, step: -1 | 1): Seat | undefined {
  const beside = seats[index + step];
  const aisle = (step === 1 ? beside : seats[index])?.aisleBefore === true;
  return beside === undefined || aisle || beside.access !== undefined ? undefined : beside;
}
