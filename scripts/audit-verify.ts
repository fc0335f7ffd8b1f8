/** `npm run audit:verify`: recomputes the chain of every aggregate of a table. See `--help`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as z from 'zod/mini';

import { tableOn, type Table } from '../functions/shared/table/client.ts';
import { AdviceError, findLocalSystem, LOCAL_URLS, openLocalTable } from './audit/local-system.ts';
import { digestOf, verifyTable, type Head } from './audit/verify.ts';

const HELP = `Recomputes the chain of hashes of every aggregate from its timeline and holds it against its row. Names every
step that is missing, altered, moved or put in between, every tail that was cut off, also together with its row, every
row that is not what its steps made of it, and every aggregate that the audit by time knows and the table lacks.

  npm run audit:verify                        the running local system
  npm run audit:verify -- --table NAME        a deployed table, read whole: a read unit for each 4 KB

  --table NAME     table of a stage; account and region are those of the AWS command line
  --control URL    control API of the local system   (${LOCAL_URLS.control})
  --keep FILE      write the newest step of each aggregate to FILE
  --against FILE   each step that an earlier run has kept must still be there, unchanged
  --help           this text

Somebody who may write the whole table can compute a whole new chain, which verifies. Only a copy of the newest steps
out of their reach shows that: keep FILE, or the digest that is printed, in another account (docs/security.md).
What changed within the last minute is looked at again after a minute.
Exit code: 0 every chain is whole, 1 one is not, or an error.`;

/** Differences printed; more are counted. */
const MOST_LINES = 50;
const heads = z.array(z.object({ pk: z.string(), ver: z.int(), ch: z.string() }));

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      table: { type: 'string' },
      control: { type: 'string', default: LOCAL_URLS.control },
      keep: { type: 'string' },
      against: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const against = values.against === undefined ? [] : readHeads(values.against);
  const table = await openTable(values.table, values.control);
  const found = await verifyTable(table, {
    against,
    progress: (rows, aggregates) => console.error(`${rows} rows, ${aggregates} aggregates …`),
  });
  table.client.destroy();
  for (const { name, id, detail } of found.differences.slice(0, MOST_LINES)) console.log(`${name} ${id}: ${detail}`);
  if (found.differences.length > MOST_LINES) console.log(`… and ${found.differences.length - MOST_LINES} more`);
  console.log(`${found.rows} rows, ${found.aggregates} aggregates, ${found.steps} steps`);
  console.log(`Digest of the newest steps: ${digestOf(found.heads)}`);
  if (values.keep !== undefined) writeFileSync(values.keep, JSON.stringify(found.heads));
  const isWhole = found.differences.length === 0;
  console.log(isWhole ? 'Every chain is whole.' : `${found.differences.length} differences.`);
  return isWhole ? 0 : 1;
}

async function openTable(name: string | undefined, control: string): Promise<Table> {
  return name === undefined ? openLocalTable(await findLocalSystem(control)) : tableOn(new DynamoDBClient({}), name);
}

function readHeads(file: string): readonly Head[] {
  try {
    return z.parse(heads, JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    throw new AdviceError(`${file} is not what --keep has written.`);
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof AdviceError || error instanceof TypeError ? error.message : error);
  process.exitCode = 1;
}
