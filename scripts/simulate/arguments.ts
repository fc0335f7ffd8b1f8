import { parseArgs } from 'node:util';

import { BLOCKS, SETTINGS, type Settings } from './scenarios.ts';

/** What a run is asked for. */
export interface Request {
  readonly settings: Settings;
  readonly blocks: readonly number[];
  readonly trace: string | undefined;
  readonly svg: string | undefined;
  readonly json: boolean;
  readonly writeDocs: boolean;
  readonly only: Part | undefined;
}

/** Parts of the report that can be had alone. */
export const PARTS = ['unpaced', 'paced', 'stranded'] as const;
export type Part = (typeof PARTS)[number];

export const HELP = `npm run simulate:onsale [-- OPTIONS]

Simulates on-sales: the real hold, from the choice of its block to its last retry, on a model of DynamoDB and of
buyers who come, come back and give up (docs/on-sale.md says what is assumed). The same seed gives the same figures.

  --blocks N,N       blocks to compare (${BLOCKS.join(',')})
  --buyers N         who come (${SETTINGS.buyers})
  --tickets N        that there are (${SETTINGS.tickets})
  --seconds N        within which they come (${SETTINGS.seconds})
  --lock FROM-TO     how long a transaction locks its items, ms (${SETTINGS.dynamo.lock.from}-${SETTINGS.dynamo.lock.to})
  --warm N           write units a second that the table serves at once (${SETTINGS.dynamo.warmWrites}; a new table: 4000)
  --concurrency N    requests worked on at a time (${SETTINGS.crowd.concurrency})
  --seed N           of all chance (${SETTINGS.seed})
  --trace FILE       replay who came when, from a CSV with the columns at_ms,tickets, instead of --buyers and --seconds
  --only PART        one part of the report: unpaced, paced or stranded
  --svg FILE         write the picture there
  --json             the figures as JSON
  --write-docs       write table and picture into docs/ (all parts, nothing but the defaults)
  --help             this text

The whole report takes some ten minutes on one core, a trace as long as its crowd needs.
Exit code: 0 simulated; 2 what was asked for cannot be.`;

/** Reads the command line. @returns all that is wrong with it, where something is */
export function readRequest(args: readonly string[]): Request | 'HELP' | readonly string[] {
  let values: ReturnType<typeof parse>;
  try {
    values = parse(args);
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
  if (values.help) return 'HELP';
  const faults: string[] = [];
  const number = (
    name: 'buyers' | 'tickets' | 'seconds' | 'warm' | 'concurrency' | 'seed',
    usual: number,
    most: number,
  ): number => {
    const text = values[name];
    if (text === undefined) return usual;
    const value = Number(text);
    const least = name === 'seed' ? 0 : 1;
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    faults.push(`--${name} takes a whole number from ${least} to ${most}`);
    return usual;
  };
  const blocks = (values.blocks ?? BLOCKS.join(',')).split(',').map(Number);
  if (blocks.some((each) => !Number.isInteger(each) || each < 1 || each > 10_000))
    faults.push('--blocks takes whole numbers from 1 to 10000 with commas between them');
  const lock = /^(?<from>\d{1,4}(?:\.\d+)?)-(?<to>\d{1,4}(?:\.\d+)?)$/.exec(values.lock ?? '5-25')?.groups;
  const [from, to] = [Number(lock?.['from']), Number(lock?.['to'])];
  if (lock === undefined || from > to)
    faults.push('--lock takes two numbers of milliseconds, the lower one first: 5-25');
  const only = PARTS.find((part) => part === values.only);
  if (values.only !== undefined && only === undefined) faults.push(`--only takes ${PARTS.join(', ')}`);
  if (values.only !== undefined && values.trace !== undefined) faults.push('--only and --trace go their own ways');
  const settings: Settings = {
    buyers: number('buyers', SETTINGS.buyers, 2_000_000),
    tickets: number('tickets', SETTINGS.tickets, 1_000_000),
    seconds: number('seconds', SETTINGS.seconds, 86_400),
    seed: number('seed', SETTINGS.seed, 2_147_483_647),
    dynamo: {
      ...SETTINGS.dynamo,
      lock: { from, to },
      warmWrites: number('warm', SETTINGS.dynamo.warmWrites, 10_000_000),
    },
    crowd: { ...SETTINGS.crowd, concurrency: number('concurrency', SETTINGS.crowd.concurrency, 1_000_000) },
  };
  if (values['write-docs'] && args.length > 1)
    faults.push('--write-docs writes the report of the defaults: leave the rest out');
  if (faults.length > 0) return faults;
  return {
    settings,
    blocks,
    trace: values.trace,
    svg: values.svg,
    json: values.json,
    writeDocs: values['write-docs'],
    only,
  };
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    options: {
      blocks: { type: 'string' },
      buyers: { type: 'string' },
      tickets: { type: 'string' },
      seconds: { type: 'string' },
      lock: { type: 'string' },
      warm: { type: 'string' },
      concurrency: { type: 'string' },
      seed: { type: 'string' },
      trace: { type: 'string' },
      only: { type: 'string' },
      svg: { type: 'string' },
      json: { type: 'boolean', default: false },
      'write-docs': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  }).values;
}
