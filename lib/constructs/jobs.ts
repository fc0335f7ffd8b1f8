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
  readonly #functions: OnsaleFunction[] = [];

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.#role = new Role(this, 'Role', { assumedBy: ownService(this, 'scheduler.amazonaws.com') });
  }

  /** Every function that runs on a schedule. */
  get functions(): readonly OnsaleFunction[] {
    return this.#functions;
  }

  /**
   * Runs `fn` every `minutes`. It is given the time that it runs for. A run that fails is not repeated: jobs
   * are idempotent and take up whatever is due, so the next one is the retry.
   */
  every(minutes: number, fn: OnsaleFunction): void {
    this.#functions.push(fn);
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
