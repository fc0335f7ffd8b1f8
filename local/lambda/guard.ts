import http, { type ClientRequest, type ClientRequestArgs, IncomingMessage } from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import { Socket } from 'node:net';
import { allows, type Use } from '../iam/match.ts';
import { type RequestScope, usesOf } from './requests.ts';
import type { Statement } from '../iam/match.ts';

/** Whose requests are judged, and by what. */
interface Guarded {
  readonly functionArn: string;
  readonly statements: readonly Statement[];
  readonly scope: RequestScope;
}
type Note = (use: Use & { allowed: boolean }) => void;
type Judge = (request: Signed) => Denial | undefined;

/** The parts of a request that judging needs. */
interface Signed {
  readonly authorization: string;
  readonly target: string;
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

/** An answer of AWS that refuses a request. */
interface Denial {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/**
 * Judges every signed AWS request of this thread against the function's own policies before it
 * leaves, and tells the runtime what was used. A refused request never reaches the emulator: its
 * client receives the AccessDenied answer of the service. Install it before the function's code loads.
 */
export function guardRequests(guarded: Guarded, note: Note): void {
  const judge = judgeFor(guarded, note);
  guardHttp(judge);
  guardFetch(judge);
}

function judgeFor({ functionArn, statements, scope }: Guarded, note: Note): Judge {
  const noted = new Map<string, boolean>();
  return ({ authorization, ...request }) => {
    const [, service] = /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(authorization) ?? [];
    if (service === undefined) return undefined;
    for (const use of usesOf({ service, ...request }, scope)) {
      const context = use.context === undefined ? '' : JSON.stringify(use.context);
      const key = `${use.action} ${use.resource} ${context}`;
      let allowed = noted.get(key);
      if (allowed === undefined) {
        allowed = allows(statements, use);
        noted.set(key, allowed);
        note({ ...use, allowed });
      }
      if (!allowed) {
        return denial(
          service,
          `User: ${functionArn} is not authorized to perform: ${use.action} on resource: ${use.resource}`,
        );
      }
    }
    return undefined;
  };
}

function denial(service: string, message: string): Denial {
  const xml = `<Error><Code>AccessDenied</Code><Message>${message}</Message></Error>`;
  switch (service) {
    case 's3':
      return { status: 403, type: 'application/xml', body: xml };
    case 'ses':
    case 'sns':
      return { status: 403, type: 'text/xml', body: `<ErrorResponse>${xml}</ErrorResponse>` };
    default:
      return {
        status: 400,
        type: 'application/x-amz-json-1.0',
        body: JSON.stringify({ __type: 'AccessDeniedException', message, Message: message }),
      };
  }
}

function guardHttp(judge: Judge): void {
  const original = http.request;
  const guarded = (...args: Parameters<typeof original>): ClientRequest => {
    const options = args.find((arg): arg is ClientRequestArgs => isOptions(arg));
    // The SDK puts `sync-` before the host of StartSyncExecution; on AWS that name exists.
    if (options?.host?.startsWith('sync-') === true) options.host = options.host.slice('sync-'.length);
    const request = original(...args);
    if (String(request.getHeader('authorization') ?? '').startsWith('AWS4-HMAC-SHA256')) hold(request, judge);
    return request;
  };
  Object.assign(http, { request: guarded });
  syncBuiltinESMExports();
}

function isOptions(value: unknown): value is ClientRequestArgs {
  return typeof value === 'object' && value !== null && !(value instanceof URL);
}

/** Keeps the body back until it is complete, then sends or refuses the request. */
function hold(request: ClientRequest, judge: Judge): void {
  const chunks: Buffer[] = [];
  const write = request.write.bind(request);
  const end = request.end.bind(request);
  const take = (chunk: unknown, encoding: unknown): void => {
    if (typeof chunk === 'string') chunks.push(Buffer.from(chunk, isEncoding(encoding) ? encoding : 'utf8'));
    else if (chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk));
  };
  request.write = (...args: unknown[]): boolean => {
    take(args[0], args[1]);
    callbackOf(args)?.();
    return true;
  };
  request.end = (...args: unknown[]): ClientRequest => {
    take(args[0], args[1]);
    const body = Buffer.concat(chunks);
    const refused = judge({
      authorization: String(request.getHeader('authorization') ?? ''),
      target: String(request.getHeader('x-amz-target') ?? ''),
      method: request.method,
      path: request.path,
      body: body.toString(),
    });
    Object.assign(request, { write, end });
    if (refused === undefined) return body.length === 0 ? request.end() : request.end(body, callbackOf(args));
    setImmediate(() => refuse(request, refused));
    return request;
  };
}

function callbackOf(args: unknown[]): (() => void) | undefined {
  const last = args.at(-1);
  return typeof last === 'function' ? () => void last() : undefined;
}

function isEncoding(value: unknown): value is BufferEncoding {
  return typeof value === 'string' && Buffer.isEncoding(value);
}

function refuse(request: ClientRequest, { status, type, body }: Denial): void {
  const response = new IncomingMessage(new Socket());
  response.statusCode = status;
  response.headers = { 'content-type': type, 'x-amzn-errortype': 'AccessDeniedException' };
  response.push(body);
  response.push(null);
  request.emit('response', response);
  request.on('error', () => undefined);
  request.destroy();
}

function guardFetch(judge: Judge): void {
  const original = globalThis.fetch;
  globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    const authorization = request.headers.get('authorization') ?? '';
    if (!authorization.startsWith('AWS4-HMAC-SHA256')) return original(request);
    const { pathname, search } = new URL(request.url);
    const refused = judge({
      authorization,
      target: request.headers.get('x-amz-target') ?? '',
      method: request.method,
      path: `${pathname}${search}`,
      body: await request.clone().text(),
    });
    if (refused === undefined) return original(request);
    return new Response(refused.body, { status: refused.status, headers: { 'content-type': refused.type } });
  };
}
