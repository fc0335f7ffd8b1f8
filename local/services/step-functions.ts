import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StateMachine as Interpreter } from 'aws-local-stepfunctions';
import * as z from 'zod';
import type { Model } from '../cloudformation/model.ts';
import { ACCOUNT } from '../cloudformation/names.ts';
import { StateMachine } from '../cloudformation/schemas.ts';
import { StartFailure } from '../failure.ts';
import { type PreparedDefinition, prepareDefinition } from './asl.ts';
import { Execution, failureOf, type HistoryEvent, historyEvent, type Run, StatesError } from './executions.ts';
import { TaskRunner, type TaskTargets } from './sfn-tasks.ts';

interface Machine {
  readonly name: string;
  readonly arn: string;
  readonly express: boolean;
  readonly roleArn: string;
  readonly prepared: PreparedDefinition;
  readonly interpreter: Interpreter;
}

interface Tracked {
  execution: Execution;
  readonly machine: Machine;
  readonly history: HistoryEvent[];
  readonly done: Promise<void>;
  abort: () => void;
}

/** Finished Express executions that stay visible; AWS shows none of them. */
const KEPT_EXPRESS = 500;

/** Input of StartExecution and StartSyncExecution. */
const StartInput = z.object({
  stateMachineArn: z.string(),
  name: z.string().optional(),
  input: z.string().default('{}'),
});

/** The state machines of the templates, run in this process. */
export class StateMachines {
  readonly tasks: TaskRunner;
  readonly #machines: ReadonlyMap<string, Machine>;
  readonly #directory: string | undefined;
  readonly #region: string;
  readonly #executions = new Map<string, Tracked>();

  /** @param directory where Standard executions are recorded, so that a restart knows their names. */
  constructor(model: Model, targets: TaskTargets, directory: string | undefined) {
    this.#directory = directory;
    this.#region = model.region;
    this.tasks = new TaskRunner(targets);
    this.#machines = new Map(
      model.of('AWS::StepFunctions::StateMachine', StateMachine).map(({ name, arn, where, properties }) => {
        const prepared = prepareDefinition(
          definitionText(model, where, properties),
          properties.DefinitionSubstitutions,
          where,
        );
        let interpreter: Interpreter;
        try {
          interpreter = new Interpreter(prepared.definition, { validationOptions: { checkArn: false } });
        } catch (error) {
          throw new StartFailure(`${where}: ${String(error)}`);
        }
        const express = properties.StateMachineType === 'EXPRESS';
        return [arn, { name, arn, express, roleArn: properties.RoleArn, prepared, interpreter }];
      }),
    );
  }

  /** How many executions run. */
  get running(): number {
    return [...this.#executions.values()].filter(({ execution }) => execution.status === 'RUNNING').length;
  }

  /** Every execution that is known, with its history: for looking at what AWS would keep. */
  get all(): readonly object[] {
    return [...this.#executions.values()].map(({ execution, history }) => ({
      ...execution,
      events: history.map(historyEvent),
    }));
  }

  /** Starts the Standard executions again, from their input, that an earlier run left unfinished. */
  resume(): void {
    if (this.#directory === undefined || !existsSync(this.#directory)) return;
    for (const file of readdirSync(this.#directory).filter((name) => name.endsWith('.json'))) {
      const execution = Execution.parse(JSON.parse(readFileSync(join(this.#directory, file), 'utf8')));
      const machine = this.#machines.get(execution.stateMachineArn);
      if (machine === undefined) continue;
      if (execution.status === 'RUNNING') this.#launch(machine, execution);
      else this.#executions.set(execution.executionArn, finished(machine, execution));
    }
  }

  /** StartExecution. */
  async start(body: unknown): Promise<object> {
    const { machine, name, input } = this.#accept(body);
    if (machine.express) {
      const { execution } = this.#begin(machine, `express:${machine.name}:${name}:${randomUUID()}`, name, input);
      return { executionArn: execution.executionArn, startDate: execution.startDate };
    }
    const existing = this.#executions.get(this.#arn(`execution:${machine.name}:${name}`))?.execution;
    if (existing !== undefined && !(existing.status === 'RUNNING' && existing.input === input)) {
      throw new StatesError('ExecutionAlreadyExists', `Execution Already Exists: '${existing.executionArn}'`);
    }
    const execution = existing ?? this.#begin(machine, `execution:${machine.name}:${name}`, name, input).execution;
    return { executionArn: execution.executionArn, startDate: execution.startDate };
  }

  /** StartSyncExecution: Express only; waits for the end. */
  async startSync(body: unknown): Promise<object> {
    const { machine, name, input } = this.#accept(body);
    if (!machine.express) {
      throw new StatesError(
        'StateMachineTypeNotSupported',
        'This operation is not supported by this type of state machine',
      );
    }
    const tracked = this.#begin(machine, `express:${machine.name}:${name}:${randomUUID()}`, name, input);
    await tracked.done;
    return tracked.execution;
  }

  /** The operation of Step Functions' JSON protocol with that name. */
  async call(operation: string, body: unknown): Promise<object> {
    switch (operation) {
      case 'StartExecution':
        return this.start(body);
      case 'StartSyncExecution':
        return this.startSync(body);
      case 'DescribeExecution':
        return this.#find(body).execution;
      case 'StopExecution': {
        const tracked = this.#find(body);
        tracked.abort();
        await tracked.done;
        return { stopDate: tracked.execution.stopDate };
      }
      case 'GetExecutionHistory':
        return { events: this.#find(body).history.map(historyEvent) };
      case 'ListExecutions':
        return { executions: this.#list(body) };
      case 'SendTaskSuccess':
      case 'SendTaskFailure':
      case 'SendTaskHeartbeat':
        return this.tasks.answer(operation, body);
      default:
        throw new StatesError(
          'UnknownOperationException',
          `the local runtime does not know ${operation} of Step Functions`,
        );
    }
  }

  /** Stops every execution; Standard ones start again with the next run. */
  close(): void {
    this.tasks.close();
  }

  #accept(body: unknown): { machine: Machine; name: string; input: string } {
    const { stateMachineArn, name = randomUUID(), input } = StartInput.parse(body);
    const machine = this.#machines.get(stateMachineArn);
    if (machine === undefined) {
      throw new StatesError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${stateMachineArn}'`);
    }
    if (!/^[\w.-]{1,80}$/.test(name)) throw new StatesError('InvalidName', `Invalid Name: '${name}'`);
    try {
      JSON.parse(input);
    } catch {
      throw new StatesError('InvalidExecutionInput', 'Invalid State Machine Execution Input');
    }
    return { machine, name, input };
  }

  #begin(machine: Machine, resource: string, name: string, input: string): Tracked {
    const executionArn = this.#arn(resource);
    const startDate = Date.now() / 1_000;
    return this.#launch(machine, {
      executionArn,
      stateMachineArn: machine.arn,
      name,
      status: 'RUNNING',
      startDate,
      input,
    });
  }

  #launch(machine: Machine, execution: Execution): Tracked {
    const { promise: done, resolve } = Promise.withResolvers<void>();
    const run = machine.interpreter.run(JSON.parse(execution.input), {
      overrides: {
        taskResourceLocalHandlers: this.tasks.handlers(machine.name, machine.roleArn, machine.prepared.tasks),
      },
      context: {
        Execution: { Id: execution.executionArn, Name: execution.name, RoleArn: machine.roleArn },
        StateMachine: { Id: machine.arn, Name: machine.name },
        Task: this.tasks.tokenSource(),
      },
    });
    const tracked: Tracked = { execution, machine, history: [], done, abort: run.abort };
    this.#executions.set(execution.executionArn, tracked);
    this.#record(tracked);
    void collect(run, tracked.history);
    void run.result
      .then(
        (output) => ({ status: 'SUCCEEDED' as const, output: JSON.stringify(output) }),
        (error: unknown) => failureOf(error),
      )
      .then((end) => {
        tracked.execution = { ...execution, ...end, stopDate: Date.now() / 1_000 };
        this.#record(tracked);
        if (machine.express) this.#forgetOldExpress();
        resolve();
        return undefined;
      });
    return tracked;
  }

  #record({ machine, execution }: Tracked): void {
    if (machine.express || this.#directory === undefined) return;
    mkdirSync(this.#directory, { recursive: true });
    writeFileSync(join(this.#directory, `${machine.name}.${execution.name}.json`), JSON.stringify(execution));
  }

  #forgetOldExpress(): void {
    const old = [...this.#executions.values()].filter(
      ({ machine, execution }) => machine.express && execution.status !== 'RUNNING',
    );
    for (const { execution } of old.slice(0, Math.max(0, old.length - KEPT_EXPRESS)))
      this.#executions.delete(execution.executionArn);
  }

  #find(body: unknown): Tracked {
    const { executionArn } = z.object({ executionArn: z.string() }).parse(body);
    const tracked = this.#executions.get(executionArn);
    if (tracked === undefined)
      throw new StatesError('ExecutionDoesNotExist', `Execution Does Not Exist: '${executionArn}'`);
    return tracked;
  }

  #list(body: unknown): object[] {
    const { stateMachineArn, statusFilter } = z
      .object({ stateMachineArn: z.string(), statusFilter: z.string().optional() })
      .parse(body);
    return [...this.#executions.values()]
      .map(({ execution }) => execution)
      .filter((each) => each.stateMachineArn === stateMachineArn && (statusFilter ?? each.status) === each.status)
      .map(({ input: _input, output: _output, ...listed }) => listed)
      .toReversed();
  }

  #arn(resource: string): string {
    return `arn:aws:states:${this.#region}:${ACCOUNT}:${resource}`;
  }
}

function definitionText(model: Model, where: string, properties: z.output<typeof StateMachine>): string {
  if (properties.DefinitionString !== undefined) return properties.DefinitionString;
  if (properties.DefinitionS3Location === undefined) throw new StartFailure(`${where} has no definition.`);
  return readFileSync(model.asset(properties.DefinitionS3Location.Key, where), 'utf8');
}

function finished(machine: Machine, execution: Execution): Tracked {
  return { execution, machine, history: [], done: Promise.resolve(), abort: () => undefined };
}

async function collect(run: Run, history: HistoryEvent[]): Promise<void> {
  for await (const event of run.eventLogs) history.push(event);
}
