import middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import type * as z from 'zod/mini';

import { holdsCardNumber } from '../kernel/card-number.ts';
import type { Instant } from '../kernel/clock.ts';
import { problem, ProblemError, PROBLEMS, type Problem } from '../kernel/problems.ts';
import type { Result } from '../kernel/result.ts';
import { StoreBusyError } from '../table/commit.ts';
import type { Actor, Occasion } from '../table/aggregate.ts';
import type { Table } from '../table/client.ts';
import { authenticate, cookieOf, readOnceAllowed, type Authentication } from './authenticate.ts';
import { admitAtEdge, type ClientAddress } from './edge.ts';
import { httpEnv, readEnv } from './env.ts';
import { readInput, readPathIds } from './input.ts';
import { logFault, logMetrics } from './log.ts';
import type { OwnedRoute } from './policy.ts';
import { SECURITY_HEADERS, securityHeadersOf } from './security-headers.ts';
import { SecretUnavailableError } from './secrets.ts';
import { routeKey, type Parsed, type Route } from './route.ts';
import { refuseOtherSites, senderOf } from './sender.ts';
import { actorOf, type Caller, type Session } from './session.ts';

/** A request as a use case sees it: validated against its route, its caller authenticated. */
export interface HttpRequest<R extends Route> {
  readonly params: Parsed<R['params']>;
  readonly query: Parsed<R['query']>;
  readonly body: Parsed<R['body']>;
  readonly caller: Caller;
  /** The bytes as they came, for routes that declare `rawBody`. */
  readonly rawBody: string;
  /** Header names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The value of a cookie that came with it. */
  readonly cookie: (name: string) => string | undefined;
  readonly requestId: string;
  /** Where it came from, for limits; never to be stored. */
  readonly client: ClientAddress;
  readonly now: Instant;
  /** Why the changes of this request are made: now, on this request, by its caller. */
  readonly occasion: Occasion;
}

/** As {@link HttpRequest}, for a route that only signed-in people may call. */
export type PersonalRequest<R extends Route> = Omit<HttpRequest<R>, 'caller'> & { readonly session: Session };

/** An answer that the route declares. */
export interface Answer {
  readonly status: number;
  /** Sent as JSON unless `file` is given. */
  readonly body?: unknown;
  readonly file?: { readonly bytes: Uint8Array; readonly mediaType: string; readonly name?: string };
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookies?: readonly string[];
}

type Outcome = Promise<Result<Answer, Problem>>;

/** A request that has come and is not read yet. */
export interface Arrival {
  /** The ids in its path; undefined when they are malformed. */
  readonly pathIds: () => Readonly<Record<string, string | undefined>> | undefined;
  /** Reads and validates all of it, once it is known who may send it. @throws ProblemError */
  readonly receive: () => HttpRequest<Route>;
  readonly now: Instant;
}

/** A route with what answers it; made by {@link serve}, {@link serveTo}, {@link serveLoading}, serveOwned. */
export interface Served {
  readonly route: Route;
  readonly answer: (arrival: Arrival, authentication: Authentication) => Outcome;
}

/** Serves a route that anyone may call, or whose body proves its sender. */
export function serve<R extends Route>(route: R, useCase: (request: HttpRequest<R>) => Outcome): Served {
  return {
    route,
    answer: async ({ receive }, authentication) => {
      const caller = await authentication.caller();
      const by = caller.kind === 'person' ? actorOf(caller.session) : 'anonymous';
      return useCase(typed<R>({ ...madeBy(by, receive()), caller }));
    },
  };
}

/** Any route but those whose policy names a thing to be loaded: `serveOwned` of serve-owned.ts serves these. */
type Unowned<R extends Route> = R extends OwnedRoute ? never : R;

/** Serves a route that only signed-in people with its roles may call. */
export function serveTo<R extends Route>(route: Unowned<R>, useCase: (request: PersonalRequest<R>) => Outcome): Served {
  return {
    route,
    answer: async ({ receive }, authentication) => {
      const session = await authentication.session(route);
      return useCase({ ...typed<R>(madeBy(actorOf(session), receive())), session });
    },
  };
}

/**
 * As {@link serveTo}, reading what the use case needs beside the session in one parallel round: for the
 * hot path. `load` gets no session, so it must read nothing that depends on who asks.
 */
export function serveLoading<R extends Route, Loaded>(
  route: Unowned<R>,
  load: (request: HttpRequest<R>) => Promise<Loaded>,
  useCase: (request: PersonalRequest<R>, loaded: Loaded) => Outcome,
): Served {
  return {
    route,
    answer: async ({ receive }, authentication) => {
      // A token with a bad signature is refused before it costs a read.
      await authentication.proven(route);
      const permitted = authentication.session(route);
      const request = typed<R>(await readOnceAllowed(receive, permitted));
      const [session, loaded] = await Promise.all([permitted, load(request)]);
      return useCase({ ...madeBy(actorOf(session), request), session }, loaded);
    },
  };
}

/** `request` once it is known who its changes are made by. */
export function madeBy<Request extends { readonly occasion: Occasion }>(by: Actor, request: Request): Request {
  return { ...request, occasion: { ...request.occasion, by } };
}

/** The one place where a request validated against its own route takes on that route's types. */
export function typed<R extends Route>(request: HttpRequest<Route>): HttpRequest<R> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion, typescript/no-unnecessary-type-assertion -- input.ts has parsed it by the schemas of this very route
  return request as unknown as HttpRequest<R>;
}

/** What the HTTP bundle itself needs: sessions come from the table, their keys from SSM. */
export interface HttpDeps {
  readonly table?: Table;
  readonly sessionKeysParameter?: string;
}

export type HttpHandler = (
  event: APIGatewayProxyEventV2,
  context: Context,
) => Promise<APIGatewayProxyStructuredResultV2>;

/**
 * The bundle for functions behind the HTTP API: dispatch by `routeKey`, authentication, validation,
 * problem answers (RFC 9457), security headers and one metric line per request.
 */
export function httpFunction(deps: HttpDeps, served: readonly Served[]): HttpHandler {
  const byKey = new Map(served.map((entry) => [routeKey(entry.route), entry]));
  const { ORIGIN_KEYS_PARAMETER: originKeys, PUBLIC_URL: publicUrl } = readEnv(httpEnv);
  const ownOrigin = new URL(publicUrl).origin;
  const clients = new WeakMap<object, ClientAddress>();

  const dispatch = async (event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> => {
    const client = await admitAtEdge(event, originKeys);
    clients.set(event, client);
    const entry = byKey.get(event.routeKey);
    if (entry === undefined)
      return problemAnswer(problem('ROUTE_NOT_FOUND', 'See /api/docs for the routes there are.'), requestIdOf(event));
    const now = Date.now();
    const sender = senderOf(event, ownOrigin);
    refuseOtherSites(event, sender);
    const authentication = authenticate(event, sender, deps, now);
    const requestId = requestIdOf(event);
    const receive = (): HttpRequest<Route> => ({
      ...readInput(event, entry.route, now),
      caller: { kind: 'anonymous' },
      headers: event.headers,
      cookie: (name) => cookieOf(event, name),
      requestId,
      client,
      now,
      occasion: { now, correlationId: requestId, by: 'anonymous' },
    });
    const pathIds = (): ReturnType<typeof readPathIds> => readPathIds(event, entry.route);
    const outcome = await entry.answer({ pathIds, receive, now }, authentication);
    return outcome.ok ? toResult(outcome.value, requestId) : problemAnswer(outcome.error, requestId);
  };

  return (
    middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>()
      .use(requestLine(clients))
      // Asked first when something was thrown (middy goes backwards then), so that the line has the status of its answer.
      .use(problemAnswers())
      .handler(dispatch)
  );
}

type HttpMiddleware = middy.MiddlewareObj<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>;

/** Turns what was thrown into an answer: problems as they are, contention as 503, anything else as 500. */
function problemAnswers(): HttpMiddleware {
  return {
    onError: (request) => {
      const requestId = requestIdOf(request.event);
      request.response = problemAnswer(problemOf(request.error, requestId), requestId);
    },
  };
}

function problemOf(error: unknown, requestId: string): Problem {
  if (error instanceof ProblemError) return error.problem;
  if (error instanceof SecretUnavailableError) logFault('DEPENDENCY_FAULT', error, { requestId });
  if (error instanceof StoreBusyError || error instanceof SecretUnavailableError) {
    return problem('BUSY', 'Nothing was changed. Try again in a moment.', { retryAfter: 1 });
  }
  logFault('REQUEST_FAULT', error, { requestId });
  return problem('INTERNAL_ERROR', `Try again; if it goes on, tell us the request id ${requestId}.`);
}

/**
 * One line per request: the access log, and what availability, faults and latency are drawn from. It has the
 * route and no URL, and of the client only its network; API Gateway's own access log cannot truncate an
 * address, so there is none in that.
 */
function requestLine(clients: WeakMap<object, ClientAddress>): HttpMiddleware {
  const startedAt = new WeakMap<object, Instant>();
  const write: middy.MiddlewareFn<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2> = (request) => {
    const now = Date.now();
    const status = request.response?.statusCode ?? 500;
    logMetrics(
      {
        requests: { value: 1, unit: 'Count' },
        faults: { value: status >= 500 ? 1 : 0, unit: 'Count' },
        latency: { value: now - (startedAt.get(request.event) ?? now), unit: 'Milliseconds' },
      },
      {
        route: request.event.routeKey,
        status,
        requestId: requestIdOf(request.event),
        client: clients.get(request.event)?.network,
      },
      now,
    );
  };
  return {
    before: (request) => void startedAt.set(request.event, Date.now()),
    after: write,
    onError: write,
  };
}

function requestIdOf(event: APIGatewayProxyEventV2): string {
  const given = event.headers['x-request-id'];
  // It is logged, so it may be no card number either.
  return given !== undefined && /^[\w-]{8,64}$/.test(given) && !holdsCardNumber(given)
    ? given
    : event.requestContext.requestId;
}

function toResult(answer: Answer, requestId: string): APIGatewayProxyStructuredResultV2 {
  const headers = {
    ...securityHeadersOf(
      answer.file?.mediaType ?? 'application/json',
      answer.headers?.['cache-control']?.startsWith('public') === true,
    ),
    'cache-control': 'no-store',
    'x-request-id': requestId,
    ...answer.headers,
  };
  const cookies = answer.cookies === undefined ? {} : { cookies: [...answer.cookies] };
  if (answer.file !== undefined) {
    const { bytes, mediaType, name } = answer.file;
    const disposition = name === undefined ? {} : { 'content-disposition': `attachment; filename="${name}"` };
    return {
      statusCode: answer.status,
      headers: { ...headers, 'content-type': mediaType, ...disposition },
      body: Buffer.from(bytes).toString('base64'),
      isBase64Encoded: true,
      ...cookies,
    };
  }
  if (answer.body === undefined) return { statusCode: answer.status, headers, ...cookies };
  return {
    statusCode: answer.status,
    headers: { ...headers, 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify(answer.body),
    ...cookies,
  };
}

function problemAnswer(
  { code, detail, extra, retryAfter, errors }: Problem,
  requestId: string,
): APIGatewayProxyStructuredResultV2 {
  const { status, title } = PROBLEMS[code];
  return {
    statusCode: status,
    headers: {
      ...SECURITY_HEADERS,
      'cache-control': 'no-store',
      'x-request-id': requestId,
      'content-type': 'application/problem+json; charset=utf-8',
      ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
    },
    body: JSON.stringify({
      type: `/api/docs#${code}`,
      title,
      status,
      detail,
      code,
      requestId,
      ...extra,
      ...(errors ? { errors } : {}),
    }),
  };
}

/** The body of answer `Status` of a route, as its schema types it. */
export type ResponseBody<
  R extends Route,
  Status extends keyof R['responses'],
> = R['responses'][Status] extends z.ZodMiniType ? z.infer<R['responses'][Status]> : undefined;
