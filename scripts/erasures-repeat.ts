/** `npm run erasures:repeat`: erases again whom a restored table knows again. See `--help` and docs/runbook.md. */
import { parseArgs } from 'node:util';

import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';

import { explainRepetition, findErasures, repeatErasures } from './erasures/repeat.ts';

const HELP = `Erases again everybody in the register of erased persons, after the table was restored from a
backup that is older than some of the erasures. Who is erased already is left alone, so repeat it as you like.

  npm run erasures:repeat                   everybody in the register
  npm run erasures:repeat -- --dry-run      only counts them

  --bucket NAME     the register                         (output ErasuresBucket of OnsaleData)
  --function NAME   the function that finishes erasures  (output ErasuresFunction of OnsaleApp)
  --dry-run         invoke nothing
  --help            this text

Account and region are those of the AWS command line (AWS_PROFILE, AWS_REGION).
Exit code: 0 all are erased (dry run: always), 1 some may not be, or an error.`;

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
  const names = await findErasures(new CloudFormationClient({}), { bucket, functionName });
  const clients = { s3: new S3Client({}), lambda: new LambdaClient({}) };
  const { erased, untouched, failed } = await repeatErasures(clients, { ...names, dryRun }, console.log);
  console.log(`erased again: ${erased}, nothing to do: ${untouched}, failed: ${failed}`);
  return failed === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof TypeError ? `${error.message} Try --help.` : explainRepetition(error));
  process.exitCode = 1;
}
