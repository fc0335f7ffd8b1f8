import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { buildApp } from 'fauxqs';
import * as z from 'zod';
import type { Model } from '../cloudformation/model.ts';
import { ACCOUNT } from '../cloudformation/names.ts';
import { Bucket, Queue, Subscription, Topic } from '../cloudformation/schemas.ts';
import { StartFailure } from '../failure.ts';
import { HOST, type PortChoice, portOf, reservePort } from '../ports.ts';

/** A message as an event source mapping receives it. */
export interface ReceivedMessage {
  readonly MessageId: string;
  readonly ReceiptHandle: string;
  readonly Body: string;
  readonly MD5OfBody: string;
  readonly Attributes?: Readonly<Record<string, string>> | undefined;
  readonly MessageAttributes?: Readonly<Record<string, MessageAttribute>> | undefined;
}

const MessageAttribute = z.object({
  DataType: z.string(),
  StringValue: z.string().optional(),
  BinaryValue: z.string().optional(),
});
type MessageAttribute = z.output<typeof MessageAttribute>;

const Received = z.object({
  Messages: z
    .array(
      z.object({
        MessageId: z.string(),
        ReceiptHandle: z.string(),
        Body: z.string(),
        MD5OfBody: z.string(),
        Attributes: z.record(z.string(), z.string()).optional(),
        MessageAttributes: z.record(z.string(), MessageAttribute).optional(),
      }),
    )
    .default([]),
});

/** How many messages a queue holds, by state. */
export interface QueueCounts {
  readonly name: string;
  readonly ready: number;
  readonly inFlight: number;
  readonly delayed: number;
}

/** The parts of fauxqs that its package does not export; the version is pinned. */
interface FauxQueue {
  url: string;
  readonly name: string;
  setAttributes(attributes: Record<string, string>): void;
  getAttribute(name: string): string | undefined;
  changeVisibility(receiptHandle: string, seconds: number): void;
  readonly inflightMessages: ReadonlyMap<string, unknown>;
  persistence?: unknown;
}
interface FauxPersistence {
  readonly db: { exec(sql: string): void; prepare(sql: string): { run(...values: string[]): unknown } };
  updateMessageReady(messageId: string): void;
  load(sqs: unknown, sns: unknown, s3: unknown): void;
  close(): void;
}
interface FauxInternals {
  readonly PersistenceManager: new (dir: string) => FauxPersistence;
}
type Stores = NonNullable<NonNullable<Parameters<typeof buildApp>[0]>['stores']>;

/** A message as it was sent. */
export interface SentMessage {
  readonly queue: string;
  readonly body: string;
}

/** Tests look for what must not be in them; more than this many go unseen. */
const MOST_SENT_KEPT = 5_000;

const SendBody = z.object({
  QueueUrl: z.string(),
  MessageBody: z.string().optional(),
  Entries: z.array(z.object({ MessageBody: z.string() })).optional(),
});

/** The messages in a request of SQS's JSON protocol; none in any other request. */
function sentBy(target: string, body: unknown): SentMessage[] {
  if (!/^AmazonSQS\.SendMessage(?:Batch)?$/.test(target)) return [];
  const read = SendBody.safeParse(body);
  if (!read.success) return [];
  const { QueueUrl: url, MessageBody: one, Entries: several = [] } = read.data;
  const bodies = [...(one === undefined ? [] : [one]), ...several.map((entry) => entry.MessageBody)];
  return bodies.map((text) => ({ queue: url.split('/').at(-1) ?? '', body: text }));
}

/** SQS, SNS and S3 by fauxqs, in this process and on loopback only (its own start listens everywhere). */
export class Messaging {
  readonly url: string;
  readonly port: number;
  readonly #app: ReturnType<typeof buildApp>;
  readonly #stores: Stores;
  readonly region: string;

  /** What was sent to queues lately, oldest first, whatever has become of it since. */
  readonly sent: readonly SentMessage[];

  private constructor(app: ReturnType<typeof buildApp>, stores: Stores, region: string, sent: readonly SentMessage[]) {
    this.sent = sent;
    this.#app = app;
    this.#stores = stores;
    this.region = region;
    this.port = portOf(app.server);
    this.url = `http://${HOST}:${this.port}`;
  }

  /** Starts it; with a directory, queues, messages and objects survive a restart. */
  static async start(options: { dir: string | undefined; port: PortChoice; region: string }): Promise<Messaging> {
    const port = await reservePort(options.port);
    const stores: Stores = {
      sqsStore: new (await internal<{ SqsStore: new () => Stores['sqsStore'] }>('sqs/sqsStore.js')).SqsStore(),
      snsStore: new (await internal<{ SnsStore: new () => Stores['snsStore'] }>('sns/snsStore.js')).SnsStore(),
      s3Store: new (await internal<{ S3Store: new () => Stores['s3Store'] }>('s3/s3Store.js')).S3Store(),
    };
    const persistence = options.dir === undefined ? undefined : await persist(options.dir, stores);
    const app = buildApp({ logger: false, defaultRegion: options.region, stores });
    const sent: SentMessage[] = [];
    app.addHook('preHandler', (request, _reply, done) => {
      sent.push(...sentBy(String(request.headers['x-amz-target'] ?? ''), request.body));
      sent.splice(0, sent.length - MOST_SENT_KEPT);
      done();
    });
    if (persistence !== undefined) app.addHook('onClose', () => persistence.close());
    await app.listen({ port, host: HOST });
    return new Messaging(app, stores, options.region, sent);
  }

  /** Creates or updates the queues, topics, subscriptions and buckets of the templates. */
  async create(model: Model): Promise<void> {
    for (const { name, properties } of model.of('AWS::SQS::Queue', Queue)) this.#createQueue(name, properties);
    for (const { name } of model.of('AWS::SNS::Topic', Topic)) {
      this.#stores.snsStore.createTopic(name, undefined, undefined, this.region);
    }
    for (const { where, properties } of model.of('AWS::SNS::Subscription', Subscription)) {
      if (properties.Protocol !== 'sqs') {
        throw new StartFailure(
          `${where}: the local runtime does not know subscriptions of protocol ${properties.Protocol}.`,
        );
      }
      const attributes = {
        ...(properties.RawMessageDelivery === true ? { RawMessageDelivery: 'true' } : {}),
        ...(properties.FilterPolicy === undefined ? {} : { FilterPolicy: JSON.stringify(properties.FilterPolicy) }),
        ...(properties.FilterPolicyScope === undefined ? {} : { FilterPolicyScope: properties.FilterPolicyScope }),
      };
      this.#stores.snsStore.subscribe(properties.TopicArn, 'sqs', properties.Endpoint, attributes);
    }
    for (const { name, properties } of model.of('AWS::S3::Bucket', Bucket)) {
      this.#stores.s3Store.createBucket(name);
      for (const { Queue: queue } of properties.NotificationConfiguration?.QueueConfigurations ?? [])
        this.onPut(name, (object) => {
          this.#notify(name, queue, object);
        });
    }
    await this.#app.ready();
  }

  /** Long-polls a queue: waits up to `waitSeconds` for the first of at most ten messages. */
  async receive(queueArn: string, most: number, waitSeconds: number): Promise<ReceivedMessage[]> {
    const answer = await this.#sqs('ReceiveMessage', {
      QueueUrl: this.#url(queueArn),
      MaxNumberOfMessages: Math.min(most, 10),
      WaitTimeSeconds: waitSeconds,
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
    });
    return Received.parse(answer).Messages;
  }

  /** Deletes received messages. */
  async remove(queueArn: string, messages: readonly ReceivedMessage[]): Promise<void> {
    for (const { ReceiptHandle } of messages) {
      await this.#sqs('DeleteMessage', { QueueUrl: this.#url(queueArn), ReceiptHandle });
    }
  }

  /** Sends a message. */
  async send(queueArn: string, body: string, messageGroupId?: string): Promise<void> {
    const group = messageGroupId === undefined ? {} : { MessageGroupId: messageGroupId };
    await this.#sqs('SendMessage', { QueueUrl: this.#url(queueArn), MessageBody: body, ...group });
  }

  /** Delivers what became of an asynchronous invocation to its destination: a queue or a bucket. */
  async deliver(destination: string, record: string): Promise<void> {
    if (destination.startsWith('arn:aws:sqs:')) return this.send(destination, record);
    const time = new Date().toISOString();
    const key = `aws/lambda/async/${time.slice(0, 10).replaceAll('-', '/')}/${time}-${randomUUID()}`;
    return this.putObject(destination.split(':').at(-1) ?? '', key, record);
  }

  /** Hands a request of SNS's query protocol on. */
  async sns(headers: IncomingHttpHeaders, body: string): Promise<{ readonly status: number; readonly body: string }> {
    const { authorization = '', 'content-type': type = '' } = headers;
    const answer = await this.#app.inject({
      method: 'POST',
      url: '/',
      headers: { authorization, 'content-type': type, host: `${HOST}:${this.port}` },
      payload: body,
    });
    return { status: answer.statusCode, body: answer.body };
  }

  /** Stores an object. */
  async putObject(bucket: string, key: string, body: string): Promise<void> {
    const answer = await this.#app.inject({
      method: 'PUT',
      url: `/${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`,
      headers: { 'content-type': 'application/json', host: `${HOST}:${this.port}` },
      payload: body,
    });
    if (answer.statusCode >= 300) throw new Error(`S3 refused ${bucket}/${key}: ${answer.body}`);
  }

  /** Hands on each object that is put into a bucket; fauxqs has no notices of its own. */
  onPut(bucket: string, told: (object: { readonly key: string; readonly size: number }) => void): void {
    const store = this.#stores.s3Store;
    const put = store.putObject.bind(store);
    store.putObject = (...args: Parameters<typeof put>) => {
      const object = put(...args);
      const [into, key, body] = args;
      if (into === bucket) told({ key, size: body.length });
      return object;
    };
  }

  /** Tells a queue of an object, in the words of S3's own notices. */
  #notify(bucket: string, queueArn: string, { key, size }: { readonly key: string; readonly size: number }): void {
    const s3 = {
      bucket: { name: bucket, arn: `arn:aws:s3:::${bucket}` },
      object: { key: encodeURIComponent(key).replaceAll('%2F', '/'), size },
    };
    const notice = { eventSource: 'aws:s3', eventName: 'ObjectCreated:Put', awsRegion: this.region, s3 };
    void this.send(queueArn, JSON.stringify({ Records: [notice] }));
  }

  /** The counts of every queue. */
  counts(): QueueCounts[] {
    return [...this.#queues()].map((queue) => ({
      name: queue.name,
      ready: Number(queue.getAttribute('ApproximateNumberOfMessages')),
      inFlight: Number(queue.getAttribute('ApproximateNumberOfMessagesNotVisible')),
      delayed: Number(queue.getAttribute('ApproximateNumberOfMessagesDelayed')),
    }));
  }

  /** The bodies of the messages in a queue, whatever their state; undefined when there is no such queue. */
  bodies(name: string): string[] | undefined {
    const inspected = this.#stores.sqsStore.inspectQueue(name);
    if (inspected === undefined) return undefined;
    const { ready, delayed, inflight } = inspected.messages;
    return [...ready, ...delayed, ...inflight.map(({ message }) => message)].map(({ body }) => body);
  }

  /** Makes the messages in flight visible at once, as if their visibility timeout had passed. */
  release(name: string): number {
    const queue = [...this.#queues()].find((each) => each.name === name);
    const handles = [...(queue?.inflightMessages.keys() ?? [])];
    for (const handle of handles) queue?.changeVisibility(handle, 0);
    return handles.length;
  }

  /** Wakes every long poll and stops. */
  async close(): Promise<void> {
    this.#app.server.closeAllConnections();
    await this.#app.close();
  }

  #queues(): Iterable<FauxQueue> {
    return this.#stores.sqsStore.allQueues();
  }

  #url(queueArn: string): string {
    return `${this.url}/${ACCOUNT}/${queueArn.split(':').at(-1) ?? ''}`;
  }

  #createQueue(name: string, properties: z.output<typeof Queue>): void {
    const { RedrivePolicy } = properties;
    const attributes: Record<string, string> = {
      ...numbers(properties),
      ...(RedrivePolicy === undefined ? {} : { RedrivePolicy: JSON.stringify(RedrivePolicy) }),
      ...(properties.FifoQueue === true ? { FifoQueue: 'true' } : {}),
      ...(properties.ContentBasedDeduplication === true ? { ContentBasedDeduplication: 'true' } : {}),
    };
    const url = `${this.url}/${ACCOUNT}/${name}`;
    const existing: FauxQueue | undefined = this.#stores.sqsStore.getQueueByName(name);
    if (existing === undefined) {
      this.#stores.sqsStore.createQueue(name, url, `arn:aws:sqs:${this.region}:${ACCOUNT}:${name}`, attributes);
    } else {
      existing.url = url;
      existing.setAttributes(attributes);
    }
  }

  async #sqs(action: string, body: object): Promise<unknown> {
    const answer = await this.#app.inject({
      method: 'POST',
      url: '/',
      headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${action}` },
      payload: JSON.stringify(body),
    });
    if (answer.statusCode !== 200) throw new Error(`SQS ${action}: ${answer.body}`);
    return JSON.parse(answer.body);
  }
}

const NUMERIC = [
  'VisibilityTimeout',
  'MessageRetentionPeriod',
  'DelaySeconds',
  'MaximumMessageSize',
  'ReceiveMessageWaitTimeSeconds',
] as const;

function numbers(properties: z.output<typeof Queue>): Record<string, string> {
  return Object.fromEntries(
    NUMERIC.flatMap((name) => (properties[name] === undefined ? [] : [[name, String(properties[name])]])),
  );
}

/** Loads a module of fauxqs that its `exports` hide: the boundary of this file's knowledge of it. */
async function internal<Module>(path: string): Promise<Module> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- fauxqs gives these no types
  return (await import(new URL(path, import.meta.resolve('fauxqs')).href)) as Module;
}

/** Loads what an earlier run left, then records every change (as fauxqs's own `startFauxqs` does). */
async function persist(dir: string, stores: Stores): Promise<FauxPersistence> {
  mkdirSync(dir, { recursive: true });
  const { PersistenceManager } = await internal<FauxInternals>('persistence.js');
  const persistence = new PersistenceManager(dir);
  // A killed process loses nothing without a sync per message; only a power cut could.
  persistence.db.exec('PRAGMA synchronous = NORMAL');
  // Its own version writes NULL over the receive count, which the table refuses, and so loses the message.
  const ready = persistence.db.prepare(
    'UPDATE sqs_messages SET receipt_handle = NULL, visibility_deadline = NULL WHERE message_id = ?',
  );
  persistence.updateMessageReady = (messageId) => void ready.run(messageId);
  persistence.load(stores.sqsStore, stores.snsStore, stores.s3Store);
  for (const queue of stores.sqsStore.allQueues()) Object.assign(queue, { persistence });
  for (const store of Object.values(stores)) Object.assign(store, { persistence });
  return persistence;
}
