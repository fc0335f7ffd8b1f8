import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import * as z from 'zod/mini';

import type { HttpHandler } from '../../functions/shared/runtime/http.ts';

/** A request as API Gateway would hand it over. */
export interface TestRequest {
  /** `POST /api/events/{eventId}/publish`: the route that API Gateway matched. */
  readonly route: string;
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  /** Sent as JSON; give `text` instead for anything else. */
  readonly body?: unknown;
  readonly text?: string;
  /** Header names in lower case, as API Gateway sends them. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookies?: readonly string[];
  /** Bearer token. */
  readonly token?: string;
  /** Address that it comes from. */
  readonly from?: string;
}

/** An answer, its JSON parsed. */
export interface TestAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly cookies: readonly string[];
  /** Members of the JSON body; none for another media type or an empty body. Parse what lies deeper with the contract's schemas. */
  readonly json: Readonly<Record<string, unknown>>;
  readonly text: string;
  /** The body as it is sent. */
  readonly bytes: Uint8Array;
}

let requests = 0;

/** The event of payload format 2.0 that API Gateway would make of `request`. */
export function apiEvent({
  route,
  params,
  query,
  body,
  text,
  headers,
  cookies,
  token,
  from = '127.0.0.1',
}: TestRequest): APIGatewayProxyEventV2 {
  const [method = 'GET', pattern = '/'] = route.split(' ');
  const rawPath = pattern.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => params?.[name] ?? '');
  requests += 1;
  const content = text ?? (body === undefined ? undefined : JSON.stringify(body));
  return {
    version: '2.0',
    routeKey: route,
    rawPath,
    rawQueryString: new URLSearchParams(query).toString(),
    headers: {
      ...(content === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(cookies === undefined ? {} : { cookies: [...cookies] }),
    ...(params === undefined ? {} : { pathParameters: { ...params } }),
    ...(query === undefined ? {} : { queryStringParameters: { ...query } }),
    ...(content === undefined ? {} : { body: content }),
    requestContext: {
      accountId: '000000000000',
      apiId: 'test',
      domainName: 'localhost',
      domainPrefix: 'localhost',
      http: { method, path: rawPath, protocol: 'HTTP/1.1', sourceIp: from, userAgent: 'vitest' },
      requestId: `request-${requests}`,
      routeKey: route,
      stage: '$default',
      time: '01/Jan/2026:00:00:00 +0000',
      timeEpoch: 0,
    },
    isBase64Encoded: false,
  };
}

/** A Lambda context of no particular call. */
export const TEST_CONTEXT: Context = {
  awsRequestId: 'test',
  callbackWaitsForEmptyEventLoop: false,
  functionName: 'test',
  functionVersion: '$LATEST',
  invokedFunctionArn: 'arn:aws:lambda:eu-central-1:000000000000:function:test',
  logGroupName: 'test',
  logStreamName: 'test',
  memoryLimitInMB: '512',
  getRemainingTimeInMillis: () => 30_000,
  done: () => undefined,
  fail: () => undefined,
  succeed: () => undefined,
};

/** Sends `request` through `handler` and reads the answer. */
export async function call(handler: HttpHandler, request: TestRequest): Promise<TestAnswer> {
  const result: APIGatewayProxyStructuredResultV2 = await handler(apiEvent(request), TEST_CONTEXT);
  const raw = result.body ?? '';
  const bytes = Buffer.from(raw, result.isBase64Encoded === true ? 'base64' : 'utf8');
  const text = bytes.toString('utf8');
  const isJson = String(result.headers?.['content-type'] ?? '').includes('json');
  return {
    status: result.statusCode ?? 0,
    headers: result.headers ?? {},
    cookies: result.cookies ?? [],
    json: isJson && text !== '' ? z.record(z.string(), z.unknown()).parse(JSON.parse(text)) : {},
    text,
    bytes,
  };
}
