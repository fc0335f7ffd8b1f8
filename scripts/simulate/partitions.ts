/** What one partition of DynamoDB serves in a second, see `docs/on-sale.md` for the source. */
export const PARTITION_WRITES = 1_000;
export const PARTITION_READS = 3_000;

/** Units of one kind that a request takes from a partition. */
export interface Draw {
  readonly partition: number;
  readonly units: number;
}

interface Bucket {
  writes: number;
  reads: number;
  /** When it was filled last. */
  at: number;
}

/**
 * The partitions of a table: each serves so many units a second and refuses beyond that. What a second leaves is not
 * kept for the next one; that DynamoDB often does so is a favour that a sale must not need.
 */
export class Partitions {
  readonly count: number;
  readonly #buckets: Bucket[];

  /** @param warmWrites write units a second that the table serves at once: its warm throughput */
  constructor(warmWrites: number) {
    this.count = Math.max(1, Math.ceil(warmWrites / PARTITION_WRITES));
    this.#buckets = Array.from({ length: this.count }, () => ({
      writes: PARTITION_WRITES,
      reads: PARTITION_READS,
      at: 0,
    }));
  }

  /** Which partition keeps a key: keys are spread by a hash. */
  of(pk: string): number {
    let hash = 0x811c9dc5;
    for (let at = 0; at < pk.length; at += 1) hash = Math.imul(hash ^ pk.charCodeAt(at), 0x01000193);
    // FNV-1a leaves its last letters in the low bits alone: mixed once more.
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    return ((hash ^ (hash >>> 16)) >>> 0) % this.count;
  }

  /**
   * Takes the write units of a transaction from the partitions of its keys, or nothing where one of them has not as
   * much.
   *
   * @param now milliseconds
   * @returns whether it was there
   */
  takeWrites(draws: readonly Draw[], now: number): boolean {
    const wanted = new Map<number, number>();
    for (const { partition, units } of draws) wanted.set(partition, (wanted.get(partition) ?? 0) + units);
    for (const [partition, units] of wanted) if (this.#filled(partition, now).writes < units) return false;
    for (const [partition, units] of wanted) this.#filled(partition, now).writes -= units;
    return true;
  }

  /** Takes read units of one key, as {@link takeWrites}. */
  takeReads({ partition, units }: Draw, now: number): boolean {
    const bucket = this.#filled(partition, now);
    if (bucket.reads < units) return false;
    bucket.reads -= units;
    return true;
  }

  #filled(partition: number, now: number): Bucket {
    const bucket = this.#buckets[partition];
    if (bucket === undefined) throw new Error(`There is no partition ${partition}`);
    const seconds = (now - bucket.at) / 1_000;
    bucket.writes = Math.min(PARTITION_WRITES, bucket.writes + seconds * PARTITION_WRITES);
    bucket.reads = Math.min(PARTITION_READS, bucket.reads + seconds * PARTITION_READS);
    bucket.at = now;
    return bucket;
  }
}
