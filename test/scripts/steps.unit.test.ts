import { DescribeCertificateCommand, ListCertificatesCommand, RequestCertificateCommand } from '@aws-sdk/client-acm';
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
  ChangeResourceRecordSetsCommand,
  ListHostedZonesByNameCommand,
  ListResourceRecordSetsCommand,
} from '@aws-sdk/client-route-53';
import type { ResourceRecordSet } from '@aws-sdk/client-route-53';
import {
  GetServiceQuotaCommand,
  GetAWSDefaultServiceQuotaCommand,
  ListRequestedServiceQuotaChangeHistoryByQuotaCommand,
  RequestServiceQuotaIncreaseCommand,
} from '@aws-sdk/client-service-quotas';
import type { RequestStatus } from '@aws-sdk/client-service-quotas';
import {
  CreateEmailIdentityCommand,
  GetAccountCommand,
  GetEmailIdentityCommand,
  PutAccountDetailsCommand,
  PutEmailIdentityMailFromAttributesCommand,
} from '@aws-sdk/client-sesv2';
import { DescribeParametersCommand, GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { beforeEach, describe, expect, it } from 'vitest';

import { exitCodeOf, runSteps } from '../../scripts/setup/runner.ts';
import type { RunOptions } from '../../scripts/setup/runner.ts';
import type { Step, StepName } from '../../scripts/setup/plan.ts';
import { stepsOf } from '../../scripts/setup/steps.ts';
import { generateSecret } from '../../scripts/setup/steps/keys.ts';
import { ACCOUNT, APPLY, CHECK, INPUT, awsError, mockAws, mutations, testContext } from './fixtures.ts';
import type { AwsMocks, TestContext } from './fixtures.ts';

let aws: AwsMocks;

beforeEach(() => {
  aws = mockAws();
});

function step(name: StepName, context: TestContext): Step {
  const found = stepsOf(context.input).find((one) => one.name === name);
  if (found === undefined) throw new Error(`no step ${name}`);
  return found;
}

async function run(name: StepName, options: RunOptions = APPLY, context = testContext()) {
  const outcomes = await runSteps([step(name, context)], context, options);
  const outcome = outcomes.get(name);
  return { outcome, code: exitCodeOf(outcomes), lines: context.lines.join('\n'), context };
}

/** A zone of ours whose records appear as they are created. */
function hostZone(name: string, records: ResourceRecordSet[] = []): ResourceRecordSet[] {
  aws.route53.on(ListHostedZonesByNameCommand).resolves({
    HostedZones: [{ Id: '/hostedzone/Z1', Name: `${name}.`, CallerReference: 'x' }],
    IsTruncated: false,
  });
  aws.route53.on(ListResourceRecordSetsCommand).callsFake(() => ({ ResourceRecordSets: records }));
  aws.route53
    .on(ChangeResourceRecordSetsCommand)
    .callsFake((input: { ChangeBatch: { Changes: { ResourceRecordSet: ResourceRecordSet }[] } }) => {
      records.push(...input.ChangeBatch.Changes.map((change) => change.ResourceRecordSet));
      return {};
    });
  return records;
}

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

describe('certificates', () => {
  function acm(state: { issued: boolean }) {
    const made = new Map<string, string>();
    aws.acm.on(RequestCertificateCommand).callsFake((input: { DomainName: string }) => {
      const arn = `arn:aws:acm:somewhere:${ACCOUNT}:certificate/${input.DomainName}`;
      made.set(arn, input.DomainName);
      return { CertificateArn: arn };
    });
    aws.acm.on(ListCertificatesCommand).callsFake(() => ({
      CertificateSummaryList: [...made].map(([arn, name]) => ({
        CertificateArn: arn,
        DomainName: name,
      })),
    }));
    aws.acm.on(DescribeCertificateCommand).callsFake((input: { CertificateArn: string }) => ({
      Certificate: {
        CertificateArn: input.CertificateArn,
        Status: state.issued ? 'ISSUED' : 'PENDING_VALIDATION',
        DomainValidationOptions: [
          {
            ResourceRecord: {
              Name: `_x.${made.get(input.CertificateArn)}.`,
              Type: 'CNAME',
              Value: '_y.acm-validations.aws.',
            },
          },
        ],
      },
    }));
    return made;
  }

  it('requests both, creates their records in our zone, waits, and is done once issued', async () => {
    const state = { issued: false };
    const made = acm(state);
    const records = hostZone('tickets.example');
    const { outcome } = await run('certificates');
    expect(outcome).toMatchObject({ kind: 'waiting' });
    expect([...made.values()]).toEqual(['api.dev.tickets.example', 'dev.tickets.example']);
    expect(records.map(({ Name: name }) => name)).toEqual(['_x.api.dev.tickets.example', '_x.dev.tickets.example']);
    const before = mutations(aws).length;
    state.issued = true;
    expect((await run('certificates')).outcome).toMatchObject({ kind: 'done' });
    expect(mutations(aws)).toHaveLength(before);
  });

  it('prints the records when the zone lies elsewhere', async () => {
    acm({ issued: false });
    const { lines, code } = await run('certificates');
    expect(lines).toContain('Create the DNS record: _x.dev.tickets.example CNAME _y.acm-validations.aws.');
    expect(code).toBe(2);
    expect(mutations(aws)).not.toContain('ChangeResourceRecordSetsCommand');
  });

  it('polls with --wait, no longer than it was told to', async () => {
    acm({ issued: false });
    const { context, outcome } = await run('certificates', { ...APPLY, waitMilliseconds: 60_000 });
    expect(outcome).toMatchObject({ kind: 'waiting' });
    expect(context.slept.milliseconds).toBe(60_000);
  });

  it('leaves a record of somebody else alone', async () => {
    acm({ issued: false });
    hostZone('tickets.example', [
      {
        Name: '_x.dev.tickets.example.',
        Type: 'CNAME',
        ResourceRecords: [{ Value: 'other.example' }],
      },
      {
        Name: '_x.api.dev.tickets.example.',
        Type: 'CNAME',
        ResourceRecords: [{ Value: '_y.acm-validations.aws' }],
      },
    ]);
    const { lines } = await run('certificates');
    expect(lines).toContain('Change the DNS record _x.dev.tickets.example (now other.example)');
    expect(mutations(aws)).not.toContain('ChangeResourceRecordSetsCommand');
  });
});

describe('mail-account', () => {
  it('asks for production access once', async () => {
    let review: { Status: 'PENDING'; CaseId: string } | undefined;
    aws.ses.on(GetAccountCommand).callsFake(() => ({
      ProductionAccessEnabled: false,
      SendingEnabled: true,
      Details: review === undefined ? undefined : { ReviewDetails: review },
    }));
    aws.ses.on(PutAccountDetailsCommand).callsFake(() => {
      review = { Status: 'PENDING', CaseId: '9' };
      return {};
    });
    expect((await run('mail-account')).outcome).toMatchObject({ kind: 'waiting' });
    expect((await run('mail-account')).lines).toContain('support case 9');
    expect(mutations(aws)).toEqual(['PutAccountDetailsCommand']);
    expect(aws.ses.commandCalls(PutAccountDetailsCommand)[0]?.args[0].input).toMatchObject({
      MailType: 'TRANSACTIONAL',
      ProductionAccessEnabled: true,
      AdditionalContactEmailAddresses: ['ops@tickets.example'],
    });
  });

  it('lets a test stage stay in the sandbox', async () => {
    aws.ses.on(GetAccountCommand).resolves({ ProductionAccessEnabled: false, SendingEnabled: true });
    const context = testContext({
      input: { ...INPUT, mail: { ...INPUT.mail, production: false } },
    });
    expect((await run('mail-account', APPLY, context)).outcome).toMatchObject({ kind: 'done' });
    expect(mutations(aws)).toEqual([]);
  });

  it.each([
    { name: 'too slow', account: { ProductionAccessEnabled: true, SendQuota: { MaxSendRate: 1 } } },
    { name: 'paused', account: { ProductionAccessEnabled: true, SendingEnabled: false } },
    {
      name: 'denied',
      account: {
        ProductionAccessEnabled: false,
        Details: { ReviewDetails: { Status: 'DENIED' as const } },
      },
    },
  ])('leaves to a person what only a person can settle: $name', async ({ account }) => {
    aws.ses.on(GetAccountCommand).resolves(account);
    expect((await run('mail-account')).outcome).toMatchObject({ kind: 'waiting' });
    expect(mutations(aws)).toEqual([]);
  });

  it('asks for an address rather than writing to AWS without one', async () => {
    aws.ses.on(GetAccountCommand).resolves({ ProductionAccessEnabled: false, SendingEnabled: true });
    const { outcome } = await run('mail-account', APPLY, testContext({ operatorEmail: undefined }));
    expect(outcome).toMatchObject({ kind: 'waiting', todo: [expect.stringContaining('--email')] });
    expect(mutations(aws)).toEqual([]);
  });
});

describe('mail-identity', () => {
  function ses(state: { verified: boolean; exists: boolean; returnPath?: string }) {
    aws.ses.on(GetEmailIdentityCommand).callsFake(() => {
      if (!state.exists) throw awsError('NotFoundException');
      return {
        VerifiedForSendingStatus: state.verified,
        DkimAttributes: { Status: state.verified ? 'SUCCESS' : 'PENDING', Tokens: ['a', 'b', 'c'] },
        ...(state.returnPath === undefined
          ? {}
          : {
              MailFromAttributes: {
                MailFromDomain: state.returnPath,
                MailFromDomainStatus: state.verified ? 'SUCCESS' : 'PENDING',
              },
            }),
      };
    });
    aws.ses.on(CreateEmailIdentityCommand).callsFake(() => {
      state.exists = true;
      return {};
    });
    aws.ses.on(PutEmailIdentityMailFromAttributesCommand).callsFake((input: { MailFromDomain: string }) => {
      state.returnPath = input.MailFromDomain;
      return {};
    });
    return state;
  }

  it('registers the domain, publishes six records, waits for SES, is done', async () => {
    const state = ses({ verified: false, exists: false });
    const records = hostZone('dev.tickets.example');
    expect((await run('mail-identity')).outcome).toMatchObject({ kind: 'waiting' });
    expect(records.map(({ Name: name, Type: type }) => `${type} ${name}`)).toEqual([
      'CNAME a._domainkey.dev.tickets.example',
      'CNAME b._domainkey.dev.tickets.example',
      'CNAME c._domainkey.dev.tickets.example',
      'MX bounce.dev.tickets.example',
      'TXT bounce.dev.tickets.example',
      'TXT _dmarc.dev.tickets.example',
    ]);
    state.verified = true;
    const before = mutations(aws).length;
    expect((await run('mail-identity')).outcome).toMatchObject({ kind: 'done' });
    expect(mutations(aws)).toHaveLength(before);
  });

  it('goes on where a crash left the identity without its return path', async () => {
    const state = ses({ verified: false, exists: true });
    await run('mail-identity');
    expect(state.returnPath).toBe('bounce.dev.tickets.example');
    expect(mutations(aws)).toEqual(['PutEmailIdentityMailFromAttributesCommand']);
  });

  it('never creates an identity that the stacks create, which would make the deployment fail', async () => {
    ses({ verified: false, exists: false });
    const context = testContext({
      input: { ...INPUT, mail: { ...INPUT.mail, identityMadeBy: 'stack' } },
    });
    const { outcome } = await run('mail-identity', APPLY, context);
    expect(outcome).toMatchObject({ kind: 'waiting' });
    expect(step('mail-identity', context).phase).toBe('after-deploy');
    expect(mutations(aws)).toEqual([]);
  });

  it('prints the records for a zone elsewhere, without those that the resolver already sees', async () => {
    ses({ verified: false, exists: true, returnPath: 'bounce.dev.tickets.example' });
    const context = testContext({
      resolveCname: (name) => Promise.resolve(name.startsWith('a.') ? ['a.dkim.amazonses.com'] : []),
    });
    const { lines } = await run('mail-identity', APPLY, context);
    expect(lines).toContain('b._domainkey.dev.tickets.example CNAME b.dkim.amazonses.com');
    expect(lines).not.toContain('a._domainkey');
  });

  it('leaves the owner’s DMARC policy alone', async () => {
    ses({ verified: false, exists: true, returnPath: 'bounce.dev.tickets.example' });
    const own = {
      Name: '_dmarc.dev.tickets.example.',
      Type: 'TXT' as const,
      ResourceRecords: [{ Value: '"v=DMARC1; p=reject"' }],
    };
    const records = hostZone('dev.tickets.example', [own]);
    await run('mail-identity');
    expect(records.filter(({ Name: name }) => name?.startsWith('_dmarc') === true)).toEqual([own]);
  });
});

describe('keys', () => {
  function ssm() {
    const stored = new Map<string, { Name: string; Type: 'SecureString'; Value: string; Overwrite: boolean }>();
    aws.ssm.on(DescribeParametersCommand).callsFake(() => ({
      Parameters: [...stored.values()].map(({ Name, Type }) => ({ Name, Type })),
    }));
    aws.ssm
      .on(PutParameterCommand)
      .callsFake((input: { Name: string; Type: 'SecureString'; Value: string; Overwrite: boolean }) => {
        if (stored.has(input.Name) && !input.Overwrite) throw awsError('ParameterAlreadyExists');
        stored.set(input.Name, input);
        return {};
      });
    return stored;
  }

  it('creates what is missing, never overwrites, never prints', async () => {
    const stored = ssm();
    const first = await run('keys');
    expect(first.outcome).toMatchObject({ kind: 'done' });
    expect([...stored.keys()]).toEqual(['/onsale/dev/session-keys', '/onsale/dev/pepper']);
    for (const { Value: value, Type: type, Overwrite: overwrite } of stored.values()) {
      expect(type).toBe('SecureString');
      expect(overwrite).toBe(false);
      expect(first.lines).not.toContain(value);
    }
    await run('keys');
    expect(mutations(aws)).toHaveLength(2);
  });

  it('goes on after a crash between two keys, leaving the first as it is', async () => {
    const stored = ssm();
    stored.set('/onsale/dev/session-keys', {
      Name: '/onsale/dev/session-keys',
      Type: 'SecureString',
      Value: 'kept',
      Overwrite: false,
    });
    await run('keys');
    expect(stored.get('/onsale/dev/session-keys')?.Value).toBe('kept');
    expect(stored.has('/onsale/dev/pepper')).toBe(true);
  });

  it('takes the key of a run that was faster', async () => {
    const stored = ssm();
    aws.ssm.on(PutParameterCommand).callsFake((input: { Name: string }) => {
      stored.set(input.Name, {
        Name: input.Name,
        Type: 'SecureString',
        Value: 'theirs',
        Overwrite: false,
      });
      throw awsError('ParameterAlreadyExists');
    });
    expect((await run('keys')).outcome).toMatchObject({ kind: 'done' });
  });

  it('refuses a key that lies there unencrypted', async () => {
    aws.ssm.on(DescribeParametersCommand).resolves({ Parameters: [{ Name: '/onsale/dev/pepper', Type: 'String' }] });
    expect((await run('keys')).outcome).toMatchObject({ kind: 'waiting' });
    expect(mutations(aws)).toEqual([]);
  });

  it('does not print a value that AWS quotes in its error', async () => {
    aws.ssm.on(DescribeParametersCommand).resolves({ Parameters: [] });
    let sent = '';
    aws.ssm.on(PutParameterCommand).callsFake((input: { Value: string }) => {
      sent = input.Value;
      throw awsError('ValidationException', `Value '${input.Value}' failed to satisfy constraint`);
    });
    const { lines, code } = await run('keys');
    expect(code).toBe(1);
    expect(sent).not.toBe('');
    expect(lines).not.toContain(sent);
    expect(lines).toContain('[secret]');
  });

  it('generates values of the shape that the functions read', () => {
    expect(generateSecret('random-32-bytes')).toMatch(/^[0-9a-f]{64}$/);
    const ring: unknown = JSON.parse(generateSecret('key-ring'));
    expect(ring).toEqual({ current: expect.any(String), keys: expect.any(Object) });
    expect(ring).toHaveProperty(
      ['keys', String(Reflect.get(Object(ring), 'current'))],
      expect.stringMatching(/^[0-9a-f]{64}$/),
    );
    expect(generateSecret('random-32-bytes')).not.toBe(generateSecret('random-32-bytes'));
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

describe('dns', () => {
  it('waits for the first deployment, then points the site at CloudFront', async () => {
    aws.cloudformation.on(DescribeStacksCommand).rejects(awsError('ValidationError'));
    expect((await run('dns')).outcome).toMatchObject({ kind: 'waiting' });
    aws.cloudformation.on(DescribeStacksCommand).resolves({
      Stacks: [
        {
          StackName: 'OnsaleEdge',
          StackStatus: 'CREATE_COMPLETE',
          CreationTime: new Date(0),
          Outputs: [{ OutputKey: 'DistributionDomain', OutputValue: 'd1.cloudfront.net' }],
        },
      ],
    });
    const records = hostZone('tickets.example');
    expect((await run('dns')).outcome).toMatchObject({ kind: 'done' });
    expect(records).toMatchObject([
      { Type: 'A', AliasTarget: { DNSName: 'd1.cloudfront.net' } },
      { Type: 'AAAA', AliasTarget: { DNSName: 'd1.cloudfront.net' } },
    ]);
  });
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
