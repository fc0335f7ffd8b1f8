/** A stage, a context on mocked AWS clients and a captured terminal for the tests of setup. */
import { ACMClient } from '@aws-sdk/client-acm';
import { BudgetsClient } from '@aws-sdk/client-budgets';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import {
  ChangeResourceRecordSetsCommand,
  ListHostedZonesByNameCommand,
  ListResourceRecordSetsCommand,
  Route53Client,
} from '@aws-sdk/client-route-53';
import type { ResourceRecordSet } from '@aws-sdk/client-route-53';
import { ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { SESv2Client } from '@aws-sdk/client-sesv2';
import { SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { mockClient } from 'aws-sdk-client-mock';
import Stripe from 'stripe';

import { createClients } from '../../scripts/setup/context.ts';
import type { Context, SetupInput, Step, StepName, WalletVariable } from '../../scripts/setup/plan.ts';
import { createRedactor } from '../../scripts/setup/redact.ts';
import { exitCodeOf, runSteps } from '../../scripts/setup/runner.ts';
import type { RunOptions } from '../../scripts/setup/runner.ts';
import { stepsOf } from '../../scripts/setup/steps.ts';

export const ACCOUNT = '123456789012';
export const ARN = `arn:aws:sts::${ACCOUNT}:assumed-role/Operator/ada`;

export const INPUT: SetupInput = {
  stage: 'dev',
  account: ACCOUNT,
  region: 'eu-central-1',
  siteUrl: 'https://dev.tickets.example',
  bootstrapRegions: ['eu-central-1', 'us-east-1'],
  lambdaConcurrency: 400,
  mail: {
    domain: 'dev.tickets.example',
    returnPathDomain: 'bounce.dev.tickets.example',
    production: true,
    perSecond: 14,
    identityMadeBy: 'setup',
  },
  certificates: [
    { domain: 'api.dev.tickets.example', region: 'eu-central-1', contextKey: 'apiCertificateArn' },
    { domain: 'dev.tickets.example', region: 'us-east-1', contextKey: 'edgeCertificateArn' },
  ],
  secrets: [
    { name: '/onsale/dev/session-keys', kind: 'key-ring', purpose: 'signs sessions' },
    { name: '/onsale/dev/origin-keys', kind: 'key-ring', purpose: 'proves the distribution' },
    { name: '/onsale/dev/pepper', kind: 'random-32-bytes', purpose: 'peppers passwords' },
    { name: '/onsale/dev/stripe-key', kind: 'stripe-secret-key', purpose: 'calls Stripe' },
    {
      name: '/onsale/dev/stripe-webhook',
      kind: 'stripe-webhook-secret',
      purpose: 'checks webhooks',
    },
    { name: '/onsale/dev/apple-key', kind: 'apple-pass-key', purpose: 'signs passes' },
    { name: '/onsale/dev/apple-certificates', kind: 'apple-pass-certificates', purpose: 'certificates of passes' },
    { name: '/onsale/dev/google-wallet', kind: 'google-wallet', purpose: 'signs links' },
  ],
  originKey: { secret: '/onsale/dev/origin-keys', parameter: 'OnsaleEdge:OriginKey' },
  stripe: {
    mode: 'test',
    webhookUrl: 'https://dev.tickets.example/api/payments/webhook',
    events: ['payment_intent.succeeded', 'payment_intent.payment_failed'],
  },
  noAccount: 'none',
  budget: { name: 'onsale-dev', monthlyUsd: 20 },
  dns: [
    {
      name: 'dev.tickets.example',
      stack: 'OnsaleEdge',
      region: 'us-east-1',
      outputKey: 'DistributionDomain',
      kind: 'cloudfront',
    },
  ],
};

/** Mocks of every AWS client class; an unexpected command answers `undefined` and is recorded. */
export function mockAws() {
  const mocks = {
    sts: mockClient(STSClient),
    ssm: mockClient(SSMClient),
    cloudformation: mockClient(CloudFormationClient),
    quotas: mockClient(ServiceQuotasClient),
    ses: mockClient(SESv2Client),
    acm: mockClient(ACMClient),
    route53: mockClient(Route53Client),
    budgets: mockClient(BudgetsClient),
  };
  mocks.sts.on(GetCallerIdentityCommand).resolves({ Account: ACCOUNT, Arn: ARN });
  mocks.route53.on(ListHostedZonesByNameCommand).resolves({ HostedZones: [], IsTruncated: false });
  mocks.route53.on(ListResourceRecordSetsCommand).resolves({ ResourceRecordSets: [] });
  return mocks;
}

export type AwsMocks = ReturnType<typeof mockAws>;

/** Names of all commands sent so far that change something, to any service. */
export function mutations(mocks: AwsMocks): readonly string[] {
  return Object.values(mocks)
    .flatMap((mock) => mock.calls().map((call) => call.args[0].constructor.name))
    .filter((name) => !/^(?:Get|List|Describe)/.test(name));
}

/** An AWS error as the SDK throws it. */
export function awsError(name: string, message = name): Error {
  const error = new Error(message);
  error.name = name;
  return error;
}

export type TestContext = Context & {
  /** Everything printed, through the redactor as in production. */
  readonly lines: string[];
  /** What was asked. */
  readonly questions: string[];
  /** Programs that were run: the line, and the environment handed over. */
  readonly commands: { readonly line: string; readonly env: Readonly<Record<string, string>> }[];
  /** Milliseconds slept, in total. */
  readonly slept: { milliseconds: number };
};

export type TestOptions = Partial<
  Pick<Context, 'input' | 'operatorEmail' | 'stripeKeyFromEnvironment' | 'prompt' | 'resolveCname' | 'run' | 'now'>
> & {
  readonly stripePort?: number;
  readonly given?: Partial<Readonly<Record<WalletVariable, string>>>;
  /** By their paths. */
  readonly files?: Readonly<Record<string, string>>;
};

export function testContext(options: TestOptions = {}): TestContext {
  const redactor = createRedactor();
  const lines: string[] = [];
  const questions: string[] = [];
  const commands: { line: string; env: Readonly<Record<string, string>> }[] = [];
  const slept = { milliseconds: 0 };
  const input = options.input ?? INPUT;
  return {
    input,
    clients: createClients(input.region),
    connectStripe: (key) =>
      new Stripe(key, {
        host: '127.0.0.1',
        port: options.stripePort ?? 1,
        protocol: 'http',
        maxNetworkRetries: 0,
        telemetry: false,
      }),
    redactor,
    print: (line) => {
      lines.push(redactor.clean(line));
    },
    prompt: options.prompt ?? {
      ask: (question) => {
        questions.push(question);
        return Promise.resolve('y');
      },
      askSecret: (question) => {
        questions.push(question);
        return Promise.resolve(undefined);
      },
    },
    run: async (program, args, env) => {
      commands.push({ line: [program, ...args].join(' '), env });
      return options.run === undefined ? 0 : options.run(program, args, env);
    },
    stripeKeyFromEnvironment: options.stripeKeyFromEnvironment,
    given: (name) => options.given?.[name],
    readFile: (path) => Promise.resolve(Buffer.from(options.files?.[path] ?? '')),
    now: options.now ?? (() => Date.UTC(2027, 0, 1)),
    operatorEmail: 'operatorEmail' in options ? options.operatorEmail : 'ops@tickets.example',
    resolveCname: options.resolveCname ?? (() => Promise.resolve([])),
    sleep: (milliseconds) => {
      slept.milliseconds += milliseconds;
      return Promise.resolve();
    },
    lines,
    questions,
    commands,
    slept,
  };
}

export const APPLY = { checkOnly: false, assumeYes: true, waitMilliseconds: 0 } as const;
export const CHECK = { checkOnly: true, assumeYes: false, waitMilliseconds: 0 } as const;

/** The step of that name, as the context's stage has it. */
export function step(name: StepName, context: TestContext): Step {
  const found = stepsOf(context.input).find((one) => one.name === name);
  if (found === undefined) throw new Error(`no step ${name}`);
  return found;
}

/** Runs one step, and gives what a person would see of it. */
export async function run(name: StepName, options: RunOptions = APPLY, context = testContext()) {
  const outcomes = await runSteps([step(name, context)], context, options);
  return { outcome: outcomes.get(name), code: exitCodeOf(outcomes), lines: context.lines.join('\n'), context };
}

/** Puts a zone into the account; the records that it returns grow as they are created. */
export function hostZone(aws: AwsMocks, name: string, records: ResourceRecordSet[] = []): ResourceRecordSet[] {
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
