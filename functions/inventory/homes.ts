/** A block of a pool that an environment is at home in. */
interface Home {
  readonly block: number;
  /** How many tickets the environment may still take there before it looks around again. */
  readonly stay: number;
}

/**
 * How much of what a block had when it was chosen is taken before the next one is looked for. All of it would mean fewer looks,
 * but some blocks would be emptied long before others, and the end of a sale be sold from a few.
 */
const SHARE = 0.75;
/** Tickets that are taken in a block of which nothing is known but that nobody else was in it. */
const WHILE = 16;
/** Pools that are kept in mind; beyond that the one that was sold from the longest time ago is forgotten. */
const MOST_POOLS = 1_000;

/**
 * The block of each pool in which an execution environment takes tickets for the time being (ADR 63). An environment
 * serves one request at a time, so in a block of its own its holds meet nobody; where two have the same one, the one that finds
 * it busy leaves. It is a hint and never a promise: what a block has, the condition of the write decides.
 */
export class HomeBlocks {
  readonly #homes = new Map<string, Home>();

  /** The block to go on in, unless `quantity` tickets are more than should be taken there still. */
  find(poolId: string, quantity: number): number | undefined {
    const home = this.#homes.get(poolId);
    return home !== undefined && home.stay >= quantity ? home.block : undefined;
  }

  /** Makes a block that was found with `free` tickets the home. */
  settle(poolId: string, block: number, free: number): void {
    this.#put(poolId, { block, stay: Math.ceil(free * SHARE) });
  }

  /** Counts what was taken from a block. Whoever has no home, since others were in it, is at home there for a while. */
  took(poolId: string, block: number, quantity: number): void {
    const home = this.#homes.get(poolId) ?? { block, stay: WHILE };
    if (home.block === block) this.#put(poolId, { block, stay: home.stay - quantity });
  }

  /** Others are in a block, or it has too little: it is the home no more. */
  leave(poolId: string, block: number): void {
    if (this.#homes.get(poolId)?.block === block) this.#homes.delete(poolId);
  }

  #put(poolId: string, home: Home): void {
    this.#homes.delete(poolId);
    const [oldest] = this.#homes.keys();
    if (oldest !== undefined && this.#homes.size >= MOST_POOLS) this.#homes.delete(oldest);
    this.#homes.set(poolId, home);
  }
}
