import { Duration } from 'aws-cdk-lib';
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import {
  ComparisonOperator,
  Dashboard,
  GraphWidget,
  MathExpression,
  Metric,
  TreatMissingData,
  type IMetric,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';

import type { OnsaleFunction } from './constructs/onsale-function.ts';
import type { Payments } from './contexts/payments.ts';
import type { Platform } from './contexts/platform.ts';
import type { Reservations } from './contexts/reservations.ts';

/** Of a hundred requests so many may fail on our side: availability is 99.9 %. */
const FAULTS_PERCENT = 0.1;
/** Below this many requests an hour one fault would already be more than that. */
const ENOUGH_REQUESTS = 1_000;
const SLOW_MS = 3_000;
const FAULTS_AT_ONCE = 5;

const FIVE_MINUTES = Duration.minutes(5);
const HOUR = Duration.hours(1);

/** What is watched across contexts, and the page that shows it. */
export interface Operated {
  readonly platform: Platform;
  readonly api: HttpApi;
  readonly payments: Payments;
  readonly reservations: Reservations;
}

/** Adds the alarms on the service as its users meet it: availability, faults, latency, jobs, throttles. */
export function watchService({ platform: { alarms, jobs }, api, reservations }: Operated): void {
  alarms.add('Availability', {
    runbook: 'availability-is-low',
    says: 'More than 0.1 % of the requests of an hour failed on our side.',
    metric: new MathExpression({
      expression: `IF(requests >= ${ENOUGH_REQUESTS}, 100 * FILL(faults, 0) / requests, 0)`,
      usingMetrics: { faults: api.metricServerError(), requests: api.metricCount() },
      label: 'requests that failed, %',
      period: HOUR,
    }),
    threshold: FAULTS_PERCENT,
  });
  alarms.add('Faults', {
    runbook: 'requests-fail',
    says: `At least ${FAULTS_AT_ONCE} requests of 5 minutes were answered with 5xx.`,
    metric: api.metricServerError({ period: FIVE_MINUTES, statistic: 'Sum' }),
    comparison: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    threshold: FAULTS_AT_ONCE,
  });
  alarms.add('Latency', {
    runbook: 'requests-are-slow',
    says: 'The slowest hundredth of requests takes longer than 3 s.',
    metric: api.metricLatency({ period: FIVE_MINUTES, statistic: 'p99' }),
    threshold: SLOW_MS,
    periods: [3, 3],
  });
  alarms.add('JobsFailing', {
    runbook: 'jobs-fail',
    says: 'Runs of scheduled jobs fail.',
    metric: total(
      'failed runs of jobs',
      jobs.watchedTogether.map(({ lambda }) => lambda.metricErrors()),
      FIVE_MINUTES,
    ),
    threshold: 1,
  });
  alarms.add('SweeperStopped', {
    runbook: 'sweeper-stopped',
    says: 'Holds have not been swept for 5 minutes: the schedules do not run.',
    metric: reservations.expireHolds.lambda.metricInvocations({ period: FIVE_MINUTES, statistic: 'Sum' }),
    comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
    threshold: 1,
    missing: TreatMissingData.BREACHING,
  });
  alarms.add('Throttles', {
    runbook: 'functions-are-throttled',
    says: 'Lambda turned invocations of this account and region away.',
    metric: new Metric({ namespace: 'AWS/Lambda', metricName: 'Throttles', statistic: 'Sum', period: FIVE_MINUTES }),
    threshold: 10,
  });
}

/** The page that an operator looks at first; at most 50 metrics, up to which a dashboard costs nothing. */
export function showService(scope: Construct, { platform, api, payments, reservations }: Operated): void {
  const { queues, table } = platform;
  const own = (metricName: string, statistic: string): Metric =>
    new Metric({ namespace: 'Onsale', metricName, statistic, period: FIVE_MINUTES });
  const graph = (title: string, left: IMetric[], right: IMetric[] = []): GraphWidget =>
    new GraphWidget({ title, left, right, width: 8, height: 6 });
  const ofQueues = (metric: (queue: (typeof queues)['mail']) => IMetric): IMetric[] =>
    Object.values(queues).map(metric);
  const duration = ({ lambda }: OnsaleFunction): IMetric =>
    lambda.metricDuration({ statistic: 'p99', period: FIVE_MINUTES });
  const { stateMachine } = payments.purchase;

  new Dashboard(scope, 'Dashboard', {
    widgets: [
      [
        graph(
          'Requests and faults',
          [api.metricCount({ statistic: 'Sum' })],
          [api.metricServerError({ statistic: 'Sum' }), api.metricClientError({ statistic: 'Sum' })],
        ),
        graph('Latency, ms', [
          api.metricLatency({ statistic: 'p50' }),
          api.metricLatency({ statistic: 'p99' }),
          own('latency', 'p99'),
        ]),
        graph('Confirm and sweep, ms', [duration(payments.confirm), duration(reservations.expireHolds)]),
      ],
      [
        graph(
          'Purchases',
          [stateMachine.metricStarted(), stateMachine.metricSucceeded()],
          [stateMachine.metricFailed(), stateMachine.metricTimedOut()],
        ),
        graph('Mail delay, s', [own('mailDelay', 'Maximum'), own('mailDelay', 'p50')]),
        graph('Relay and pictures', [own('relayFaults', 'Sum'), own('objectFaults', 'Sum')]),
      ],
      [
        graph(
          'Oldest message, s',
          ofQueues(({ queue }) => queue.metricApproximateAgeOfOldestMessage()),
        ),
        graph(
          'Waiting and dead messages',
          ofQueues(({ queue }) => queue.metricApproximateNumberOfMessagesVisible()),
          ofQueues(({ deadLetters }) => deadLetters.metricApproximateNumberOfMessagesVisible()),
        ),
        graph('Table, units', [table.metricConsumedWriteCapacityUnits(), table.metricConsumedReadCapacityUnits()]),
      ],
    ],
  });
}

/** The sum of metrics, taken by the period. */
function total(label: string, metrics: readonly Metric[], period: Duration): MathExpression {
  const named = Object.fromEntries(metrics.map((metric, index) => [`m${index}`, metric]));
  return new MathExpression({
    // A metric without data would make the whole sum unknown.
    expression: Object.keys(named)
      .map((name) => `FILL(${name}, 0)`)
      .join(' + '),
    usingMetrics: named,
    label,
    period,
  });
}
