/**
 * The first code of every worker thread: what Lambda's own runtime client is on AWS. It loads the
 * function's bundle unmodified, hands it one event at a time and reports results and errors in
 * Lambda's words. The runtime bundles this file once per start (see worker-source.ts).
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import { guardRequests } from './guard.ts';
import type { InvokeMessage, ReportedError, WorkerData, WorkerMessage } from './protocol.ts';

type Handler = (event: unknown, context: unknown) => unknown;

class RuntimeFault extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the boundary: pool.ts made it
const data = workerData as WorkerData;
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
const say = (message: WorkerMessage): void => parentPort?.postMessage(message);

process.on('unhandledRejection', (reason) => {
  say({ kind: 'broken', error: reported(new RuntimeFault('Runtime.UnhandledPromiseRejection', String(reason))) });
  process.exit(128);
});
process.on('uncaughtException', (error) => {
  say({ kind: 'broken', error: reported(error) });
  process.exit(129);
});

guardRequests(data, (use) => say({ kind: 'use', use }));

try {
  const handler = await loadHandler();
  parentPort?.on('message', (message: InvokeMessage) => void invoke(handler, message));
  say({ kind: 'ready' });
} catch (error) {
  say({ kind: 'broken', error: reported(error) });
}

async function invoke(handler: Handler, { requestId, event, deadline }: InvokeMessage): Promise<void> {
  const context = {
    functionName: data.functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: data.functionArn,
    memoryLimitInMB: String(data.memoryMb),
    awsRequestId: requestId,
    logGroupName: data.logGroup,
    logStreamName: 'local',
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
  try {
    const result = await handler(JSON.parse(event), context);
    say({ kind: 'result', payload: JSON.stringify(result) ?? 'null' });
  } catch (error) {
    console.error(JSON.stringify({ level: 'ERROR', requestId, ...reported(error) }));
    say({ kind: 'failure', error: reported(error) });
  }
}

async function loadHandler(): Promise<Handler> {
  const dot = data.handler.lastIndexOf('.');
  const base = join(data.codeDirectory, data.handler.slice(0, dot));
  const file = ['.js', '.mjs', '.cjs'].map((extension) => `${base}${extension}`).find((path) => existsSync(path));
  if (file === undefined) {
    throw new RuntimeFault('Runtime.ImportModuleError', `Error: Cannot find module '${data.handler.slice(0, dot)}'`);
  }
  const exports: unknown = file.endsWith('.cjs') ? createRequire(file)(file) : await import(pathToFileURL(file).href);
  const handler = memberOf(exports, data.handler.slice(dot + 1));
  if (typeof handler !== 'function') {
    throw new RuntimeFault('Runtime.HandlerNotFound', `${data.handler} is undefined or not exported`);
  }
  if (handler.length >= 3) {
    throw new RuntimeFault(
      'Runtime.CallbackHandlerDeprecated',
      'AWS Lambda has removed support for callback-based function handlers starting with Node.js 24.',
    );
  }
  return (event, context) => Reflect.apply(handler, undefined, [event, context]);
}

function memberOf(exports: unknown, name: string): unknown {
  if (typeof exports !== 'object' || exports === null) return undefined;
  if (name in exports) return Reflect.get(exports, name);
  return 'default' in exports ? memberOf(exports.default, name) : undefined;
}

function reported(error: unknown): ReportedError {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  return { errorType: error.name, errorMessage: error.message, trace: error.stack?.split('\n') ?? [] };
}
