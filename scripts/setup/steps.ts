/** All steps of a stage, in order. */
import type { SetupInput, Step, StepName } from './plan.ts';
import { appleWalletStep } from './steps/apple-wallet.ts';
import { bootstrapStep } from './steps/bootstrap.ts';
import { budgetStep } from './steps/budget.ts';
import { certificatesStep } from './steps/certificates.ts';
import { credentialsStep } from './steps/credentials.ts';
import { dnsStep } from './steps/dns-records.ts';
import { googleWalletStep } from './steps/google-wallet.ts';
import { keysStep } from './steps/keys.ts';
import { lambdaQuotaStep } from './steps/lambda-quota.ts';
import { mailAccountStep } from './steps/mail-account.ts';
import { mailIdentityStep } from './steps/mail-identity.ts';
import { stripeKeyStep } from './steps/stripe-key.ts';
import { stripeWebhookStep } from './steps/stripe-webhook.ts';

/**
 * What can be done at once comes late; what AWS has to decide (quota, certificates, mail) comes
 * early, so that its clock is running while the rest is done.
 */
export function stepsOf(input: SetupInput): readonly Step[] {
  return [
    credentialsStep,
    bootstrapStep,
    lambdaQuotaStep,
    certificatesStep,
    mailAccountStep,
    mailIdentityStep(input.mail.identityMadeBy),
    keysStep,
    stripeKeyStep,
    stripeWebhookStep,
    appleWalletStep,
    googleWalletStep,
    budgetStep,
    dnsStep,
  ];
}

/**
 * The steps of `--only`. The credentials are always looked at first: one step alone must not work on
 * the wrong account either.
 *
 * @param only names of the wanted steps; none means all
 */
export function selectSteps(steps: readonly Step[], only: readonly StepName[]): readonly Step[] {
  return only.length === 0 ? steps : steps.filter(({ name }) => name === 'credentials' || only.includes(name));
}
