import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';

import { ERASED_PREFIX } from './contract.ts';
import type { ErasureRegister } from './ports.ts';

const TIMEOUT_MS = 5_000;

/** Keeps the register in a bucket of S3: an empty object for each person, named by the id alone. */
export function s3Register(bucket: string): ErasureRegister {
  const client = new S3Client({
    maxAttempts: 2,
    requestHandler: { requestTimeout: TIMEOUT_MS, connectionTimeout: 1_000 },
    // Only the local system needs it: AWS answers either way.
    forcePathStyle: process.env['AWS_ENDPOINT_URL_S3'] !== undefined,
  });
  return {
    note: async (userId) => {
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: `${ERASED_PREFIX}${userId}`, Body: '' }));
    },
  };
}
