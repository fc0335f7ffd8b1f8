import middy from '@middy/core';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import * as z from 'zod/mini';

import { parseEnvelope, type Envelope, type EventDefinition } from './events.ts';
import { logFault, logInfo } from './log.ts';

/** Thrown by a consumer that cannot decide yet, which is no fault: the message comes again after its time-out. */
export class NotYet extends Error {
  override readonly name: string = 'NotYet';
}

/** What a queue's function does with one kind of event. */
export interface Consumer {
  readonly name: string;
  readonly consume: (envelope: Envelope) => Promise<void>;
}

/** Consumes events of `definition`; the effect must be idempotent, since delivery is at least once. */
export function consumerOf<Name extends string, Schema extends z.ZodMiniType>(
  definition: EventDefinition<Name, Schema>,
  effect: (event: Envelope<Name, z.infer<Schema>>) => Promise<void>,
): Consumer {
  return {
    name: definition.name,
    consume: (envelope) =>
      effect({ ...envelope, name: definition.name, data: z.parse(definition.data, envelope.data) }),
  };
}

/**
 * The bundle for functions behind an SQS queue: each message by itself, failures reported one by one so
 * that a poison message takes none of its batch along (it goes to the dead-letter queue alone).
 */
export function queueFunction(consumers: readonly Consumer[]): QueueHandler {
  const byName = new Map(consumers.map((consumer) => [consumer.name, consumer]));
  return messageFunction(async ({ body }) => {
    const envelope = parseEnvelope(body);
    const consumer = byName.get(envelope.name);
    if (consumer === undefined) throw new Error(`No consumer for ${envelope.name}`);
    await consumer.consume(envelope);
  });
}

type QueueHandler = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;

/** As {@link queueFunction}, for messages that are none of our events, such as notices of S3. */
export function messageFunction(effect: (message: SQSRecord) => Promise<void>): QueueHandler {
  const consume = async (record: SQSRecord): Promise<boolean> => {
    try {
      await effect(record);
      return true;
    } catch (error) {
      const fields = { messageId: record.messageId, attempt: record.attributes.ApproximateReceiveCount };
      if (error instanceof NotYet) logInfo('MESSAGE_NOT_YET', { ...fields, why: error.message });
      else logFault('MESSAGE_FAULT', error, fields);
      return false;
    }
  };

  return middy<SQSEvent, SQSBatchResponse>().handler(async (event) => {
    const outcomes = await Promise.all(event.Records.map(async (record) => ({ record, done: await consume(record) })));
    return {
      batchItemFailures: outcomes
        .filter(({ done }) => !done)
        .map(({ record }) => ({ itemIdentifier: record.messageId })),
    };
  });
}
