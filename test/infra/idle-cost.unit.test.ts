import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { billAsTable, idleBill, totalOf } from '../../lib/idle-bill.ts';
import { ROOT } from '../../lib/root.ts';
import { synthesised } from './synthesised.ts';

/** Dollars a month that a stage may cost while nobody buys, with what every account has for free. */
const GOALS = { prod: 3, dev: 1 } as const;

test.each(['prod', 'dev'] as const)('%s costs no more than its goal while nobody buys', (name) => {
  expect(totalOf(idleBill(synthesised(name).resources()), 'allowances')).toBeLessThanOrEqual(GOALS[name]);
});

test.each(['prod', 'dev'] as const)('docs/cost.md shows the bill of %s as the template makes it', (name) => {
  const documented = readFileSync(join(ROOT, 'docs', 'cost.md'), 'utf8');
  expect(documented).toContain(billAsTable(idleBill(synthesised(name).resources())));
});

/** Types that cost nothing for being there; what using them costs is in the bill or in the bench. */
const FREE_AT_REST = new Set([
  'AWS::ApiGatewayV2::Api',
  'AWS::ApiGatewayV2::ApiMapping',
  'AWS::ApiGatewayV2::DomainName',
  'AWS::ApiGatewayV2::Integration',
  'AWS::ApiGatewayV2::Route',
  'AWS::ApiGatewayV2::Stage',
  'AWS::CloudFront::CachePolicy',
  'AWS::CloudFront::OriginRequestPolicy',
  'AWS::CloudFront::ResponseHeadersPolicy',
  'AWS::CloudFront::Distribution',
  'AWS::DynamoDB::Table',
  // Events of AWS's own services cost nothing, nor do rules.
  'AWS::Events::Rule',
  'AWS::IAM::Policy',
  'AWS::IAM::Role',
  'AWS::Lambda::EventInvokeConfig',
  'AWS::Lambda::Function',
  'AWS::Lambda::Permission',
  'AWS::Logs::LogGroup',
  'AWS::Logs::MetricFilter',
  'AWS::S3::Bucket',
  'AWS::S3::BucketPolicy',
  'AWS::SES::ConfigurationSet',
  // To EventBridge's default bus; a mail costs an invocation, nothing costs nothing.
  'AWS::SES::ConfigurationSetEventDestination',
  'AWS::SES::EmailIdentity',
  'AWS::SNS::Topic',
  'AWS::SNS::TopicPolicy',
  'AWS::SQS::Queue',
  'AWS::SQS::QueuePolicy',
  'AWS::StepFunctions::StateMachine',
]);
const PRICED = new Set([
  'AWS::CloudWatch::Alarm',
  'AWS::CloudWatch::Dashboard',
  'AWS::KMS::Key',
  'AWS::Lambda::EventSourceMapping',
  'AWS::Scheduler::Schedule',
]);

test('nothing is in the templates that nobody has thought the price of', () => {
  const types = new Set(
    synthesised('prod')
      .resources()
      .map(({ type }) => type),
  );
  expect([...types].filter((type) => !FREE_AT_REST.has(type) && !PRICED.has(type))).toEqual([]);
  // The same bill without what it prices would be lower: each of these types counts.
  for (const priced of PRICED) {
    const without = synthesised('prod')
      .resources()
      .filter(({ type }) => type !== priced);
    expect(totalOf(idleBill(without), 'list'), priced).toBeLessThan(
      totalOf(idleBill(synthesised('prod').resources()), 'list'),
    );
  }
});

test('nothing is paid by the hour: no provisioned capacity, concurrency or pollers', () => {
  const text = JSON.stringify(synthesised('prod').resources());
  expect(text).not.toMatch(
    /ProvisionedConcurrency|ProvisionedPollerConfig|"ProvisionedThroughput"|KinesisStreamSpecification|DetailedMetricsEnabled":true/,
  );
});
