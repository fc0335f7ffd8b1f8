import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';

/** An upload takes 10 MB: with a slow phone this long. */
const TIMEOUT_MS = 20_000;

/** An object with what is said about it. */
export interface StoredObject {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Names in lower case. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** A bucket. */
export interface ObjectStore {
  /** The object's bytes, or undefined where there is none. */
  read(key: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** As `read`, with what was said about it. */
  readWhole(key: string): Promise<StoredObject | undefined>;
  write(key: string, bytes: Uint8Array, mediaType: string, metadata?: Readonly<Record<string, string>>): Promise<void>;
  remove(key: string): Promise<void>;
  /** The keys that begin with `prefix`, a thousand at most. */
  list(prefix: string): Promise<readonly string[]>;
}

/** A client as all of ours that read and write objects of buckets. */
export function s3Client(): S3Client {
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
  const client = s3Client();
  const readWhole = async (Key: string): Promise<StoredObject | undefined> => {
    try {
      const { Body, Metadata = {} } = await client.send(new GetObjectCommand({ Bucket, Key }));
      if (Body === undefined) return undefined;
      return { bytes: new Uint8Array(await Body.transformToByteArray()), metadata: Metadata };
    } catch (error) {
      // Who may not list a bucket is told 403 of what is not there (AWS, "GetObject", permissions).
      if (error instanceof NoSuchKey || (error instanceof S3ServiceException && error.name === 'AccessDenied'))
        return undefined;
      throw error;
    }
  };
  return {
    readWhole,
    read: async (key) => (await readWhole(key))?.bytes,
    write: async (Key, Body, ContentType, Metadata = {}) => {
      await client.send(new PutObjectCommand({ Bucket, Key, Body, ContentType, Metadata: { ...Metadata } }));
    },
    remove: async (Key) => {
      await client.send(new DeleteObjectCommand({ Bucket, Key }));
    },
    list: async (Prefix) => {
      const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket, Prefix }));
      return Contents.flatMap(({ Key }) => Key ?? []);
    },
  };
}
