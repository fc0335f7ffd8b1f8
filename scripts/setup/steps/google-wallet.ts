/** The account of Google Wallet: the issuer's number and a service account's key, or `none` where the operator has none. */
import { createPrivateKey } from 'node:crypto';
import * as z from 'zod';

import { SetupError } from '../errors.ts';
import { readSecret, replaceSecret, secretOfKind } from '../parameters.ts';
import type { Context, Step, StepStatus } from '../plan.ts';

const keyFile = z.object({ type: z.literal('service_account'), client_email: z.email(), private_key: z.string() });

/**
 * What is stored of a service account's key file: what signing needs.
 *
 * @param issuerId as the console of Google Wallet shows it
 * @throws SetupError that says what is wrong
 */
export function googleAccount(file: string, issuerId: string): string {
  if (!/^\d{5,30}$/.test(issuerId))
    throw new SetupError('The issuer id is a number, as pay.google.com/business/console shows it.');
  let found: z.output<typeof keyFile>;
  try {
    found = keyFile.parse(JSON.parse(file));
    createPrivateKey(found.private_key);
  } catch {
    // Not the cause: it may quote the key.
    throw new SetupError('This is not the JSON key file of a service account.');
  }
  return JSON.stringify({ issuerId, clientEmail: found.client_email, privateKey: found.private_key });
}

async function check(context: Context): Promise<StepStatus> {
  const stored = await readSecret(context, secretOfKind(context, 'google-wallet').name);
  if (stored === undefined) {
    const will = 'ask for the issuer and the key of a service account, or note that there are none';
    return { kind: 'missing', detail: 'nothing is stored', will };
  }
  const given = await givenAccount(context);
  if (given !== undefined && given !== stored)
    return { kind: 'missing', detail: 'another account is stored than the one that is named', will: 'store that' };
  return stored === context.input.noAccount
    ? { kind: 'done', detail: 'without an account: no links to Google Wallet (see docs/deploying.md)' }
    : { kind: 'done', detail: 'links to Google Wallet are signed' };
}

async function apply(context: Context): Promise<void> {
  const { name, purpose } = secretOfKind(context, 'google-wallet');
  const account = (await givenAccount(context)) ?? (await askedAccount(context)) ?? context.input.noAccount;
  await replaceSecret(context, name, account, purpose);
}

async function givenAccount(context: Context): Promise<string | undefined> {
  const path = context.given('GOOGLE_WALLET_KEY_FILE');
  const issuerId = context.given('GOOGLE_WALLET_ISSUER_ID');
  if (path === undefined && issuerId === undefined) return undefined;
  if (path === undefined || issuerId === undefined)
    throw new SetupError('GOOGLE_WALLET_KEY_FILE and GOOGLE_WALLET_ISSUER_ID go together.');
  return accountAt(context, path, issuerId);
}

async function askedAccount(context: Context): Promise<string | undefined> {
  const path = (await context.prompt.ask('File of the service account’s key (nothing: no Google Wallet): '))?.trim();
  if (path === undefined || path === '') return undefined;
  return accountAt(context, path, (await context.prompt.ask('Issuer id: '))?.trim() ?? '');
}

async function accountAt(context: Context, path: string, issuerId: string): Promise<string> {
  return context.redactor.hide(googleAccount((await context.readFile(path)).toString('utf8'), issuerId));
}

export const googleWalletStep: Step = {
  name: 'google-wallet',
  title: 'Google Wallet',
  phase: 'before-deploy',
  requires: ['credentials'],
  permissions: { check: ['ssm:GetParameter', 'kms:Decrypt'], apply: ['ssm:PutParameter'] },
  check,
  apply,
};
