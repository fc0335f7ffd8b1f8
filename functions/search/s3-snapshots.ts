import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';

import type { Snapshots } from './ports.ts';

/** Snapshots lie under this prefix of their bucket. */
const PREFIX = 'snapshots/';

/** An index of 100,000 events is 13 MB, which takes a quarter of a second; what takes this long will not come. */
const TIMEOUT_MS = 10_000;

/** Keeps snapshots in a bucket of S3. */
export function s3Snapshots(bucket: string): Snapshots {
  const client = new S3Client({
    maxAttempts: 2,
    requestHandler: { requestTimeout: TIMEOUT_MS, connectionTimeout: 1_000 },
    // Only the local system needs it: AWS answers either way.
    forcePathStyle: process.env['AWS_ENDPOINT_URL_S3'] !== undefined,
  });
  return {
    read: async (name) => {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: `${PREFIX}${name}` }));
      if (Body === undefined) throw new Error(`The snapshot ${name} has no content`);
      return Body.transformToByteArray();
    },
    write: async (name, bytes) => {
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: `${PREFIX}${name}`, Body: bytes }));
    },
    list: async () => {
      const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: PREFIX }));
      return Contents.flatMap(({ Key, LastModified }) =>
        Key === undefined ? [] : [{ name: Key.slice(PREFIX.length), writtenAt: LastModified?.getTime() ?? 0 }],
      );
    },
    remove: async (name) => {
      await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: `${PREFIX}${name}` }));
    },
  };
}
