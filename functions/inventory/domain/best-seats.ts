import type { SeatRow, Take } from '../contract.ts';
import { gapsBeside, leftAlone } from './singles.ts';

/** Who wants to sit together. */
export interface Party {
  /** People, those in wheelchairs included. */
  readonly seats: number;
  /** How many of them need a wheelchair place. Such places are given to nobody who did not ask. */
  readonly wheelchairs: number;
}

/** A row with what of it is free. */
export interface RowState {
  /** The number of its block, which is its place among the rows of its pool. */
  readonly block: number;
  readonly row: SeatRow;
  readonly free: ReadonlySet<string>;
}

/** Seats in one row, side by side. */
export interface Group {
  readonly block: number;
  readonly seats: readonly string[];
  /** How far they are from the focal point, in units of the drawing: the mean over the seats. */
  readonly distance: number;
}

/** How groups are chosen. */
export interface Choosing {
  /** No single empty seat may be left (invariant I22). */
  readonly noSingles: boolean;
  /**
   * Which of the best groups, counted from 0, to take: parties that lost a race to each other must not all run for
   * the same seats again.
   */
  readonly pick: number;
}

/** A seat from which one sees less counts as this much farther away. */
const RESTRICTED = 1.5;

/**
 * The seats side by side that are nearest to the focal point, or undefined where no row has that many together.
 * Of seats equally near those of the row before, and from the left, are taken.
 */
export function bestTogether(
  states: readonly RowState[],
  party: Party,
  { noSingles, pick }: Choosing,
): Group | undefined {
  const groups = states.flatMap((state) => groupsIn(state, party, noSingles));
  // Sorting is stable, and they come row by row.
  groups.sort((left, right) => left.distance - right.distance);
  if (pick === 0) return groups[0];
  const [apart, used] = [new Array<Group>(), new Set<string>()];
  for (const group of groups) {
    if (group.seats.some((seatId) => used.has(seatId))) continue;
    for (const seatId of group.seats) used.add(seatId);
    apart.push(group);
    if (apart.length > pick) break;
  }
  return apart[pick % Math.max(1, apart.length)];
}

/** Groups that are looked at before a party that cannot sit together is told that it cannot sit at all. */
const MOST_LOOKS = 300;

/**
 * Seats for a party that no row has room for: in as few groups as a look for the largest first finds. Who needs a
 * wheelchair place sits with one of the party, as long as there are any and a place for them: each of the nearest such two,
 * or, where that leaves too few, with companions' places given out so that as many as possible are of use.
 *
 * @returns undefined where there are too few, or each way would leave a single seat
 */
export function bestApart(states: readonly RowState[], party: Party, noSingles: boolean): readonly Group[] | undefined {
  const withNobody = (): Group | undefined => undefined;
  const ways = party.wheelchairs === 0 ? [withNobody] : [nearestTwo(noSingles), nextWithCompanion, withNobody];
  for (const way of ways) {
    const placed = placeWheelchairs(states, party, noSingles, way);
    const others = placed === undefined ? undefined : splitUp(placed.rest, party.seats - placed.people, noSingles);
    if (placed !== undefined && others !== undefined) return [...placed.groups, ...others];
  }
  return undefined;
}

/** A wheelchair place with a seat beside it, or undefined where there is none. */
type Pairing = (states: readonly RowState[]) => Group | undefined;

function nearestTwo(noSingles: boolean): Pairing {
  return (states) => bestTogether(states, { seats: 2, wheelchairs: 1 }, { noSingles, pick: 0 });
}

function nextWithCompanion(states: readonly RowState[]): Group | undefined {
  return states.flatMap(pairsIn).toSorted((left, right) => left.distance - right.distance)[0];
}

/** One wheelchair place after the other, each with one of the party beside it where `pairing` finds two. */
function placeWheelchairs(
  states: readonly RowState[],
  { seats, wheelchairs }: Party,
  noSingles: boolean,
  pairing: Pairing,
): { readonly groups: readonly Group[]; readonly rest: readonly RowState[]; readonly people: number } | undefined {
  let [rest, people] = [states, 0];
  const groups: Group[] = [];
  for (let placed = 0; placed < wheelchairs; placed += 1) {
    const alone = wheelchairs - placed;
    const pair = seats - people > alone ? pairing(rest) : undefined;
    const group = pair ?? bestTogether(rest, { seats: 1, wheelchairs: 1 }, { noSingles, pick: 0 });
    if (group === undefined) return undefined;
    groups.push(group);
    rest = without(rest, group);
    people += group.seats.length;
  }
  return { groups, rest, people };
}

/** People in ordinary seats, in as few groups as a look for the largest first finds. */
function splitUp(states: readonly RowState[], people: number, noSingles: boolean): readonly Group[] | undefined {
  let looks = 0;
  const split = (left: readonly RowState[], still: number, largest: number): readonly Group[] | undefined => {
    if (still === 0) return [];
    for (let size = Math.min(still, largest); size > 0; size -= 1) {
      if ((looks += 1) > MOST_LOOKS) return undefined;
      const group = bestTogether(left, { seats: size, wheelchairs: 0 }, { noSingles, pick: 0 });
      const others = group === undefined ? undefined : split(without(left, group), still - size, size);
      if (group !== undefined && others !== undefined) return [group, ...others];
    }
    return undefined;
  };
  return split(states, people, people);
}

/** Places that are free, by whom they are for. */
export interface FreePlaces {
  /** Seats for anybody. */
  readonly seats: number;
  readonly wheelchairs: number;
  /** Places for who comes along, each beside a free wheelchair place that no other of them is counted for. */
  readonly companions: number;
}

export function countFree(states: readonly RowState[]): FreePlaces {
  let [seats, wheelchairs, companions] = [0, 0, 0];
  for (const state of states) {
    companions += pairsIn(state).length;
    for (const { id, access } of state.row.seats) {
      if (!state.free.has(id)) continue;
      if (access === undefined) seats += 1;
      if (access === 'WHEELCHAIR') wheelchairs += 1;
    }
  }
  return { seats, wheelchairs, companions };
}

/**
 * Free wheelchair places of a row, each with a free companion's place beside it that is no other's: as many as there can
 * be, since along a row whoever takes the neighbour on the left first leaves the most.
 */
function pairsIn({ block, row, free }: RowState): readonly Group[] {
  const pairs: Group[] = [];
  let taken = -1;
  const isFree = (index: number, access: SeatRow['seats'][number]['access']): boolean => {
    const seat = row.seats[index];
    return seat !== undefined && seat.access === access && index > taken && free.has(seat.id);
  };
  for (const [index, { aisleBefore }] of row.seats.entries()) {
    if (!isFree(index, 'WHEELCHAIR')) continue;
    const [left, right] = [aisleBefore !== true, row.seats[index + 1]?.aisleBefore !== true];
    const start =
      left && isFree(index - 1, 'COMPANION') ? index - 1 : right && isFree(index + 1, 'COMPANION') ? index : -1;
    if (start < 0) continue;
    taken = start + 1;
    const seats = row.seats.slice(start, start + 2).map(({ id }) => id);
    pairs.push({ block, seats, distance: distanceOf(row, start, 2) });
  }
  return pairs;
}

/** What is taken from each block for `groups`, in the order of the rows. */
export function takesOf(groups: readonly Group[]): readonly Take[] {
  const byBlock = Map.groupBy(groups, ({ block }) => block);
  return [...byBlock]
    .toSorted(([left], [right]) => left - right)
    .map(([block, parts]) => {
      const seats = parts.flatMap((part) => part.seats);
      return { block, quantity: seats.length, seats };
    });
}

/** Every way in which `party` can sit side by side in a row. */
function groupsIn({ block, row, free }: RowState, party: Party, noSingles: boolean): readonly Group[] {
  const groups: Group[] = [];
  for (const [from, until] of runsOf(row, free, party.wheelchairs > 0)) {
    for (let start = from; start + party.seats <= until; start += 1) {
      const chosen = row.seats.slice(start, start + party.seats);
      const wheelchairs = chosen.filter(({ access }) => access === 'WHEELCHAIR').length;
      if (wheelchairs !== party.wheelchairs) continue;
      const seats = chosen.map(({ id }) => id);
      if (noSingles && leftAlone(gapsBeside(row, new Set(seats)), free).length > 0) continue;
      groups.push({ block, seats, distance: distanceOf(row, start, party.seats) });
    }
  }
  return groups;
}

/** The stretches of free seats with no aisle in them, as [first, after the last]. */
function runsOf({ seats }: SeatRow, free: ReadonlySet<string>, accessible: boolean): readonly [number, number][] {
  const runs: [number, number][] = [];
  for (const [index, { id, access, aisleBefore }] of seats.entries()) {
    if (!free.has(id) || (access !== undefined && !accessible)) continue;
    const run = runs.at(-1);
    if (run?.[1] === index && aisleBefore !== true) run[1] = index + 1;
    else runs.push([index, index + 1]);
  }
  return runs;
}

function distanceOf({ seats, distance, pitch, centre }: SeatRow, start: number, count: number): number {
  const chosen = seats.slice(start, start + count);
  const away = chosen.map(({ restrictedView }, offset) => {
    const straight = Math.hypot(distance, pitch * (start + offset - centre));
    return restrictedView === true ? straight * RESTRICTED : straight;
  });
  return away.reduce((sum, each) => sum + each, 0) / count;
}

function without(states: readonly RowState[], { block, seats }: Group): readonly RowState[] {
  return states.map((state) =>
    state.block === block
      ? { ...state, free: new Set([...state.free].filter((seatId) => !seats.includes(seatId))) }
      : state,
  );
}
