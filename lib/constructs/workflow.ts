import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { DefinitionBody, LogLevel, StateMachine, type StateMachineType } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';

import { ROOT } from '../root.ts';
import { acknowledge } from './acknowledge.ts';
import { makeLogGroup } from './log-group.ts';
import type { OnsaleFunction } from './onsale-function.ts';
import { ownService } from './own-service.ts';

export interface WorkflowProps {
  readonly type: StateMachineType;
  /** File in `statemachines/`. */
  readonly file: string;
  /** For each placeholder of the file (`${Name}`), the function whose ARN takes its place. */
  readonly functions: Readonly<Record<string, OnsaleFunction>>;
}

/** Names of the placeholders `${Name}` of a state machine's text. */
export function placeholdersOf(definition: string): readonly string[] {
  return [
    ...new Set([...definition.matchAll(/\$\{(\w+)\}/g)].flatMap(([, name]) => (name === undefined ? [] : [name]))),
  ].toSorted();
}

/**
 * A state machine from an Amazon States Language file. Its role may invoke the functions that the file
 * names and nothing else. Executions are logged when they fail, without their data (invariant I19); X-Ray
 * is off, since it costs more than the whole workflow.
 */
export class Workflow extends Construct {
  readonly stateMachine: StateMachine;

  constructor(scope: Construct, id: string, { type, file, functions }: WorkflowProps) {
    super(scope, id);
    const definition = readFileSync(join(ROOT, 'statemachines', file), 'utf8');
    const given = Object.keys(functions).toSorted();
    const wanted = placeholdersOf(definition);
    if (given.join() !== wanted.join())
      throw new Error(`${file} names ${wanted.join(', ')}, but the infrastructure gives ${given.join(', ')}`);

    const role = new Role(this, 'Role', { assumedBy: ownService(this, 'states.amazonaws.com') });
    const arns = Object.values(functions).map((fn) => fn.lambda.functionArn);
    role.addToPolicy(new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: arns }));
    // Log groups with this prefix do not use up the 10 resource policies that CloudWatch Logs allows.
    const logGroupName = `/aws/vendedlogs/states/${Stack.of(this).stackName}-${id}`;
    this.stateMachine = new StateMachine(this, 'StateMachine', {
      stateMachineType: type,
      definitionBody: DefinitionBody.fromString(JSON.stringify(JSON.parse(definition))),
      definitionSubstitutions: Object.fromEntries(
        Object.entries(functions).map(([name, fn]) => [name, fn.lambda.functionArn]),
      ),
      role,
      logs: {
        destination: makeLogGroup(this, 'Logs', logGroupName),
        level: LogLevel.ERROR,
        includeExecutionData: false,
      },
    });
    acknowledge(role, {
      'AwsSolutions-IAM5[Resource::*]': 'AWS offers no resources for the actions that set up log delivery',
    });
    acknowledge(this.stateMachine, {
      'AwsSolutions-SF1':
        'failures are logged; every step of an order is on its timeline, so successes would be paid for twice',
      'AwsSolutions-SF2': 'X-Ray costs more than the workflow; the order carries each attempt and outcome',
    });
  }

  /** Lets `fn` start the workflow and leave it to itself. */
  allowStart(fn: OnsaleFunction): void {
    fn.allow(['states:StartExecution'], [this.stateMachine.stateMachineArn]);
  }

  /** Lets `fn` run the workflow and wait for its answer. */
  allowStartSync(fn: OnsaleFunction): void {
    fn.allow(['states:StartSyncExecution'], [this.stateMachine.stateMachineArn]);
  }
}
