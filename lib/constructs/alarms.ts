import { Alarm, ComparisonOperator, TreatMissingData, type IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';

import type { Stage } from '../stages.ts';

/** Where alarms are explained, relative to the project's root. */
export const RUNBOOK = 'docs/runbook.md';

/** One alarm. */
export interface AlarmProps {
  /** Heading of its entry in the runbook, as an anchor: `mail-is-late`. */
  readonly runbook: string;
  /** What is the case when it goes off, for whoever is woken. */
  readonly says: string;
  readonly metric: IMetric;
  readonly comparison?: ComparisonOperator;
  readonly threshold: number;
  /** How many of the last periods must be bad: `[bad, of]`; one of one if left out. */
  readonly periods?: readonly [bad: number, of: number];
  /** Of `dead-letters`: made in every stage; without it, only in those with all alarms. */
  readonly kind?: 'dead-letters';
  /** What no data means: nothing happened, which is good unless it is said otherwise. */
  readonly missing?: TreatMissingData;
}

/**
 * The alarms of an app. Each names its entry in the runbook. A stage that nobody is woken for has those of
 * dead letters only; what is watched is declared all the same, beside the thing itself.
 */
export class Alarms extends Construct {
  readonly #topic: ITopic | undefined;
  readonly #made: Stage['alarms'];

  /**
   * @param topic where alarms are told; without it they show in the console and in EventBridge only
   * @param made which of them the stage has
   */
  constructor(scope: Construct, id: string, topic: ITopic | undefined, made: Stage['alarms']) {
    super(scope, id);
    this.#topic = topic;
    this.#made = made;
  }

  /** Adds an alarm; see {@link AlarmProps}. */
  add(id: string, props: AlarmProps): void {
    if (this.#made !== 'all' && this.#made !== props.kind) return;
    const [datapointsToAlarm, evaluationPeriods] = props.periods ?? [1, 1];
    const alarm = new Alarm(this, id, {
      alarmDescription: `${props.says} ${RUNBOOK}#${props.runbook}`,
      metric: props.metric,
      comparisonOperator: props.comparison ?? ComparisonOperator.GREATER_THAN_THRESHOLD,
      threshold: props.threshold,
      datapointsToAlarm,
      evaluationPeriods,
      treatMissingData: props.missing ?? TreatMissingData.NOT_BREACHING,
    });
    if (this.#topic !== undefined) alarm.addAlarmAction(new SnsAction(this.#topic));
  }
}
