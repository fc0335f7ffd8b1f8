import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Stack } from 'aws-cdk-lib';
import { StateMachineType } from 'aws-cdk-lib/aws-stepfunctions';
import { expect, test } from 'vitest';
import * as z from 'zod/mini';

import { purchaseLedgerEnv } from '../../functions/orders/contract.ts';
import { QUEUES, relayEnv } from '../../functions/outbox/contract.ts';
import { openApp } from '../../lib/app.ts';
import { stubCode } from '../../lib/bundling.ts';
import { declareFunction } from '../../lib/constructs/onsale-function.ts';
import { placeholdersOf, Workflow } from '../../lib/constructs/workflow.ts';
import { ROOT } from '../../lib/root.ts';
import { STAGE_NAMES, stageNamed } from '../../lib/stages.ts';
import { synthesised, textOf, type Resource } from './synthesised.ts';

const prod = synthesised('prod');
const queues = prod.resources('AWS::SQS::Queue');
const workQueues = queues.filter(({ properties }) => 'RedrivePolicy' in properties);
const mappings = prod.resources('AWS::Lambda::EventSourceMapping');

function refersTo(value: unknown, { logicalId }: Resource): boolean {
  return textOf(value).includes(`"${logicalId}"`);
}

test('there are the queues that the relay knows, and at most six', () => {
  expect(workQueues).toHaveLength(QUEUES.length);
  expect(workQueues.length).toBeLessThanOrEqual(6);
  const relay = prod
    .resources('AWS::Lambda::Function')
    .find(({ properties }) => textOf(properties).includes('TICKETS_QUEUE_URL'));
  const variables = z.parse(
    z.object({ Environment: z.object({ Variables: z.record(z.string(), z.unknown()) }) }),
    relay?.properties,
  );
  expect(Object.keys(variables.Environment.Variables).toSorted()).toEqual(Object.keys(relayEnv.shape).toSorted());
});

test('each queue has a dead-letter queue of its own, which keeps messages for 14 days', () => {
  const targets = workQueues.map(({ properties }) =>
    queues.filter((queue) => refersTo(properties['RedrivePolicy'], queue)),
  );
  for (const target of targets) expect(target).toHaveLength(1);
  expect(new Set(targets.flat().map(({ logicalId }) => logicalId)).size).toBe(workQueues.length);
  for (const [dead] of targets) expect(dead?.properties['MessageRetentionPeriod']).toBe(14 * 86_400);
  expect(queues).toHaveLength(2 * workQueues.length);
});

test('each queue is emptied by one function, message by message, and hidden for six times its timeout', () => {
  for (const queue of workQueues) {
    const feeds = mappings.filter(({ properties }) => refersTo(properties['EventSourceArn'], queue));
    expect(feeds, queue.logicalId).toHaveLength(1);
    expect(feeds[0]?.properties['FunctionResponseTypes']).toEqual(['ReportBatchItemFailures']);
    const consumer = prod
      .resources('AWS::Lambda::Function')
      .find((fn) => refersTo(feeds[0]?.properties['FunctionName'], fn));
    expect(Number(queue.properties['VisibilityTimeout'])).toBeGreaterThanOrEqual(
      6 * Number(consumer?.properties['Timeout']),
    );
  }
});

test('each queue and each dead-letter queue has an alarm', () => {
  const alarms = prod.resources('AWS::CloudWatch::Alarm');
  for (const queue of queues) {
    const metric = workQueues.includes(queue) ? 'ApproximateAgeOfOldestMessage' : 'ApproximateNumberOfMessagesVisible';
    const watching = alarms.filter(
      ({ properties }) => properties['MetricName'] === metric && refersTo(properties['Dimensions'], queue),
    );
    expect(watching, queue.logicalId).toHaveLength(1);
  }
});

test.each(STAGE_NAMES)('stage %s has an alarm on each dead-letter queue', (name) => {
  const { resources } = synthesised(name);
  const dead = resources('AWS::SQS::Queue').filter(({ properties }) => !('RedrivePolicy' in properties));
  expect(dead).toHaveLength(QUEUES.length);
  for (const queue of dead) {
    const watching = resources('AWS::CloudWatch::Alarm').filter(
      ({ properties }) =>
        properties['MetricName'] === 'ApproximateNumberOfMessagesVisible' && refersTo(properties['Dimensions'], queue),
    );
    expect(watching, queue.logicalId).toHaveLength(1);
  }
});

const streamReader = (handler: string): (typeof mappings)[number]['properties'] | undefined =>
  mappings.find(
    ({ properties }) =>
      textOf(properties['EventSourceArn']).includes('StreamArn') &&
      textOf(properties['FunctionName']).includes(handler),
  )?.properties;

test('the stream is read twice at most, as DynamoDB lets', () => {
  const readers = mappings.filter(({ properties }) => textOf(properties['EventSourceArn']).includes('StreamArn'));
  expect(readers).toHaveLength(2);
});

test('the relay reads changes that carry an event, and gives nothing up silently', () => {
  const relay = streamReader('OutboxRelay');
  expect(relay).toMatchObject({
    BatchSize: 100,
    BisectBatchOnFunctionError: true,
    MaximumRetryAttempts: 5,
    ParallelizationFactor: 1,
    StartingPosition: 'TRIM_HORIZON',
    FunctionResponseTypes: ['ReportBatchItemFailures'],
    FilterCriteria: { Filters: [{ Pattern: '{"dynamodb":{"NewImage":{"ev":{"S":[{"exists":true}]}}}}' }] },
  });
  expect(textOf(relay?.['DestinationConfig'])).toContain('FailedRecords');
});

test('prices are computed from the sales of types that have rules, pools are counted when their blocks change', () => {
  expect(streamReader('PricingReprice')).toMatchObject({
    MaximumBatchingWindowInSeconds: 1,
    BisectBatchOnFunctionError: true,
    FilterCriteria: {
      Filters: [
        {
          Pattern: JSON.stringify({
            dynamodb: {
              NewImage: {
                dynamic: { BOOL: [true] },
                ev: {
                  S: [
                    'reservations.TicketsHeld.v1',
                    'orders.OrderExpired.v1',
                    'orders.OrderFailed.v1',
                    'orders.OrderCancelled.v1',
                  ],
                },
              },
            },
          }),
        },
        { Pattern: '{"dynamodb":{"Keys":{"sk":{"S":["BLOCK"]}}}}' },
      ],
    },
  });
});

test('jobs run on time, know which time, and are not repeated', () => {
  const schedules = prod.resources('AWS::Scheduler::Schedule');
  const rates = schedules.map(({ properties }) => String(properties['ScheduleExpression'])).toSorted();
  expect(rates).toEqual([
    'rate(1 hour)',
    'rate(1 minute)',
    'rate(1 minute)',
    'rate(15 minutes)',
    'rate(15 minutes)',
    'rate(15 minutes)',
  ]);
  for (const { logicalId, properties } of schedules) {
    expect(properties, logicalId).toMatchObject({
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: { Input: '{"time":"<aws.scheduler.scheduled-time>"}', RetryPolicy: { MaximumEventAgeInSeconds: 60 } },
    });
  }
  const isJob = ({ properties }: { readonly properties: unknown }): boolean =>
    !/Pictures|NotificationsFeedback/.test(textOf(properties));
  const invocations = prod.resources('AWS::Lambda::EventInvokeConfig').filter(isJob);
  expect(invocations).toHaveLength(schedules.length);
  for (const { logicalId, properties } of invocations) {
    expect(properties, logicalId).toMatchObject({ MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 });
  }
});

test('uploaded pictures are looked at by a function that EventBridge invokes, and failures are kept', () => {
  const [rule, ...others] = prod
    .resources('AWS::Events::Rule')
    .filter(({ logicalId }) => logicalId.startsWith('Pictures'));
  expect(others).toEqual([]);
  expect(rule?.properties).toMatchObject({
    EventPattern: { source: ['aws.s3'], detail: { object: { key: [{ prefix: 'uploads/' }] } } },
  });
  expect(textOf(rule?.properties['Targets'])).toContain('PicturesMake');
  const kept = prod
    .resources('AWS::Lambda::EventInvokeConfig')
    .filter(({ logicalId }) => logicalId.startsWith('Pictures'));
  expect(kept.map(({ properties }) => textOf(properties['DestinationConfig']))).toEqual([
    expect.stringContaining('FailedRecords'),
  ]);
});

test('what becomes of mails is taken without a queue, and no address leaves the event (I19)', () => {
  const [destination, ...more] = prod.resources('AWS::SES::ConfigurationSetEventDestination');
  expect(more).toEqual([]);
  expect(destination?.properties['EventDestination']).toMatchObject({
    Enabled: true,
    MatchingEventTypes: ['delivery', 'bounce', 'complaint', 'reject'],
  });
  expect(textOf(destination?.properties)).toContain(':event-bus/default');
  const rules = prod
    .resources('AWS::Events::Rule')
    .filter(({ logicalId }) => logicalId.startsWith('NotificationsMail'));
  const targets = z.array(
    z.object({
      InputTransformer: z.object({ InputPathsMap: z.record(z.string(), z.string()), InputTemplate: z.string() }),
    }),
  );
  const made = rules.flatMap(({ properties }) => targets.parse(properties['Targets']));
  expect(made.map(({ InputTransformer }) => Object.values(InputTransformer.InputPathsMap).toSorted())).toEqual(
    expect.arrayContaining(
      ['$.detail.eventType', '$.detail.bounce.bounceType'].map((told) =>
        [told, '$.detail.mail.tags.about', '$.detail.mail.tags.cause', '$.detail.mail.tags.to', '$.time'].toSorted(),
      ),
    ),
  );
  const kept = prod
    .resources('AWS::Lambda::EventInvokeConfig')
    .filter(({ logicalId }) => logicalId.startsWith('NotificationsFeedback'));
  expect(kept.map(({ properties }) => textOf(properties['DestinationConfig']))).toEqual([
    expect.stringContaining('FailedRecords'),
  ]);
});

/** The state machine whose id begins so. */
function machineOf(name: string): ReturnType<typeof prod.resources>[number] | undefined {
  return prod.resources('AWS::StepFunctions::StateMachine').find(({ logicalId }) => logicalId.startsWith(name));
}

test('cancellations are a Standard workflow, free at rest, that logs failures without their data', () => {
  const machine = machineOf('CatalogCancellation');
  expect(machine?.properties).toMatchObject({
    StateMachineType: 'STANDARD',
    LoggingConfiguration: { Level: 'ERROR', IncludeExecutionData: false },
  });
  const file = readFileSync(join(ROOT, 'statemachines', 'cancel-event.asl.json'), 'utf8');
  expect(JSON.parse(String(machine?.properties['DefinitionString']))).toEqual(JSON.parse(file));
});

test('the purchase is an Express workflow that logs failures without their data and may call its steps only', () => {
  const machine = machineOf('PaymentsPurchase');
  expect(machine?.properties).toMatchObject({
    StateMachineType: 'EXPRESS',
    LoggingConfiguration: { Level: 'ERROR', IncludeExecutionData: false },
  });
  const file = readFileSync(join(ROOT, 'statemachines', 'purchase.asl.json'), 'utf8');
  const substitutions = z.parse(
    z.object({ DefinitionSubstitutions: z.record(z.string(), z.unknown()) }),
    machine?.properties,
  );
  expect(Object.keys(substitutions.DefinitionSubstitutions).toSorted()).toEqual(placeholdersOf(file));
  expect(JSON.parse(String(machine?.properties['DefinitionString']))).toEqual(JSON.parse(file));
  const invoked = prod
    .policies()
    .filter(({ logicalId }) => logicalId.startsWith('PaymentsPurchaseRole'))
    .flatMap(({ properties }) => prod.resources('AWS::Lambda::Function').filter((fn) => refersTo(properties, fn)));
  expect(invoked.map(({ properties }) => properties['Description'])).toEqual([
    'Steps of a purchase: order and stock',
    'Steps of a purchase: the payment',
  ]);
});

test('a workflow whose placeholders are not those that are given is not made', () => {
  const scope = new Stack(openApp(), 'Scope');
  const step = declareFunction(
    scope,
    'Step',
    { stage: stageNamed('local'), codeOf: stubCode },
    {
      entry: 'x',
      description: 'x',
      schema: purchaseLedgerEnv,
      environment: { TABLE_NAME: 'x' },
      timeoutSeconds: 1,
      memoryMiB: 128,
    },
  );
  const make = (id: string, functions: Record<string, typeof step>) => (): Workflow =>
    new Workflow(scope, id, { type: StateMachineType.EXPRESS, file: 'purchase.asl.json', functions });
  expect(make('TooFew', { PurchaseLedger: step })).toThrow(
    /names PurchaseLedger, PurchasePayments.*gives PurchaseLedger$/,
  );
  expect(make('TooMany', { PurchaseLedger: step, PurchasePayments: step, Else: step })).toThrow(/gives Else/);
});

test('stages differ in numbers, names and domains, never in what there is to fail', () => {
  const counts = (name: (typeof STAGE_NAMES)[number]): Record<string, number> => {
    const types = synthesised(name)
      .resources()
      .map(({ type }) => type);
    const same = types.filter((type) =>
      /^AWS::(Lambda|SQS::Queue$|DynamoDB|Scheduler|StepFunctions|ApiGatewayV2::(Route|Integration))/.test(type),
    );
    return Object.fromEntries(
      [...new Set(same)].toSorted().map((type) => [type, same.filter((other) => other === type).length]),
    );
  };
  expect(counts('dev')).toEqual(counts('prod'));
  expect(counts('local')).toEqual(counts('prod'));
});
