import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod/mini';

import { figure, median, type BenchRow, type Measured } from './row.ts';

/** Milliseconds of processor that drawing a ticket may take in a warm process. */
const GOAL_MS = 300;
/** Tickets of a process: the first opens its fonts, some more are drawn before its code is compiled. */
const DRAWN = { all: 40, cold: 10 } as const;
/** Processes of each kind, for the first tickets. */
const PROCESSES = 3;
const PROBE = join(import.meta.dirname, 'print-probe.ts');

/** What drawing tickets with some texts took, in milliseconds of processor. */
interface Drawing {
  readonly first: number;
  readonly warm: readonly number[];
}

async function draw(texts: 'plain' | 'scripts'): Promise<Drawing> {
  const runs: number[][] = [];
  for (let run = 0; run < PROCESSES; run += 1) {
    const { stdout } = await promisify(execFile)(process.execPath, [PROBE, texts, String(DRAWN.all)]);
    runs.push(z.parse(z.array(z.number()), JSON.parse(stdout)));
  }
  return { first: median(runs.map(([first = 0]) => first)), warm: runs.flatMap((run) => run.slice(DRAWN.cold)) };
}

/** Draws tickets, and takes the time of the processor. */
export async function measurePrints(): Promise<Measured> {
  const plain = await draw('plain');
  const scripts = await draw('scripts');
  const [usual, many] = [median(plain.warm), median(scripts.warm)];
  const most = Math.max(...plain.warm, ...scripts.warm);
  return {
    figure: `${figure(usual)} ms; ${figure(many)} ms in many scripts`,
    met: usual <= GOAL_MS && many <= GOAL_MS,
    terms: [
      `A4, processor time, medians of ${plain.warm.length} tickets each out of ${PROCESSES} processes, after the first ${DRAWN.cold} of each; the slowest ${figure(most)} ms`,
      `the first ticket of a process, which opens its fonts: ${figure(plain.first)} ms, ${figure(scripts.first)} ms in many scripts`,
    ],
    values: { plain: usual, scripts: many, most, firstPlain: plain.first, firstScripts: scripts.first },
  };
}

/** The row about printed tickets. */
export const PRINT_ROW: BenchRow = {
  id: 'print',
  metric: 'drawing the PDF of a ticket in a warm process',
  field: '–',
  goal: '≤ 300 ms of processor',
  measure: measurePrints,
};
