import {
  CreateQueueCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SQSClient,
  type Message,
} from '@aws-sdk/client-sqs';
import type { SQSEvent } from 'aws-lambda';
import { buildApp } from 'fauxqs';

import { QUEUES, type QueueName } from '../../functions/outbox/contract.ts';
import { parseEnvelope, type Envelope } from '../../functions/shared/runtime/events.ts';
import { TEST_CREDENTIALS, TEST_REGION } from '../support/dynamodb.ts';

/** The queues of the system on an SQS emulator in this process. */
export interface TestQueues {
  readonly sqs: SQSClient;
  readonly urls: Readonly<Record<QueueName, string>>;
  /** Takes what lies in a queue as Lambda would be handed it; messages come back until {@link done}. */
  receive(queue: QueueName): Promise<readonly Message[]>;
  done(queue: QueueName, messages: readonly Message[]): Promise<void>;
  /** Reads a queue empty. */
  drain(queue: QueueName): Promise<readonly Envelope[]>;
  close(): Promise<void>;
}

/** Starts them on loopback. */
export async function startQueues(): Promise<TestQueues> {
  const app = buildApp({ logger: false, defaultRegion: TEST_REGION });
  const endpoint = await app.listen({ port: 0, host: '127.0.0.1' });
  const sqs = new SQSClient({ endpoint, region: TEST_REGION, credentials: TEST_CREDENTIALS });
  const create = async (name: QueueName): Promise<string> => {
    const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
    return new URL(new URL(QueueUrl).pathname, endpoint).href;
  };
  const urls = { tickets: await create('tickets'), mail: await create('mail'), payments: await create('payments') };

  const receive = async (queue: QueueName): Promise<readonly Message[]> => {
    const answer = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: urls[queue], MaxNumberOfMessages: 10, VisibilityTimeout: 30 }),
    );
    return answer.Messages ?? [];
  };
  const done = async (queue: QueueName, messages: readonly Message[]): Promise<void> => {
    for (const { ReceiptHandle } of messages)
      await sqs.send(new DeleteMessageCommand({ QueueUrl: urls[queue], ReceiptHandle }));
  };
  return {
    sqs,
    urls,
    receive,
    done,
    drain: async (queue) => {
      const found: Envelope[] = [];
      for (let batch = await receive(queue); batch.length > 0; batch = await receive(queue)) {
        found.push(...batch.map(({ Body = '' }) => parseEnvelope(Body)));
        await done(queue, batch);
      }
      return found;
    },
    close: async () => {
      sqs.destroy();
      await app.close();
    },
  };
}

/** Messages as Lambda hands them to a function. */
export function sqsEvent(messages: readonly Message[]): SQSEvent {
  return {
    Records: messages.map(({ MessageId = '', ReceiptHandle = '', Body = '', MD5OfBody = '' }) => ({
      messageId: MessageId,
      receiptHandle: ReceiptHandle,
      body: Body,
      md5OfBody: MD5OfBody,
      messageAttributes: {},
      attributes: {
        ApproximateReceiveCount: '1',
        SentTimestamp: '0',
        SenderId: 'test',
        ApproximateFirstReceiveTimestamp: '0',
      },
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:eu-central-1:000000000000:test',
      awsRegion: TEST_REGION,
    })),
  };
}

export { QUEUES };
