import { DescribeCertificateCommand, ListCertificatesCommand } from '@aws-sdk/client-acm';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { beforeEach, describe, expect, it } from 'vitest';

import { deploy } from '../../scripts/setup/deployment.ts';
import type { Step, StepName, StepStatus } from '../../scripts/setup/plan.ts';
import { ACCOUNT, INPUT, mockAws, mutations, testContext } from './fixtures.ts';
import type { AwsMocks } from './fixtures.ts';

let aws: AwsMocks;

beforeEach(() => {
  aws = mockAws();
  aws.acm.on(ListCertificatesCommand).callsFake(() => ({
    CertificateSummaryList: INPUT.certificates.map(({ domain }) => ({
      DomainName: domain,
      CertificateArn: `arn:${domain}`,
    })),
  }));
  aws.acm.on(DescribeCertificateCommand).callsFake((input: { CertificateArn: string }) => ({
    Certificate: { CertificateArn: input.CertificateArn, Status: 'ISSUED' },
  }));
  aws.ssm.on(GetParameterCommand, { Name: '/onsale/dev/origin-keys' }).resolves({
    Parameter: { Value: JSON.stringify({ current: 'new', keys: { old: 'cd'.repeat(32), new: ORIGIN_KEY } }) },
  });
});

const ORIGIN_KEY = 'ab'.repeat(32);

const PLAIN = { diff: false, force: false, assumeYes: true };
const DONE: StepStatus = { kind: 'done', detail: '' };
const MISSING: StepStatus = { kind: 'missing', detail: 'not there', will: 'make it' };

function step(name: StepName, status: StepStatus, phase: Step['phase'] = 'before-deploy'): Step {
  return {
    name,
    title: name,
    phase,
    requires: [],
    permissions: { check: [], apply: [] },
    check: () => Promise.resolve(status),
    apply: () => Promise.reject(new Error('deploy must not apply steps of setup')),
  };
}

describe('deploy', () => {
  it('refuses with the list of what is missing, and builds nothing', async () => {
    const context = testContext();
    const steps = [step('credentials', DONE), step('keys', MISSING), step('budget', MISSING)];
    expect(await deploy(steps, context, PLAIN)).toBe(2);
    expect(context.lines.join('\n')).toContain('Missing: keys, budget.');
    expect(context.commands).toEqual([]);
  });

  it('builds, then deploys all stacks with the certificates that setup made', async () => {
    const context = testContext();
    expect(await deploy([step('credentials', DONE)], context, PLAIN)).toBe(0);
    expect(context.commands.map(({ line }) => line.replace(ORIGIN_KEY, '[key]'))).toEqual([
      'npm run build',
      'cdk deploy --all --require-approval never --no-previous-parameters --context stage=dev --context apiCertificateArn=arn:api.dev.tickets.example --context edgeCertificateArn=arn:dev.tickets.example --parameters OnsaleEdge:OriginKey=[key]',
    ]);
    expect(context.commands[1]?.env).toEqual({
      AWS_REGION: 'eu-central-1',
      CDK_DEFAULT_ACCOUNT: ACCOUNT,
      CDK_DEFAULT_REGION: 'eu-central-1',
    });
    expect(context.lines.join('\n')).toContain('https://dev.tickets.example');
    expect(context.lines.join('\n')).not.toContain(ORIGIN_KEY);
    expect(mutations(aws)).toEqual([]);
  });

  it('goes on with --force, but never in the wrong account', async () => {
    const forced = { ...PLAIN, force: true };
    const context = testContext();
    expect(await deploy([step('credentials', DONE), step('keys', MISSING)], context, forced)).toBe(0);
    expect(context.lines.join('\n')).toContain('Going on without: keys.');
    const elsewhere = testContext();
    expect(
      await deploy([step('credentials', { kind: 'waiting', detail: 'other account', todo: [] })], elsewhere, forced),
    ).toBe(2);
    expect(elsewhere.commands).toEqual([]);
  });

  it('shows the difference and deploys nothing with --diff', async () => {
    const context = testContext();
    expect(
      await deploy([step('credentials', DONE), step('keys', MISSING)], context, {
        ...PLAIN,
        diff: true,
      }),
    ).toBe(0);
    expect(context.commands.map(({ line }) => line.split(' ').slice(0, 2).join(' '))).toEqual(['npm run', 'cdk diff']);
  });

  it.each([
    { fails: 'npm', runs: 1 },
    { fails: 'cdk', runs: 2 },
  ])('stops when $fails fails', async ({ fails, runs }) => {
    const context = testContext({ run: (program) => Promise.resolve(program === fails ? 1 : 0) });
    expect(await deploy([step('credentials', DONE)], context, PLAIN)).toBe(1);
    expect(context.commands).toHaveLength(runs);
    expect(context.lines.join('\n')).not.toContain('Deployed.');
  });

  it('does not wait for what only a deployment can bring, and says that it is still to do', async () => {
    const context = testContext();
    expect(await deploy([step('credentials', DONE), step('dns', MISSING, 'after-deploy')], context, PLAIN)).toBe(0);
    expect(context.lines.join('\n')).toContain('not reachable until this is done too');
  });
});
