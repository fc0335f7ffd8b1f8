import { ListCertificatesCommand } from '@aws-sdk/client-acm';
import { DescribeBudgetCommand } from '@aws-sdk/client-budgets';
import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import {
  GetServiceQuotaCommand,
  ListRequestedServiceQuotaChangeHistoryByQuotaCommand,
} from '@aws-sdk/client-service-quotas';
import { GetAccountCommand, GetEmailIdentityCommand } from '@aws-sdk/client-sesv2';
import { DescribeParametersCommand, GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { beforeEach, describe, expect, it } from 'vitest';

import { closingLine, exitCodeOf, runSteps } from '../../scripts/setup/runner.ts';
import type { StepOutcome } from '../../scripts/setup/runner.ts';
import type { StepName } from '../../scripts/setup/plan.ts';
import { selectSteps, stepsOf } from '../../scripts/setup/steps.ts';
import { ACCOUNT, APPLY, CHECK, INPUT, awsError, mockAws, mutations, run, step, testContext } from './fixtures.ts';
import type { AwsMocks } from './fixtures.ts';

let aws: AwsMocks;

beforeEach(() => {
  aws = mockAws();
});

describe('permission denied', () => {
  const denied = awsError(
    'AccessDeniedException',
    `User: arn:aws:iam::${ACCOUNT}:user/ada is not authorized to perform: ses:GetAccount on resource: *`,
  );

  it('names the action and the identity in one sentence', async () => {
    aws.ses.on(GetAccountCommand).rejects(denied);
    const { lines, code } = await run('mail-account');
    expect(code).toBe(1);
    expect(lines).toContain(`Permission ses:GetAccount is missing for arn:aws:iam::${ACCOUNT}:user/ada`);
  });

  it.each([
    'bootstrap',
    'lambda-quota',
    'certificates',
    'mail-account',
    'mail-identity',
    'keys',
    'stripe-key',
    'stripe-webhook',
    'budget',
    'dns',
  ] as const)('%s: a denial that names no action is answered with the actions of the step', async (name) => {
    const denial = awsError('AccessDeniedException', 'no');
    aws.ssm.onAnyCommand().rejects(denial);
    aws.cloudformation.onAnyCommand().rejects(denial);
    aws.quotas.onAnyCommand().rejects(denial);
    aws.ses.onAnyCommand().rejects(denial);
    aws.acm.onAnyCommand().rejects(denial);
    aws.route53.onAnyCommand().rejects(denial);
    aws.budgets.onAnyCommand().rejects(denial);
    const { lines, code, context } = await run(name);
    expect(code).toBe(1);
    expect(lines).toContain(step(name, context).permissions.check[0]);
    expect(mutations(aws)).toEqual([]);
  });

  it('does not stop the steps that need nothing of it', async () => {
    aws.ses.onAnyCommand().rejects(denied);
    aws.quotas.on(GetServiceQuotaCommand).resolves({ Quota: { Value: 1000 } });
    const context = testContext();
    const outcomes = await runSteps([step('mail-account', context), step('lambda-quota', context)], context, APPLY);
    expect(outcomes.get('lambda-quota')).toMatchObject({ kind: 'done' });
  });
});

describe('--check on an empty account', () => {
  it('reports every step and sends nothing that changes anything', async () => {
    aws.ssm.on(GetParameterCommand).rejects(awsError('ParameterNotFound'));
    aws.ssm.on(DescribeParametersCommand).resolves({ Parameters: [] });
    aws.cloudformation.on(DescribeStacksCommand).rejects(awsError('ValidationError'));
    aws.quotas.on(GetServiceQuotaCommand).resolves({ Quota: { Value: 10 } });
    aws.quotas.on(ListRequestedServiceQuotaChangeHistoryByQuotaCommand).resolves({ RequestedQuotas: [] });
    aws.acm.on(ListCertificatesCommand).resolves({ CertificateSummaryList: [] });
    aws.ses.on(GetAccountCommand).resolves({ ProductionAccessEnabled: false, SendingEnabled: true });
    aws.ses.on(GetEmailIdentityCommand).rejects(awsError('NotFoundException'));
    aws.budgets.on(DescribeBudgetCommand).rejects(awsError('NotFoundException'));
    const context = testContext({ stripeKeyFromEnvironment: 'sk_test_fromEnvironment1' });
    const outcomes = await runSteps(stepsOf(INPUT), context, CHECK);
    expect(Object.fromEntries([...outcomes].map(([name, { kind }]) => [name, kind]))).toEqual({
      credentials: 'done',
      bootstrap: 'missing',
      'lambda-quota': 'missing',
      certificates: 'missing',
      'mail-account': 'missing',
      'mail-identity': 'missing',
      keys: 'missing',
      'stripe-key': 'missing',
      'stripe-webhook': 'blocked',
      'apple-wallet': 'missing',
      'google-wallet': 'missing',
      budget: 'missing',
      dns: 'waiting',
    });
    expect(mutations(aws)).toEqual([]);
    expect(context.commands).toEqual([]);
    expect(context.questions).toEqual([]);
    expect(exitCodeOf(outcomes)).toBe(2);
    // The guard of this test: the mutating commands do count when they are sent.
    aws.ssm.on(PutParameterCommand).resolves({});
    await step('keys', context).apply(context);
    expect(mutations(aws)).toContain('PutParameterCommand');
  });
});

describe('asking', () => {
  it.each([
    { answer: 'n', kind: 'missing' },
    { answer: undefined, kind: 'waiting' },
  ])('applies nothing when the answer is $answer', async ({ answer, kind }) => {
    aws.ssm.on(DescribeParametersCommand).resolves({ Parameters: [] });
    const context = testContext({
      prompt: { ask: () => Promise.resolve(answer), askSecret: () => Promise.resolve(undefined) },
    });
    const { outcome } = await run('keys', { ...APPLY, assumeYes: false }, context);
    expect(outcome).toMatchObject({ kind });
    expect(mutations(aws)).toEqual([]);
  });
});

describe('--only', () => {
  it('keeps the credentials, so that one step alone cannot work on the wrong account', async () => {
    aws.sts
      .on(GetCallerIdentityCommand)
      .resolves({ Account: '999999999999', Arn: 'arn:aws:iam::999999999999:user/eve' });
    aws.ssm.on(DescribeParametersCommand).resolves({ Parameters: [] });
    const outcomes = await runSteps(selectSteps(stepsOf(INPUT), ['keys']), testContext(), APPLY);
    expect([...outcomes.keys()]).toEqual(['credentials', 'keys']);
    expect(outcomes.get('keys')).toMatchObject({ kind: 'blocked' });
    expect(mutations(aws)).toEqual([]);
  });
});

describe('the last line', () => {
  const steps = stepsOf({ ...INPUT, mail: { ...INPUT.mail, identityMadeBy: 'stack' } });
  const all = new Map<StepName, StepOutcome>(steps.map(({ name }) => [name, { kind: 'done', detail: '' }]));
  const waiting: StepOutcome = { kind: 'waiting', detail: '', todo: [] };

  it('sends on to deploy as soon as only a deployment can bring what is open', () => {
    expect(closingLine(steps, all, 'dev')).toBe('All done.');
    const ready = closingLine(
      steps,
      new Map<StepName, StepOutcome>([...all, ['mail-identity', waiting], ['dns', waiting]]),
      'dev',
    );
    expect(ready).toContain('npm run deploy -- --stage dev');
    expect(ready).toContain('mail-identity and dns');
    expect(closingLine(steps, new Map<StepName, StepOutcome>([...all, ['keys', waiting]]), 'dev')).toContain(
      'Not all done',
    );
  });
});
