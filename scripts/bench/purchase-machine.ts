import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { StateMachine, type StateMachineDefinition } from 'aws-local-stepfunctions';
import * as z from 'zod/mini';

import { closeServer, HOST, listen } from '../../local/ports.ts';
import { lambdaContext } from './invoke.ts';

/** A function of the workflow, by its handler. */
export type StepHandler = (event: unknown, context: ReturnType<typeof lambdaContext>) => Promise<unknown>;

/** The purchase workflow behind Step Functions' protocol, and behind the secrets extension's. */
export interface ControlServer {
  readonly url: string;
  readonly port: number;
  /** Handlers by placeholder of the definition; set once they are loaded. */
  functions: Readonly<Record<string, StepHandler>>;
  /** States that the runs entered, run by run. */
  readonly runs: (readonly string[])[];
  close(): Promise<void>;
}

const DEFINITION = join(import.meta.dirname, '..', '..', 'statemachines', 'purchase.asl.json');
const task = z.object({ Type: z.string() });
const definition = z.object({ States: z.record(z.string(), task) });
const invocation = z.object({ FunctionName: z.string(), Payload: z.unknown() });
const start = z.object({ input: z.string() });

type Json = Parameters<StateMachine['run']>[0];

/**
 * Serves what handlers reach beside DynamoDB, SQS, SES and Stripe: `StartSyncExecution` runs the deployed
 * definition in this process, and parameters come from `secrets`.
 */
export async function startControlServer(secrets: Readonly<Record<string, string>>): Promise<ControlServer> {
  const text = readFileSync(DEFINITION, 'utf8');
  const { States } = z.parse(definition, JSON.parse(text));
  const tasks = Object.keys(States).filter((name) => States[name]?.Type === 'Task');
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the interpreter validates it itself
  const machine = new StateMachine(JSON.parse(text) as StateMachineDefinition, {
    validationOptions: { checkArn: false },
  });
  const runs: (readonly string[])[] = [];

  const execute = async (input: Json): Promise<object> => {
    const entered: string[] = [];
    const times = { startDate: Date.now() / 1_000, stopDate: Date.now() / 1_000 };
    const execution = machine.run(input, {
      overrides: {
        taskResourceLocalHandlers: Object.fromEntries(
          tasks.map((name) => [name, (payload: Json) => invoke(control.functions, payload)]),
        ),
      },
    });
    const watched = (async () => {
      for await (const event of execution.eventLogs) if (event.type === 'StateEntered') entered.push(event.state.name);
    })();
    try {
      const output = await execution.result;
      await watched;
      return { executionArn: 'bench', status: 'SUCCEEDED', output: JSON.stringify(output), ...times };
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
      return { executionArn: 'bench', status: 'FAILED', error: cause instanceof Error ? cause.name : '', ...times };
    } finally {
      runs.push(entered);
    }
  };

  const server = createServer((request, response) => {
    const reply = (status: number, body: unknown): void =>
      void response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(body));
    const url = new URL(request.url ?? '/', 'http://bench.local');
    const name = url.searchParams.get('name');
    if (name !== null) {
      const Value = secrets[name];
      return reply(Value === undefined ? 400 : 200, { Parameter: { Name: name, Value } });
    }
    json(request)
      .then((body) => execute(JSON.parse(z.parse(start, body).input)))
      .then(
        (execution) => reply(200, execution),
        (error: unknown) => reply(500, { message: String(error) }),
      );
  });
  const port = await listen(server, { port: 0, use: 'the workflow', flag: '' });
  const control: ControlServer = {
    url: `http://${HOST}:${port}`,
    port,
    functions: {},
    runs,
    close: () => closeServer(server),
  };
  return control;
}

/** What the `lambda:invoke` integration does: JSON both ways, errors by their name. */
async function invoke(functions: ControlServer['functions'], input: Json): Promise<Json> {
  const { FunctionName, Payload } = z.parse(invocation, input);
  const handler = functions[FunctionName.replace(/^\$\{(\w+)\}$/, '$1')];
  if (handler === undefined) throw new Error(`No function ${FunctionName}`);
  const answer = await handler(JSON.parse(JSON.stringify(Payload)), lambdaContext());
  return { StatusCode: 200, Payload: JSON.parse(JSON.stringify(answer ?? null)) };
}
