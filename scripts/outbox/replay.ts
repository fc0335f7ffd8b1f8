/** Gives the relay once more what it gave up on. */
import { DescribeStacksCommand, type CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { DeleteObjectCommand, GetObjectCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod/mini';

import { OUTPUTS, STACK_NAMES } from '../../lib/stages.ts';
import { SetupError, explain, isNamed } from '../setup/errors.ts';

/** IAM actions of a replay; `kms:Decrypt` only where the bucket is under a key of ours. */
const PERMISSIONS = [
  'cloudformation:DescribeStacks',
  's3:ListBucket',
  's3:GetObject',
  's3:DeleteObject',
  'kms:Decrypt',
  'lambda:InvokeFunction',
];

/** Lambda names them `aws/lambda/<event source mapping>/<shard>/YYYY/MM/DD/<time>-<UUID>`. */
const PREFIX = 'aws/lambda/';
/** Invocations of other functions that failed, not batches of the stream. */
const NOT_OURS = 'aws/lambda/async/';

/** What a replay talks to. */
export interface ReplayClients {
  readonly s3: S3Client;
  readonly lambda: LambdaClient;
}

/** What to replay, and to whom. */
export interface ReplayOptions {
  /** Bucket of failed records. */
  readonly bucket: string;
  /** Name or ARN of the relay. */
  readonly functionName: string;
  /** Read and check the objects only: invoke nothing, delete nothing. */
  readonly dryRun: boolean;
}

/** How many objects there were, and what became of them. */
export interface ReplayReport {
  /** Relayed and deleted; in a dry run, those that could be. */
  readonly replayed: number;
  /** Still in the bucket and in need of somebody; in a dry run, those that could not be replayed. */
  readonly stayed: number;
}

type Replayed = { readonly ok: true; readonly records: number } | { readonly ok: false; readonly why: string };

/**
 * Invokes the relay with every failed batch of the bucket, oldest of a shard first, and deletes an object when
 * the relay took all of its records. One that cannot be replayed stays, is named, and keeps nobody else waiting.
 *
 * @param print told a line for each object; keys and counts only, since records are rows of the table
 * @throws what S3 throws when the bucket cannot be listed
 */
export async function replayFailedRecords(
  clients: ReplayClients,
  options: ReplayOptions,
  print: (line: string) => void,
): Promise<ReplayReport> {
  const keys = await listKeys(clients.s3, options.bucket);
  print(`${keys.length} failed ${keys.length === 1 ? 'batch' : 'batches'} in ${options.bucket}`);
  let replayed = 0;
  for (const [index, key] of keys.entries()) {
    const outcome = await replayObject(clients, options, key);
    if (outcome.ok) replayed += 1;
    const done = options.dryRun ? 'would be replayed' : 'replayed and deleted';
    const told = outcome.ok ? `${done}, records: ${outcome.records}` : `STAYS: ${outcome.why}`;
    print(`${index + 1}/${keys.length} ${key}: ${told}`);
  }
  return { replayed, stayed: keys.length - replayed };
}

/** All keys before any work, so that deleting does not move the pages under the listing. */
async function listKeys(s3: S3Client, bucket: string): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket: bucket, Prefix: PREFIX })) {
    keys.push(...(page.Contents ?? []).flatMap(({ Key: key }) => (key?.startsWith(NOT_OURS) === false ? [key] : [])));
  }
  return keys.toSorted();
}

async function replayObject(
  { s3, lambda }: ReplayClients,
  { bucket, functionName, dryRun }: ReplayOptions,
  key: string,
): Promise<Replayed> {
  try {
    const object = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    const batch = parseFailedBatch((await object.Body?.transformToString()) ?? '');
    if (batch === undefined) return { ok: false, why: 'it is no record of a failed stream batch with its payload' };
    if (dryRun) return { ok: true, records: batch.records };
    const answer = await lambda.send(new InvokeCommand({ FunctionName: functionName, Payload: batch.event }));
    const why = whyNotTaken(answer.FunctionError, new TextDecoder().decode(answer.Payload));
    if (why !== undefined) return { ok: false, why };
    await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
    return { ok: true, records: batch.records };
  } catch (error) {
    return { ok: false, why: explain(error, PERMISSIONS) };
  }
}

/** Lambda's "invocation record": in S3 its `payload` is the whole event as a string of JSON. */
const invocationRecord = z.object({ payload: z.union([z.string(), z.looseObject({})]) });
const streamEvent = z.object({
  Records: z
    .array(z.looseObject({ eventSource: z.literal('aws:dynamodb'), dynamodb: z.looseObject({}) }))
    .check(z.minLength(1)),
});

/**
 * The stream event in an object that Lambda wrote to its on-failure destination; undefined when there is none.
 * Format: AWS Lambda developer guide, "Retain discarded records for a DynamoDB event source".
 */
function parseFailedBatch(text: string): { readonly event: Uint8Array; readonly records: number } | undefined {
  const record = z.safeParse(invocationRecord, parseJson(text));
  if (!record.success) return undefined;
  const { payload } = record.data;
  // As it was, not as this schema sees it: the relay reads fields that nobody asks about here.
  const json = typeof payload === 'string' ? payload : JSON.stringify(payload);
  const event = z.safeParse(streamEvent, parseJson(json));
  return event.success ? { event: new TextEncoder().encode(json), records: event.data.Records.length } : undefined;
}

const taken = z.object({ batchItemFailures: z.array(z.looseObject({ itemIdentifier: z.string() })) });

/** Undefined when the relay took every record. The texts of its errors stay in its log: they may quote rows. */
function whyNotTaken(functionError: string | undefined, answer: string): string | undefined {
  if (functionError !== undefined) return `the function failed (${functionError}); its log says why`;
  const read = z.safeParse(taken, parseJson(answer));
  if (!read.success) return 'the function did not answer as a stream consumer; is it the relay?';
  const [first] = read.data.batchItemFailures;
  return first === undefined
    ? undefined
    : `the relay could not take record ${first.itemIdentifier}; OUTBOX_RECORD_FAULT in its log says why`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * The bucket and the relay of the stage that is deployed in the region, as far as they are not `given`.
 *
 * @throws SetupError when one has to be looked up and is not there
 */
export async function findDeployed(
  cloudformation: CloudFormationClient,
  given: { readonly bucket?: string | undefined; readonly functionName?: string | undefined },
): Promise<{ readonly bucket: string; readonly functionName: string }> {
  const [bucket, functionName] = await Promise.all([
    given.bucket ?? readOutput(cloudformation, STACK_NAMES.data, OUTPUTS.failedRecordsBucket),
    given.functionName ?? readOutput(cloudformation, STACK_NAMES.app, OUTPUTS.relayFunction),
  ]);
  return { bucket, functionName };
}

/** An output of a stack. @throws SetupError when it is not there */
export async function readOutput(cloudformation: CloudFormationClient, stack: string, output: string): Promise<string> {
  let value: string | undefined;
  try {
    const { Stacks: stacks } = await cloudformation.send(new DescribeStacksCommand({ StackName: stack }));
    value = stacks?.[0]?.Outputs?.find(({ OutputKey: key }) => key === output)?.OutputValue;
  } catch (error) {
    if (!isNamed(error, 'ValidationError')) throw error;
  }
  if (value !== undefined) return value;
  throw new SetupError(
    `There is no output ${output} of a stack ${stack} in this account and region: set AWS_PROFILE and AWS_REGION, or name --bucket and --function.`,
  );
}

/** One sentence about what ended a replay. */
export function explainReplay(error: unknown): string {
  return explain(error, PERMISSIONS);
}
