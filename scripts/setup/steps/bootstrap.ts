/** The CDK's own stack (asset bucket, deploy roles) in every region that a stack goes to. */
import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { GetParameterCommand } from '@aws-sdk/client-ssm';

import { SetupError, isNamed } from '../errors.ts';
import type { Context, Step, StepStatus } from '../plan.ts';
import { callerAccount } from './credentials.ts';

/** Where the modern bootstrap stack writes its version; `hnb659fds` is the CDK's default qualifier. */
export const BOOTSTRAP_VERSION_PARAMETER = '/cdk-bootstrap/hnb659fds/version';

/** Least version that aws-cdk-lib's DefaultStackSynthesizer deploys with (MIN_BOOTSTRAP_STACK_VERSION). */
export const LEAST_BOOTSTRAP_VERSION = 6;

/** What one region has: version 0 if nothing. */
export type BootstrapFound = {
  readonly region: string;
  readonly version: number;
  readonly stackStatus: string | undefined;
};

/** Old and absent are both put right by `cdk bootstrap`; a stack in transition or broken is not. */
export function decideBootstrap(found: readonly BootstrapFound[]): StepStatus {
  const busy = found.filter(({ stackStatus }) => stackStatus?.endsWith('_IN_PROGRESS') === true);
  if (busy.length > 0) {
    return {
      kind: 'waiting',
      detail: `CDKToolkit is being changed in ${regions(busy)}`,
      todo: ['Run this again when CloudFormation has finished.'],
    };
  }
  const broken = found.filter(
    ({ stackStatus }) => stackStatus?.endsWith('FAILED') === true || stackStatus === 'ROLLBACK_COMPLETE',
  );
  if (broken.length > 0) {
    return {
      kind: 'waiting',
      detail: broken.map(({ region, stackStatus }) => `CDKToolkit is ${stackStatus} in ${region}`).join(', '),
      todo: ['Look at its events in CloudFormation, delete or repair the stack, then run this again.'],
    };
  }
  const behind = found.filter(({ version }) => version < LEAST_BOOTSTRAP_VERSION);
  if (behind.length > 0) {
    return {
      kind: 'missing',
      detail: `not bootstrapped, or below version ${LEAST_BOOTSTRAP_VERSION}, in ${regions(behind)}`,
      will: `run cdk bootstrap for ${regions(behind)} (a bucket, a repository and roles named cdk-hnb659fds-*)`,
    };
  }
  return {
    kind: 'done',
    detail: found.map(({ region, version }) => `version ${version} in ${region}`).join(', '),
  };
}

function regions(found: readonly BootstrapFound[]): string {
  return found.map(({ region }) => region).join(', ');
}

async function read(context: Context): Promise<readonly BootstrapFound[]> {
  return Promise.all(
    context.input.bootstrapRegions.map(async (region) => ({
      region,
      version: await readVersion(context, region),
      stackStatus: await readStackStatus(context, region),
    })),
  );
}

async function readVersion(context: Context, region: string): Promise<number> {
  try {
    const { Parameter: parameter } = await context.clients
      .ssm(region)
      .send(new GetParameterCommand({ Name: BOOTSTRAP_VERSION_PARAMETER }));
    return Number.parseInt(parameter?.Value ?? '0', 10);
  } catch (error) {
    if (isNamed(error, 'ParameterNotFound')) return 0;
    throw error;
  }
}

async function readStackStatus(context: Context, region: string): Promise<string | undefined> {
  try {
    const { Stacks: stacks } = await context.clients
      .cloudformation(region)
      .send(new DescribeStacksCommand({ StackName: 'CDKToolkit' }));
    return stacks?.[0]?.StackStatus;
  } catch (error) {
    // CloudFormation's way of saying "not found".
    if (isNamed(error, 'ValidationError')) return undefined;
    throw error;
  }
}

export const bootstrapStep: Step = {
  name: 'bootstrap',
  title: 'CDK bootstrap',
  phase: 'before-deploy',
  requires: ['credentials'],
  permissions: {
    check: ['ssm:GetParameter', 'cloudformation:DescribeStacks'],
    apply: ['cloudformation:*', 'iam:*', 's3:*', 'ecr:*', 'ssm:PutParameter'],
  },
  check: async (context) => decideBootstrap(await read(context)),
  apply: async (context) => {
    const account = await callerAccount(context);
    for (const { region, version } of await read(context)) {
      if (version >= LEAST_BOOTSTRAP_VERSION) continue;
      const code = await context.run(
        'cdk',
        ['bootstrap', `aws://${account}/${region}`, '--context', `stage=${context.input.stage}`],
        { AWS_REGION: region },
      );
      if (code !== 0) {
        throw new SetupError(`cdk bootstrap of ${region} ended with exit code ${code}; its output is above.`);
      }
    }
  },
};
