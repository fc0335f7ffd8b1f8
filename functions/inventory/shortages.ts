import { SECOND, type Clock, type Instant } from '../shared/kernel/clock.ts';

/** For how long a proof that a pool is short may be answered from: what comes back on sale is offered within it. */
const PROOF_HOLDS_MS = SECOND;
/** Pools that are kept in mind; beyond that the outdated ones are forgotten. */
const MOST_POOLS = 1_000;

/** When all blocks of a pool were begun to be read, and how many tickets were free in them. */
interface Proof {
  readonly at: Instant;
  readonly available: number;
}

/**
 * The proofs of the last second that pools have too little, kept by an execution environment (ADR 53): a crowd that is
 * refused reads all blocks once a second for each environment, and writes nothing, instead of each buyer for themselves.
 * Nothing is kept of what there is enough of, so a buyer is never sent after stock that is gone.
 */
export class Shortages {
  readonly #proofs = new Map<string, Proof>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What {@link keep} is told: the time before a proof's first read. */
  begin(): Instant {
    return this.#clock();
  }

  /** Keeps that all blocks of a pool, read since `at`, had `available` free tickets and that this was too little. */
  keep(poolId: string, at: Instant, available: number): void {
    if (this.#proofs.size >= MOST_POOLS) this.#forget();
    this.#proofs.set(poolId, { at, available });
  }

  /** How many tickets of a pool are free, where it is proven that these are fewer than `quantity`. */
  provenFor(poolId: string, quantity: number): number | undefined {
    const proof = this.#proofs.get(poolId);
    return proof !== undefined && this.#isFresh(proof) && proof.available < quantity ? proof.available : undefined;
  }

  /** A clock that was set back says nothing of how old a proof is. */
  #isFresh({ at }: Proof): boolean {
    const age = this.#clock() - at;
    return age >= 0 && age <= PROOF_HOLDS_MS;
  }

  #forget(): void {
    for (const [poolId, proof] of this.#proofs) if (!this.#isFresh(proof)) this.#proofs.delete(poolId);
  }
}
