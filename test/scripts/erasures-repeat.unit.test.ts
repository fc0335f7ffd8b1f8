import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { ulid } from 'ulid';
import * as z from 'zod';
import { beforeEach, describe, expect, it } from 'vitest';

import { findErasures, repeatErasures } from '../../scripts/erasures/repeat.ts';
import { awsError } from './fixtures.ts';

const s3 = mockClient(S3Client);
const lambda = mockClient(LambdaClient);
const cloudformation = mockClient(CloudFormationClient);
const clients = { s3: new S3Client({}), lambda: new LambdaClient({}) };
const OPTIONS = { bucket: 'register', functionName: 'finish', dryRun: false };
const IDS = Array.from({ length: 250 }, () => ulid());

beforeEach(() => {
  for (const mock of [s3, lambda, cloudformation]) mock.reset();
  s3.on(ListObjectsV2Command, { Bucket: 'register', Prefix: 'erased/' }).callsFake(({ ContinuationToken: token }) => {
    // Pages of 90: whoever reads the first page only forgets the rest.
    const at = Number(token ?? 0);
    return {
      Contents: IDS.slice(at, at + 90).map((id) => ({ Key: `erased/${id}` })),
      ...(at + 90 < IDS.length ? { IsTruncated: true, NextContinuationToken: String(at + 90) } : {}),
    };
  });
});

const asked = z.object({ time: z.iso.datetime(), userIds: z.array(z.string()) });

function answering(answer: (userIds: readonly string[]) => object): string[] {
  const seen: string[] = [];
  lambda.on(InvokeCommand, { FunctionName: 'finish' }).callsFake(({ Payload }) => {
    const { userIds } = asked.parse(JSON.parse(Buffer.from(Payload).toString()));
    seen.push(...userIds);
    return answer(userIds);
  });
  return seen;
}

const payload = (value: unknown) => ({ Payload: new TextEncoder().encode(JSON.stringify(value)) });

describe('npm run erasures:repeat', () => {
  it('has everybody of the register erased, in batches that the function takes', async () => {
    const lines: string[] = [];
    const seen = answering((ids) => payload({ asked: ids.length, erased: 2, absent: 1 }));
    const report = await repeatErasures(clients, OPTIONS, (line) => lines.push(line));
    expect(seen).toEqual(IDS);
    expect(report).toEqual({ registered: 250, erased: 6, untouched: 244, failed: 0 });
    expect(IDS.filter((id) => lines.join('\n').includes(id))).toEqual([]);
  });

  it('goes on after a batch that fails, and says so', async () => {
    let batch = 0;
    answering((ids) => {
      batch += 1;
      if (batch === 1) return { FunctionError: 'Unhandled', ...payload({ errorMessage: 'x' }) };
      if (batch === 2) throw awsError('AccessDeniedException', 'no');
      return payload({ asked: ids.length, erased: 0, absent: 0 });
    });
    const report = await repeatErasures(clients, OPTIONS, () => undefined);
    expect(report).toEqual({ registered: 250, erased: 0, untouched: 50, failed: 200 });
  });

  it('is not fooled by another function', async () => {
    answering(() => payload({ batchItemFailures: [] }));
    expect((await repeatErasures(clients, OPTIONS, () => undefined)).failed).toBe(250);
  });

  it('in a dry run only counts', async () => {
    const seen = answering(() => payload({}));
    const report = await repeatErasures(clients, { ...OPTIONS, dryRun: true }, () => undefined);
    expect([report.registered, seen.length]).toEqual([250, 0]);
  });

  it('finds register and function by the outputs of the stacks', async () => {
    cloudformation.on(DescribeStacksCommand).callsFake(({ StackName }) => ({
      Stacks: [
        {
          Outputs: [
            { OutputKey: 'ErasuresBucket', OutputValue: `bucket of ${StackName}` },
            { OutputKey: 'ErasuresFunction', OutputValue: `function of ${StackName}` },
          ],
        },
      ],
    }));
    expect(await findErasures(new CloudFormationClient({}), {})).toEqual({
      bucket: 'bucket of OnsaleData',
      functionName: 'function of OnsaleApp',
    });
  });
});
