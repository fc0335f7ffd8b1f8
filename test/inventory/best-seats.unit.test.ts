import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Seat, SeatRow } from '../../functions/inventory/contract.ts';
import {
  bestApart,
  bestTogether,
  countFree,
  takesOf,
  type Group,
  type RowState,
} from '../../functions/inventory/domain/best-seats.ts';
import { gapsBeside, leftAlone } from '../../functions/inventory/domain/singles.ts';

/** A row drawn as text: `.` free, `x` taken, `w` a free wheelchair place, `c` one beside it, `|` an aisle. */
function drawn(text: string, block = 0, as: Partial<SeatRow> = {}): RowState {
  const seats: Seat[] = [];
  const free = new Set<string>();
  let aisleBefore = false;
  for (const sign of text) {
    if (sign === '|') {
      aisleBefore = true;
      continue;
    }
    const id = `${block}-${seats.length + 1}`;
    const access = sign === 'w' ? 'WHEELCHAIR' : sign === 'c' ? 'COMPANION' : undefined;
    seats.push({
      id,
      number: String(seats.length + 1),
      ...(aisleBefore ? { aisleBefore } : {}),
      ...(access === undefined ? {} : { access }),
    });
    if (sign !== 'x') free.add(id);
    aisleBefore = false;
  }
  const row = { label: 'A', centre: (seats.length - 1) / 2, distance: 300 + 30 * block, pitch: 24, seats, ...as };
  return { block, row, free };
}

const ONE_PERSON = 0;
const numbers = (group: Group | undefined): readonly number[] | undefined =>
  group?.seats.map((id) => Number(id.split('-')[1]));
const together = (rows: readonly string[], seats: number, noSingles = false, wheelchairs = ONE_PERSON) =>
  bestTogether(
    rows.map((text, block) => drawn(text, block)),
    { seats, wheelchairs },
    { noSingles, pick: 0 },
  );

describe('the best seats', () => {
  it.each([
    ['the middle of the front row', ['.......', '.......'], 3, [3, 4, 5]],
    ['a row behind, where the front has no three together', ['..x..x.', '.......'], 3, [3, 4, 5]],
    ['the middle of a row behind, before the end of the front row', ['xxxxxxxxxxxxxx..', '...............'], 2, [7, 8]],
    ['never across an aisle', ['..|..', 'x...x'], 3, [2, 3, 4]],
    ['never a wheelchair place that nobody asked for', ['.wcw.', 'x...x'], 3, [2, 3, 4]],
  ])('are %s', (_what, rows, seats, expected) => {
    expect(numbers(together(rows, seats))).toEqual(expected);
  });

  it('for somebody in a wheelchair are a wheelchair place and what is beside it', () => {
    expect(numbers(together(['...wc..w'], 2, false, 1))).toEqual([4, 5]);
    expect(numbers(together(['.......', '..wcw..'], 3, false, 2))).toEqual([3, 4, 5]);
    expect(together(['...c...'], 2, false, 1)).toBeUndefined();
  });

  it('with the rule on single seats leave two or none', () => {
    expect(numbers(together(['....'], 3))).toEqual([1, 2, 3]);
    expect(together(['....'], 3, true)).toBeUndefined();
    expect(numbers(together(['.....'], 3, true))).toEqual([1, 2, 3]);
    expect(numbers(together(['....', '.....'], 3, true))).toEqual([1, 2, 3]);
  });

  it('of a restricted view come after those that see all of the stage a little farther back', () => {
    const [front, behind] = [drawn('..', 0), drawn('..', 1)];
    const pillar = { ...front.row, seats: front.row.seats.map((seat) => ({ ...seat, restrictedView: true })) };
    const best = bestTogether(
      [{ ...front, row: pillar }, behind],
      { seats: 2, wheelchairs: 0 },
      { noSingles: false, pick: 0 },
    );
    expect(best?.block).toBe(1);
  });

  it('are others for parties that have lost a race, and none of them the same', () => {
    const rows = [drawn('.........', 0), drawn('.........', 1)];
    const picks = [0, 1, 2, 3, 4, 5].map((pick) =>
      bestTogether(rows, { seats: 3, wheelchairs: 0 }, { noSingles: false, pick }),
    );
    const seats = picks.flatMap((group) => group?.seats ?? []);
    expect(new Set(seats).size).toBe(seats.length);
  });

  it('are in few groups where no row has them together', () => {
    const rows = ['..x..', 'x...x', '.x.x.'].map((text, block) => drawn(text, block));
    const apart = bestApart(rows, { seats: 5, wheelchairs: 0 }, false);
    expect(apart?.map(({ seats }) => seats.length)).toEqual([3, 2]);
    expect(bestApart(rows, { seats: 11, wheelchairs: 0 }, false)).toBeUndefined();
    expect(bestApart([drawn('.x.')], { seats: 2, wheelchairs: 0 }, true)).toHaveLength(2);
    expect(bestApart([drawn('...')], { seats: 2, wheelchairs: 0 }, true)).toBeUndefined();
  });

  it('with wheelchairs has a companion beside each, while there are people and places for it', () => {
    const seated = (
      rows: readonly string[],
      seats: number,
      wheelchairs: number,
    ): readonly (readonly number[] | undefined)[] | undefined =>
      bestApart(
        rows.map((text, block) => drawn(text, block)),
        { seats, wheelchairs },
        false,
      )?.map(numbers);
    expect(seated(['wcx..'], 4, 1), 'the two at the wall, the others beyond').toEqual([
      [1, 2],
      [4, 5],
    ]);
    expect(seated(['wcxxcw'], 4, 2), 'two and two').toEqual([
      [1, 2],
      [5, 6],
    ]);
    expect(seated(['cwxxx.w'], 3, 2), 'whoever comes along sits with one of them').toEqual([[1, 2], [7]]);
    expect(seated(['wcx.'], 2, 2), 'no more wheelchair places than there are').toBeUndefined();
    // The nearest two would take the place that is the other's only neighbour.
    expect(seated(['wcwcx'], 4, 2)).toEqual([
      [3, 4],
      [1, 2],
    ]);
    expect(countFree([drawn('wcwxc|wcw')])).toEqual({ seats: 0, wheelchairs: 4, companions: 2 });
  });
});

const anyRow = fc.string({ unit: fc.constantFrom('.', '.', '.', 'x', 'w', 'c', '|'), minLength: 1, maxLength: 24 });
const anyHouse = fc
  .array(anyRow, { minLength: 1, maxLength: 5 })
  .map((rows) => rows.map((text, block) => drawn(text, block)));

/** The seats of a row that are free and alone: no neighbour for one person is free. Written apart from the code under test. */
function singlesIn({ row, free }: RowState): readonly string[] {
  const ordinary = (index: number): boolean => {
    const seat = row.seats[index];
    return seat !== undefined && seat.access === undefined && free.has(seat.id);
  };
  return row.seats.flatMap((seat, index) => {
    if (!ordinary(index)) return [];
    const left = seat.aisleBefore !== true && ordinary(index - 1);
    const right = row.seats[index + 1]?.aisleBefore !== true && ordinary(index + 1);
    return left || right ? [] : [seat.id];
  });
}

const after = (state: RowState, taken: ReadonlySet<string>): RowState => ({
  ...state,
  free: new Set([...state.free].filter((seatId) => !taken.has(seatId))),
});

describe('any house', () => {
  it('has new single seats exactly where the gaps of a sale say so (I22)', () => {
    fc.assert(
      fc.property(anyRow, fc.infiniteStream(fc.boolean()), (text, coins) => {
        const state = drawn(text);
        const taken = new Set([...state.free].filter(() => coins.next().value));
        const told = leftAlone(gapsBeside(state.row, taken), state.free);
        const [before, then] = [singlesIn(state), singlesIn(after(state, taken))];
        expect(new Set(told)).toEqual(new Set(then.filter((seatId) => !before.includes(seatId))));
      }),
      { numRuns: 5_000 },
    );
  });

  it('gives free seats only, side by side, as many as asked, wheelchair places on request alone, and no new single', () => {
    fc.assert(
      fc.property(
        anyHouse,
        fc.record({ seats: fc.integer({ min: 1, max: 8 }), wheelchairs: fc.integer({ min: 0, max: 2 }) }),
        fc.boolean(),
        fc.nat(20),
        (house, wanted, noSingles, pick) => {
          const party = { ...wanted, wheelchairs: Math.min(wanted.seats, wanted.wheelchairs) };
          const best = bestTogether(house, party, { noSingles, pick });
          const groups = best === undefined ? bestApart(house, party, noSingles) : [best];
          expect(
            groups === undefined ? refusalFaults(house, party, noSingles) : faultsOf(house, party, noSingles, groups),
          ).toEqual([]);
          expect(best === undefined || isSideBySide(house, best)).toBe(true);
        },
      ),
      { numRuns: 5_000 },
    );
  });

  it('has no seats side by side that are nearer than those it gives', () => {
    fc.assert(
      fc.property(anyHouse, fc.integer({ min: 1, max: 5 }), (house, seats) => {
        const best = bestTogether(house, { seats, wheelchairs: 0 }, { noSingles: false, pick: 0 });
        const all = house.flatMap((state) =>
          state.row.seats.flatMap((_seat, start) => {
            const chosen = state.row.seats.slice(start, start + seats);
            const group = { block: state.block, seats: chosen.map(({ id }) => id), distance: 0 };
            const fits =
              chosen.length === seats &&
              chosen.every(({ id, access }) => access === undefined && state.free.has(id)) &&
              isSideBySide(house, group);
            const away = chosen.map((_each, offset) =>
              Math.hypot(300 + 30 * state.block, 24 * (start + offset - state.row.centre)),
            );
            return fits ? [away.reduce((sum, each) => sum + each, 0) / seats] : [];
          }),
        );
        expect(best?.distance ?? Infinity).toBe(Math.min(...all));
      }),
      { numRuns: 1_000 },
    );
  });
});

/** What is wrong with seats that were given to a party. */
function faultsOf(
  house: readonly RowState[],
  party: { readonly seats: number; readonly wheelchairs: number },
  noSingles: boolean,
  groups: readonly Group[],
): readonly string[] {
  const takes = takesOf(groups);
  const faults: string[] = [];
  const all = takes.flatMap(({ seats = [] }) => seats);
  if (new Set(all).size !== party.seats || all.length !== party.seats) faults.push('not as many as asked');
  if (takes.reduce((sum, { quantity }) => sum + quantity, 0) !== party.seats) faults.push('miscounted');
  let wheelchairs = 0;
  for (const { block, seats = [] } of takes) {
    const state = house[block];
    if (state === undefined) return ['a row that is not there'];
    if (!seats.every((seatId) => state.free.has(seatId))) faults.push('taken before');
    const access = seats.map((seatId) => state.row.seats.find(({ id }) => id === seatId)?.access);
    wheelchairs += access.filter((each) => each === 'WHEELCHAIR').length;
    if (party.wheelchairs === 0 && access.some((each) => each !== undefined)) faults.push('not asked for');
    const before = singlesIn(state);
    const alone = singlesIn(after(state, new Set(seats))).filter((seatId) => !before.includes(seatId));
    if (noSingles && alone.length > 0) faults.push(`left alone: ${alone.join()}`);
  }
  if (wheelchairs !== party.wheelchairs) faults.push(`${wheelchairs} wheelchair places`);
  return faults;
}

/** Without the rule on single seats nobody is refused while there are enough places. */
function refusalFaults(
  house: readonly RowState[],
  { seats, wheelchairs }: { readonly seats: number; readonly wheelchairs: number },
  noSingles: boolean,
): readonly string[] {
  const free = countFree(house);
  const companions = Math.min(free.companions, wheelchairs);
  const enough = free.seats + companions >= seats - wheelchairs && free.wheelchairs >= wheelchairs;
  return enough && !noSingles ? ['refused while there are enough'] : [];
}

function isSideBySide(house: readonly RowState[], { block, seats }: Group): boolean {
  const row = house[block]?.row.seats ?? [];
  const places = seats.map((seatId) => row.findIndex(({ id }) => id === seatId));
  return places.every(
    (place, index) => index === 0 || (place === (places[index - 1] ?? -2) + 1 && row[place]?.aisleBefore !== true),
  );
}
