import type { LocalSystem } from '../audit/local-system.ts';
import type { Bundles } from './bundles.ts';
import type { Handlers } from './flows.ts';
import type { BenchWorld } from './world.ts';

/** What rows are measured with. */
export interface BenchContext {
  readonly world: BenchWorld;
  readonly handlers: Handlers;
  readonly bundles: Bundles;
  /** A running local system to measure as well, if one was named. */
  readonly http: LocalSystem | undefined;
  /** Told how a long row goes on. */
  readonly progress: (text: string) => void;
}

/** What a row came to. Ratios and counts only: nothing here may depend on how fast the machine is. */
export interface Measured {
  readonly figure: string;
  /** Undefined for a figure that is reported and has no goal to be held to. */
  readonly met: boolean | undefined;
  /** Every term of a sum, and what the figure means. */
  readonly terms: readonly string[];
  /** The same for machines. */
  readonly values: Readonly<Record<string, number>>;
}

/** A line of the performance table. */
export interface BenchRow {
  /** Short name, for `--only`. */
  readonly id: string;
  readonly metric: string;
  /** What others reach today. */
  readonly field: string;
  readonly goal: string;
  readonly measure: (context: BenchContext) => Promise<Measured>;
}

/** `2 order + 2 block = 4`, largest first. */
export function sumOf(units: ReadonlyMap<string, number>): string {
  const parts = [...units]
    .toSorted(([, left], [, right]) => right - left)
    .map(([row, count]) => `${figure(count)} ${row}`);
  const total = [...units.values()].reduce((sum, count) => sum + count, 0);
  return `${parts.join(' + ')} = ${figure(total)}`;
}

/** A figure without needless decimals. */
export function figure(value: number): string {
  // Small ones would be nothing.
  const parts = Math.abs(value) < 0.1 ? 1_000 : 100;
  return String(Math.round(value * parts) / parts);
}

/** The middle of `values`. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}
