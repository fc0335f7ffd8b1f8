import type { Bucket } from 'aws-cdk-lib/aws-s3';

import type { OnsaleFunction } from './onsale-function.ts';

/** The objects of the bucket of failed records, as cdk-nag names what the data stack exports. */
export const FAILED_RECORD_OBJECTS = 'OnsaleData:ExportsOutputFnGetAttFailedRecordsDEC8AD7EArn0700AC87/*';

/**
 * Where Lambda keeps what `fn` could not take, of a stream or of asynchronous invocations. CDK's own S3 destination
 * would let the function read and delete in the bucket as well.
 */
export function toBucket(bucket: Bucket, fn: OnsaleFunction): { bind: () => { destination: string } } {
  return {
    bind: () => {
      fn.allow(['s3:PutObject'], [bucket.arnForObjects('*')]);
      fn.allow(['s3:ListBucket'], [bucket.bucketArn]);
      bucket.encryptionKey?.grant(fn.lambda, 'kms:GenerateDataKey');
      return { destination: bucket.bucketArn };
    },
  };
}
