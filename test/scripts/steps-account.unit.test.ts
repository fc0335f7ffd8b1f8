import {
  CreateBudgetCommand,
  CreateNotificationCommand,
  DescribeBudgetCommand,
  DescribeNotificationsForBudgetCommand,
  DescribeSubscribersForNotificationCommand,
  UpdateBudgetCommand,
} from '@aws-sdk/client-budgets';
import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import {
  GetAWSDefaultServiceQuotaCommand,
  GetServiceQuotaCommand,
  ListRequestedServiceQuotaChangeHistoryByQuotaCommand,
  RequestServiceQuotaIncreaseCommand,
} from '@aws-sdk/client-service-quotas';
import type { RequestStatus } from '@aws-sdk/client-service-quotas';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { beforeEach, describe, expect, it } from 'vitest';

import { exitCodeOf, runSteps } from '../../scripts/setup/runner.ts';
import { stepsOf } from '../../scripts/setup/steps.ts';
import { ACCOUNT, APPLY, INPUT, awsError, mockAws, mutations, run, step, testContext } from './fixtures.ts';
import type { AwsMocks } from './fixtures.ts';

let aws: AwsMocks;

beforeEach(() => {
  aws = mockAws();
});

describe('credentials', () => {
  it('stops everything when the account is another one', async () => {
    aws.sts
      .on(GetCallerIdentityCommand)
      .resolves({ Account: '999999999999', Arn: 'arn:aws:iam::999999999999:user/eve' });
    const context = testContext();
    const outcomes = await runSteps(stepsOf(INPUT), context, APPLY);
    expect(outcomes.get('credentials')).toMatchObject({ kind: 'waiting' });
    expect([...outcomes.values()].slice(1).every(({ kind }) => kind === 'blocked')).toBe(true);
    expect(mutations(aws)).toEqual([]);
    expect(exitCodeOf(outcomes)).toBe(2);
  });

  it('says how to sign in when there are no credentials', async () => {
    aws.sts.on(GetCallerIdentityCommand).rejects(awsError('CredentialsProviderError', 'Could not load credentials'));
    const { code, lines } = await run('credentials');
    expect(code).toBe(1);
    expect(lines).toContain('sign in again');
  });
});

describe('bootstrap', () => {
  it('bootstraps only the regions that lack it, then is a no-op', async () => {
    let edge = '3';
    aws.ssm
      .on(GetParameterCommand)
      .resolvesOnce({ Parameter: { Value: '30' } })
      .callsFake(async (_input, getClient: () => { config: { region: () => Promise<string> } }) => ({
        Parameter: { Value: (await getClient().config.region()) === 'us-east-1' ? edge : '30' },
      }));
    aws.cloudformation
      .on(DescribeStacksCommand)
      .rejects(awsError('ValidationError', 'Stack with id CDKToolkit does not exist'));
    const context = testContext({
      run: () => {
        edge = '30';
        return Promise.resolve(0);
      },
    });
    const first = await run('bootstrap', APPLY, context);
    expect(first.outcome).toMatchObject({ kind: 'done' });
    expect(context.commands.map(({ line }) => line)).toEqual([
      `cdk bootstrap aws://${ACCOUNT}/us-east-1 --context stage=dev`,
    ]);
    await run('bootstrap', APPLY, context);
    expect(context.commands).toHaveLength(1);
  });

  it('does not touch a stack that is in transition or broken', async () => {
    aws.ssm.on(GetParameterCommand).rejects(awsError('ParameterNotFound'));
    for (const status of ['UPDATE_IN_PROGRESS', 'ROLLBACK_FAILED'] as const) {
      aws.cloudformation.on(DescribeStacksCommand).resolves({
        Stacks: [{ StackName: 'CDKToolkit', StackStatus: status, CreationTime: new Date(0) }],
      });
      const { outcome, context } = await run('bootstrap');
      expect(outcome).toMatchObject({ kind: 'waiting' });
      expect(context.commands).toEqual([]);
    }
  });

  it('fails when cdk fails', async () => {
    aws.ssm.on(GetParameterCommand).rejects(awsError('ParameterNotFound'));
    aws.cloudformation.on(DescribeStacksCommand).rejects(awsError('ValidationError'));
    const { code, lines } = await run('bootstrap', APPLY, testContext({ run: () => Promise.resolve(1) }));
    expect(code).toBe(1);
    expect(lines).toContain('cdk bootstrap of eu-central-1 ended with exit code 1');
  });
});

describe('lambda-quota', () => {
  it('requests an increase once, and then reports that AWS has it', async () => {
    const requests: {
      Status: RequestStatus;
      DesiredValue: number;
      CaseId: string;
      Created: Date;
    }[] = [];
    aws.quotas.on(GetServiceQuotaCommand).resolves({ Quota: { Value: 10 } });
    aws.quotas
      .on(ListRequestedServiceQuotaChangeHistoryByQuotaCommand)
      .callsFake(() => ({ RequestedQuotas: requests }));
    aws.quotas.on(RequestServiceQuotaIncreaseCommand).callsFake((input: { DesiredValue: number }) => {
      requests.push({
        Status: 'CASE_OPENED',
        DesiredValue: input.DesiredValue,
        CaseId: '42',
        Created: new Date(1),
      });
      return {};
    });
    const { outcome, code, lines } = await run('lambda-quota');
    expect(outcome).toMatchObject({ kind: 'waiting' });
    expect(lines).toContain('support case 42');
    expect(code).toBe(2);
    await run('lambda-quota');
    expect(requests).toMatchObject([{ DesiredValue: 400 }]);
  });

  it('is done with enough, also when the account only has the default', async () => {
    aws.quotas.on(GetServiceQuotaCommand).rejects(awsError('NoSuchResourceException'));
    aws.quotas.on(GetAWSDefaultServiceQuotaCommand).resolves({ Quota: { Value: 1000 } });
    expect((await run('lambda-quota')).outcome).toMatchObject({ kind: 'done' });
  });

  it('does not ask again after a refusal', async () => {
    aws.quotas.on(GetServiceQuotaCommand).resolves({ Quota: { Value: 10 } });
    aws.quotas
      .on(ListRequestedServiceQuotaChangeHistoryByQuotaCommand)
      .resolves({ RequestedQuotas: [{ Status: 'DENIED', DesiredValue: 400, CaseId: '7' }] });
    expect((await run('lambda-quota')).outcome).toMatchObject({ kind: 'waiting' });
    expect(mutations(aws)).toEqual([]);
  });
});

describe('budget', () => {
  const alarms = [
    {
      NotificationType: 'ACTUAL' as const,
      ComparisonOperator: 'GREATER_THAN' as const,
      Threshold: 80,
    },
    {
      NotificationType: 'ACTUAL' as const,
      ComparisonOperator: 'GREATER_THAN' as const,
      Threshold: 100,
    },
  ];

  it('creates the budget with three alarms', async () => {
    let exists = false;
    aws.budgets.on(DescribeBudgetCommand).callsFake(() => {
      if (!exists) throw awsError('NotFoundException');
      return { Budget: { BudgetLimit: { Amount: '20.0', Unit: 'USD' } } };
    });
    aws.budgets.on(CreateBudgetCommand).callsFake(() => {
      exists = true;
      return {};
    });
    aws.budgets.on(DescribeNotificationsForBudgetCommand).resolves({
      Notifications: [
        ...alarms,
        { NotificationType: 'FORECASTED', ComparisonOperator: 'GREATER_THAN', Threshold: 100 },
      ],
    });
    aws.budgets
      .on(DescribeSubscribersForNotificationCommand)
      .resolves({ Subscribers: [{ SubscriptionType: 'EMAIL', Address: 'ops@tickets.example' }] });
    expect((await run('budget')).outcome).toMatchObject({ kind: 'done' });
    expect(aws.budgets.commandCalls(CreateBudgetCommand)[0]?.args[0].input).toMatchObject({
      AccountId: ACCOUNT,
      Budget: { BudgetName: 'onsale-dev', BudgetLimit: { Amount: '20', Unit: 'USD' } },
      NotificationsWithSubscribers: [{}, {}, {}],
    });
    await run('budget');
    expect(mutations(aws)).toEqual(['CreateBudgetCommand']);
  });

  it('corrects the limit and adds an alarm that is missing', async () => {
    aws.budgets.on(DescribeBudgetCommand).resolves({
      Budget: {
        BudgetName: 'onsale-dev',
        TimeUnit: 'MONTHLY',
        BudgetType: 'COST',
        BudgetLimit: { Amount: '5', Unit: 'USD' },
      },
    });
    aws.budgets.on(DescribeNotificationsForBudgetCommand).resolves({ Notifications: alarms });
    aws.budgets
      .on(DescribeSubscribersForNotificationCommand)
      .resolves({ Subscribers: [{ SubscriptionType: 'EMAIL', Address: 'ops@tickets.example' }] });
    const context = testContext();
    await step('budget', context).apply(context);
    expect(aws.budgets.commandCalls(UpdateBudgetCommand)).toHaveLength(1);
    expect(aws.budgets.commandCalls(CreateNotificationCommand)[0]?.args[0].input).toMatchObject({
      Notification: { NotificationType: 'FORECASTED' },
    });
  });
});
