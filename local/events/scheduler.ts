import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type * as z from 'zod';
import type { Declared, Model } from '../cloudformation/model.ts';
import { Schedule } from '../cloudformation/schemas.ts';
import { StartFailure } from '../failure.ts';
import type { RolePolicies, UseRecorder } from '../iam/policies.ts';
import type { Functions } from '../lambda/functions.ts';
import type { Messaging } from '../services/messaging.ts';
import type { StateMachines } from '../services/step-functions.ts';
import { type NextFire, nextFireOf } from './schedule-expressions.ts';

type DeclaredSchedule = Declared<z.output<typeof Schedule>>;

/** What firing a schedule led to. */
export interface Fired {
  readonly target: string;
  /** `success`, `error` (with the function's error as result) or `throttled` for a function; `accepted` otherwise. */
  readonly outcome: string;
  readonly result: unknown;
}

/** What schedules reach. */
export interface ScheduleTargets {
  readonly functions: Functions;
  readonly stateMachines: StateMachines;
  readonly messaging: Messaging;
  readonly policies: RolePolicies;
  readonly recorder: UseRecorder;
  readonly log: (line: string) => void;
}

/** Longest single timer; a later fire is reached in steps. */
const MAX_TIMER_MS = 60_000;
const RETRY_FIRST_MS = 1_000;
const RETRY_MOST_MS = 60_000;

/** EventBridge Scheduler: fires each schedule of the templates at its times, or on request. */
export class Scheduler {
  readonly #schedules: readonly { declared: DeclaredSchedule; next: NextFire }[];
  readonly #targets: ScheduleTargets;
  readonly #stop = new AbortController();

  constructor(model: Model, targets: ScheduleTargets) {
    const startedAt = new Date();
    this.#targets = targets;
    this.#schedules = model.of('AWS::Scheduler::Schedule', Schedule).map((declared) => {
      const { ScheduleExpression, ScheduleExpressionTimezone, Target } = declared.properties;
      const next = nextFireOf(ScheduleExpression, ScheduleExpressionTimezone, startedAt, declared.where);
      if (Target.Arn.includes(':function:')) targets.functions.require(Target.Arn, declared.where);
      else if (!/^arn:aws:(sqs|states):/.test(Target.Arn)) {
        throw new StartFailure(`${declared.where}: the local runtime does not know the schedule target ${Target.Arn}.`);
      }
      return { declared, next };
    });
  }

  /** Names, expressions and next times. */
  list(): { name: string; expression: string; state: string; nextAt: string | null }[] {
    return this.#schedules.map(({ declared: { name, properties }, next }) => ({
      name,
      expression: properties.ScheduleExpression,
      state: properties.State,
      nextAt: next(new Date())?.toISOString() ?? null,
    }));
  }

  /** Begins to fire schedules at their times. */
  start(): void {
    for (const { declared, next } of this.#schedules) {
      if (declared.properties.State === 'ENABLED') void this.#run(declared, next);
    }
  }

  /** Fires a schedule now, as if it were `time`. Undefined when there is none of that name. */
  async fire(name: string, time: Date): Promise<Fired | undefined> {
    const schedule = this.#schedules.find(({ declared }) => declared.name === name || declared.logicalId === name);
    return schedule === undefined ? undefined : this.#deliver(schedule.declared, time, 1);
  }

  close(): void {
    this.#stop.abort();
  }

  async #run(declared: DeclaredSchedule, next: NextFire): Promise<void> {
    const { StartDate, EndDate } = declared.properties;
    const { signal } = this.#stop;
    let after = new Date(Math.max(Date.now(), Date.parse(StartDate ?? '') || 0));
    for (let at = next(after); at !== undefined && !signal.aborted; at = next(after)) {
      if (EndDate !== undefined && at.getTime() > Date.parse(EndDate)) return;
      while (at.getTime() > Date.now() && !signal.aborted) {
        const wait = Math.min(at.getTime() - Date.now(), MAX_TIMER_MS);
        await delay(wait, undefined, { signal, ref: false }).catch(() => undefined);
      }
      if (signal.aborted) return;
      void this.#fireWithRetries(declared, at);
      // A machine that slept fires once, not once for each minute of its sleep.
      after = new Date(Math.max(at.getTime(), Date.now()));
    }
  }

  async #fireWithRetries(declared: DeclaredSchedule, time: Date): Promise<void> {
    const { RetryPolicy, DeadLetterConfig } = declared.properties.Target;
    const most = RetryPolicy?.MaximumRetryAttempts ?? 185;
    for (let attempt = 1; attempt <= most + 1 && !this.#stop.signal.aborted; attempt += 1) {
      try {
        const { outcome } = await this.#deliver(declared, time, attempt);
        if (outcome !== 'throttled') return;
      } catch (error) {
        this.#targets.log(`${declared.where}: ${String(error)}`);
      }
      const wait = Math.min(RETRY_MOST_MS, RETRY_FIRST_MS * 2 ** Math.min(attempt - 1, 10));
      await delay(wait, undefined, { signal: this.#stop.signal, ref: false }).catch(() => undefined);
    }
    if (DeadLetterConfig !== undefined)
      await this.#targets.messaging.send(DeadLetterConfig.Arn, inputOf(declared, time, most));
  }

  async #deliver(declared: DeclaredSchedule, time: Date, attempt: number): Promise<Fired> {
    const { functions, stateMachines, messaging, policies, recorder } = this.#targets;
    const { Arn: target, RoleArn, SqsParameters } = declared.properties.Target;
    const input = inputOf(declared, time, attempt);
    const pool = functions.find(target);
    const action =
      pool !== undefined
        ? 'lambda:InvokeFunction'
        : target.startsWith('arn:aws:sqs:')
          ? 'sqs:SendMessage'
          : 'states:StartExecution';
    if (!recorder.judge(declared.name, policies.of(RoleArn), { action, resource: target })) {
      throw new Error(`the role ${RoleArn} is not allowed ${action} on ${target}`);
    }
    if (pool !== undefined) {
      const result = await functions.invokeAsync(pool, input);
      return {
        target,
        outcome: result.outcome,
        result: result.outcome === 'throttled' ? null : JSON.parse(result.payload),
      };
    }
    if (target.startsWith('arn:aws:sqs:')) {
      await messaging.send(target, input, SqsParameters?.MessageGroupId);
      return { target, outcome: 'accepted', result: null };
    }
    return { target, outcome: 'accepted', result: await stateMachines.start({ stateMachineArn: target, input }) };
  }
}

function inputOf({ arn, properties }: DeclaredSchedule, time: Date, attempt: number): string {
  return (properties.Target.Input ?? '{}')
    .replaceAll('<aws.scheduler.scheduled-time>', `${time.toISOString().slice(0, 19)}Z`)
    .replaceAll('<aws.scheduler.schedule-arn>', arn)
    .replaceAll('<aws.scheduler.execution-id>', randomUUID())
    .replaceAll('<aws.scheduler.attempt-number>', String(attempt));
}
