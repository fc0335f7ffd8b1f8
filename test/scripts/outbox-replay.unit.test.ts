import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { DeleteObjectCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';

import { findDeployed, replayFailedRecords } from '../../scripts/outbox/replay.ts';
import { awsError } from './fixtures.ts';

const s3 = mockClient(S3Client);
const lambda = mockClient(LambdaClient);
const cloudformation = mockClient(CloudFormationClient);
const clients = { s3: new S3Client({}), lambda: new LambdaClient({}) };
const NAMES = { bucket: 'failed', functionName: 'relay' };

beforeEach(() => {
  for (const mock of [s3, lambda, cloudformation]) mock.reset();
});

/** A stream event as the relay is invoked with it; the row holds what no line may show. */
function eventOf(...sequenceNumbers: readonly string[]): string {
  return JSON.stringify({
    Records: sequenceNumbers.map((SequenceNumber) => ({
      eventID: `id-${SequenceNumber}`,
      eventName: 'MODIFY',
      eventSource: 'aws:dynamodb',
      dynamodb: { SequenceNumber, NewImage: { pk: { S: 'ORDER#1' }, email: { S: 'ada@example.org' } } },
    })),
  });
}

/** An object as Lambda writes it: AWS's documented example, with the event in `payload`. */
function invocationRecord(payload: unknown): string {
  return JSON.stringify({
    requestContext: { requestId: 'r', functionArn: 'arn:aws:lambda:eu-west-1:1:function:relay', condition: 'x' },
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: null },
    version: '1.0',
    timestamp: '2026-11-14T00:13:49.717Z',
    DDBStreamBatchInfo: { shardId: 'shardId-1', startSequenceNumber: '1', endSequenceNumber: '1', batchSize: 1 },
    payload,
  });
}

const keyOf = (name: string) => `aws/lambda/esm/shardId-1/2026/11/14/${name}`;

function bucketOf(objects: Readonly<Record<string, string>>): void {
  const names = Object.keys(objects);
  s3.on(ListObjectsV2Command).callsFake(({ ContinuationToken: token, Prefix }) => {
    expect(Prefix).toBe('aws/lambda/');
    // A page for each object: whoever reads the first page only loses the rest.
    const at = Number(token ?? 0);
    const name = names[at];
    return {
      Contents: name === undefined ? [] : [{ Key: keyOf(name) }],
      ...(at + 1 < names.length ? { IsTruncated: true, NextContinuationToken: String(at + 1) } : {}),
    };
  });
  for (const [name, text] of Object.entries(objects)) {
    s3.on(GetObjectCommand, { Bucket: 'failed', Key: keyOf(name) }).callsFake(() => ({
      Body: { transformToString: async () => text },
    }));
  }
}

const answer = (body: unknown, more: object = {}) => ({
  StatusCode: 200,
  Payload: new TextEncoder().encode(JSON.stringify(body)),
  ...more,
});
const deleted = () => s3.commandCalls(DeleteObjectCommand).map(({ args: [command] }) => command.input);
function payloadOf(command: InvokeCommand): Uint8Array {
  const { Payload: payload } = command.input;
  if (!(payload instanceof Uint8Array)) throw new Error('The function was invoked without an event');
  return payload;
}
const invoked = () =>
  lambda.commandCalls(InvokeCommand).map(({ args: [command] }) => ({
    to: command.input.FunctionName,
    event: new TextDecoder().decode(payloadOf(command)),
  }));

async function replay(dryRun = false) {
  const lines: string[] = [];
  const report = await replayFailedRecords(clients, { ...NAMES, dryRun }, (line) => lines.push(line));
  expect(lines.join('\n')).not.toContain('ada@example.org');
  return { report, lines };
}

describe('outbox:replay', () => {
  it('invokes the relay with each batch as it was, oldest first over all pages, and deletes it', async () => {
    bucketOf({ b: invocationRecord(eventOf('2', '3')), a: invocationRecord(eventOf('1')) });
    lambda.on(InvokeCommand).callsFake(() => answer({ batchItemFailures: [] }));
    const { report, lines } = await replay();
    expect(report).toEqual({ replayed: 2, stayed: 0 });
    expect(invoked()).toEqual([
      { to: 'relay', event: eventOf('1') },
      { to: 'relay', event: eventOf('2', '3') },
    ]);
    expect(deleted()).toEqual([
      { Bucket: 'failed', Key: keyOf('a') },
      { Bucket: 'failed', Key: keyOf('b') },
    ]);
    expect(lines.at(-1)).toBe(`2/2 ${keyOf('b')}: replayed and deleted, records: 2`);
  });

  it.each([
    { how: 'reports a record', reply: answer({ batchItemFailures: [{ itemIdentifier: '77' }] }), says: 'record 77' },
    { how: 'reports one without its number', reply: answer({ batchItemFailures: [{}] }), says: 'is it the relay?' },
    {
      how: 'fails as a whole',
      reply: answer({ errorMessage: 'ada@example.org' }, { FunctionError: 'Unhandled' }),
      says: 'Unhandled',
    },
    { how: 'answers something else', reply: answer({ statusCode: 200 }), says: 'is it the relay?' },
    { how: 'answers null', reply: answer(null), says: 'is it the relay?' },
  ])('keeps a batch when the function $how, and goes on', async ({ reply, says }) => {
    bucketOf({ a: invocationRecord(eventOf('77')), b: invocationRecord(eventOf('78')) });
    lambda
      .on(InvokeCommand)
      .callsFakeOnce(() => reply)
      .callsFake(() => answer({ batchItemFailures: [] }));
    const { report, lines } = await replay();
    expect(report).toEqual({ replayed: 1, stayed: 1 });
    expect(deleted()).toEqual([{ Bucket: 'failed', Key: keyOf('b') }]);
    expect(lines[1]).toMatch(`1/2 ${keyOf('a')}: STAYS`);
    expect(lines[1]).toContain(says);
  });

  it('keeps a batch when the function cannot be invoked, and names the missing permission', async () => {
    bucketOf({ a: invocationRecord(eventOf('1')) });
    lambda.on(InvokeCommand).rejects(awsError('AccessDeniedException', 'no'));
    const { report, lines } = await replay();
    expect(report).toEqual({ replayed: 0, stayed: 1 });
    expect(deleted()).toEqual([]);
    expect(lines[1]).toContain('lambda:InvokeFunction');
  });

  it.each([
    ['no JSON', 'ada@example.org'],
    ['nothing', ''],
    ['a record without its payload', JSON.stringify({ version: '1.0', DDBStreamBatchInfo: {} })],
    ['a payload that is no JSON', invocationRecord('{"Records":')],
    ['an empty batch', invocationRecord('{"Records":[]}')],
    ['a batch of another service', invocationRecord('{"Records":[{"eventSource":"aws:sqs","body":""}]}')],
  ])('keeps and names an object that is %s, without asking the relay', async (_what, text) => {
    bucketOf({ odd: text });
    const { report, lines } = await replay();
    expect(report).toEqual({ replayed: 0, stayed: 1 });
    expect(lines[1]).toMatch(`${keyOf('odd')}: STAYS`);
    expect(invoked()).toEqual([]);
    expect(deleted()).toEqual([]);
  });

  it('changes nothing in a dry run, and tells what would stay', async () => {
    bucketOf({ a: invocationRecord(eventOf('1')), odd: 'no JSON' });
    const { report, lines } = await replay(true);
    expect(report).toEqual({ replayed: 1, stayed: 1 });
    expect(lines[1]).toContain('would be replayed, records: 1');
    expect(invoked()).toEqual([]);
    expect(deleted()).toEqual([]);
  });

  it('has nothing to do in an empty bucket', async () => {
    bucketOf({});
    expect((await replay()).report).toEqual({ replayed: 0, stayed: 0 });
  });
});

describe('the names of a replay', () => {
  it('are outputs of the stacks, unless given', async () => {
    const outputs = (OutputKey: string, OutputValue: string) => ({
      Stacks: [
        {
          StackName: 'x',
          CreationTime: new Date(0),
          StackStatus: 'CREATE_COMPLETE' as const,
          Outputs: [{ OutputKey, OutputValue }],
        },
      ],
    });
    cloudformation.on(DescribeStacksCommand, { StackName: 'OnsaleData' }).resolves(outputs('FailedRecordsBucket', 'b'));
    cloudformation.on(DescribeStacksCommand, { StackName: 'OnsaleApp' }).resolves(outputs('RelayFunction', 'r'));
    const client = new CloudFormationClient({});
    expect(await findDeployed(client, {})).toEqual({ bucket: 'b', functionName: 'r' });
    expect(await findDeployed(client, { bucket: 'mine' })).toEqual({ bucket: 'mine', functionName: 'r' });
    cloudformation.reset();
    expect(await findDeployed(client, NAMES)).toEqual(NAMES);
    expect(cloudformation.calls()).toEqual([]);
  });

  it('say what to do when nothing is deployed', async () => {
    cloudformation.on(DescribeStacksCommand).rejects(awsError('ValidationError', 'Stack does not exist'));
    await expect(findDeployed(new CloudFormationClient({}), {})).rejects.toThrow('AWS_REGION');
  });
});
