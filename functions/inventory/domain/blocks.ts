import { createHash } from 'node:crypto';

import type { Take } from '../contract.ts';

/** Holds per second that one block carries within 5 % conflicts: see performance.md, "rule of thumb". */
const TICKETS_PER_BLOCK = 1_000;
const MOST_BLOCKS = 16;

/** How many blocks a ticket type of `quantity` tickets is split into: 1 for a small event, 16 for an on-sale. */
export function blockCount(quantity: number): number {
  return Math.min(MOST_BLOCKS, Math.max(1, Math.ceil(quantity / TICKETS_PER_BLOCK)));
}

/** `quantity` split over `blocks` as evenly as integers allow; the sizes add up to `quantity`. */
export function blockSizes(quantity: number, blocks: number): readonly number[] {
  const base = Math.floor(quantity / blocks);
  return Array.from({ length: blocks }, (_unused, index) => base + (index < quantity % blocks ? 1 : 0));
}

/**
 * The order in which a buyer tries blocks: from a hash of their hold, then on around the ring. Buyers
 * spread evenly without knowing of each other.
 */
export function probeOrder(seed: string, blocks: number): readonly number[] {
  const start = createHash('sha256').update(seed).digest().readUInt32BE(0) % blocks;
  return Array.from({ length: blocks }, (_unused, index) => (start + index) % blocks);
}

/** What a consistent read of a block showed. */
export interface BlockState {
  readonly block: number;
  readonly free: number;
}

/**
 * The fewest blocks that together yield `quantity`, or undefined when all of them together do not: the proof that a
 * type is sold out for a party of this size, and the way nothing is stranded at the tail. Where one block suffices it
 * is one of those that do, by `start`; else the fullest are taken, of equally full ones the first.
 *
 * @param start where this buyer begins to look: all would meet in the same blocks at the tail if each took the fullest
 */
export function gather(states: readonly BlockState[], quantity: number, start = 0): readonly Take[] | undefined {
  const ring = states.toSorted((left, right) => onRing(left, start) - onRing(right, start));
  const able = states.filter(({ free }) => free >= quantity).toSorted((left, right) => left.block - right.block);
  // Not the first on the ring: after a run of empty blocks that one would be met by all who begin in the run.
  const alone = able[start % Math.max(1, able.length)];
  if (alone !== undefined && quantity > 0) return [{ block: alone.block, quantity }];
  const takes: Take[] = [];
  let missing = quantity;
  // Sorting is stable, so blocks that are equally full stay in the order of the ring.
  for (const { block, free } of ring.toSorted((left, right) => right.free - left.free)) {
    if (missing === 0) break;
    const part = Math.min(free, missing);
    if (part > 0) takes.push({ block, quantity: part });
    missing -= part;
  }
  return missing === 0 ? takes : undefined;
}

/** Blocks from `start` on come before those that the ring comes round to. */
function onRing({ block }: BlockState, start: number): number {
  return block < start ? block + RING : block;
}

/** More blocks than there ever are. */
const RING = 1_000_000;

/**
 * Splits what was taken over the lines that it was taken for, in their order.
 *
 * @param takes add up to the sum of `quantities`
 */
export function allot(takes: readonly Take[], quantities: readonly number[]): readonly (readonly Take[])[] {
  const rest = takes.map((each) => ({ ...each }));
  return quantities.map((quantity) => {
    const parts: Take[] = [];
    let missing = quantity;
    while (missing > 0) {
      const [head] = rest;
      if (head === undefined) throw new Error('Fewer tickets were taken than the lines are for');
      const part = Math.min(head.quantity, missing);
      const seats = head.seats?.slice(0, part);
      parts.push({ block: head.block, quantity: part, ...(seats === undefined ? {} : { seats }) });
      head.quantity -= part;
      if (head.seats !== undefined) head.seats = head.seats.slice(part);
      if (head.quantity === 0) rest.shift();
      missing -= part;
    }
    return parts;
  });
}
