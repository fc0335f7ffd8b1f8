import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import type { RolePolicies, UseRecorder } from '../iam/policies.ts';
import type { Functions } from '../lambda/functions.ts';
import type { Task } from './asl.ts';
import type { Messaging } from './messaging.ts';

/** What tasks reach. */
export interface TaskTargets {
  readonly functions: Functions;
  readonly messaging: Messaging;
  readonly policies: RolePolicies;
  readonly recorder: UseRecorder;
}

/** An error by which a task fails; its name is what Retry and Catch see, its message the Cause. */
class TaskFailure extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Handler = (input: Json) => Promise<Json>;

interface Waiting {
  readonly resolve: (output: Json) => void;
  readonly reject: (error: Error) => void;
  beat: () => void;
}

const InvokeInput = z.object({
  FunctionName: z.string(),
  Payload: z.json().optional(),
  InvocationType: z.string().optional(),
});
const SendInput = z.object({ QueueUrl: z.string(), MessageBody: z.json(), MessageGroupId: z.string().optional() });
const TaskAnswer = z.object({
  taskToken: z.string(),
  output: z.string().optional(),
  error: z.string().optional(),
  cause: z.string().optional(),
});

/** Runs the Task states of executions: Lambda functions, queues, and waiting for a task token. */
export class TaskRunner {
  readonly #targets: TaskTargets;
  readonly #issued = new Set<string>();
  readonly #waiting = new Map<string, Waiting>();

  constructor(targets: TaskTargets) {
    this.#targets = targets;
  }

  /** `$$.Task` of an execution: each look at `Token` makes a new one. */
  tokenSource(): { readonly Token: string } {
    const issued = this.#issued;
    return {
      get Token() {
        const token = randomUUID();
        issued.add(token);
        return token;
      },
    };
  }

  /** What runs each task of a machine, by state name. */
  handlers(machine: string, roleArn: string, tasks: readonly Task[]): Record<string, Handler> {
    return Object.fromEntries(
      tasks.map((task): [string, Handler] => [task.stateName, (input) => this.#run(machine, roleArn, task, input)]),
    );
  }

  /** SendTaskSuccess, SendTaskFailure, SendTaskHeartbeat. */
  answer(operation: 'SendTaskSuccess' | 'SendTaskFailure' | 'SendTaskHeartbeat', body: unknown): object {
    const { taskToken, output, error, cause } = TaskAnswer.parse(body);
    const waiting = this.#waiting.get(taskToken);
    if (waiting === undefined)
      throw new TaskFailure('TaskTimedOut', "Task Timed Out: 'Provided task does not exist anymore'");
    switch (operation) {
      case 'SendTaskHeartbeat':
        waiting.beat();
        break;
      case 'SendTaskSuccess':
        waiting.resolve(JSON.parse(output ?? 'null'));
        break;
      case 'SendTaskFailure':
        waiting.reject(new TaskFailure(error ?? 'States.TaskFailed', cause ?? ''));
        break;
    }
    return {};
  }

  close(): void {
    this.#waiting.clear();
  }

  async #run(machine: string, roleArn: string, task: Task, input: Json): Promise<Json> {
    if (task.resource.startsWith('arn:aws:lambda:')) return this.#invoke(machine, roleArn, task.resource, input);
    const token = this.#tokenIn(JSON.stringify(input));
    const answered = token === undefined ? undefined : this.#wait(token, task);
    // The answer may come before the call that asks for it ends, or never be asked for.
    answered?.catch(() => undefined);
    const result = await (task.resource.includes('sqs:sendMessage')
      ? this.#send(machine, roleArn, input)
      : this.#invokeOptimized(machine, roleArn, input));
    return task.resource.endsWith('.waitForTaskToken') && answered !== undefined ? answered : result;
  }

  #tokenIn(input: string): string | undefined {
    const token = [...this.#issued].find((each) => input.includes(each));
    if (token !== undefined) this.#issued.delete(token);
    return token;
  }

  #wait(token: string, { heartbeatSeconds }: Task): Promise<Json> {
    const { promise, resolve, reject } = Promise.withResolvers<Json>();
    let timer: NodeJS.Timeout | undefined;
    const beat = (): void => {
      clearTimeout(timer);
      if (heartbeatSeconds === undefined) return;
      timer = setTimeout(() => reject(new TaskFailure('States.Timeout', 'no heartbeat')), heartbeatSeconds * 1_000);
    };
    beat();
    this.#waiting.set(token, { resolve, reject, beat });
    return promise.finally(() => {
      clearTimeout(timer);
      this.#waiting.delete(token);
    });
  }

  async #invokeOptimized(machine: string, roleArn: string, input: Json): Promise<Json> {
    const { FunctionName, Payload = {}, InvocationType } = InvokeInput.parse(input);
    if (InvocationType === 'Event') {
      void this.#invoke(machine, roleArn, FunctionName, Payload).catch(() => undefined);
      return { StatusCode: 202, Payload: null };
    }
    return {
      ExecutedVersion: '$LATEST',
      StatusCode: 200,
      Payload: await this.#invoke(machine, roleArn, FunctionName, Payload),
    };
  }

  async #invoke(machine: string, roleArn: string, functionName: string, payload: Json): Promise<Json> {
    const { functions } = this.#targets;
    const pool = functions.find(functionName);
    if (pool === undefined)
      throw new TaskFailure('Lambda.ResourceNotFoundException', `Function not found: ${functionName}`);
    this.#authorize(
      machine,
      roleArn,
      'lambda:InvokeFunction',
      pool.settings.data.functionArn,
      'Lambda.AWSLambdaException',
    );
    const result = await pool.invoke(JSON.stringify(payload));
    switch (result.outcome) {
      case 'success':
        return JSON.parse(result.payload);
      case 'throttled':
        throw new TaskFailure('Lambda.TooManyRequestsException', 'Rate Exceeded.');
      case 'error':
        throw new TaskFailure(result.error.errorType, result.payload);
    }
  }

  async #send(machine: string, roleArn: string, input: Json): Promise<Json> {
    const { QueueUrl, MessageBody, MessageGroupId } = SendInput.parse(input);
    const [, , , account = '', name = ''] = QueueUrl.split('/');
    const queue = `arn:aws:sqs:${this.#targets.messaging.region}:${account}:${name}`;
    this.#authorize(machine, roleArn, 'sqs:SendMessage', queue, 'SQS.AmazonSQSException');
    const body = typeof MessageBody === 'string' ? MessageBody : JSON.stringify(MessageBody);
    await this.#targets.messaging.send(queue, body, MessageGroupId);
    return {};
  }

  #authorize(machine: string, roleArn: string, action: string, resource: string, errorName: string): void {
    const { recorder, policies } = this.#targets;
    if (recorder.judge(machine, policies.of(roleArn), { action, resource })) return;
    throw new TaskFailure(
      errorName,
      `User: ${roleArn} is not authorized to perform: ${action} on resource: ${resource}`,
    );
  }
}
