/** SES: out of the sandbox (unless the stage may stay in it), allowed to send, and fast enough. */
import { GetAccountCommand, PutAccountDetailsCommand } from '@aws-sdk/client-sesv2';

import { NeedsPerson } from '../errors.ts';
import type { Context, SetupInput, Step, StepStatus } from '../plan.ts';

/** The parts of SES's account that matter here. */
export type MailAccount = {
  readonly production: boolean;
  readonly sending: boolean;
  readonly enforcement: string | undefined;
  readonly review: string | undefined;
  readonly caseId: string | undefined;
  readonly perSecond: number;
};

/** @see https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_ReviewDetails.html for the review's states */
export function decideMailAccount(
  wanted: Pick<SetupInput['mail'], 'production' | 'perSecond'>,
  found: MailAccount,
): StepStatus {
  if (!found.sending || found.enforcement === 'SHUTDOWN') {
    return {
      kind: 'waiting',
      detail: 'AWS has paused sending for this account',
      todo: ['Open the SES console, Account dashboard, and answer what it asks.'],
    };
  }
  if (!found.production) {
    if (!wanted.production) {
      return {
        kind: 'done',
        detail: 'in the sandbox: mail reaches verified addresses only, enough for this stage',
      };
    }
    return decideReview(found);
  }
  if (wanted.production && found.perSecond < wanted.perSecond) {
    return {
      kind: 'waiting',
      detail: `${found.perSecond} mails a second, the stage wants ${wanted.perSecond}`,
      todo: [
        `In the Service Quotas console of this region choose Amazon SES, "Sending rate", and request ${wanted.perSecond}; or lower the stage's rate in lib/stages.ts.`,
      ],
    };
  }
  return { kind: 'done', detail: `production access, ${found.perSecond} mails a second` };
}

function decideReview(found: MailAccount): StepStatus {
  const supportCase = found.caseId === undefined ? 'the support case' : `support case ${found.caseId}`;
  switch (found.review ?? 'none') {
    case 'PENDING':
      return {
        kind: 'waiting',
        detail: 'in the sandbox; AWS is reviewing the request for production access',
        todo: [`AWS answers in ${supportCase}; run this again later.`],
      };
    case 'DENIED':
      return {
        kind: 'waiting',
        detail: 'in the sandbox; AWS denied production access',
        todo: [`Answer ${supportCase}: how addresses are collected, and what happens on bounces and complaints.`],
      };
    default:
      return {
        kind: 'missing',
        detail: 'in the sandbox: mail reaches verified addresses only',
        will: 'ask AWS for production access, describing ticket mail to buyers',
      };
  }
}

async function read(context: Context): Promise<MailAccount> {
  const account = await context.clients.ses.send(new GetAccountCommand({}));
  return {
    production: account.ProductionAccessEnabled ?? false,
    sending: account.SendingEnabled ?? true,
    enforcement: account.EnforcementStatus,
    review: account.Details?.ReviewDetails?.Status,
    caseId: account.Details?.ReviewDetails?.CaseId,
    perSecond: account.SendQuota?.MaxSendRate ?? 0,
  };
}

export const mailAccountStep: Step = {
  name: 'mail-account',
  title: 'SES account',
  phase: 'before-deploy',
  requires: ['credentials'],
  permissions: { check: ['ses:GetAccount'], apply: ['ses:PutAccountDetails'] },
  check: async (context) => decideMailAccount(context.input.mail, await read(context)),
  apply: async (context) => {
    const email = context.operatorEmail;
    if (email === undefined) {
      throw new NeedsPerson('AWS needs an address to answer to', ['Run this again with --email you@example.com.']);
    }
    await context.clients.ses.send(
      new PutAccountDetailsCommand({
        MailType: 'TRANSACTIONAL',
        WebsiteURL: context.input.siteUrl,
        ContactLanguage: 'EN',
        AdditionalContactEmailAddresses: [email],
        ProductionAccessEnabled: true,
        UseCaseDescription:
          'Ticket sales for events. Mail goes only to people who registered with a confirmed address or bought a ticket: ' +
          'account verification, password reset, order confirmation with tickets, event changes and cancellations. ' +
          'No marketing, no bought lists. Bounces and complaints are recorded and stop further mail to the address.',
      }),
    );
  },
};
