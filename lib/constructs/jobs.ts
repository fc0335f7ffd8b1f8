import { Duration } from 'aws-cdk-lib';
import { PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { Schedule, ScheduleExpression, ScheduleTargetInput, type IScheduleTarget } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';

import type { OnsaleFunction } from './onsale-function.ts';
import { ownService } from './own-service.ts';

/**
 * Scheduler hands the invocation to Lambda's asynchronous queue, so it is tried again only while that does
 * not take it; after this time the next run is near anyway.
 */
const DELIVER_WITHIN = Duration.minutes(1);

/** The scheduled jobs of an app, started by one role that may invoke exactly them. */
export class Jobs extends Construct {
  readonly #role: Role;
  readonly #watched: OnsaleFunction[] = [];

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.#role = new Role(this, 'Role', { assumedBy: ownService(this, 'scheduler.amazonaws.com') });
  }

  /** Every function that runs on a schedule and has no alarm of its own for runs that fail. */
  get watchedTogether(): readonly OnsaleFunction[] {
    return this.#watched;
  }

  /**
   * Runs `fn` every `minutes`. It is given the time that it runs for. A run that fails is not repeated: jobs
   * are idempotent and take up whatever is due, so the next one is the retry.
   *
   * @param alarm `own` for a job that is watched by an alarm of its own: each metric of the common one is paid for;
   *   `none` for one that nobody waits for
   */
  every(minutes: number, fn: OnsaleFunction, alarm: 'common' | 'own' | 'none' = 'common'): void {
    if (alarm === 'common') this.#watched.push(fn);
    this.#role.addToPolicy(
      new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [fn.lambda.functionArn] }),
    );
    fn.lambda.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: DELIVER_WITHIN });
    const target: IScheduleTarget = {
      bind: () => ({
        arn: fn.lambda.functionArn,
        role: this.#role,
        input: ScheduleTargetInput.fromText('{"time":"<aws.scheduler.scheduled-time>"}'),
        retryPolicy: { maximumRetryAttempts: 2, maximumEventAgeInSeconds: DELIVER_WITHIN.toSeconds() },
      }),
    };
    new Schedule(this, fn.node.id, { schedule: ScheduleExpression.rate(Duration.minutes(minutes)), target });
  }
}
