/** `npm run outbox:replay`: gives the relay what it gave up on once more. See `--help` and docs/runbook.md. */
import { parseArgs } from 'node:util';

import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';

import { explainReplay, findDeployed, replayFailedRecords } from './outbox/replay.ts';

const HELP = `Gives the relay once more the batches of the table's stream that it gave up on, which Lambda
kept in the bucket of failed records. Relaying is idempotent, so repeat it as you like.

  npm run outbox:replay                   every batch; deletes those that were relayed
  npm run outbox:replay -- --dry-run      only reads and counts; changes nothing

  --bucket NAME     bucket of failed records   (output FailedRecordsBucket of OnsaleData)
  --function NAME   the relay                  (output RelayFunction of OnsaleApp)
  --dry-run         invoke nothing, delete nothing
  --help            this text

Account and region are those of the AWS command line (AWS_PROFILE, AWS_REGION). A batch that cannot
be relayed stays in the bucket and is named.
Exit code: 0 nothing stays (dry run: nothing would), 1 something does, or an error.`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      bucket: { type: 'string' },
      function: { type: 'string' },
      'dry-run': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const { bucket, function: functionName, 'dry-run': dryRun } = values;
  const names = await findDeployed(new CloudFormationClient({}), { bucket, functionName });
  const clients = { s3: new S3Client({}), lambda: new LambdaClient({}) };
  const { replayed, stayed } = await replayFailedRecords(clients, { ...names, dryRun }, console.log);
  console.log(
    `${dryRun ? 'could be replayed' : 'replayed'}: ${replayed}, ${dryRun ? 'could not' : 'stayed'}: ${stayed}`,
  );
  return stayed === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof TypeError ? `${error.message} Try --help.` : explainReplay(error));
  process.exitCode = 1;
}
