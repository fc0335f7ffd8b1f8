/** Whose account is this? Everything else is pointless until that is settled. */
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';

import { SetupError } from '../errors.ts';
import type { Context, SetupInput, Step, StepStatus } from '../plan.ts';

/**
 * Compares the signed-in account with the stage's.
 *
 * @param found account and ARN of the signed-in identity
 */
export function decideCredentials(
  input: Pick<SetupInput, 'stage' | 'account' | 'region'>,
  found: { readonly account: string; readonly arn: string },
): StepStatus {
  if (input.account !== undefined && input.account !== found.account) {
    return {
      kind: 'waiting',
      detail: `signed in to account ${found.account}, but stage ${input.stage} lives in ${input.account}`,
      todo: ['Sign in to the right account (AWS_PROFILE, aws sso login), or correct lib/stages.ts.'],
    };
  }
  const root = found.arn.endsWith(':root') ? '; this is the root user, better use a role' : '';
  return {
    kind: 'done',
    detail: `account ${found.account}, region ${input.region}, as ${found.arn}${root}`,
  };
}

/** The account id of the signed-in identity. */
export async function callerAccount(context: Context): Promise<string> {
  return (await caller(context)).account;
}

async function caller(context: Context): Promise<{ account: string; arn: string }> {
  const { Account: account, Arn: arn } = await context.clients.sts.send(new GetCallerIdentityCommand({}));
  if (account === undefined || arn === undefined) throw new SetupError('AWS did not say who is signed in.');
  return { account, arn };
}

export const credentialsStep: Step = {
  name: 'credentials',
  title: 'AWS credentials',
  phase: 'before-deploy',
  requires: [],
  // AWS allows this call to everybody.
  permissions: { check: ['sts:GetCallerIdentity'], apply: [] },
  check: async (context) => decideCredentials(context.input, await caller(context)),
  apply: () => Promise.resolve(),
};
