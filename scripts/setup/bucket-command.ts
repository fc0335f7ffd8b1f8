import { parseArgs } from 'node:util';

import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';

/** Clients and names that an operator's command works with, for the account of the AWS command line. */
export interface BucketWork {
  readonly s3: S3Client;
  readonly lambda: LambdaClient;
  readonly bucket: string;
  readonly functionName: string;
  readonly dryRun: boolean;
}

/** A command that hands what lies in a bucket of a deployment to one of its functions. */
export interface BucketCommand {
  readonly help: string;
  /** The bucket and the function, where they are not given, from the outputs of the stacks. */
  readonly find: (
    cloudformation: CloudFormationClient,
    given: { readonly bucket?: string | undefined; readonly functionName?: string | undefined },
  ) => Promise<{ readonly bucket: string; readonly functionName: string }>;
  /** Does it, says what came of it, and answers whether nothing is left to do. */
  readonly work: (work: BucketWork) => Promise<boolean>;
  /** One sentence about what ended it. */
  readonly explain: (error: unknown) => string;
}

/** Runs `command` with this process's arguments and sets its exit code. */
export async function runBucketCommand({ help, find, work, explain }: BucketCommand): Promise<void> {
  try {
    const { values } = parseArgs({
      options: {
        bucket: { type: 'string' },
        function: { type: 'string' },
        'dry-run': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) {
      console.log(help);
      return;
    }
    const { bucket, function: functionName, 'dry-run': dryRun } = values;
    const names = await find(new CloudFormationClient({}), { bucket, functionName });
    const isDone = await work({ s3: new S3Client({}), lambda: new LambdaClient({}), ...names, dryRun });
    process.exitCode = isDone ? 0 : 1;
  } catch (error) {
    console.error(error instanceof TypeError ? `${error.message} Try --help.` : explain(error));
    process.exitCode = 1;
  }
}
