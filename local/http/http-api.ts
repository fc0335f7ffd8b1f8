import type { IncomingMessage, ServerResponse } from 'node:http';
import type * as z from 'zod';
import type { Declared, Model } from '../cloudformation/model.ts';
import { Api, Integration, Permission, Route, Stage } from '../cloudformation/schemas.ts';
import { StartFailure } from '../failure.ts';
import { type Functions, nameIn } from '../lambda/functions.ts';
import type { FunctionPool } from '../lambda/pool.ts';
import { corsHeaders, preflightHeaders } from './cors.ts';
import { type Answer, answerOf, gatewayAnswer, requestEvent } from './payload.ts';
import { RouteTable } from './routes.ts';
import { TokenBucket } from './throttle.ts';

const MAX_BODY_BYTES = 10 * 1024 * 1024;
/** Lambda's limit for the event of a synchronous invocation. */
const MAX_EVENT_BYTES = 6 * 1024 * 1024;

interface Target {
  readonly pool: FunctionPool;
  readonly timeoutMs: number;
  readonly bucket: TokenBucket | undefined;
}

/**
 * The HTTP API that the templates declare, with its routes, CORS and throttling, in front of the
 * functions: what API Gateway's payload format 2.0 says.
 */
export class HttpApi {
  readonly #api: Declared<z.output<typeof Api>>;
  readonly #routes: RouteTable<Target>;
  readonly #domainName: string;

  private constructor(api: Declared<z.output<typeof Api>>, routes: RouteTable<Target>, domainName: string) {
    this.#api = api;
    this.#routes = routes;
    this.#domainName = domainName;
  }

  /** Reads the API of the templates; undefined when they declare none, a failure when several. */
  static of(model: Model, functions: Functions, domainName: string): HttpApi | undefined {
    const [api, second] = model.of('AWS::ApiGatewayV2::Api', Api);
    if (api === undefined) return undefined;
    if (second !== undefined)
      throw new StartFailure(`${second.where}: the local runtime serves one HTTP API, ${api.where}.`);
    const stage = model.of('AWS::ApiGatewayV2::Stage', Stage)[0]?.properties;
    const shared = bucketOf(stage?.DefaultRouteSettings);
    const integrations = model.of('AWS::ApiGatewayV2::Integration', Integration);
    const permitted = permittedFunctions(model);
    const rules = model.of('AWS::ApiGatewayV2::Route', Route).map(({ where, properties }) => {
      const integration = integrations.find(({ name }) => properties.Target === `integrations/${name}`);
      if (integration === undefined) throw new StartFailure(`${where}: there is no integration ${properties.Target}.`);
      const pool = functions.require(functionIn(integration.properties.IntegrationUri), integration.where);
      if (!permitted.has(pool.name)) {
        throw new StartFailure(`${where}: no AWS::Lambda::Permission lets API Gateway invoke ${pool.name}.`);
      }
      const bucket = bucketOf(stage?.RouteSettings[properties.RouteKey]) ?? shared;
      return {
        routeKey: properties.RouteKey,
        target: { pool, bucket, timeoutMs: integration.properties.TimeoutInMillis },
      };
    });
    return new HttpApi(api, new RouteTable(rules), domainName);
  }

  /** Answers a request, whatever happens: a fault in one request never leaves it. */
  async handle(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const cors = this.#api.properties.CorsConfiguration;
    const extra = corsHeaders(cors, request);
    if (cors !== undefined && isPreflight(request)) {
      const headers = Object.keys(extra).length === 0 ? {} : { ...extra, ...preflightHeaders(cors) };
      return send(response, { status: 204, headers, cookies: [], body: Buffer.alloc(0) });
    }
    const answer = await this.#answer(request, url);
    send(response, { ...answer, headers: { ...answer.headers, ...extra } });
  }

  async #answer(request: IncomingMessage, url: URL): Promise<Answer> {
    let route: ReturnType<RouteTable<Target>['find']>;
    try {
      route = this.#routes.find(request.method ?? 'GET', url.pathname);
    } catch {
      return gatewayAnswer(400, 'Bad Request');
    }
    if (route === undefined) {
      request.resume();
      return gatewayAnswer(404, 'Not Found');
    }
    if (route.target.bucket?.take() === false) {
      request.resume();
      return gatewayAnswer(429, 'Too Many Requests');
    }
    const body = await readBody(request);
    if (body === undefined) return gatewayAnswer(413, 'Request Entity Too Large');
    const api = { apiId: this.#api.name, domainName: this.#domainName };
    const event = JSON.stringify(requestEvent(request, url, body, route, api));
    if (Buffer.byteLength(event) > MAX_EVENT_BYTES) return gatewayAnswer(413, 'Request Entity Too Large');
    return invoke(route.target, event);
  }
}

async function invoke({ pool, timeoutMs }: Target, event: string): Promise<Answer> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), timeoutMs);
  const result = await Promise.race([pool.invoke(event), promise]);
  clearTimeout(timer);
  switch (result?.outcome) {
    case undefined:
    case 'throttled':
      return gatewayAnswer(503, 'Service Unavailable');
    case 'error':
      return gatewayAnswer(500, 'Internal Server Error');
    case 'success':
      return answerOf(result.payload) ?? gatewayAnswer(500, 'Internal Server Error');
  }
}

/** Reads a request's body; undefined when it is larger than API Gateway takes. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += Buffer.byteLength(chunk);
    if (size <= MAX_BODY_BYTES) chunks.push(Buffer.from(chunk));
  }
  return size > MAX_BODY_BYTES ? undefined : Buffer.concat(chunks);
}

function send(response: ServerResponse, { status, headers, cookies, body }: Answer): void {
  if (response.headersSent || response.destroyed) return;
  try {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    if (cookies.length > 0) response.setHeader('set-cookie', [...cookies]);
    response.setHeader('apigw-requestid', Math.random().toString(36).slice(2));
    response.statusCode = status;
    const bodiless = status === 204 || status === 304;
    response.removeHeader('transfer-encoding');
    if (!bodiless) response.setHeader('content-length', body.length);
    response.end(bodiless ? undefined : body);
  } catch {
    // A header that HTTP does not allow (say, a line break in it) is the function's fault.
    for (const name of response.getHeaderNames()) response.removeHeader(name);
    response.statusCode = 500;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ message: 'Internal Server Error' }));
  }
}

function isPreflight(request: IncomingMessage): boolean {
  return request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined;
}

function bucketOf(
  settings: { ThrottlingRateLimit?: number | undefined; ThrottlingBurstLimit?: number | undefined } | undefined,
): TokenBucket | undefined {
  const { ThrottlingRateLimit: rate, ThrottlingBurstLimit: burst } = settings ?? {};
  return rate === undefined && burst === undefined ? undefined : new TokenBucket(rate ?? 10_000, burst ?? 5_000);
}

/** The function in an integration's URI: its ARN, or API Gateway's invocation path around it. */
function functionIn(uri: string): string {
  return /functions\/(arn:[^/]+)\/invocations$/.exec(uri)?.[1] ?? uri;
}

function permittedFunctions(model: Model): Set<string> {
  return new Set(
    model
      .of('AWS::Lambda::Permission', Permission)
      .filter(({ properties }) => properties.Principal === 'apigateway.amazonaws.com')
      .map(({ properties }) => nameIn(properties.FunctionName)),
  );
}
