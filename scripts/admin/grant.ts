/** Makes the first admin of a deployment. */
import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { GetParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { ulid } from 'ulid';

import { grantAdmin, type AdminGranted, type GrantRefusal } from '../../functions/organizations/app/grant-admin.ts';
import type { Table } from '../../functions/shared/table/client.ts';
import { hashAddress } from '../../functions/users/domain/email.ts';
import { findUserIdByAddress } from '../../functions/users/reads.ts';
import { secretName } from '../../lib/secrets.ts';
import { OUTPUTS, STACK_NAMES, type Stage } from '../../lib/stages.ts';
import { readOutput } from '../outbox/replay.ts';
import { explain, isNamed, SetupError } from '../setup/errors.ts';

/** IAM actions of a grant; `kms:Decrypt` is for the key `aws/ssm`. */
const PERMISSIONS = [
  'cloudformation:DescribeStacks',
  'ssm:GetParameter',
  'kms:Decrypt',
  'dynamodb:GetItem',
  'dynamodb:Query',
  'dynamodb:PutItem',
  'dynamodb:UpdateItem',
];

/** Whom to make an admin, and where. */
export interface GrantRequest {
  readonly email: string;
  /** The key by which accounts are found from their addresses, 64 hex digits. */
  readonly emailIndexKey: string;
  readonly although: boolean;
  readonly dryRun: boolean;
  readonly now: number;
}

/** What was found and done, as one sentence, and whether it is as it was asked for. */
export interface GrantOutcome {
  readonly ok: boolean;
  readonly says: string;
}

/** Makes the account of an address an admin; see `grantAdmin`. */
export async function grantByAddress(
  table: Table,
  { email, emailIndexKey, although, dryRun, now }: GrantRequest,
): Promise<GrantOutcome> {
  const userId = await findUserIdByAddress(table, hashAddress(Buffer.from(emailIndexKey, 'hex'), email));
  if (userId === undefined) return { ok: false, says: refusalSays({ code: 'NO_ACCOUNT' }) };
  const occasion = { now, correlationId: `admin-grant-${ulid(now)}`, by: 'operator:admin-grant' };
  const granted = await grantAdmin(table, { userId, although, dryRun }, occasion);
  if (!granted.ok) return { ok: false, says: refusalSays(granted.error) };
  return { ok: true, says: successSays(userId, granted.value, dryRun) };
}

function successSays(userId: string, { changed, others }: AdminGranted, dryRun: boolean): string {
  const among = others === 0 ? 'the only one' : `beside ${others} ${others === 1 ? 'other' : 'others'}`;
  if (!changed) return `Account ${userId} is an admin already, ${among}. Nothing was changed.`;
  if (dryRun) return `Account ${userId} would become an admin, ${among}. Nothing was changed.`;
  return `Account ${userId} is an admin now, ${among}; running sessions have the role at once.`;
}

function refusalSays(refusal: GrantRefusal): string {
  switch (refusal.code) {
    case 'NO_ACCOUNT':
      return 'No account has this address. Register it first, then follow the link in the mail.';
    case 'NOT_VERIFIED':
      return 'This account has not shown that the address is its own. Follow the link in the mail first.';
    case 'BANNED':
      return 'This account is barred. An admin can lift that: POST /api/users/{userId}/unban.';
    case 'THERE_ARE_ADMINS': {
      const count = `${refusal.count} ${refusal.count === 1 ? 'admin' : 'admins'}`;
      return `There ${refusal.count === 1 ? 'is' : 'are'} ${count} already, who can give the role: PUT /api/users/{userId}/roles. If none can be reached, add --although-there-are-admins.`;
    }
  }
}

/**
 * Table and key of a deployed stage.
 *
 * @throws SetupError when one of them is not there
 */
export async function findStage(
  { cloudformation, ssm }: { readonly cloudformation: CloudFormationClient; readonly ssm: SSMClient },
  stage: Stage,
): Promise<{ readonly tableName: string; readonly emailIndexKey: string }> {
  const name = secretName(stage.name, 'emailIndexKey');
  // The key first: its name holds the stage, so another stage's account is noticed before anything is looked for.
  const emailIndexKey = await readParameter(ssm, name);
  if (emailIndexKey === undefined)
    throw new SetupError(
      `There is no parameter ${name} in this account and region: set AWS_PROFILE, or run setup first.`,
    );
  return { tableName: await readOutput(cloudformation, STACK_NAMES.data, OUTPUTS.tableName), emailIndexKey };
}

async function readParameter(ssm: SSMClient, name: string): Promise<string | undefined> {
  try {
    return (await ssm.send(new GetParameterCommand({ Name: name, WithDecryption: true }))).Parameter?.Value;
  } catch (error) {
    if (isNamed(error, 'ParameterNotFound')) return undefined;
    throw error;
  }
}

/** One sentence about what ended a grant. */
export function explainGrant(error: unknown): string {
  return explain(error, PERMISSIONS);
}
