import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import * as z from 'zod';

const Positions = z.record(z.string(), z.string());

/**
 * How far a stream has been handled: the last sequence number by shard. Kept in a file, written by
 * renaming, so that a restart goes on where the last run was.
 */
export class Checkpoints {
  readonly #file: string | undefined;
  readonly #positions: Map<string, string>;

  constructor(file: string | undefined) {
    this.#file = file;
    const kept = file !== undefined && existsSync(file) ? Positions.parse(JSON.parse(readFileSync(file, 'utf8'))) : {};
    this.#positions = new Map(Object.entries(kept));
  }

  /** Whether any shard was handled before: only then does a restart ignore the starting position. */
  get any(): boolean {
    return this.#positions.size > 0;
  }

  of(shardId: string): string | undefined {
    return this.#positions.get(shardId);
  }

  set(shardId: string, sequenceNumber: string): void {
    this.#positions.set(shardId, sequenceNumber);
    if (this.#file === undefined) return;
    mkdirSync(dirname(this.#file), { recursive: true });
    writeFileSync(`${this.#file}.new`, JSON.stringify(Object.fromEntries(this.#positions)));
    renameSync(`${this.#file}.new`, this.#file);
  }
}
