import {
  DeleteObjectCommand,
  GetObjectCommand,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';

import { UPLOAD_WITHIN_MS } from '../domain/images.ts';

/** An upload takes 10 MB: with a slow phone this long. */
const TIMEOUT_MS = 20_000;
/** How long an address to upload to is good: seconds. */
const UPLOAD_WITHIN_SECONDS = UPLOAD_WITHIN_MS / 1_000;

/** A bucket, as far as pictures need it. */
export interface ObjectStore {
  /** The object, or undefined where there is none. */
  read(key: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  write(key: string, bytes: Uint8Array, mediaType: string): Promise<void>;
  remove(key: string): Promise<void>;
}

function open(): S3Client {
  return new S3Client({
    maxAttempts: 3,
    requestHandler: { requestTimeout: TIMEOUT_MS, connectionTimeout: 1_000 },
    // A checksum that the signer adds would have to be sent by the browser, too.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    // Only the local system needs it: AWS answers either way.
    forcePathStyle: process.env['AWS_ENDPOINT_URL_S3'] !== undefined,
  });
}

/** The bucket called `Bucket`. */
export function s3Objects(Bucket: string): ObjectStore {
  const client = open();
  return {
    read: async (Key) => {
      try {
        const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
        return Body === undefined ? undefined : new Uint8Array(await Body.transformToByteArray());
      } catch (error) {
        // Who may not list a bucket is told 403 of what is not there (AWS, "GetObject", permissions).
        if (error instanceof NoSuchKey || (error instanceof S3ServiceException && error.name === 'AccessDenied'))
          return undefined;
        throw error;
      }
    },
    write: async (Key, Body, ContentType) => {
      await client.send(new PutObjectCommand({ Bucket, Key, Body, ContentType }));
    },
    remove: async (Key) => {
      await client.send(new DeleteObjectCommand({ Bucket, Key }));
    },
  };
}

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
export function s3Uploads(Bucket: string): (terms: UploadTerms) => Promise<UploadAddress> {
  const client = open();
  return async ({ key, mediaType, bytes }) => {
    const command = new PutObjectCommand({ Bucket, Key: key, ContentType: mediaType, ContentLength: bytes });
    const url = await getSignedUrl(client, command, {
      expiresIn: UPLOAD_WITHIN_SECONDS,
      signableHeaders: new Set(['content-type', 'content-length', 'host']),
    });
    return { url, headers: { 'content-type': mediaType }, withinSeconds: UPLOAD_WITHIN_SECONDS };
  };
}
