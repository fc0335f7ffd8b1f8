import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod/mini';

import { figure, type BenchContext, type BenchRow, type Measured } from './row.ts';

/** Rows of a model (docs/on-sale.md): no DynamoDB was measured for them, and each is marked so. */

const SCRIPT = join(import.meta.dirname, '..', 'simulate-onsale.ts');
const MODEL = 'a model: docs/on-sale.md has its assumptions, and how the figures move with them';

const summary = z.object({
  blocks: z.int(),
  holdsPerSecond: z.number(),
  units: z.number(),
  unitsInCrowd: z.number(),
  conflicts: z.number(),
  conflictsInCrowd: z.number(),
  p99Ms: z.number(),
  p99InCrowdMs: z.number(),
  stranded: z.int(),
  toldWrongly: z.int(),
});
type Summary = z.infer<typeof summary>;
const report = z.array(z.object({ rows: z.array(z.object({ summary })) }));

/** Simulates in a process of its own: the simulator replaces clock and chance. */
async function simulated({ progress }: BenchContext, ...args: readonly string[]): Promise<readonly Summary[]> {
  progress(`simulating: ${args.join(' ')}`);
  const { stdout } = await promisify(execFile)(process.execPath, [SCRIPT, ...args, '--json'], { maxBuffer: 1e7 });
  return z.parse(report, JSON.parse(stdout)).flatMap(({ rows }) => rows.map((row) => row.summary));
}

function termOf(run: Summary): string {
  const { blocks, holdsPerSecond, unitsInCrowd, units, conflictsInCrowd, conflicts, p99InCrowdMs, p99Ms } = run;
  return (
    `${blocks} blocks: ${Math.round(holdsPerSecond)} holds/s; until nine tenths are held (over the whole sale) ` +
    `${figure(unitsInCrowd)} (${figure(units)}) write units and ${figure(conflictsInCrowd)} (${figure(conflicts)}) conflicts a hold, ` +
    `p99 ${Math.round(p99InCrowdMs)} (${Math.round(p99Ms)}) ms`
  );
}

async function paced(context: BenchContext): Promise<Measured> {
  const runs = await simulated(context, '--only', 'paced');
  const [sixteen] = runs;
  if (sixteen === undefined) throw new Error('Nothing was simulated');
  return {
    figure: `p99 ${Math.round(sixteen.p99Ms)} ms, ${figure(sixteen.conflicts)} conflicts a hold`,
    met: sixteen.p99Ms <= 100 && sixteen.conflicts <= 0.05,
    terms: [MODEL, ...runs.map(termOf)],
    values: { p99: sixteen.p99Ms, conflicts: sixteen.conflicts },
  };
}

async function unpaced(context: BenchContext): Promise<Measured> {
  // As many as the rule chooses, and a fifth of that.
  const runs = await simulated(context, '--only', 'unpaced', '--blocks', '1250,256');
  const [rule] = runs;
  if (rule === undefined) throw new Error('Nothing was simulated');
  return {
    figure: `${Math.round(rule.holdsPerSecond)} holds/s at ${figure(rule.units)}, p99 ${Math.round(rule.p99Ms)} ms`,
    met: rule.holdsPerSecond >= 8_200 && rule.units <= 4.4 && rule.p99Ms <= 120,
    terms: [MODEL, 'the first 12 s of 500,000 buyers in 60 s', ...runs.map(termOf)],
    values: { holdsPerSecond: rule.holdsPerSecond, units: rule.units, p99: rule.p99Ms, toldWrongly: rule.toldWrongly },
  };
}

async function stranded(context: BenchContext): Promise<Measured> {
  const runs = await simulated(context, '--only', 'stranded', '--blocks', '64,1563', '--tickets', '20000');
  return {
    figure: runs.map((run) => `${((run.stranded / 20_000) * 100).toFixed(2)} % (${run.blocks})`).join(', '),
    met: runs.every((run) => run.stranded === 0),
    terms: [MODEL, '20,000 tickets, wanted exactly by parties of 2, 3, 4 and 6', ...runs.map(termOf)],
    values: Object.fromEntries(runs.map((run) => [`stranded${run.blocks}`, run.stranded])),
  };
}

export const MODEL_ROWS: readonly BenchRow[] = [
  {
    id: 'on-sale-paced',
    metric: 'modelled on-sale paced at 80 buyers/s, 16 blocks',
    field: 'p99 118 ms, 0.09 conflicts a hold',
    goal: 'p99 ≤ 100 ms, ≤ 0.05',
    measure: paced,
  },
  {
    id: 'on-sale-unpaced',
    metric: 'modelled on-sale unpaced, 500,000 buyers in 60 s for 50,000 tickets, blocks chosen by the rule',
    field: '8,183 holds/s at 4.7 write units',
    goal: '≥ 8,200 holds/s at ≤ 4.4, p99 ≤ 120 ms',
    measure: unpaced,
  },
  {
    id: 'stranded',
    metric: 'stranded stock at 100 % demand, parties ≥ 2 (modelled)',
    field: '2.6 % (64 shards), 12 % (1,563)',
    goal: '0.00 %',
    measure: stranded,
  },
];
