import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';

/** An object of {@link TestBucket}. */
export interface TestObject {
  readonly bytes: Uint8Array;
  readonly metadata: Readonly<Record<string, string>>;
}

/** A bucket in memory behind every S3 client of the process. */
export class TestBucket {
  readonly objects = new Map<string, TestObject>();
  /** Objects written since it was last emptied. */
  writes = 0;
  readonly #client = mockClient(S3Client);

  constructor() {
    this.heal();
  }

  /** Answers from now on. */
  heal(): void {
    this.#client.reset();
    this.#client.on(GetObjectCommand).callsFake(({ Key }: { Key: string }) => {
      const found = this.objects.get(Key);
      if (found === undefined) throw new NoSuchKey({ message: 'no such key', $metadata: {} });
      return { Body: { transformToByteArray: () => Promise.resolve(found.bytes) }, Metadata: found.metadata };
    });
    this.#client
      .on(PutObjectCommand)
      .callsFake(
        ({ Key, Body, Metadata = {} }: { Key: string; Body: Uint8Array; Metadata?: TestObject['metadata'] }) => {
          this.writes += 1;
          this.objects.set(Key, { bytes: Body, metadata: Metadata });
          return {};
        },
      );
    this.#client.on(DeleteObjectCommand).callsFake(({ Key }: { Key: string }) => {
      this.objects.delete(Key);
      return {};
    });
    this.#client.on(ListObjectsV2Command).callsFake(({ Prefix = '' }: { Prefix?: string }) => ({
      Contents: [...this.objects.keys()].filter((key) => key.startsWith(Prefix)).map((Key) => ({ Key })),
    }));
  }

  /** Answers nothing from now on. */
  fail(): void {
    this.#client.reset();
    this.#client.onAnyCommand().rejects(new Error('The bucket does not answer'));
  }

  /** Restores the clients. */
  close(): void {
    this.#client.restore();
  }
}
