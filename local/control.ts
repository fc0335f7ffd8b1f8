import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import * as z from 'zod';
import type { Scheduler } from './events/scheduler.ts';
import { grantsOf, type RolePolicies, unusedGrants, type UseRecorder } from './iam/policies.ts';
import { allows } from './iam/match.ts';
import { waitUntilIdle, type Work } from './idle.ts';
import type { Logs } from './lambda/logs.ts';
import type { InvocationResult } from './lambda/pool.ts';
import type { FaultyDynamoDb } from './services/dynamodb-faults.ts';
import type { Kms } from './services/kms.ts';
import type { Secrets } from './services/secrets.ts';
import type { PushService } from './services/apple-push.ts';
import type { Sms } from './services/sms.ts';

/** What the control server speaks for. */
export interface Controlled extends Work {
  readonly scheduler: Scheduler;
  /** Undefined where the system was started without. */
  readonly faulty: FaultyDynamoDb | undefined;
  readonly kms: Kms;
  readonly secrets: Secrets;
  readonly sms: Sms;
  readonly pushes: PushService;
  readonly policies: RolePolicies;
  readonly recorder: UseRecorder;
  readonly logs: Logs;
  readonly operator: Operator;
}

/** Who runs the local system: scripts and tests of theirs may read every secret and learn every address. */
export interface Operator {
  /** Given as AWS_SESSION_TOKEN in {@link Operator.addresses}' environment. */
  readonly token: string;
  /** What `GET /_local/system` answers; known once all has started. */
  addresses(): unknown;
}

interface Reply {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

const DEFAULT_IDLE_TIMEOUT_MS = 30_000;

/**
 * One loopback server for what has no emulator of its own: Step Functions, KMS, text messages of SNS and
 * Lambda's Invoke in AWS's protocols, the Parameters and Secrets extension, and under `/_local/` the control API.
 */
export async function handleControl(
  system: Controlled,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  let reply: Reply;
  try {
    // A web page must not drive the control API from somebody's browser.
    reply =
      request.headers.origin === undefined
        ? await route(system, request)
        : { status: 403, body: { message: 'no browsers' } };
  } catch (error) {
    reply = faultOf(error);
  }
  response.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers });
  response.end(typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body));
}

async function route(system: Controlled, request: IncomingMessage): Promise<Reply> {
  const url = new URL(request.url ?? '/', 'http://control.local');
  const body = await text(request);
  const target = String(request.headers['x-amz-target'] ?? '');
  const [service, operation = ''] = target.split('.');
  if (/\/sns\/aws4_request/.test(String(request.headers.authorization))) {
    const answer = system.sms.publish(new URLSearchParams(body)) ?? (await system.messaging.sns(request.headers, body));
    return { ...answer, headers: { 'content-type': 'text/xml' } };
  }
  if (service === 'AWSStepFunctions') return aws(await system.stateMachines.call(operation, JSON.parse(body)));
  if (service === 'TrentService') return aws(system.kms.call(operation, JSON.parse(body)));
  if (url.pathname === '/systemsmanager/parameters/get') return parameter(system, request, url);
  const [, , , invoked] = url.pathname.split('/');
  if (url.pathname.startsWith('/2015-03-31/functions/') && invoked !== undefined) {
    return lambdaInvoke(
      system,
      decodeURIComponent(invoked),
      String(request.headers['x-amz-invocation-type'] ?? ''),
      body,
    );
  }
  if (url.pathname.startsWith('/_local/')) return control(system, request.method ?? 'GET', url, body);
  return {
    status: 400,
    body: {
      __type: 'UnknownOperationException',
      message: `the local runtime does not serve ${target || url.pathname}`,
    },
  };
}

function aws(body: object): Reply {
  return { status: 200, body, headers: { 'content-type': 'application/x-amz-json-1.0' } };
}

function faultOf(error: unknown): Reply {
  const name =
    error instanceof z.ZodError || error instanceof SyntaxError
      ? 'ValidationException'
      : error instanceof Error
        ? error.name
        : 'InternalFailure';
  const message =
    error instanceof z.ZodError ? z.prettifyError(error) : String(error instanceof Error ? error.message : error);
  return { status: name === 'Error' || name === 'TypeError' ? 500 : 400, body: { __type: name, message } };
}

function parameter(system: Controlled, request: IncomingMessage, url: URL): Reply {
  const { functions, policies, recorder, secrets, operator } = system;
  const token = String(request.headers['x-aws-parameters-secrets-token'] ?? '');
  if (token === operator.token) return secretAnswer(secrets, url.searchParams.get('name') ?? '');
  const caller = functions.byToken(token);
  if (caller === undefined)
    return { status: 400, body: "X-Aws-Parameters-Secrets-Token is missing or not a function's own session token" };
  const name = url.searchParams.get('name') ?? '';
  const use = { action: 'ssm:GetParameter', resource: secrets.arn(name) };
  if (!recorder.judge(caller, policies.of(functions.roleOf(caller)), use)) {
    return {
      status: 400,
      body: `AccessDeniedException: ${caller} is not authorized to perform: ssm:GetParameter on resource: ${use.resource}`,
    };
  }
  return secretAnswer(secrets, name);
}

function secretAnswer(secrets: Secrets, name: string): Reply {
  const value = secrets.value(name);
  if (value === undefined) return { status: 400, body: `ParameterNotFound: ${name}` };
  return { status: 200, body: secrets.answer(name, value) };
}

async function lambdaInvoke({ functions }: Controlled, name: string, type: string, body: string): Promise<Reply> {
  const pool = functions.find(name);
  if (pool === undefined)
    return {
      status: 404,
      body: { Type: 'User', Message: `Function not found: ${name}` },
      headers: { 'x-amzn-errortype': 'ResourceNotFoundException' },
    };
  const event = body === '' ? '{}' : body;
  if (type === 'Event') {
    void functions.invokeAsync(pool, event);
    return { status: 202, body: '' };
  }
  const result = await pool.invoke(event);
  switch (result.outcome) {
    case 'throttled':
      return {
        status: 429,
        body: { Type: 'User', message: 'Rate Exceeded.', Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded' },
        headers: { 'x-amzn-errortype': 'TooManyRequestsException' },
      };
    case 'error':
      return { status: 200, body: result.payload, headers: { 'x-amz-function-error': 'Unhandled' } };
    case 'success':
      return { status: 200, body: result.payload };
  }
}

const share = z.number().min(0).max(1);
const FaultsBody = z.object({ conflicts: share, throttles: share, seed: z.int() });

const FireBody = z.object({ time: z.iso.datetime({ offset: true }).optional() });

/** The control API; see README.md for its routes. */
async function control(system: Controlled, method: string, url: URL, body: string): Promise<Reply> {
  const [collection = '', name = '', action = ''] = url.pathname
    .slice('/_local/'.length)
    .split('/')
    .map(decodeURIComponent);
  switch (`${method} ${collection}${name === '' ? '' : '/{name}'}${action === '' ? '' : `/${action}`}`) {
    case 'GET idle': {
      const rest = await waitUntilIdle(system, Number(url.searchParams.get('timeoutMs') ?? DEFAULT_IDLE_TIMEOUT_MS));
      return { status: rest.idle ? 200 : 504, body: rest };
    }
    case 'GET system':
      return ok(system.operator.addresses());
    case 'GET functions':
      return ok(
        system.functions.all().map((pool) => ({ name: pool.name, timeoutMs: pool.settings.timeoutMs, ...pool.state })),
      );
    case 'GET functions/{name}/logs':
      return ok(system.logs.recent(name));
    case 'POST functions/{name}/invoke':
      return found(system.functions.find(name), async (pool) => shown(await pool.invoke(body === '' ? '{}' : body)));
    case 'POST functions/{name}/kill':
      return found(system.functions.find(name), async (pool) => ({ killed: await pool.kill() }));
    case 'GET schedules':
      return ok(system.scheduler.list());
    case 'POST schedules/{name}/fire': {
      const { time } = FireBody.parse(JSON.parse(body === '' ? '{}' : body));
      const fired = await system.scheduler.fire(name, time === undefined ? new Date() : new Date(time));
      return found(fired, (each) => Promise.resolve(each));
    }
    case 'GET queues':
      return ok(
        system.messaging.counts().map((queue) => ({ ...queue, consumed: system.consumedQueues.has(queue.name) })),
      );
    case 'GET queues/{name}/messages':
      return found(system.messaging.bodies(name), (bodies) => Promise.resolve(bodies));
    case 'POST queues/{name}/release':
      return ok({ released: system.messaging.release(name) });
    case 'GET messages':
      return ok(system.messaging.sent);
    case 'GET executions':
      return ok(system.stateMachines.all);
    case 'GET dynamodb-faults':
      return found(system.faulty, (faulty) => Promise.resolve(Object.fromEntries(faulty.met)));
    case 'PUT dynamodb-faults':
      return found(system.faulty, (faulty) => {
        faulty.set(FaultsBody.parse(JSON.parse(body)));
        return Promise.resolve({});
      });
    case 'GET sms':
      return ok(system.sms.all());
    case 'GET pushes':
      return ok(system.pushes.all());
    case 'GET iam':
      return ok(permissions(system));
    default:
      return { status: 404, body: { message: `there is no ${method} ${url.pathname}` } };
  }
}

function ok(body: unknown): Reply {
  return { status: 200, body };
}

async function found<Value>(value: Value | undefined, then: (value: Value) => Promise<unknown>): Promise<Reply> {
  return value === undefined ? { status: 404, body: { message: 'there is none of that name' } } : ok(await then(value));
}

function shown(result: InvocationResult): object {
  if (result.outcome === 'throttled') return result;
  return { outcome: result.outcome, requestId: result.requestId, payload: JSON.parse(result.payload) };
}

/** Uses that were recorded, those without a grant, and grants of functions that nothing used. */
function permissions({ functions, policies, recorder }: Controlled): object {
  const uses = recorder.all();
  const statements = functions
    .all()
    .map((pool) => ({ principal: pool.name, of: policies.of(functions.roleOf(pool.name)) }));
  const grants = statements.flatMap(({ principal, of }) => grantsOf(principal, of));
  const refused = uses.filter((use) => {
    const own = statements.find(({ principal }) => principal === use.principal);
    return own === undefined ? !use.allowed : !allows(own.of, use);
  });
  return { uses, refused, unusedGrants: unusedGrants(grants, uses) };
}
