import { blockCount, gather, type BlockState } from './blocks.ts';

/** What a consistent read of a block of counted stock showed. */
export interface CountedBlock extends BlockState {
  /** Tickets of it that are off sale: the house's own. */
  readonly blocked: number;
}

/** By how much a block changes; stock is conserved block by block, so `size` moves with what moves in it. */
export interface BlockChange {
  readonly block: number;
  readonly size: number;
  readonly free: number;
  readonly blocked: number;
}

/**
 * Most blocks that a pool is split into: about 10,000 holds a second at a tenth of conflicts, which is more than a table
 * is warm for. Whoever proves that nothing is left reads as many, once a second in an environment (`shortages.ts`).
 */
export const MOST_SPREAD = 1_600;
/** Holds a second that one block carries, so that at most a tenth of them meet another in it (performance.md). */
const HOLDS_PER_BLOCK = 0.1 / 0.015;

/** How many blocks a sale of `holdsPerSecond` at its peak needs, never fewer than there are. */
export function spreadFor(holdsPerSecond: number, blocks: number): number {
  return Math.max(blocks, Math.min(MOST_SPREAD, Math.ceil(holdsPerSecond / HOLDS_PER_BLOCK)));
}

/** Holds a second that a pool of so many blocks carries: the reverse of {@link spreadFor}. */
export function holdsCarriedBy(blocks: number): number {
  return Math.floor(blocks * HOLDS_PER_BLOCK);
}

/** How many blocks a pool that grows to `capacity` has: as many as a new one, and those that it has. */
export function spreadOf(capacity: number, blocks: number): number {
  return Math.max(blocks, blockCount(capacity));
}

/** Tickets that can be bought. */
export function freeIn(states: readonly BlockState[]): number {
  return states.reduce((sum, { free }) => sum + free, 0);
}

/**
 * `more` tickets put on sale where least is free, so that buyers find them wherever they look.
 *
 * @param most blocks that may change
 */
export function addTickets(states: readonly BlockState[], more: number, most: number): readonly BlockChange[] {
  const emptiest = states.toSorted(byFree).slice(0, most);
  const levels = leveled(emptiest, more);
  return emptiest.flatMap(({ block, free }, index) => {
    const added = (levels[index] ?? free) - free;
    return added === 0 ? [] : [{ block, size: added, free: added, blocked: 0 }];
  });
}

/** How much each block holds once `more` is poured over them, those with least first. @param states emptiest first */
function leveled(states: readonly BlockState[], more: number): readonly number[] {
  let [rest, count] = [more, 0];
  // The level rises over one block after the other, as far as what is poured reaches.
  for (let level = states[0]?.free ?? 0; count < states.length; count += 1) {
    const next = states[count]?.free ?? level;
    if ((next - level) * count > rest) break;
    rest -= (next - level) * count;
    level = next;
  }
  const reached = states[count - 1]?.free ?? 0;
  return states.map(({ free }, index) =>
    index >= count ? free : reached + Math.floor(rest / count) + (index < rest % count ? 1 : 0),
  );
}

/** `fewer` free tickets taken out of as few blocks as possible; undefined when not as many are free. */
export function removeTickets(states: readonly BlockState[], fewer: number): readonly BlockChange[] | undefined {
  return gather(states, fewer)?.map(({ block, quantity }) => ({ block, size: -quantity, free: -quantity, blocked: 0 }));
}

/** `more` free tickets taken off sale, in as few blocks as possible; undefined when not as many are free. */
export function blockTickets(states: readonly BlockState[], more: number): readonly BlockChange[] | undefined {
  return gather(states, more)?.map(({ block, quantity }) => ({ block, size: 0, free: -quantity, blocked: quantity }));
}

/** `fewer` of the tickets that are off sale given back, where they lie. */
export function unblockTickets(states: readonly CountedBlock[], fewer: number): readonly BlockChange[] | undefined {
  const lying = states.map(({ block, blocked }) => ({ block, free: blocked }));
  return gather(lying, fewer)?.map(({ block, quantity }) => ({ block, size: 0, free: quantity, blocked: -quantity }));
}

/**
 * Free tickets moved from blocks that have more than their share to those that have less; none where they lie evenly
 * enough. It takes several steps, and each leaves less to do.
 *
 * @param most blocks that may change in one step
 */
export function evenOut(states: readonly BlockState[], most: number): readonly BlockChange[] {
  const share = Math.floor(freeIn(states) / Math.max(1, states.length));
  // Selling makes them uneven all the time: moving less than this is not worth a conflict.
  const slack = Math.floor(share / 10);
  const givers = states.filter(({ free }) => free > share + slack).toSorted((left, right) => byFree(right, left));
  const takers = states.filter(({ free }) => free < share - slack).toSorted(byFree);
  return moved(givers, takers, share, most);
}

function moved(
  givers: readonly BlockState[],
  takers: readonly BlockState[],
  share: number,
  most: number,
): readonly BlockChange[] {
  const moves = new Map<number, number>();
  let [giver, taker] = [0, 0];
  for (;;) {
    const [from, to] = [givers[giver], takers[taker]];
    if (from === undefined || to === undefined) break;
    if (moves.size + (moves.has(from.block) ? 0 : 1) + (moves.has(to.block) ? 0 : 1) > most) break;
    const surplus = from.free + (moves.get(from.block) ?? 0) - share;
    const missing = share - to.free - (moves.get(to.block) ?? 0);
    const part = Math.min(surplus, missing);
    moves.set(from.block, (moves.get(from.block) ?? 0) - part);
    moves.set(to.block, (moves.get(to.block) ?? 0) + part);
    if (part === surplus) giver += 1;
    if (part === missing) taker += 1;
  }
  return asMoves(moves);
}

/**
 * The free tickets of the fullest blocks gathered in the fullest: what is spread over more blocks than one
 * transaction can change fits one after a few such steps.
 */
export function gatherUp(states: readonly BlockState[], most: number): readonly BlockChange[] {
  const [into, ...others] = states.filter(({ free }) => free > 0).toSorted((left, right) => byFree(right, left));
  const from = others.slice(0, most - 1);
  if (into === undefined || from.length === 0) return [];
  return asMoves(new Map([[into.block, freeIn(from)], ...from.map(({ block, free }) => [block, -free] as const)]));
}

function asMoves(moves: ReadonlyMap<number, number>): readonly BlockChange[] {
  return [...moves].flatMap(([block, free]) => (free === 0 ? [] : [{ block, size: free, free, blocked: 0 }]));
}

function byFree(left: BlockState, right: BlockState): number {
  return left.free - right.free || left.block - right.block;
}
