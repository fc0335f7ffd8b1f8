/** Erases again whom a restored table knows again. */
import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod/mini';

import { ERASED_PREFIX, MOST_REPEATED } from '../../functions/privacy/contract.ts';
import { OUTPUTS, STACK_NAMES } from '../../lib/stages.ts';
import { readOutput } from '../outbox/replay.ts';
import { explain } from '../setup/errors.ts';

/** IAM actions of a repetition. */
const PERMISSIONS = ['cloudformation:DescribeStacks', 's3:ListBucket', 'lambda:InvokeFunction'];

/** What a repetition talks to. */
export interface RepeatClients {
  readonly s3: S3Client;
  readonly lambda: LambdaClient;
}

/** Whose register, and who erases. */
export interface RepeatOptions {
  /** Bucket of the register. */
  readonly bucket: string;
  /** Name or ARN of the function that finishes erasures. */
  readonly functionName: string;
  /** Only count. */
  readonly dryRun: boolean;
}

/** How many persons are in the register, and what became of them. */
export interface RepeatReport {
  readonly registered: number;
  /** The table knew them again. */
  readonly erased: number;
  /** The table does not know them, or has them erased already. */
  readonly untouched: number;
  /** In batches that the function could not take. */
  readonly failed: number;
}

const taken = z.object({ asked: z.int(), erased: z.int(), absent: z.int() });

/**
 * Has everybody in the register erased in the table that is deployed, batch by batch. One that cannot be taken keeps
 * no other waiting.
 *
 * @param print told a line for each batch, of counts only
 * @throws what S3 throws when the register cannot be listed
 */
export async function repeatErasures(
  { s3, lambda }: RepeatClients,
  { bucket, functionName, dryRun }: RepeatOptions,
  print: (line: string) => void,
): Promise<RepeatReport> {
  const userIds = await listRegister(s3, bucket);
  print(`${userIds.length} erased persons in ${bucket}`);
  const registered = userIds.length;
  if (dryRun) return { registered, erased: 0, untouched: registered, failed: 0 };
  let [erased, failed] = [0, 0];
  for (let start = 0; start < userIds.length; start += MOST_REPEATED) {
    const part = userIds.slice(start, start + MOST_REPEATED);
    const outcome = await repeatPart(lambda, functionName, part);
    if (typeof outcome === 'number') erased += outcome;
    else failed += part.length;
    const told = typeof outcome === 'number' ? `${outcome} erased again` : `FAILED: ${outcome}`;
    print(`${start + part.length}/${userIds.length}: ${told}`);
  }
  return { registered, erased, failed, untouched: registered - erased - failed };
}

async function listRegister(s3: S3Client, bucket: string): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket: bucket, Prefix: ERASED_PREFIX }))
    ids.push(...(page.Contents ?? []).flatMap(({ Key: key }) => key?.slice(ERASED_PREFIX.length) ?? []));
  return ids;
}

/** @returns how many were erased, or why the batch was not taken */
async function repeatPart(
  lambda: LambdaClient,
  FunctionName: string,
  userIds: readonly string[],
): Promise<number | string> {
  try {
    const event = { time: new Date().toISOString(), userIds };
    const Payload = new TextEncoder().encode(JSON.stringify(event));
    const answer = await lambda.send(new InvokeCommand({ FunctionName, Payload }));
    if (answer.FunctionError !== undefined) return `the function failed (${answer.FunctionError}); its log says why`;
    const read = z.safeParse(taken, parseJson(new TextDecoder().decode(answer.Payload)));
    return read.success ? read.data.erased : 'the function did not answer as the end of erasures; is it another one?';
  } catch (error) {
    return explain(error, PERMISSIONS);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Register and function of the stage that is deployed in the region, as far as they are not `given`. */
export async function findErasures(
  cloudformation: CloudFormationClient,
  given: { readonly bucket?: string | undefined; readonly functionName?: string | undefined },
): Promise<{ readonly bucket: string; readonly functionName: string }> {
  const [bucket, functionName] = await Promise.all([
    given.bucket ?? readOutput(cloudformation, STACK_NAMES.data, OUTPUTS.erasuresBucket),
    given.functionName ?? readOutput(cloudformation, STACK_NAMES.app, OUTPUTS.erasuresFunction),
  ]);
  return { bucket, functionName };
}

/** One sentence about what ended a repetition. */
export function explainRepetition(error: unknown): string {
  return explain(error, PERMISSIONS);
}
