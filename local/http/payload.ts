import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import * as z from 'zod';
import { ACCOUNT } from '../cloudformation/names.ts';
import type { RouteMatch } from './routes.ts';

/** API Gateway hands these to the function as text; anything else as Base64. */
const TEXT = /^(text\/|application\/(json|javascript|xml|[\w.-]+\+(json|xml))(;|$))/i;

/** What of an API a payload names. */
export interface ApiIdentity {
  readonly apiId: string;
  readonly domainName: string;
}

/** The event of a request in payload format 2.0, as the function receives it. */
export function requestEvent(
  request: IncomingMessage,
  url: URL,
  body: Buffer,
  route: RouteMatch<unknown>,
  api: ApiIdentity,
): object {
  const now = new Date();
  const method = request.method ?? 'GET';
  const { cookie, ...headers } = combined(request);
  const source = request.socket.remoteAddress ?? '127.0.0.1';
  const query = [...new Set(url.searchParams.keys())];
  const isText = TEXT.test(headers['content-type'] ?? '') && headers['content-encoding'] === undefined;
  const asText = isText ? decodeUtf8(body) : undefined;
  return {
    version: '2.0',
    routeKey: route.routeKey,
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    ...(cookie === undefined ? {} : { cookies: cookie.split(/;\s*/).filter(Boolean) }),
    headers: {
      ...headers,
      'x-forwarded-for': headers['x-forwarded-for'] ?? source,
      'x-forwarded-port': String(request.socket.localPort ?? ''),
      'x-forwarded-proto': headers['x-forwarded-proto'] ?? 'http',
    },
    ...(query.length === 0
      ? {}
      : {
          queryStringParameters: Object.fromEntries(
            query.map((name) => [name, url.searchParams.getAll(name).join(',')]),
          ),
        }),
    requestContext: {
      accountId: ACCOUNT,
      apiId: api.apiId,
      domainName: api.domainName,
      domainPrefix: api.apiId,
      http: {
        method,
        path: url.pathname,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: source,
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: randomUUID(),
      routeKey: route.routeKey,
      stage: '$default',
      time: now.toUTCString(),
      timeEpoch: now.getTime(),
    },
    ...(Object.keys(route.pathParameters).length === 0 ? {} : { pathParameters: route.pathParameters }),
    ...(body.length === 0 ? {} : { body: asText ?? body.toString('base64') }),
    isBase64Encoded: body.length > 0 && asText === undefined,
  };
}

/** Header names in lower case, repeated headers joined by commas. */
function combined(request: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (let index = 0; index < request.rawHeaders.length; index += 2) {
    const name = (request.rawHeaders[index] ?? '').toLowerCase();
    const value = request.rawHeaders[index + 1] ?? '';
    headers[name] = headers[name] === undefined ? value : `${headers[name]}${name === 'cookie' ? '; ' : ','}${value}`;
  }
  return headers;
}

function decodeUtf8(body: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return undefined;
  }
}

/** An HTTP answer. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly string[];
  readonly body: Buffer;
}

const Shaped = z.looseObject({
  statusCode: z.coerce.number().int().min(200).max(599),
  headers: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).nullish(),
  cookies: z.array(z.string()).nullish(),
  body: z.union([z.string(), z.number(), z.boolean()]).nullish(),
  isBase64Encoded: z.boolean().nullish(),
});

/**
 * The answer to the client from what a function returned (JSON text): a value without `statusCode` is
 * the body of a 200. Undefined when API Gateway would find the answer malformed (and say 500).
 */
export function answerOf(payload: string): Answer | undefined {
  const value: unknown = JSON.parse(payload);
  if (typeof value !== 'object' || value === null || !('statusCode' in value)) {
    const text = typeof value === 'string' ? value : payload;
    return { status: 200, headers: { 'content-type': 'application/json' }, cookies: [], body: Buffer.from(text) };
  }
  const parsed = Shaped.safeParse(value);
  if (!parsed.success) return undefined;
  const { statusCode, headers, cookies, body, isBase64Encoded } = parsed.data;
  const given = Object.entries(headers ?? {}).map(([name, each]): [string, string] => [
    name.toLowerCase(),
    String(each),
  ]);
  const text = body === undefined || body === null ? '' : String(body);
  return {
    status: statusCode,
    headers: { ...(text === '' ? {} : { 'content-type': 'text/plain;charset=UTF-8' }), ...Object.fromEntries(given) },
    cookies: cookies ?? [],
    body: Buffer.from(text, isBase64Encoded === true ? 'base64' : 'utf8'),
  };
}

/** An answer of the gateway itself. */
export function gatewayAnswer(status: number, message: string): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    cookies: [],
    body: Buffer.from(JSON.stringify({ message })),
  };
}
