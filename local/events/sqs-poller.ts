import { setTimeout as delay } from 'node:timers/promises';
import type { Messaging, ReceivedMessage } from '../services/messaging.ts';
import { batchOutcome, type Mapping, type Poller } from './mapping.ts';
import { passes } from './filters.ts';

const LONG_POLL_SECONDS = 20;
/** Batches in hand at once when the template sets no MaximumConcurrency. */
const DEFAULT_CONCURRENCY = 5;
const DEFAULT_BATCH_SIZE = 10;

/**
 * Reads a queue for a function: long polls, gathers batches within the batching window, deletes what
 * succeeded and leaves the rest to the queue's visibility timeout and redrive policy.
 */
export function pollQueue(mapping: Mapping, messaging: Messaging, log: (line: string) => void): Poller {
  const { declared, pool, patterns } = mapping;
  const { EventSourceArn: queueArn, BatchSize, MaximumBatchingWindowInSeconds, ScalingConfig } = declared.properties;
  const batchSize = BatchSize ?? DEFAULT_BATCH_SIZE;
  const concurrency = ScalingConfig?.MaximumConcurrency ?? DEFAULT_CONCURRENCY;
  const inHand = new Set<Promise<void>>();
  const stop = new AbortController();

  const gather = async (): Promise<ReceivedMessage[]> => {
    const batch = await messaging.receive(queueArn, batchSize, LONG_POLL_SECONDS);
    // Lambda waits for a window of its own once batches exceed ten; without a window it takes what is there.
    const until = Date.now() + MaximumBatchingWindowInSeconds * 1_000;
    while (batch.length > 0 && batch.length < batchSize && !stop.signal.aborted) {
      const left = Math.max(0, Math.ceil((until - Date.now()) / 1_000));
      const more = await messaging.receive(queueArn, batchSize - batch.length, left);
      batch.push(...more);
      if (more.length === 0 && Date.now() >= until) break;
    }
    return batch;
  };

  const handle = async (batch: readonly ReceivedMessage[]): Promise<void> => {
    const records = batch.map((message) => recordOf(message, queueArn));
    const wanted = batch.filter((_, index) => passes(patterns, filterView(records[index])));
    await messaging.remove(
      queueArn,
      batch.filter((message) => !wanted.includes(message)),
    );
    if (wanted.length === 0) return;
    const event = JSON.stringify({ Records: wanted.map((message) => recordOf(message, queueArn)) });
    const outcome = batchOutcome(
      mapping,
      await pool.invoke(event),
      wanted.map(({ MessageId }) => MessageId),
    );
    switch (outcome.kind) {
      case 'done':
        return messaging.remove(queueArn, wanted);
      case 'partly':
        return messaging.remove(
          queueArn,
          wanted.filter(({ MessageId }) => !outcome.failures.has(MessageId)),
        );
      case 'failed':
        return;
    }
  };

  const run = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      try {
        if (inHand.size >= concurrency) await Promise.race(inHand);
        const batch = await gather();
        // What arrives while closing stays in flight, and comes back after its visibility timeout.
        if (batch.length === 0 || stop.signal.aborted) continue;
        const handling = handle(batch)
          .catch((error: unknown) => log(`${declared.where}: ${String(error)}`))
          .finally(() => inHand.delete(handling));
        inHand.add(handling);
      } catch (error) {
        if (stop.signal.aborted) return;
        log(`${declared.where}: ${String(error)}`);
        await delay(200);
      }
    }
  };

  void run();
  return {
    name: declared.where,
    get busy() {
      return inHand.size > 0;
    },
    // The queue's own counts tell whether it is empty.
    caughtUp: () => Promise.resolve(),
    close: async () => {
      stop.abort();
      await Promise.allSettled(inHand);
    },
  };
}

function recordOf(message: ReceivedMessage, queueArn: string): Record<string, unknown> {
  return {
    messageId: message.MessageId,
    receiptHandle: message.ReceiptHandle,
    body: message.Body,
    attributes: message.Attributes ?? {},
    messageAttributes: Object.fromEntries(
      Object.entries(message.MessageAttributes ?? {}).map(([name, { DataType, StringValue, BinaryValue }]) => [
        name,
        {
          dataType: DataType,
          stringValue: StringValue,
          binaryValue: BinaryValue,
          stringListValues: [],
          binaryListValues: [],
        },
      ]),
    ),
    md5OfBody: message.MD5OfBody,
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn,
    awsRegion: queueArn.split(':')[3] ?? '',
  };
}

/** Filters see a JSON body as its value. */
function filterView(record: Record<string, unknown> | undefined): unknown {
  try {
    return { ...record, body: JSON.parse(String(record?.['body'])) };
  } catch {
    return record;
  }
}
