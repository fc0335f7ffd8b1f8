/** The sending domain: SES identity, Easy DKIM, custom MAIL FROM (SPF alignment) and a DMARC record. */
import {
  CreateEmailIdentityCommand,
  GetEmailIdentityCommand,
  PutEmailIdentityMailFromAttributesCommand,
} from '@aws-sdk/client-sesv2';

import { DNS_PERMISSIONS, createRecords, readRecords, recordsToMake } from '../dns.ts';
import type { RecordState, WantedRecord } from '../dns.ts';
import { isNamed } from '../errors.ts';
import type { Context, SetupInput, Step, StepStatus } from '../plan.ts';

/** What SES knows of the domain. */
export type MailIdentity = {
  readonly verified: boolean;
  readonly dkim: string | undefined;
  readonly tokens: readonly string[];
  /** Zone of the DKIM keys; older regions leave it out and mean `dkim.amazonses.com`. */
  readonly dkimZone: string;
  readonly returnPath: { readonly domain: string; readonly status: string } | undefined;
};

/**
 * The records that make receivers trust the domain.
 *
 * @see https://docs.aws.amazon.com/ses/latest/dg/send-email-authentication-dkim-easy.html
 * @see https://docs.aws.amazon.com/ses/latest/dg/mail-from.html
 */
export function mailRecords(
  mail: Pick<SetupInput['mail'], 'domain' | 'returnPathDomain'>,
  region: string,
  identity: Pick<MailIdentity, 'tokens' | 'dkimZone'>,
): readonly WantedRecord[] {
  return [
    ...identity.tokens.map((token): WantedRecord => ({
      name: `${token}._domainkey.${mail.domain}`,
      type: 'CNAME',
      value: `${token}.${identity.dkimZone}`,
    })),
    { name: mail.returnPathDomain, type: 'MX', value: `10 feedback-smtp.${region}.amazonses.com` },
    { name: mail.returnPathDomain, type: 'TXT', value: '"v=spf1 include:amazonses.com ~all"' },
    // Gmail and Yahoo ask bulk senders for a policy, be it p=none; an owner's own policy is left alone.
    { name: `_dmarc.${mail.domain}`, type: 'TXT', value: '"v=DMARC1; p=none"', anyValue: true },
  ];
}

export function decideMailIdentity(
  mail: SetupInput['mail'],
  identity: MailIdentity | undefined,
  records: readonly RecordState[],
): StepStatus {
  if (identity === undefined) {
    if (mail.identityMadeBy === 'stack') {
      return {
        kind: 'waiting',
        detail: `SES does not know ${mail.domain} yet; the deployment creates it`,
        todo: ['Deploy, then run setup again: it publishes or prints the DKIM records.'],
      };
    }
    return {
      kind: 'missing',
      detail: `SES does not know ${mail.domain}`,
      will: `register ${mail.domain} with SES, with DKIM and the return path ${mail.returnPathDomain}`,
    };
  }
  if (mail.identityMadeBy === 'setup' && identity.returnPath?.domain !== mail.returnPathDomain) {
    return {
      kind: 'missing',
      detail: `${mail.domain} has no return path of its own`,
      will: `set its return path to ${mail.returnPathDomain}`,
    };
  }
  const creatable = records.filter(({ kind }) => kind === 'creatable').length;
  if (creatable > 0) {
    return {
      kind: 'missing',
      detail: `${creatable} DNS records for ${mail.domain} are missing`,
      will: `create ${creatable} records in the account's Route 53 zone (DKIM, return path, DMARC)`,
    };
  }
  const returnPathReady = identity.returnPath === undefined || identity.returnPath.status === 'SUCCESS';
  if (identity.verified && identity.dkim === 'SUCCESS' && returnPathReady) {
    return { kind: 'done', detail: `${mail.domain} is verified and signs with DKIM` };
  }
  const state = `DKIM ${identity.dkim ?? 'unknown'}, return path ${identity.returnPath?.status ?? 'none'}`;
  return {
    kind: 'waiting',
    detail: `${mail.domain} is not verified yet (${state})`,
    todo: [...recordsToMake(records), 'SES looks for the records for up to 72 hours; run this again later.'],
  };
}

type Found = {
  readonly identity: MailIdentity | undefined;
  readonly records: readonly RecordState[];
};

async function read(context: Context): Promise<Found> {
  const { mail, region } = context.input;
  const identity = await readIdentity(context);
  if (identity === undefined) return { identity, records: [] };
  const wanted = mailRecords(mail, region, identity).filter(
    // A stack without a custom MAIL FROM needs no records for it.
    ({ name }) => identity.returnPath !== undefined || name !== mail.returnPathDomain,
  );
  return { identity, records: await readRecords(context, wanted) };
}

async function readIdentity(context: Context): Promise<MailIdentity | undefined> {
  try {
    const found = await context.clients.ses.send(
      new GetEmailIdentityCommand({ EmailIdentity: context.input.mail.domain }),
    );
    const returnPath = found.MailFromAttributes;
    return {
      verified: found.VerifiedForSendingStatus ?? false,
      dkim: found.DkimAttributes?.Status,
      tokens: found.DkimAttributes?.Tokens ?? [],
      dkimZone: found.DkimAttributes?.SigningHostedZone ?? 'dkim.amazonses.com',
      returnPath:
        returnPath?.MailFromDomain === undefined
          ? undefined
          : {
              domain: returnPath.MailFromDomain,
              status: returnPath.MailFromDomainStatus ?? 'PENDING',
            },
    };
  } catch (error) {
    if (isNamed(error, 'NotFoundException')) return undefined;
    throw error;
  }
}

async function apply(context: Context): Promise<void> {
  const { mail } = context.input;
  const { ses, route53 } = context.clients;
  const { identity, records } = await read(context);
  if (identity === undefined && mail.identityMadeBy === 'setup') {
    await ses.send(
      new CreateEmailIdentityCommand({
        EmailIdentity: mail.domain,
        DkimSigningAttributes: { NextSigningKeyLength: 'RSA_2048_BIT' },
      }),
    );
  }
  if (mail.identityMadeBy === 'setup' && identity?.returnPath?.domain !== mail.returnPathDomain) {
    await ses.send(
      new PutEmailIdentityMailFromAttributesCommand({
        EmailIdentity: mail.domain,
        MailFromDomain: mail.returnPathDomain,
        // Without its MX record mail still goes out, from amazonses.com, instead of failing.
        BehaviorOnMxFailure: 'USE_DEFAULT_VALUE',
      }),
    );
  }
  await createRecords(route53, records);
}

/** @param identityMadeBy decides the phase: an identity made by the stacks is looked after once they are there */
export function mailIdentityStep(identityMadeBy: SetupInput['mail']['identityMadeBy']): Step {
  return {
    name: 'mail-identity',
    title: 'Mail domain',
    phase: identityMadeBy === 'setup' ? 'before-deploy' : 'after-deploy',
    requires: ['credentials'],
    permissions: {
      check: ['ses:GetEmailIdentity', ...DNS_PERMISSIONS.check],
      apply: ['ses:CreateEmailIdentity', 'ses:PutEmailIdentityMailFromAttributes', ...DNS_PERMISSIONS.apply],
    },
    check: async (context) => {
      const { identity, records } = await read(context);
      return decideMailIdentity(context.input.mail, identity, records);
    },
    apply,
  };
}
