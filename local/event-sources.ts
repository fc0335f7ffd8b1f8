import { join } from 'node:path';
import type { Model } from './cloudformation/model.ts';
import { EventSourceMapping } from './cloudformation/schemas.ts';
import { Checkpoints } from './events/checkpoints.ts';
import { parsePatterns } from './events/filters.ts';
import type { Mapping, Poller } from './events/mapping.ts';
import { pollQueue } from './events/sqs-poller.ts';
import { type GivenUp, pollStream, type StreamSource } from './events/stream-poller.ts';
import type { StreamRecord } from './events/stream-reader.ts';
import { StartFailure } from './failure.ts';
import { allows } from './iam/match.ts';
import type { RolePolicies, UseRecorder } from './iam/policies.ts';
import type { Functions } from './lambda/functions.ts';
import type { DynamoDbApi } from './services/dynamodb-api.ts';
import type { Messaging } from './services/messaging.ts';

/** What event source mappings need. */
export interface EventSourceParts {
  readonly model: Model;
  readonly functions: Functions;
  readonly messaging: Messaging;
  readonly policies: RolePolicies;
  readonly recorder: UseRecorder;
  readonly api: DynamoDbApi;
  /** ARN of each table's stream in DynamoDB Local, by the table's ARN. */
  readonly streams: ReadonlyMap<string, string>;
  readonly directory: string | undefined;
  readonly log: (line: string) => void;
}

/** What AWS asks of the function's role before it makes a mapping. */
const QUEUE_ACTIONS = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];
const STREAM_ACTIONS = ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'];

/** Starts a poller for each enabled event source mapping of the templates. */
export function startPollers(parts: EventSourceParts): Poller[] {
  const { model, functions, messaging, log } = parts;
  return model
    .of('AWS::Lambda::EventSourceMapping', EventSourceMapping)
    .filter(({ properties }) => properties.Enabled)
    .map((declared) => {
      const { EventSourceArn, FilterCriteria, FunctionName } = declared.properties;
      const patterns = parsePatterns(
        (FilterCriteria?.Filters ?? []).map(({ Pattern }) => Pattern),
        declared.where,
      );
      const mapping = { declared, patterns, pool: functions.require(FunctionName, declared.where) };
      requirePermissions(parts, mapping);
      return EventSourceArn.startsWith('arn:aws:sqs:')
        ? pollQueue(mapping, messaging, log)
        : pollStream(mapping, streamSource(parts, mapping));
    });
}

/** The names of the queues that functions read. */
export function consumedQueues(model: Model): Set<string> {
  return new Set(
    model
      .of('AWS::Lambda::EventSourceMapping', EventSourceMapping)
      .filter(({ properties }) => properties.EventSourceArn.startsWith('arn:aws:sqs:'))
      .map(({ properties }) => properties.EventSourceArn.split(':').at(-1) ?? ''),
  );
}

function streamSource(
  { streams, api, directory, log, messaging }: EventSourceParts,
  { declared }: Mapping,
): StreamSource {
  const { EventSourceArn } = declared.properties;
  const streamArn = streams.get(EventSourceArn.replace(/\/stream\/.*$/, ''));
  if (streamArn === undefined) {
    throw new StartFailure(`${declared.where}: the local runtime does not know the event source ${EventSourceArn}.`);
  }
  const file =
    directory === undefined
      ? undefined
      : join(directory, 'checkpoints', `${declared.stack}.${declared.logicalId}.json`);
  return { api, streamArn, log, checkpoints: new Checkpoints(file), giveUp: giveUpTo(messaging) };
}

/** Lambda's on-failure destinations: a queue gets the description, a bucket the records as well. */
function giveUpTo(messaging: Messaging): StreamSource['giveUp'] {
  return async (destination: string, description: GivenUp, records: readonly StreamRecord[]) => {
    if (destination.startsWith('arn:aws:sqs:')) return messaging.send(destination, JSON.stringify(description));
    const { shardId } = description.DDBStreamBatchInfo;
    const [date = '', time = ''] = description.timestamp.split('T');
    const stamp = `${date}T${time.slice(0, 8).replaceAll(':', '.')}`;
    const { requestId } = { requestId: '', ...description.requestContext };
    const key = `aws/lambda/${shardId}/${date.replaceAll('-', '/')}/${stamp}-${requestId}`;
    const payload = JSON.stringify({ ...description, payload: JSON.stringify({ Records: records }) });
    return messaging.putObject(destination.split(':').at(-1) ?? '', key, payload);
  };
}

/** Lambda itself acts with the function's role: it is refused at the start, and recorded, like the function's own use. */
function requirePermissions({ functions, policies, recorder }: EventSourceParts, { declared, pool }: Mapping): void {
  const { EventSourceArn, DestinationConfig } = declared.properties;
  const isQueue = EventSourceArn.startsWith('arn:aws:sqs:');
  const statements = policies.of(functions.roleOf(pool.name));
  const needed = (isQueue ? QUEUE_ACTIONS : STREAM_ACTIONS).map((action) => ({ action, resource: EventSourceArn }));
  const destination = DestinationConfig?.OnFailure?.Destination;
  if (destination?.startsWith('arn:aws:sqs:') === true)
    needed.push({ action: 'sqs:SendMessage', resource: destination });
  if (destination?.startsWith('arn:aws:s3:') === true)
    needed.push({ action: 's3:PutObject', resource: `${destination}/aws/lambda/x` });
  for (const use of needed) recorder.note({ principal: pool.name, allowed: allows(statements, use), ...use });
  const missing = needed.find((use) => !allows(statements, use));
  if (missing !== undefined) {
    throw new StartFailure(
      `${declared.where}: the role of ${pool.name} is not allowed ${missing.action} on ${missing.resource}, which AWS asks for.`,
    );
  }
}
