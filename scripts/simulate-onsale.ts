/** `npm run simulate:onsale`: see `--help`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { HELP, readRequest } from './simulate/arguments.ts';
import type { Arrival } from './simulate/arrivals.ts';
import { withReport } from './simulate/document.ts';
import { makeReport } from './simulate/report.ts';
import { readTrace } from './simulate/trace.ts';

const DOCS = join(import.meta.dirname, '..', 'docs');

async function main(): Promise<number> {
  const request = readRequest(process.argv.slice(2));
  if (request === 'HELP') {
    console.log(HELP);
    return 0;
  }
  if (!('settings' in request)) return refuse(request);
  let arrivals: readonly Arrival[] | undefined;
  if (request.trace !== undefined) {
    const trace = readTraceFile(request.trace);
    if (!('arrivals' in trace)) return refuse(trace.faults.map((fault) => `${request.trace}: ${fault}`));
    ({ arrivals } = trace);
  }
  // What the code under simulation logs is none of the report.
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = () => true;
  const report = await makeReport(request, arrivals, (text) => void process.stderr.write(`${text}\n`));
  process.stdout.write = write;
  if (request.json)
    console.log(
      JSON.stringify(
        report.sections.map(({ title, rows }) => ({ title, rows })),
        null,
        2,
      ),
    );
  else console.log(report.sections.map(({ title, lines }) => `${title}\n\n${lines.join('\n')}`).join('\n\n'));
  if (request.svg !== undefined) writeFileSync(request.svg, report.svg);
  if (request.writeDocs) {
    const page = join(DOCS, 'on-sale.md');
    writeFileSync(page, withReport(readFileSync(page, 'utf8'), report));
    writeFileSync(join(DOCS, 'pictures', 'on-sale.svg'), report.svg);
  }
  return 0;
}

function readTraceFile(path: string): ReturnType<typeof readTrace> {
  try {
    return readTrace(readFileSync(path, 'utf8'));
  } catch (error) {
    return { ok: false, faults: [`it cannot be read: ${error instanceof Error ? error.message : String(error)}`] };
  }
}

function refuse(faults: readonly string[]): number {
  console.error(`${faults.join('\n')}\n\n--help tells what can be asked for.`);
  return 2;
}

process.exitCode = await main();
