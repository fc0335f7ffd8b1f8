import { expect, test } from 'vitest';

import { STAGE_NAMES } from '../../lib/stages.ts';
import { TABLE_DEFINITION } from '../support/table-definition.ts';
import { synthesised, textOf } from './synthesised.ts';

const prod = synthesised('prod');
const data = prod.template('data');

test('the table keeps what was sold: streamed, restorable to any second, not to be deleted', () => {
  data.hasResource('AWS::DynamoDB::Table', {
    DeletionPolicy: 'Retain',
    UpdateReplacePolicy: 'Retain',
    Properties: {
      BillingMode: 'PAY_PER_REQUEST',
      DeletionProtectionEnabled: true,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
      TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
    },
  });
  expect(prod.resources('AWS::DynamoDB::Table')).toHaveLength(1);
});

test('tests run on the table that is deployed', () => {
  const [table] = prod.resources('AWS::DynamoDB::Table');
  expect(table?.properties['KeySchema']).toEqual(TABLE_DEFINITION.KeySchema);
  expect(table?.properties['AttributeDefinitions']).toEqual(TABLE_DEFINITION.AttributeDefinitions);
  expect(table?.properties['GlobalSecondaryIndexes']).toEqual(TABLE_DEFINITION.GlobalSecondaryIndexes);
});

test('whatever holds state outlives its stack, and nobody deletes that stack by mistake', () => {
  expect(prod.stacks.data.terminationProtection).toBe(true);
  for (const [logicalId, resource] of Object.entries(data.findResources('AWS::S3::Bucket'))) {
    expect(resource, logicalId).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
  }
  for (const [logicalId, resource] of Object.entries(data.findResources('AWS::KMS::Key'))) {
    expect(resource, logicalId).toMatchObject({ DeletionPolicy: 'Retain', Properties: { EnableKeyRotation: true } });
  }
  const stateful = ['AWS::DynamoDB::Table', 'AWS::S3::Bucket', 'AWS::KMS::Key'];
  const app = prod.template('app');
  for (const type of stateful) app.resourceCountIs(type, 0);
});

test.each(STAGE_NAMES)('everything of stage %s is encrypted at rest', (name) => {
  const { resources, stage } = synthesised(name);
  for (const { logicalId, properties } of resources('AWS::SQS::Queue')) {
    expect(properties['SqsManagedSseEnabled'], logicalId).toBe(true);
  }
  for (const { logicalId, properties } of resources('AWS::S3::Bucket')) {
    const algorithm = stage.encryptionKey === 'customer' ? 'aws:kms' : 'AES256';
    expect(textOf(properties['BucketEncryption']), logicalId).toContain(`"SSEAlgorithm":"${algorithm}"`);
    expect(properties['PublicAccessBlockConfiguration'], logicalId).toEqual({
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    });
  }
  for (const { logicalId, properties } of resources('AWS::SNS::Topic')) {
    expect(properties['KmsMasterKeyId'], logicalId).toBeDefined();
  }
  // DynamoDB, CloudWatch Logs, Lambda and Step Functions encrypt by themselves, under keys of AWS: these
  // properties could only name another key, so no template may set them by half.
  for (const { logicalId, properties } of resources('AWS::DynamoDB::Table')) {
    expect(properties, logicalId).not.toMatchObject({ SSESpecification: { SSEEnabled: false } });
  }
  // A type that is new here must be thought about.
  const holders = resources().filter(({ type }) =>
    /^AWS::(RDS|EFS|ElastiCache|OpenSearch|Kinesis|ECR|Backup)/.test(type),
  );
  expect(holders).toEqual([]);
});

test.each(STAGE_NAMES)('queues, buckets and topics of stage %s are reached over TLS only', (name) => {
  const { resources } = synthesised(name);
  const policies = ['AWS::SQS::QueuePolicy', 'AWS::S3::BucketPolicy', 'AWS::SNS::TopicPolicy'].flatMap((type) =>
    resources(type),
  );
  const held = ['AWS::SQS::Queue', 'AWS::S3::Bucket', 'AWS::SNS::Topic'].flatMap((type) => resources(type));
  const refusing = policies.filter(({ properties }) => {
    const text = textOf(properties['PolicyDocument']);
    return text.includes('"Effect":"Deny"') && text.includes('"aws:SecureTransport":"false"');
  });
  expect(refusing).toHaveLength(held.length);
});
