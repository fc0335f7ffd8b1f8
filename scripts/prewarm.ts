/** `npm run prewarm`: prepares the table for the crowd of an on-sale. See `--help` and docs/runbook.md. */
import { parseArgs } from 'node:util';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';

import { tableOn } from '../functions/shared/table/client.ts';
import { OUTPUTS, STACK_NAMES } from '../lib/stages.ts';
import { AdviceError, findLocalSystem, LOCAL_URLS, openLocalTable } from './audit/local-system.ts';
import { readOutput } from './outbox/replay.ts';
import { explainPrewarm, needOf, prewarm, raised, warmNow, type Warm } from './prewarm/prewarm.ts';
import { loadInput } from './setup/input.ts';

const HELP = `Has DynamoDB prepare the table for the crowd of an on-sale, so that it serves the first second as it
does the last. A new table serves 4,000 write units a second at once, about 500 holds.

  npm run prewarm -- --event ID --stage prod --dry-run     say what would be asked for; changes nothing
  npm run prewarm -- --event ID --stage prod               ask for it

  --event ID             the event that goes on sale: split its stock first (PUT /api/ticket-types/{id}/pace)  (required)
  --stage NAME           the stage, as in lib/stages.ts; without it, the running local system
  --holds-per-second N   expect so many, rather than what the stock of the event is split for
  --dry-run              change nothing
  --control URL          control API of the local system   (${LOCAL_URLS.control})
  --help                 this text

AWS charges for what is added, once, and it cannot be lowered again. It is done in the background: start an hour before.
Exit code: 0 it is enough or was asked for (dry run: would be), 1 an error.`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      event: { type: 'string' },
      stage: { type: 'string' },
      'holds-per-second': { type: 'string' },
      'dry-run': { type: 'boolean', default: false },
      control: { type: 'string', default: LOCAL_URLS.control },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  if (values.event === undefined) throw new AdviceError('Say which event: --event ID. Try --help.');
  const holds = holdsIn(values['holds-per-second']);
  const table = await openSystem(values.stage, values.control);
  const need = await needOf(table, values.event, holds);
  if (need === undefined) throw new AdviceError(`Nothing of an event ${values.event} is on sale. Publish it first.`);
  const { title, blocks, holdsPerSecond } = need;
  console.log(
    `${title}: ${count(holdsPerSecond)} holds a second, stock in ${count(blocks)} ${blocks === 1 ? 'block' : 'blocks'}, need ${said(need)}.`,
  );
  const now = await warmNow(table.client, table.name);
  if (now === undefined)
    throw new AdviceError(
      'This DynamoDB does not tell what it serves at once (DynamoDB Local never does). Nothing was changed.',
    );
  const to = raised(now, need);
  if (to === undefined) console.log(`The table serves ${said(now)} at once: enough. Nothing was changed.`);
  else if (values['dry-run'])
    console.log(`The table would be raised from ${said(now)} to ${said(to)}. Nothing was changed.`);
  else {
    await prewarm(table.client, table.name, to);
    console.log(`Asked for ${said(to)} in place of ${said(now)}. Run it again to see when it is there.`);
  }
  table.client.destroy();
  return 0;
}

function holdsIn(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const holds = Number(text);
  if (!Number.isInteger(holds) || holds < 1)
    throw new AdviceError(`--holds-per-second ${text} is no whole number above 0.`);
  return holds;
}

async function openSystem(stage: string | undefined, control: string): ReturnType<typeof tableOf> {
  return stage === undefined ? openLocalTable(await findLocalSystem(control)) : tableOf(stage);
}

async function tableOf(stage: string): Promise<ReturnType<typeof tableOn>> {
  const { region } = loadInput(stage);
  const name = await readOutput(new CloudFormationClient({ region }), STACK_NAMES.data, OUTPUTS.tableName);
  return tableOn(new DynamoDBClient({ region }), name);
}

const count = (value: number): string => value.toLocaleString('en');
const said = ({ writes, reads }: Warm): string => `${count(writes)} write and ${count(reads)} read units a second`;

try {
  process.exitCode = await main();
} catch (error) {
  const isAdvice = error instanceof AdviceError || error instanceof TypeError;
  console.error(isAdvice ? error.message : explainPrewarm(error));
  process.exitCode = 1;
}
