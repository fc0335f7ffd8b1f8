import type { Call } from './environment.ts';
import { figure, median, type BenchContext, type BenchRow, type Measured } from './row.ts';
import { searchRun } from './search-run.ts';

/** Goals: milliseconds, megabytes. */
const GOALS = { search: 50, load: 1_500, memory: 512, visible: 5_000 } as const;

/** The value that `part` of `values` do not exceed. */
function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.ceil(part * sorted.length) - 1)] ?? 0;
}

const processorOf = ({ processor }: Call): number => processor;
const wallOf = ({ wall }: Call): number => wall;

async function search(context: BenchContext): Promise<Measured> {
  const { events, words, snapshotBytes, compaction, first, calls, scans, empty } = await searchRun(context);
  const p95 = percentile(calls.map(processorOf), 0.95);
  const memory = Math.max(...calls.map(({ residentMb }) => residentMb));
  const scanP95 = percentile(scans, 0.95);
  return {
    figure: `p95 ${figure(p95)} ms, ${figure(p95 / scanP95)} of a scan; load ${figure(first.processor / 1_000)} s; ${Math.round(memory)} MB`,
    met: p95 <= GOALS.search && first.processor <= GOALS.load && memory <= GOALS.memory,
    terms: [
      `${calls.length} queries over ${events} events in eight languages, ${empty} of them finding nothing; processor time of the whole handler, events read and shown included: p50 ${figure(median(calls.map(processorOf)))}, p95 ${figure(p95)}, p99 ${figure(percentile(calls.map(processorOf), 0.99))}, most ${figure(Math.max(...calls.map(processorOf)))} ms`,
      `by the clock on the wall, waiting for DynamoDB Local included: p50 ${figure(median(calls.map(wallOf)))}, p95 ${figure(percentile(calls.map(wallOf), 0.95))} ms`,
      `a scan looks for the words of a query in each event's text by String.includes and does nothing else: p50 ${figure(median(scans))}, p95 ${figure(scanP95)} ms`,
      `load: the first call of a process, snapshot read, its hash checked, first answer: ${figure(first.processor)} ms of processor, ${figure(first.wall)} by the clock`,
      `memory: resident, of the whole process, after the last query; at most ${Math.round(Math.max(...calls.map(({ mostMb }) => mostMb)))} MB at any time`,
      `snapshot: ${figure(snapshotBytes / 1e6)} MB, ${Math.round(snapshotBytes / events)} bytes an event, ${words} different words; the job merges the changes of the next row into it in ${figure(compaction.processor / 1_000)} s of processor with ${Math.round(compaction.mostMb)} MB`,
    ],
    values: { p95, ratio: p95 / scanP95, loadMs: first.processor, memoryMb: memory, snapshotBytes },
  };
}

async function visible(context: BenchContext): Promise<Measured> {
  const { visibleAfter, burst, calls } = await searchRun(context);
  const most = Math.max(...visibleAfter, burst.visibleAfter);
  return {
    figure: `${figure(median(visibleAfter) / 1_000)} s; ${burst.changes} at once ${figure(burst.visibleAfter / 1_000)} s`,
    met: most <= GOALS.visible,
    terms: [
      `from the write of the row, through the relay and the log of changes, to the answer that shows it: ${visibleAfter.map((after) => figure(after / 1_000)).join(', ')} s; the stream's own delay is not in it; of the ${burst.changes} at once, from when the relay had told of the last`,
      `the log is looked at once a second when somebody searches; the call that took in ${burst.changes} changes took ${figure(burst.call.processor)} ms of processor, the median call ${figure(median(calls.map(processorOf)))}`,
    ],
    values: { oneMs: median(visibleAfter), burstMs: burst.visibleAfter },
  };
}

/** Rows about the search. Times are the processor's, which other work on the machine hardly moves. */
export const SEARCH_ROWS: readonly BenchRow[] = [
  {
    id: 'search',
    metric: 'catalogue search over 100,000 published events, p95 in the handler; load; memory',
    field: '–',
    goal: '≤ 50 ms; ≤ 1.5 s; ≤ 512 MB',
    measure: search,
  },
  {
    id: 'search-visible',
    metric: 'a published change is found by the search after',
    field: '–',
    goal: '≤ 5 s',
    measure: visible,
  },
];
