import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

import { record } from './record.ts';

const SIMULATE = join(import.meta.dirname, '..', 'simulator', 'simulate.ts');
const HISTORIES = 100_000;
/** A way of a purchase and one of giving it back, whose pairs of faults are gone through. */
const PAIRED = ['paid', 'given back'];
const HOURS_MS = 6 * 3_600_000;

/** Runs the simulator with these arguments for each of as many processes as there are cores; what they have printed. */
async function simulated(argumentsOf: (part: number, parts: number) => readonly string[]): Promise<readonly string[]> {
  const parts = availableParallelism();
  const runs = Array.from({ length: parts }, (_unused, part) => run(argumentsOf(part, parts)));
  return Promise.all(runs);
}

function run(args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [SIMULATE, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    let printed = '';
    child.stdout.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(printed);
      else reject(new Error(printed));
    });
  });
}

function sumOf(printed: readonly string[], pattern: RegExp): number {
  return printed.reduce((sum, text) => sum + Number(pattern.exec(text)?.[1] ?? Number.NaN), 0);
}

it(
  `${HISTORIES} random histories end well`,
  async () => {
    const printed = await simulated((part, parts) => {
      const [first, next] = [part, part + 1].map((each) => Math.floor((HISTORIES * each) / parts));
      return ['--seed', String((first ?? 0) + 1), '--histories', String((next ?? 0) - (first ?? 0))];
    });
    const histories = sumOf(printed, /^(\d+) histories/m);
    record('random histories, simulated', {
      histories,
      'a minute': sumOf(printed, /histories, (\d+) a minute/),
      calls: sumOf(printed, /^(\d+) calls/m),
      'of them struck': sumOf(printed, /, (\d+) of them struck/),
    });
    expect(histories).toBe(HISTORIES);
  },
  HOURS_MS,
);

it.each(PAIRED)(
  'every pair of deaths and lost answers ends well: %s',
  async (name) => {
    const printed = await simulated((part, parts) => ['--pairs', name, '--part', `${part + 1}/${parts}`]);
    const pairs = sumOf(printed, /(\d+) pairs in all/);
    record(`pairs of faults, simulated: ${name}`, { pairs });
    expect(pairs).toBeGreaterThan(10_000);
  },
  HOURS_MS,
);
