import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { InvocationResult } from '../lambda/pool.ts';
import type { DynamoDbApi } from '../services/dynamodb-api.ts';
import type { Checkpoints } from './checkpoints.ts';
import { passes } from './filters.ts';
import { batchOutcome, type Mapping, type Poller } from './mapping.ts';
import { listShards, openShard, readShard, type Shard, type StartAt, type StreamRecord } from './stream-reader.ts';

/** What a stream poller reads, and where it leaves what it gives up on. */
export interface StreamSource {
  readonly api: DynamoDbApi;
  /** The stream's ARN in DynamoDB Local. */
  readonly streamArn: string;
  readonly checkpoints: Checkpoints;
  readonly log: (line: string) => void;
  /** Takes the record of a batch that was given up (destination ARN, batch description, its records). */
  readonly giveUp: (destinationArn: string, description: GivenUp, records: readonly StreamRecord[]) => Promise<void>;
}

/** The record of a failed batch, as Lambda sends it to an on-failure destination. */
export interface GivenUp {
  readonly requestContext: object;
  readonly responseContext: object;
  readonly version: string;
  readonly timestamp: string;
  readonly DDBStreamBatchInfo: {
    readonly shardId: string;
    readonly startSequenceNumber: string;
    readonly endSequenceNumber: string;
    readonly batchSize: number;
    readonly streamArn: string;
  };
}

/** A stream that has been quiet for a while is asked less often, which keeps an idle system's processor free. */
const IDLE_MS = 40;
const QUIET_MS = 100;
const QUIET_AFTER_MS = 5_000;
const NEW_SHARDS_EVERY_MS = 1_000;
const DEFAULT_BATCH_SIZE = 100;
const RETRY_FIRST_MS = 50;
const RETRY_MOST_MS = 5_000;

/** Reads a table's stream for a function, each shard in order, parents before children. */
export function pollStream(mapping: Mapping, source: StreamSource): Poller {
  const stop = new AbortController();
  const state = { busy: 0, looks: 0, emptyLooks: [] as { after: number; resolve: () => void }[] };
  const running = followShards(mapping, source, state, stop.signal).catch((error: unknown) => {
    if (!stop.signal.aborted) source.log(`${mapping.declared.where}: ${String(error)}`);
  });
  return {
    name: mapping.declared.where,
    get busy() {
      return state.busy > 0;
    },
    caughtUp: () => new Promise((resolve) => state.emptyLooks.push({ after: state.looks, resolve })),
    close: async () => {
      stop.abort();
      for (const { resolve } of state.emptyLooks.splice(0)) resolve();
      await running;
    },
  };
}

interface PollState {
  busy: number;
  /** How many times records were asked for. */
  looks: number;
  emptyLooks: { after: number; resolve: () => void }[];
}

async function followShards(
  mapping: Mapping,
  source: StreamSource,
  state: PollState,
  signal: AbortSignal,
): Promise<void> {
  const following = new Map<string, Promise<void>>();
  const finished = new Set<string>();
  let first = true;
  while (!signal.aborted) {
    const shards = await listShards(source.api, source.streamArn);
    const ids = new Set(shards.map(({ id }) => id));
    for (const shard of shards) {
      const parentDone = shard.parent === undefined || !ids.has(shard.parent) || finished.has(shard.parent);
      if (following.has(shard.id) || !parentDone) continue;
      const at = startAt(mapping, source, shard, first);
      following.set(
        shard.id,
        followShard(mapping, source, shard.id, at, state, signal).then(() => void finished.add(shard.id)),
      );
    }
    first = false;
    await pause(NEW_SHARDS_EVERY_MS, signal);
  }
  await Promise.allSettled(following.values());
}

function startAt({ declared }: Mapping, { checkpoints }: StreamSource, shard: Shard, first: boolean): StartAt {
  const after = checkpoints.of(shard.id);
  if (after !== undefined) return { after };
  // LATEST is meant for the shards that exist when the mapping is made, never for one that follows.
  const latest = declared.properties.StartingPosition === 'LATEST' && first && !checkpoints.any;
  return latest ? 'LATEST' : 'TRIM_HORIZON';
}

async function followShard(
  mapping: Mapping,
  source: StreamSource,
  shardId: string,
  at: StartAt,
  state: PollState,
  signal: AbortSignal,
): Promise<void> {
  const { BatchSize, MaximumBatchingWindowInSeconds } = mapping.declared.properties;
  const batchSize = BatchSize ?? DEFAULT_BATCH_SIZE;
  const { api, log } = source;
  let position = at;
  let iterator: string | undefined = await openShard(api, source.streamArn, shardId, at);
  let batch: StreamRecord[] = [];
  let firstAt = 0;
  let lastRecordAt = Date.now();
  while (iterator !== undefined && !signal.aborted) {
    try {
      state.looks += 1;
      const look = state.looks;
      const { records, next } = await readShard(api, iterator, batchSize - batch.length);
      iterator = next;
      if (batch.length === 0) firstAt = Date.now();
      batch.push(...records);
      if (records.length > 0) lastRecordAt = Date.now();
      const due = batch.length >= batchSize || Date.now() - firstAt >= MaximumBatchingWindowInSeconds * 1_000;
      if (batch.length > 0 && due) {
        state.busy += 1;
        await handleBatch(mapping, source, shardId, batch, signal).finally(() => (state.busy -= 1));
        if (signal.aborted) return;
        position = { after: batch.at(-1)?.dynamodb.SequenceNumber ?? '' };
        batch = [];
      } else if (records.length === 0) {
        if (batch.length === 0) announceEmpty(state, look);
        await pause(Date.now() - lastRecordAt > QUIET_AFTER_MS ? QUIET_MS : IDLE_MS, signal);
      }
    } catch (error) {
      if (signal.aborted) return;
      log(`${mapping.declared.where}: reading shard ${shardId} again after ${String(error)}`);
      await pause(RETRY_MOST_MS / 10, signal);
      batch = [];
      iterator = await openShard(api, source.streamArn, shardId, position).catch(() => iterator);
    }
  }
}

function announceEmpty(state: PollState, look: number): void {
  const heard = state.emptyLooks.filter(({ after }) => look > after);
  state.emptyLooks = state.emptyLooks.filter(({ after }) => look <= after);
  for (const { resolve } of heard) resolve();
}

/**
 * Brings a batch to its end: handled, or given up by the mapping's limits. Retries keep the order;
 * with bisecting, a failed batch is split; with partial answers, it goes on from the first failure.
 */
async function handleBatch(
  mapping: Mapping,
  source: StreamSource,
  shardId: string,
  records: readonly StreamRecord[],
  signal: AbortSignal,
): Promise<void> {
  const { MaximumRetryAttempts, BisectBatchOnFunctionError } = mapping.declared.properties;
  const queue: { records: readonly StreamRecord[]; attempt: number }[] = [{ records, attempt: 0 }];
  for (let work = queue.shift(); work !== undefined && !signal.aborted; work = queue.shift()) {
    const wanted = work.records.filter((record) => passes(mapping.patterns, record));
    const last = work.records.at(-1)?.dynamodb.SequenceNumber ?? '';
    if (wanted.length === 0) {
      source.checkpoints.set(shardId, last);
      continue;
    }
    const result = await mapping.pool.invoke(
      JSON.stringify({ Records: wanted.map((each) => eventRecord(each, mapping)) }),
    );
    const outcome = batchOutcome(
      mapping,
      result,
      wanted.map((each) => each.dynamodb.SequenceNumber),
    );
    if (outcome.kind === 'done') {
      source.checkpoints.set(shardId, last);
      continue;
    }
    if (signal.aborted) return;
    const rest = outcome.kind === 'partly' ? fromFirstFailure(work.records, outcome.failures) : work.records;
    const done = work.records[work.records.length - rest.length - 1];
    if (done !== undefined) source.checkpoints.set(shardId, done.dynamodb.SequenceNumber);
    const spent = MaximumRetryAttempts >= 0 && work.attempt >= MaximumRetryAttempts;
    if (result.outcome !== 'throttled' && (spent || tooOld(mapping, rest))) {
      await giveUp(mapping, source, shardId, rest, result, work.attempt);
      source.checkpoints.set(shardId, last);
      continue;
    }
    await pause(Math.min(RETRY_MOST_MS, RETRY_FIRST_MS * 2 ** Math.min(work.attempt, 10)), signal);
    // A throttled invocation was not an attempt: Lambda keeps trying until the record is too old.
    const attempt = result.outcome === 'throttled' ? work.attempt : work.attempt + 1;
    queue.unshift(
      ...(BisectBatchOnFunctionError && outcome.kind === 'failed' ? halves(rest) : [rest]).map((part) => ({
        records: part,
        attempt,
      })),
    );
  }
}

function halves(records: readonly StreamRecord[]): (readonly StreamRecord[])[] {
  if (records.length < 2) return [records];
  const middle = Math.ceil(records.length / 2);
  return [records.slice(0, middle), records.slice(middle)];
}

function fromFirstFailure(records: readonly StreamRecord[], failures: ReadonlySet<string>): readonly StreamRecord[] {
  return records.slice(
    Math.max(
      0,
      records.findIndex((record) => failures.has(record.dynamodb.SequenceNumber)),
    ),
  );
}

function tooOld({ declared }: Mapping, records: readonly StreamRecord[]): boolean {
  const { MaximumRecordAgeInSeconds } = declared.properties;
  const bornAt = records[0]?.dynamodb.ApproximateCreationDateTime ?? Date.now() / 1_000;
  return MaximumRecordAgeInSeconds > 0 && Date.now() / 1_000 - bornAt > MaximumRecordAgeInSeconds;
}

function eventRecord(record: StreamRecord, { declared }: Mapping): object {
  const eventSourceARN = declared.properties.EventSourceArn;
  return { ...record, awsRegion: eventSourceARN.split(':')[3] ?? '', eventSourceARN };
}

async function giveUp(
  { declared, pool }: Mapping,
  source: StreamSource,
  shardId: string,
  records: readonly StreamRecord[],
  result: InvocationResult,
  attempt: number,
): Promise<void> {
  const destination = declared.properties.DestinationConfig?.OnFailure?.Destination;
  source.log(`${declared.where}: gave up ${records.length} records after ${attempt + 1} attempts`);
  if (destination === undefined) return;
  const description: GivenUp = {
    requestContext: {
      requestId: randomUUID(),
      functionArn: pool.settings.data.functionArn,
      condition: 'RetryAttemptsExhausted',
      approximateInvokeCount: attempt + 1,
    },
    responseContext: {
      statusCode: 200,
      executedVersion: '$LATEST',
      functionError: result.outcome === 'success' ? null : 'Unhandled',
    },
    version: '1.0',
    timestamp: new Date().toISOString(),
    DDBStreamBatchInfo: {
      shardId,
      startSequenceNumber: records[0]?.dynamodb.SequenceNumber ?? '',
      endSequenceNumber: records.at(-1)?.dynamodb.SequenceNumber ?? '',
      batchSize: records.length,
      streamArn: declared.properties.EventSourceArn,
    },
  };
  await source.giveUp(destination, description, records);
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined);
}
