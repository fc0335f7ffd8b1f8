import { Alarm, ComparisonOperator, TreatMissingData, type IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';

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
  /** What no data means: nothing happened, which is good unless it is said otherwise. */
  readonly missing?: TreatMissingData;
}

/**
 * The alarms of an app. Each names its entry in the runbook. A stage that nobody is woken for has none of
 * them; what is watched is declared all the same, beside the thing itself.
 */
export class Alarms extends Construct {
  readonly #topic: ITopic | undefined;

  /** @param topic where alarms are told; without it none are made */
  constructor(scope: Construct, id: string, topic: ITopic | undefined) {
    super(scope, id);
    this.#topic = topic;
  }

  /** Adds an alarm; see {@link AlarmProps}. */
  add(id: string, props: AlarmProps): void {
    if (this.#topic === undefined) return;
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
    alarm.addAlarmAction(new SnsAction(this.#topic));
  }
}
