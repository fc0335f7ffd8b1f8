import { CfnOutput, Duration } from 'aws-cdk-lib';
import { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

import { acknowledge } from './acknowledge.ts';
import type { Alarms } from './alarms.ts';
import type { OnsaleFunction } from './onsale-function.ts';

/** AWS asks for at least six times the function's timeout, so that retries of throttled batches fit. */
const VISIBILITY_PER_TIMEOUT = 6;
/** Tries of a message before it is laid aside. */
const TRIES = 5;

export interface WorkQueueProps {
  readonly alarms: Alarms;
  /** What the messages ask for, for alarm texts: `tickets`. */
  readonly work: string;
  /** Timeout of the function behind it, whole seconds. */
  readonly timeoutSeconds: number;
  /** The oldest message may wait this long before somebody is told; left out where nobody is hurt by waiting. */
  readonly oldestSeconds?: number;
}

/** How a queue is emptied. */
export interface Consumption {
  /** Most messages of one invocation. */
  readonly batchSize: number;
  /** Most invocations at a time (SQS takes no less than 2); without it, as many as Lambda gives. */
  readonly maxConcurrency?: number;
}

/**
 * A queue of work: encrypted, TLS only, with a dead-letter queue for messages that failed often and alarms
 * on both. Messages are reported one by one, so a poison message takes none of its batch along.
 */
export class WorkQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;
  readonly #timeoutSeconds: number;

  constructor(scope: Construct, id: string, { alarms, work, timeoutSeconds, oldestSeconds }: WorkQueueProps) {
    super(scope, id);
    this.#timeoutSeconds = timeoutSeconds;
    this.deadLetters = new Queue(this, 'DeadLetters', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    this.queue = new Queue(this, 'Queue', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(4),
      visibilityTimeout: Duration.seconds(timeoutSeconds * VISIBILITY_PER_TIMEOUT),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: TRIES },
    });
    for (const [name, queue] of [
      ['Url', this.queue],
      ['DeadLettersUrl', this.deadLetters],
    ] as const)
      new CfnOutput(this, `Output${name}`, { value: queue.queueUrl }).overrideLogicalId(`${id}${name}`);
    acknowledge(this.deadLetters, {
      'AwsSolutions-SQS3': 'this is itself the dead-letter queue; an alarm watches its depth',
    });
    if (oldestSeconds !== undefined)
      alarms.add(`${id}Waiting`, {
        runbook: `${work}-wait`,
        says: `The oldest message of the ${work} queue has waited for more than ${oldestSeconds} s.`,
        metric: this.queue.metricApproximateAgeOfOldestMessage({ period: Duration.minutes(1) }),
        threshold: oldestSeconds,
        periods: [2, 2],
      });
    alarms.add(`${id}Dead`, {
      kind: 'dead-letters',
      runbook: `${work}-dead-letters`,
      says: `Messages of the ${work} queue were laid aside after ${TRIES} tries.`,
      metric: this.deadLetters.metricApproximateNumberOfMessagesVisible({ period: Duration.minutes(1) }),
      threshold: 0,
    });
  }

  /** Lets `fn` work off the queue. */
  feed(fn: OnsaleFunction, { batchSize, maxConcurrency }: Consumption): void {
    const timeout = fn.lambda.timeout?.toSeconds();
    if (timeout !== this.#timeoutSeconds)
      throw new Error(`${fn.node.path} times out after ${timeout} s, its queue counts on ${this.#timeoutSeconds} s`);
    fn.allow(
      ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ChangeMessageVisibility'],
      [this.queue.queueArn],
    );
    const mapping = new EventSourceMapping(this, 'Feed', {
      target: fn.lambda,
      eventSourceArn: this.queue.queueArn,
      batchSize,
      reportBatchItemFailures: true,
      ...(maxConcurrency === undefined ? {} : { maxConcurrency }),
    });
    // Lambda checks the role when the mapping is made, so its policy must be there first.
    mapping.node.addDependency(fn.lambda.role ?? fn);
  }

  /** Lets `fn` put messages in, one by one or in batches. */
  allowSend(fn: OnsaleFunction): void {
    fn.allow(['sqs:SendMessage'], [this.queue.queueArn]);
  }
}
