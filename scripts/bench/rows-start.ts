import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod/mini';

import { httpEvent } from './invoke.ts';
import { figure, median, type BenchContext, type BenchRow, type Measured } from './row.ts';
import { openTicketType, signIn } from './world.ts';

const HOLD = 'reservations/handlers/http-hold.ts';
const KB = 1_000;

export const START_GOALS = { bundleBytes: 380 * KB, start: 3, firstCall: 3.5 } as const;

/** Starts of each kind, taken in turns so that whatever else the machine does meets them all. */
const ROUNDS = 15;
const OTHERS_ROUNDS = 3;
const PROBE = join(import.meta.dirname, 'start-probe.cjs');

const spent = z.object({ wall: z.number(), processor: z.number() });
const told = z.object({ loaded: spent, called: spent, status: z.number() });
type Spent = z.infer<typeof spent>;

/** Loads a handler in a process of its own. @param event makes the first call too @throws where it does not start */
export function probe(
  file: string,
  environment: Readonly<Record<string, string>>,
  event?: string,
): Promise<z.infer<typeof told>> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      process.execPath,
      [PROBE, file, ...(event === undefined ? [] : [event])],
      { env: { PATH: process.env['PATH'] ?? '', ...environment } },
      (error, output, errors) => {
        const line = output.trim().split('\n').at(-1) ?? '';
        if (error !== null) reject(new Error(`${file} did not start: ${errors}`));
        else resolve(z.parse(told, JSON.parse(line)));
      },
    );
    child.stdin?.end();
  });
}

async function bundleSize({ bundles }: BenchContext): Promise<Measured> {
  const hold = bundles.sizes.find(({ entry }) => entry === HOLD);
  if (hold === undefined) throw new Error('There is no bundle of the hold function');
  const kilobytes = (bytes: number): string => `${Math.round(bytes / KB)} KB`;
  return {
    figure: kilobytes(hold.bytes),
    met: hold.bytes <= START_GOALS.bundleBytes,
    terms: bundles.sizes.map(
      ({ entry, bytes, largest }) =>
        `${entry.replace('/handlers/', '/').replace('.ts', '')}: ${kilobytes(bytes)} (${largest.map(({ from, bytes: part }) => `${from} ${kilobytes(part)}`).join(', ')})`,
    ),
    values: Object.fromEntries(bundles.sizes.map(({ entry, bytes }) => [entry, bytes])),
  };
}

async function startRatios(context: BenchContext): Promise<Measured> {
  const { world, bundles, progress } = context;
  const directory = mkdtempSync(join(tmpdir(), 'onsale-empty-'));
  const empty = join(directory, 'index.cjs');
  writeFileSync(empty, 'exports.handler = async () => ({ statusCode: 200 });');
  const ticketTypeId = await openTicketType(world, 10_000);
  const buyer = await signIn(world);
  const event = JSON.stringify(
    httpEvent({
      route: 'POST /api/reservations',
      token: buyer.token,
      body: { items: [{ ticketTypeId, quantity: 1 }] },
    }),
  );
  // Past the meter: what is timed is the handler.
  const environment = { ...world.environment, AWS_ENDPOINT_URL_DYNAMODB: world.dynamoDbUrl };
  const entries = bundles.sizes.map(({ entry }) => entry);
  const loads = new Map<string, Spent[]>(entries.map((entry) => [entry, []]));
  const empties: { readonly loaded: Spent[]; readonly called: Spent[] } = { loaded: [], called: [] };
  const calls: Spent[] = [];
  try {
    for (let round = 1; round <= ROUNDS; round += 1) {
      progress(`starts, round ${round} of ${ROUNDS}`);
      // The other functions are for the record: a few starts tell.
      for (const entry of round <= OTHERS_ROUNDS ? entries : [HOLD]) {
        loads.get(entry)?.push((await probe(bundles.pathOf(entry), environment)).loaded);
      }
      const nothing = await probe(empty, environment, event);
      empties.loaded.push(nothing.loaded);
      empties.called.push(nothing.called);
      const called = await probe(bundles.pathOf(HOLD), environment, event);
      if (called.status !== 201) throw new Error(`The first call of the hold function answered ${called.status}`);
      calls.push(called.called);
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  const ratioOf = (some: readonly Spent[], nothing: readonly Spent[], clock: keyof Spent): number =>
    median(some.map((each) => each[clock])) / median(nothing.map((each) => each[clock]));
  const ratios = [...loads].map(([entry, times]) => [entry, ratioOf(times, empties.loaded, 'processor')] as const);
  const start = ratios.find(([entry]) => entry === HOLD)?.[1] ?? 0;
  const firstCall = ratioOf(calls, empties.called, 'processor');
  const wallStart = ratioOf(loads.get(HOLD) ?? [], empties.loaded, 'wall');
  return {
    figure: `start ${figure(start)}; start + first call ${figure(firstCall)}`,
    met: start <= START_GOALS.start && firstCall <= START_GOALS.firstCall,
    terms: [
      `processor time, medians of ${ROUNDS} processes in turns with the empty handler; node's own start is in both`,
      `by the clock on the wall, which a busy machine disturbs: start ${figure(wallStart)}; with the first call ${figure(ratioOf(calls, empties.called, 'wall'))}`,
      `start of each function ÷ empty: ${ratios.map(([entry, ratio]) => `${entry.replace(/.*handlers\//, '').replace('.ts', '')} ${figure(ratio)}`).join(', ')}`,
    ],
    values: { start, firstCall, ...Object.fromEntries(ratios) },
  };
}

/** Rows about what is loaded. Bytes count; starts are ratios within one run. */
export const START_ROWS: readonly BenchRow[] = [
  {
    id: 'bundle',
    metric: 'bundle of the hold function, minified',
    field: '1,008 KB',
    goal: '≤ 380 KB',
    measure: bundleSize,
  },
  {
    id: 'start',
    metric: 'start of the hold function ÷ empty handler; start + first call ÷ empty',
    field: '6.4; 4.8',
    goal: '≤ 3.0; ≤ 3.5',
    measure: startRatios,
  },
];
