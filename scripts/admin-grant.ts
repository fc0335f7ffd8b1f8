/** `npm run admin:grant`: makes the first admin of a deployment. See `--help` and docs/deploying.md. */
import { parseArgs } from 'node:util';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SSMClient } from '@aws-sdk/client-ssm';

import { tableOn, type Table } from '../functions/shared/table/client.ts';
import { stageNamed } from '../lib/stages.ts';
import { explainGrant, findStage, grantByAddress } from './admin/grant.ts';
import { AdviceError, findLocalSystem, LOCAL_URLS, openLocalTable, readLocalSecret } from './audit/local-system.ts';
import { loadInput } from './setup/input.ts';

const HELP = `Makes an admin of the account that has registered and verified an address. It is for the first admin of a
deployment: once there is one, admins give the role (PUT /api/users/{userId}/roles).

  npm run admin:grant -- --email ADDRESS --stage dev     in a deployed stage
  npm run admin:grant -- --email ADDRESS                 in the running local system

  --email ADDRESS               whose account (required)
  --stage NAME                  the stage, as in lib/stages.ts; account: that of the AWS command line (AWS_PROFILE)
  --dry-run                     say what would be done; changes nothing
  --although-there-are-admins   also when there are admins: for when none of them can be reached
  --control URL                 control API of the local system   (${LOCAL_URLS.control})
  --help                        this text

Account, sessions and the list of admins change at once or not at all; the audit knows the step by the actor
operator:admin-grant. Exit code: 0 the account is an admin (dry run: would be), 1 it is not, or an error.`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      email: { type: 'string' },
      stage: { type: 'string' },
      'dry-run': { type: 'boolean', default: false },
      'although-there-are-admins': { type: 'boolean', default: false },
      control: { type: 'string', default: LOCAL_URLS.control },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const { email, 'dry-run': dryRun, 'although-there-are-admins': although } = values;
  if (email === undefined) throw new AdviceError('Say whose account: --email ADDRESS. Try --help.');
  const { table, emailIndexKey } = await openSystem(values.stage, values.control);
  const { ok, says } = await grantByAddress(table, { email, emailIndexKey, although, dryRun, now: Date.now() });
  table.client.destroy();
  (ok ? console.log : console.error)(says);
  return ok ? 0 : 1;
}

async function openSystem(
  stage: string | undefined,
  control: string,
): Promise<{ readonly table: Table; readonly emailIndexKey: string }> {
  if (stage === undefined) {
    const system = await findLocalSystem(control);
    return { table: openLocalTable(system), emailIndexKey: await readLocalSecret(system, 'emailIndexKey') };
  }
  const { region } = loadInput(stage);
  const clients = { cloudformation: new CloudFormationClient({ region }), ssm: new SSMClient({ region }) };
  const { tableName, emailIndexKey } = await findStage(clients, stageNamed(stage));
  return { table: tableOn(new DynamoDBClient({ region }), tableName), emailIndexKey };
}

try {
  process.exitCode = await main();
} catch (error) {
  const isAdvice = error instanceof AdviceError || error instanceof TypeError;
  console.error(isAdvice ? error.message : explainGrant(error));
  process.exitCode = 1;
}
