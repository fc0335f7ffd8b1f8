import type { SaleResult, Story } from './sale.ts';

/** Until this share of the tickets is held it is the crowd that counts; the rest is the tail, where buyers look for the last ones. */
const CROWD_SHARE = 0.9;

/** What an on-sale came to, in the figures of its report. */
export interface Summary {
  readonly blocks: number;
  /** Buyers who got tickets, and tickets that they hold. */
  readonly holds: number;
  readonly sold: number;
  /** Holds a second until nine tenths of the tickets were held. */
  readonly holdsPerSecond: number;
  /** When the last ticket was held, seconds after the sale opened; undefined where some were left. */
  readonly soldOutAfter: number | undefined;
  /** Write units of a hold with all that its buyer tried before; in the crowd, and over the whole sale. */
  readonly unitsInCrowd: number;
  readonly units: number;
  /** Conflicts that a hold met, in the crowd and over the whole sale. */
  readonly conflictsInCrowd: number;
  readonly conflicts: number;
  /** From a buyer's first request to the hold, coming back included, milliseconds. */
  readonly medianMs: number;
  readonly p99Ms: number;
  readonly p99InCrowdMs: number;
  /** Requests that a partition refused, of all buyers. */
  readonly throttles: number;
  /** Buyers who were told that nothing is left, by an answer or by the page. */
  readonly toldSoldOut: number;
  readonly gaveUp: number;
  readonly left: number;
  /** Tickets left although somebody who wanted no more than that many went without. */
  readonly stranded: number;
  /** Share of those who hold tickets who were among as many who came first; 1 is a queue. */
  readonly fairness: number;
  readonly toldWrongly: number;
}

/** @param blocks that the sale was split into */
export function summarise({ stories, left, toldWrongly }: SaleResult, blocks: number): Summary {
  const held = stories.filter(({ ending }) => ending === 'HELD').toSorted((one, other) => one.endedAt - other.endedAt);
  const sold = held.reduce((sum, { tickets }) => sum + tickets, 0);
  const crowd = untilSold(held, (sold + left) * CROWD_SHARE);
  const without = stories.filter(({ ending }) => ending !== 'HELD');
  const crowdSeconds = (crowd.at(-1)?.endedAt ?? 0) / 1_000;
  const count = (...endings: readonly Story['ending'][]): number =>
    without.filter(({ ending }) => endings.includes(ending)).length;
  return {
    blocks,
    holds: held.length,
    sold,
    holdsPerSecond: crowdSeconds === 0 ? 0 : crowd.length / crowdSeconds,
    soldOutAfter: left === 0 ? (held.at(-1)?.endedAt ?? 0) / 1_000 : undefined,
    unitsInCrowd: mean(crowd, ({ usage }) => usage.writeUnits),
    units: mean(held, ({ usage }) => usage.writeUnits),
    conflictsInCrowd: mean(crowd, ({ usage }) => usage.conflicts),
    conflicts: mean(held, ({ usage }) => usage.conflicts),
    medianMs: quantile(held, 0.5),
    p99Ms: quantile(held, 0.99),
    p99InCrowdMs: quantile(crowd, 0.99),
    throttles: stories.reduce((sum, { usage }) => sum + usage.throttles, 0),
    toldSoldOut: count('SOLD_OUT', 'TOO_FEW_LEFT', 'SAW_SOLD_OUT'),
    gaveUp: count('GAVE_UP'),
    left,
    stranded: without.some(({ tickets }) => tickets <= left) ? left : 0,
    fairness: fairnessOf(stories, held.length),
    toldWrongly,
  };
}

/** Those of `held`, in their order, by whom `tickets` were held. */
function untilSold(held: readonly Story[], tickets: number): readonly Story[] {
  let sold = 0;
  const last = held.findIndex((story) => (sold += story.tickets) >= tickets);
  return last < 0 ? held : held.slice(0, last + 1);
}

function fairnessOf(stories: readonly Story[], holds: number): number {
  if (holds === 0) return 1;
  // Arrivals are in the order of their coming.
  return stories.slice(0, holds).filter(({ ending }) => ending === 'HELD').length / holds;
}

function mean(stories: readonly Story[], of: (story: Story) => number): number {
  return stories.length === 0 ? 0 : stories.reduce((sum, story) => sum + of(story), 0) / stories.length;
}

/** How long it took all but the slowest, milliseconds. */
function quantile(stories: readonly Story[], share: number): number {
  const took = stories.map(({ at, endedAt }) => endedAt - at).toSorted((left, right) => left - right);
  return took[Math.min(took.length - 1, Math.floor(took.length * share))] ?? 0;
}
