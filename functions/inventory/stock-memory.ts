import type { Clock } from '../shared/kernel/clock.ts';
import { HomeBlocks } from './homes.ts';
import { Shortages } from './shortages.ts';

/** What an execution environment remembers of stock from one request to the next: hints, and proofs of a second. */
export interface StockMemory {
  readonly shortages: Shortages;
  readonly homes: HomeBlocks;
}

/** The memory of an environment that has served nobody yet. */
export function stockMemory(clock: Clock): StockMemory {
  return { shortages: new Shortages(clock), homes: new HomeBlocks() };
}
