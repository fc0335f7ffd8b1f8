/**
 * Fits the project's stages and secrets to what setup needs. The only file of setup that knows lib/
 * and functions/; the steps know `SetupInput` alone.
 */
import { NOT_SET_UP } from '../../functions/delivery/wallet-contract.ts';
import { HANDLED_STRIPE_EVENTS, stripeWebhook } from '../../functions/payments/contract.ts';
import { secretName, secretsOf } from '../../lib/secrets.ts';
import {
  CONTEXT_KEYS,
  EDGE_PARAMETERS,
  EDGE_REGION,
  OUTPUTS,
  STACK_NAMES,
  STAGES,
  STAGE_NAMES,
} from '../../lib/stages.ts';
import type { Stage } from '../../lib/stages.ts';
import { SetupError } from './errors.ts';
import type { SecretSpec, SetupInput } from './plan.ts';

/**
 * What setup needs for a stage.
 *
 * @param stage its entry in lib/stages.ts
 * @param secrets its list of lib/secrets.ts
 * @throws SetupError if the stage has no public names, as the local one
 */
export function toSetupInput(stage: Stage, secrets: readonly SecretSpec[]): SetupInput {
  const { name, region, domains, account, alarmMail } = stage;
  if (domains === undefined) {
    throw new SetupError(`Stage ${name} has no domains: it runs on one machine (npm start), not in AWS.`);
  }
  return {
    stage: name,
    ...(account === undefined ? {} : { account }),
    ...(alarmMail === undefined ? {} : { alarmMail }),
    region,
    siteUrl: stage.publicUrl,
    bootstrapRegions: [...new Set([region, EDGE_REGION])],
    lambdaConcurrency: stage.lambdaConcurrency,
    mail: {
      domain: stage.mail.domain,
      returnPathDomain: stage.mail.returnPathDomain,
      production: stage.mail.production,
      perSecond: stage.mail.perSecond,
      identityMadeBy: 'stack',
    },
    certificates: [
      { domain: domains.api, region, contextKey: CONTEXT_KEYS.apiCertificate },
      { domain: domains.site, region: EDGE_REGION, contextKey: CONTEXT_KEYS.siteCertificate },
    ],
    secrets,
    originKey: {
      secret: secretName(name, 'originKeys'),
      parameter: `${STACK_NAMES.edge}:${EDGE_PARAMETERS.originKey}`,
    },
    stripe: {
      mode: stage.stripeMode,
      webhookUrl: `${stage.publicUrl}${stripeWebhook.path}`,
      events: HANDLED_STRIPE_EVENTS,
    },
    noAccount: NOT_SET_UP,
    budget: { name: `onsale-${name}`, monthlyUsd: stage.monthlyBudgetUsd },
    dns: [
      {
        name: domains.api,
        stack: STACK_NAMES.app,
        region,
        outputKey: OUTPUTS.apiTarget,
        kind: 'cname',
      },
      {
        name: domains.site,
        stack: STACK_NAMES.edge,
        region: EDGE_REGION,
        outputKey: OUTPUTS.siteTarget,
        kind: 'cloudfront',
      },
    ],
  };
}

/**
 * The input of a stage by its name.
 *
 * @throws SetupError if there is no such stage, or it is the local one
 */
export function loadInput(stage: string): SetupInput {
  const name = STAGE_NAMES.find((candidate) => candidate === stage);
  if (name === undefined) {
    const deployable = STAGE_NAMES.filter((candidate) => STAGES[candidate].domains !== undefined);
    throw new SetupError(`There is no stage ${stage}. Stages: ${deployable.join(', ')} (lib/stages.ts).`);
  }
  return toSetupInput(STAGES[name], secretsOf(name));
}
