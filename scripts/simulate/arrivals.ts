import type { Chance } from './random.ts';

/** Somebody who comes for tickets. */
export interface Arrival {
  /** Milliseconds after the sale opened. */
  readonly at: number;
  readonly tickets: number;
}

/** How many of those who come want how many tickets. */
export interface PartyShare {
  readonly value: number;
  readonly weight: number;
}

/** Most come in pairs. */
export const USUAL_PARTIES: readonly PartyShare[] = [
  { value: 1, weight: 20 },
  { value: 2, weight: 50 },
  { value: 3, weight: 10 },
  { value: 4, weight: 20 },
];

/** Nobody who would take a single ticket that is left over. */
export const PARTIES_OF_TWO_AND_MORE: readonly PartyShare[] = [
  { value: 2, weight: 50 },
  { value: 3, weight: 20 },
  { value: 4, weight: 20 },
  { value: 6, weight: 10 },
];

/** `buyers` who come at random within so many seconds, none knowing of another. */
export function crowd(
  buyers: number,
  seconds: number,
  parties: readonly PartyShare[],
  chance: Chance,
): readonly Arrival[] {
  const perMs = buyers / (seconds * 1_000);
  let at = 0;
  return Array.from({ length: buyers }, () => {
    at += chance.gap(perMs);
    return { at, tickets: chance.pick(parties) };
  });
}

/** Buyers whom a waiting room lets in one after the other, `perSecond` of them, each some way into their turn. */
export function paced(
  buyers: number,
  perSecond: number,
  parties: readonly PartyShare[],
  chance: Chance,
): readonly Arrival[] {
  const turn = 1_000 / perSecond;
  return Array.from({ length: buyers }, (_unused, index) => ({
    at: (index + chance.next()) * turn,
    tickets: chance.pick(parties),
  }));
}

/** Let in as {@link paced}, and wanting exactly `tickets` altogether: whatever is left over at the end is stranded. */
export function pacedDemand(
  tickets: number,
  perSecond: number,
  parties: readonly PartyShare[],
  chance: Chance,
): readonly Arrival[] {
  const smallest = Math.min(...parties.map(({ value }) => value));
  const wanted: number[] = [];
  for (let left = tickets; left > 0;) {
    // The last ones want what makes it come out even; nobody wants fewer than the smallest party.
    const party = left < 2 * smallest ? left : chance.pick(parties);
    if (party !== left && left - party < smallest) continue;
    wanted.push(party);
    left -= party;
  }
  const turn = 1_000 / perSecond;
  return wanted.map((each, index) => ({ at: (index + chance.next()) * turn, tickets: each }));
}
