import { CfnOutput, Duration } from 'aws-cdk-lib';
import { EventSourceMapping, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { FilterPattern, MetricFilter } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';

import { relayEnv } from '../../functions/outbox/contract.ts';
import { acknowledge } from '../constructs/acknowledge.ts';
import { FAILED_RECORD_OBJECTS, toBucket } from '../constructs/failures.ts';
import { declareFunction, type OnsaleFunction } from '../constructs/onsale-function.ts';
import { allowTable } from '../constructs/table-access.ts';
import { OUTPUTS } from '../stages.ts';
import { tableVariables, type Platform } from './platform.ts';

/** Changes of aggregates carry an event name; other rows are none of the relay's business, and cost nothing. */
export const RELAYED = { dynamodb: { NewImage: { ev: { S: [{ exists: true }] } } } };

/** Changes to one call of the relay, at most. */
export const STREAM_BATCH = 100;
/** Tries after the first; a batch that fails is halved until the record at fault stands alone. */
const RETRIES = 5;
/** The stream is what buyers wait for, so this much lag is an alarm. */
const LATE_MS = 60_000;

/** The relay from the table's stream to timelines, due-lists and queues: the outbox. */
export class Outbox extends Construct {
  constructor(scope: Construct, platform: Platform) {
    super(scope, 'Outbox');
    const { table, queues, alarms } = platform;
    const relay = declareFunction(this, 'Relay', platform, {
      entry: 'outbox/handlers/stream-relay-events.ts',
      description: "Relays the table's changes to queues, timelines and lists",
      schema: relayEnv,
      environment: {
        ...tableVariables(platform),
        TICKETS_QUEUE_URL: queues.tickets.queue.queueUrl,
        MAIL_QUEUE_URL: queues.mail.queue.queueUrl,
        PAYMENTS_QUEUE_URL: queues.payments.queue.queueUrl,
      },
      timeoutSeconds: 30,
      memoryMiB: 512,
    });
    // Seats that are sold are added to the sets that maps are drawn from.
    allowTable(relay, table, ['BatchWriteItem', 'UpdateItem']);
    for (const queue of Object.values(queues)) queue.allowSend(relay);
    this.#readStream(relay, platform);
    new CfnOutput(this, 'OutputRelay', { value: relay.lambda.functionName }).overrideLogicalId(OUTPUTS.relayFunction);

    alarms.add('RelayLate', {
      runbook: 'relay-is-late',
      says: 'Changes wait for more than 60 s to be relayed.',
      metric: relay.lambda.metric('IteratorAge', { period: Duration.minutes(1), statistic: 'Maximum' }),
      threshold: LATE_MS,
      periods: [2, 2],
    });
    const faults = new MetricFilter(this, 'Faults', {
      logGroup: relay.logGroup,
      filterPattern: FilterPattern.stringValue('$.code', '=', 'OUTBOX_RECORD_FAULT'),
      metricNamespace: 'Onsale',
      metricName: 'relayFaults',
      metricValue: '1',
    });
    alarms.add('RelayFaults', {
      runbook: 'relay-gives-records-up',
      says: `A change could not be relayed; after ${RETRIES} retries it lies in the bucket of failed records.`,
      metric: faults.metric({ period: Duration.minutes(5), statistic: 'Sum' }),
      threshold: RETRIES,
    });
  }

  #readStream(relay: OnsaleFunction, { table, failedRecords }: Platform): void {
    const stream = table.tableStreamArn;
    if (stream === undefined) throw new Error('The table has no stream');
    relay.allow(['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'], [stream]);
    relay.allow(['dynamodb:ListStreams'], ['*']);
    const mapping = new EventSourceMapping(this, 'Stream', {
      target: relay.lambda,
      eventSourceArn: stream,
      startingPosition: StartingPosition.TRIM_HORIZON,
      filters: [{ pattern: JSON.stringify(RELAYED) }],
      batchSize: STREAM_BATCH,
      parallelizationFactor: 1,
      bisectBatchOnError: true,
      retryAttempts: RETRIES,
      reportBatchItemFailures: true,
      onFailure: toBucket(failedRecords, relay),
      supportS3OnFailureDestination: true,
    });
    mapping.node.addDependency(relay.lambda.role ?? relay);
    acknowledge(relay, {
      'AwsSolutions-IAM5[Resource::*]': 'AWS offers no resource for dynamodb:ListStreams',
      [`AwsSolutions-IAM5[Resource::${FAILED_RECORD_OBJECTS}]`]:
        'Lambda chooses the names of the objects that it writes failed records to',
    });
  }
}
