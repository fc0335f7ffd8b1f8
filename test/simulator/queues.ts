import type { SQSClient } from '@aws-sdk/client-sqs';

import { QUEUES, type QueueName } from '../../functions/outbox/contract.ts';
import { MINUTE, SECOND } from '../../functions/shared/kernel/clock.ts';
import { parseEnvelope, type Envelope } from '../../functions/shared/runtime/events.ts';
import type { Consumer } from '../../functions/shared/runtime/queue.ts';
import type { Processes } from './processes.ts';
import { sleep, type Scheduler } from './scheduler.ts';

const MESSAGE_WITHIN_MS = 30 * SECOND;
/** A message that was not dealt with comes again after so long, so many times at most. */
const VISIBLE_AGAIN_MS = MINUTE;
const MOST_RECEIVES = 10;

/** What queues need of the system around them. */
export interface Around {
  readonly consumers: Readonly<Record<QueueName, readonly Consumer[]>>;
  /** Whether a message comes twice this time. */
  readonly comesTwice: () => boolean;
  /** Something happens. */
  readonly active: () => void;
}

/** The queues of a history: at least once, in any order, a few times at most. */
export class Queues {
  /** Messages that nobody could deal with, by what they tell. */
  readonly dead: string[] = [];
  readonly #scheduler: Scheduler;
  readonly #processes: Processes;
  readonly #around: Around;

  constructor(scheduler: Scheduler, processes: Processes, around: Around) {
    this.#scheduler = scheduler;
    this.#processes = processes;
    this.#around = around;
  }

  /** What the system under test sends with. */
  client(): SQSClient {
    const send = async ({ input }: { readonly input: { QueueUrl?: string; Entries?: { MessageBody?: string }[] } }) => {
      const queue = QUEUES.find((name) => name === input.QueueUrl);
      if (queue === undefined) throw new Error(`There is no queue ${input.QueueUrl}`);
      const entries = input.Entries ?? [];
      await this.send(
        queue,
        entries.map(({ MessageBody = '' }) => MessageBody),
      );
      return { Successful: entries, Failed: [] };
    };
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the code under test only ever sends batches
    return { send } as unknown as SQSClient;
  }

  /** Sends messages, unless something befalls the sender. */
  send(queue: QueueName, bodies: readonly string[]): Promise<void> {
    return this.#scheduler.call({
      label: `sends to ${queue}`,
      kinds: ['CRASH_BEFORE', 'CRASH_AFTER', 'LOST', 'TIMEOUT'],
      effect: async () => {
        for (const body of bodies) this.#enqueue(queue, body);
      },
      failure: () => Object.assign(new Error('socket hang up'), { name: 'TimeoutError' }),
    });
  }

  #enqueue(queue: QueueName, body: string): void {
    const envelope = parseEnvelope(body);
    const consumer = this.#around.consumers[queue].find(({ name }) => name === envelope.name);
    if (consumer === undefined) return;
    void this.#deliver(queue, envelope, consumer);
    if (this.#around.comesTwice()) void this.#deliver(queue, envelope, consumer);
  }

  async #deliver(queue: QueueName, envelope: Envelope, consumer: Consumer): Promise<void> {
    const name = `${queue}: ${envelope.name}`;
    await this.#processes.count(async () => {
      for (let receives = 1; receives <= MOST_RECEIVES; receives += 1) {
        this.#around.active();
        try {
          await this.#processes.run(name, MESSAGE_WITHIN_MS, () => consumer.consume(envelope));
          return;
        } catch {
          await sleep(VISIBLE_AGAIN_MS);
        }
      }
      this.dead.push(name);
    });
  }
}
