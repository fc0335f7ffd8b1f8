/** `npm run bench`: measures the first rows of the performance table. See `--help`. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { AdviceError, findLocalSystem, LOCAL_URLS } from './audit/local-system.ts';
import { alignColumns } from './audit/print.ts';
import { makeBundles } from './bench/bundles.ts';
import { markdownOf, outcomeOf, withResults, type ResultRow } from './bench/document.ts';
import { loadHandlers } from './bench/flows.ts';
import type { BenchRow } from './bench/row.ts';
import { COUNT_ROWS } from './bench/rows-counts.ts';
import { MAIL_ROW } from './bench/rows-mail.ts';
import { PRINT_ROW } from './bench/rows-print.ts';
import { MODEL_ROWS } from './bench/rows-model.ts';
import { RACE_ROW } from './bench/rows-race.ts';
import { SEAT_HOLDS_ROW, SEATS_ROW } from './bench/rows-seats.ts';
import { SEARCH_ROWS } from './bench/rows-search.ts';
import { START_ROWS } from './bench/rows-start.ts';
import { THROUGHPUT_ROW } from './bench/rows-throughput.ts';
import { startWorld } from './bench/world.ts';

const ROWS: readonly BenchRow[] = [
  RACE_ROW,
  ...COUNT_ROWS,
  ...START_ROWS,
  ...MODEL_ROWS,
  SEATS_ROW,
  SEAT_HOLDS_ROW,
  ...SEARCH_ROWS,
  MAIL_ROW,
  PRINT_ROW,
  THROUGHPUT_ROW,
];
const DOCUMENT = join(import.meta.dirname, '..', 'docs', 'benchmarks.md');

const HELP = `Measures what the performance table promises, with the deployed bundles on emulators that it
starts itself (Java 17 for DynamoDB Local): counts and ratios only, every term of a sum printed.

  npm run bench

  --only ROW       only this row; may be repeated
                   (${ROWS.map(({ id }) => id).join(', ')})
  --http URL       also measure throughput over HTTP, against the local system whose control API
                   is at URL (npm start: ${LOCAL_URLS.control})
  --write-docs     write the table into docs/benchmarks.md, with the commit
  --json           the results as JSON
  --help           this text

Write and read units are metered on the wire by AWS's rule. Takes some six minutes on two cores,
a third of them for the search.
Exit code: 0 measured, met or not; 1 an error.`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true, default: [] },
      http: { type: 'string' },
      'write-docs': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const write = process.stdout.write.bind(process.stdout);
  const print = (text: string): void => void write(`${text}\n`);
  if (values.help) {
    print(HELP);
    return 0;
  }
  const unknown = values.only.filter((id) => !ROWS.some((row) => row.id === id));
  if (unknown.length > 0)
    throw new AdviceError(`There is no row ${unknown.join(', ')}. Rows: ${ROWS.map(({ id }) => id).join(', ')}.`);
  if (values['write-docs'] && values.only.length > 0)
    throw new AdviceError('--write-docs writes the whole table; leave --only out.');

  const progress = (text: string): void => {
    if (process.stderr.isTTY) process.stderr.write(`\r${text.padEnd(78)}${text === '' ? '\r' : ''}`);
  };
  // Handlers log to standard output, as Lambda wants it; here that is for the results. Faults still show.
  process.stdout.write = (line) => {
    if (String(line).includes('"level":"error"')) process.stderr.write(line);
    return true;
  };

  const results: ResultRow[] = [];
  progress('bundling the functions');
  const bundles = await makeBundles();
  progress('starting the emulators');
  const world = await startWorld();
  try {
    const handlers = loadHandlers(world, bundles);
    const http = values.http === undefined ? undefined : await findLocalSystem(values.http);
    for (const row of ROWS.filter(({ id }) => values.only.length === 0 || values.only.includes(id))) {
      progress(`${row.id}: ${row.metric}`);
      const measured = await row.measure({
        world,
        handlers,
        bundles,
        http,
        progress: (text) => progress(`${row.id}: ${text}`),
      });
      progress('');
      results.push({ row, measured });
      if (!values.json) for (const line of describe({ row, measured })) print(line);
    }
  } finally {
    await world.close();
    bundles.remove();
  }
  if (values.json)
    print(
      JSON.stringify(
        results.map(({ row: { measure: _measure, ...row }, measured }) => ({ ...row, ...measured })),
        null,
        2,
      ),
    );
  if (values['write-docs']) {
    writeFileSync(DOCUMENT, withResults(readFileSync(DOCUMENT, 'utf8'), markdownOf(results, commitHash())));
    print(`Written to ${DOCUMENT}.`);
  }
  return 0;
}

function describe({ row, measured }: ResultRow): readonly string[] {
  return [
    row.metric,
    ...alignColumns([
      ['  field', row.field],
      ['  goal', row.goal],
      ['  measured', `${measured.figure}   ${outcomeOf(measured)}`],
    ]),
    ...measured.terms.map((term) => `    ${term}`),
    '',
  ];
}

/** The commit that was measured; marked where files differ from it. */
function commitHash(): string {
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: import.meta.dirname, encoding: 'utf8' }).trim();
  const changed = git('status', '--porcelain', '--', '../functions', '../lib', '../statemachines');
  return `${git('rev-parse', '--short=12', 'HEAD')}${changed === '' ? '' : ' with local changes'}`;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof AdviceError || error instanceof TypeError ? error.message : error);
  process.exitCode = 1;
}
