import { PutObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';

import { s3Client, type ObjectStore as Bucket } from '../../shared/runtime/object-store.ts';
import { UPLOAD_WITHIN_MS } from '../domain/images.ts';

/** How long an address to upload to is good: seconds. */
const UPLOAD_WITHIN_SECONDS = UPLOAD_WITHIN_MS / 1_000;

export { s3Objects } from '../../shared/runtime/object-store.ts';

/** A bucket, as far as pictures need it. */
export type ObjectStore = Pick<Bucket, 'read' | 'write' | 'remove'>;

/** What an upload must be, byte for byte, to be taken by the bucket. */
export interface UploadTerms {
  readonly key: string;
  readonly mediaType: string;
  readonly bytes: number;
}

/** Where to send an upload, and the headers to send it with. */
export interface UploadAddress {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly withinSeconds: number;
}

/**
 * Signs an address to which exactly one file may be sent: the signature holds its media type and its length, so the
 * bucket refuses any other (AWS, "Signature Version 4", signed headers).
 */
export function s3Uploads(bucket: string): (terms: UploadTerms) => Promise<UploadAddress> {
  const client = s3Client();
  return async ({ key, mediaType, bytes }) => {
    const command = new PutObjectCommand({ Bucket: bucket, Key: key, ContentType: mediaType, ContentLength: bytes });
    const url = await getSignedUrl(client, command, {
      expiresIn: UPLOAD_WITHIN_SECONDS,
      signableHeaders: new Set(['content-type', 'content-length', 'host']),
    });
    return { url, headers: { 'content-type': mediaType }, withinSeconds: UPLOAD_WITHIN_SECONDS };
  };
}
