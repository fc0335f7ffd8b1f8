import * as z from 'zod';
import { type DynamoDbApi, DynamoDbError } from '../services/dynamodb-api.ts';

/** An attribute's value on the wire, such as `{ "M": { "name": { "S": "…" } } }`. */
type WireValue = Readonly<Record<string, unknown>>;

const WireImage = z.record(z.string(), z.record(z.string(), z.unknown()));
const Image = WireImage.transform(mendImage).optional();

/** A record of a DynamoDB stream, as the API returns it. */
const StreamRecord = z.looseObject({
  eventID: z.string(),
  eventName: z.string(),
  dynamodb: z.looseObject({
    SequenceNumber: z.string(),
    ApproximateCreationDateTime: z.number().optional(),
    NewImage: Image,
    OldImage: Image,
  }),
});
export type StreamRecord = z.output<typeof StreamRecord>;

const Described = z.object({
  StreamDescription: z.object({
    Shards: z
      .array(
        z.object({
          ShardId: z.string(),
          ParentShardId: z.string().optional(),
          SequenceNumberRange: z.object({ EndingSequenceNumber: z.string().optional() }).optional(),
        }),
      )
      .default([]),
    LastEvaluatedShardId: z.string().optional(),
  }),
});
const Iterator = z.object({ ShardIterator: z.string() });
const Records = z.object({
  Records: z.array(StreamRecord).default([]),
  NextShardIterator: z.string().optional(),
});

/** A shard of a stream. */
export interface Shard {
  readonly id: string;
  readonly parent: string | undefined;
}

/** Where to begin in a shard. */
export type StartAt = { readonly after: string } | 'TRIM_HORIZON' | 'LATEST';

const API = 'DynamoDBStreams_20120810';

/** The shards of a stream, parents before children. */
export async function listShards(api: DynamoDbApi, streamArn: string): Promise<Shard[]> {
  const shards: Shard[] = [];
  let after: string | undefined;
  do {
    const answer = Described.parse(
      await api.call(`${API}.DescribeStream`, {
        StreamArn: streamArn,
        ...(after === undefined ? {} : { ExclusiveStartShardId: after }),
      }),
    );
    const { Shards, LastEvaluatedShardId } = answer.StreamDescription;
    shards.push(...Shards.map(({ ShardId, ParentShardId }) => ({ id: ShardId, parent: ParentShardId })));
    after = LastEvaluatedShardId;
  } while (after !== undefined);
  return shards;
}

/** An iterator into a shard. A position that has been trimmed falls back to the oldest record. */
export async function openShard(api: DynamoDbApi, streamArn: string, shardId: string, at: StartAt): Promise<string> {
  const position =
    typeof at === 'string'
      ? { ShardIteratorType: at }
      : { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: at.after };
  try {
    const answer = await api.call(`${API}.GetShardIterator`, { StreamArn: streamArn, ShardId: shardId, ...position });
    return Iterator.parse(answer).ShardIterator;
  } catch (error) {
    if (!(error instanceof DynamoDbError && error.name === 'TrimmedDataAccessException')) throw error;
    return openShard(api, streamArn, shardId, 'TRIM_HORIZON');
  }
}

/** The next records, and the iterator to go on with (none at the end of a closed shard). */
export async function readShard(
  api: DynamoDbApi,
  iterator: string,
  most: number,
): Promise<{ records: StreamRecord[]; next: string | undefined }> {
  const answer = Records.parse(
    await api.call(`${API}.GetRecords`, { ShardIterator: iterator, Limit: Math.min(most, 1_000) }),
  );
  return { records: answer.Records, next: answer.NextShardIterator };
}

/**
 * DynamoDB Local's stream writes an empty map as `{}`, a value without a type, where AWS writes `{"M":{}}`;
 * whoever unmarshals it would fail on a record that AWS never sends.
 */
function mendImage(image: Readonly<Record<string, WireValue>>): Record<string, WireValue> {
  return Object.fromEntries(Object.entries(image).map(([name, value]) => [name, mendValue(value)]));
}

function mendValue(value: WireValue): WireValue {
  const { M, L } = value;
  if (Object.keys(value).length === 0) return { M: {} };
  if (M !== undefined) return { M: mendImage(WireImage.parse(M)) };
  if (L !== undefined) return { L: z.array(z.record(z.string(), z.unknown())).parse(L).map(mendValue) };
  return value;
}
