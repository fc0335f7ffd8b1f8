import { PROBLEMS, type ProblemCode } from '../../shared/kernel/problems.ts';
import { SESSION_COOKIE } from '../../shared/runtime/authenticate.ts';
import { GUEST_COOKIE } from '../../shared/runtime/guest.ts';
import { policyOf, problemsOf, type Route } from '../../shared/runtime/route.ts';
import { membersOf, requestSchema, responseSchema, type JsonSchema } from './json-schema.ts';

/** A parameter of an operation. */
export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly description?: string;
  readonly schema: JsonSchema;
}

/** An answer of an operation; `content` by media type. */
export interface ResponseObject {
  readonly description: string;
  readonly content?: Readonly<Record<string, { readonly schema: JsonSchema }>>;
}

/** One route as OpenAPI describes it. */
export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters: readonly Parameter[];
  readonly requestBody?: {
    readonly required: boolean;
    readonly content: Readonly<Record<string, { readonly schema: JsonSchema }>>;
  };
  readonly responses: Readonly<Record<string, ResponseObject>>;
  /** Who may call: `anyone`, `signature`, or roles. */
  readonly 'x-who': string | readonly string[];
  /** The kind of thing that must be the caller's, where the route is about one. */
  readonly 'x-owns'?: string;
  /** Codes of the problems that it may answer with. */
  readonly 'x-problems': readonly ProblemCode[];
}

/** An OpenAPI 3.1 document, as far as ours goes. */
export interface OpenApi {
  readonly openapi: '3.1.0';
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: readonly { readonly url: string }[];
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** RFC 9457, with the members that every problem of ours has. */
const PROBLEM_SCHEMA: JsonSchema = {
  type: 'object',
  required: ['type', 'title', 'status', 'detail', 'code', 'requestId'],
  properties: {
    type: { type: 'string', format: 'uri-reference', description: 'Where the problem is explained' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'What to do next' },
    code: { type: 'string', enum: Object.keys(PROBLEMS).toSorted() },
    requestId: { type: 'string' },
    errors: {
      type: 'array',
      description: 'What is wrong where, for invalid input',
      items: {
        type: 'object',
        required: ['path', 'message'],
        properties: { path: { type: 'string' }, message: { type: 'string' } },
      },
    },
  },
};

const SECURITY_SCHEMES = {
  bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'The accessToken of a log-in' },
  cookie: {
    type: 'apiKey',
    in: 'cookie',
    name: SESSION_COOKIE,
    description: 'Set by a log-in, for pages of this site',
  },
  csrf: {
    type: 'apiKey',
    in: 'header',
    name: 'X-XSRF-TOKEN',
    description: 'The csrfToken of a log-in, with the cookie',
  },
  guest: {
    type: 'apiKey',
    in: 'header',
    name: 'X-Guest-Token',
    description: 'The guestToken of POST /api/auth/guest, for who has not signed in',
  },
  guestCookie: { type: 'apiKey', in: 'cookie', name: GUEST_COOKIE, description: 'The same, for pages of this site' },
  stripeSignature: { type: 'apiKey', in: 'header', name: 'Stripe-Signature', description: 'Stripe signs the body' },
};

const SUCCESS: Readonly<Record<number, string>> = {
  200: 'Done',
  201: 'Created',
  202: 'Taken, still under way',
  204: 'Done, nothing to say',
  304: 'Not changed since the ETag that was sent',
};

/** The OpenAPI document of the routes, grouped by context. */
export function openApiOf(contexts: Readonly<Record<string, readonly Route[]>>): OpenApi {
  const paths: Record<string, Record<string, Operation>> = {};
  for (const [context, routes] of Object.entries(contexts)) {
    for (const route of routes) (paths[route.path] ??= {})[route.method.toLowerCase()] = operationOf(route, context);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Onsale',
      version: '1',
      description:
        'Event ticketing. Times are RFC 3339 in UTC, money is an integer in minor units with its ISO 4217 currency, ids are ULIDs. ' +
        'Unknown fields are refused. Problems are explained at /api/docs.',
    },
    servers: [{ url: '/' }],
    tags: Object.keys(contexts).map((name) => ({ name })),
    paths,
    components: { schemas: { Problem: PROBLEM_SCHEMA }, securitySchemes: SECURITY_SCHEMES },
  };
}

function operationOf(route: Route, context: string): Operation {
  const problems = problemsOf(route);
  return {
    operationId: route.id,
    summary: route.summary,
    tags: [context],
    security: securityOf(route),
    parameters: [...parametersOf(route.params, 'path'), ...parametersOf(route.query, 'query'), ...headersOf(route)],
    ...requestBodyOf(route),
    responses: { ...successesOf(route), ...refusalsOf(problems) },
    'x-who': route.access.who,
    ...ownsOf(route),
    'x-problems': problems,
  };
}

function ownsOf(route: Route): Pick<Operation, 'x-owns'> {
  const owns = policyOf(route)?.owns;
  return owns === undefined ? {} : { 'x-owns': owns };
}

function securityOf({ access, method }: Route): Operation['security'] {
  if (access.who === 'signature') return [{ stripeSignature: [] }];
  const signedIn = [{ bearer: [] }, method === 'GET' ? { cookie: [] } : { cookie: [], csrf: [] }];
  // An empty requirement makes signing in optional: drafts, for one, are shown to who may see them.
  if (access.who === 'anyone') return [{}, ...signedIn];
  return access.who.includes('guest') ? [...signedIn, { guest: [] }, { guestCookie: [] }] : signedIn;
}

function parametersOf(schema: Route['params'], where: 'path' | 'query'): readonly Parameter[] {
  if (schema === undefined) return [];
  const rendered = requestSchema(schema);
  return membersOf(rendered).map(([name, member]) => ({
    name,
    in: where,
    required: rendered.required?.includes(name) === true,
    schema: member,
  }));
}

/** As what a retry of a POST that creates or moves money is known. */
const IDEMPOTENCY = {
  'Idempotency-Key': 'A retry with the same key and body is answered the same; another body is refused',
};

function headersOf({ problems, headers = {} }: Route): readonly Parameter[] {
  const all = { ...(problems.includes('IDEMPOTENCY_KEY_REUSED') ? IDEMPOTENCY : {}), ...headers };
  return Object.entries(all).map(([name, description]) => ({
    name,
    in: 'header',
    required: false,
    description,
    schema: { type: 'string' },
  }));
}

function requestBodyOf({ body, rawBody, takes = 'application/json' }: Route): Pick<Operation, 'requestBody'> {
  if (rawBody === true)
    return { requestBody: { required: true, content: { [takes]: { schema: { type: 'object' } } } } };
  if (body === undefined) return {};
  const schema = requestSchema(body);
  return { requestBody: { required: (schema.required ?? []).length > 0, content: { 'application/json': { schema } } } };
}

function successesOf({ responses, produces }: Route): Operation['responses'] {
  return Object.fromEntries(
    Object.entries(responses).map(([status, schema]): [string, ResponseObject] => {
      const description = SUCCESS[Number(status)] ?? 'Done';
      if (schema !== null)
        return [status, { description, content: { 'application/json': { schema: responseSchema(schema) } } }];
      return [
        status,
        produces === undefined ? { description } : { description, content: { [produces]: { schema: {} } } },
      ];
    }),
  );
}

function refusalsOf(problems: readonly ProblemCode[]): Operation['responses'] {
  const byStatus = Map.groupBy(problems, (code) => PROBLEMS[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, codes]): [string, ResponseObject] => [
      String(status),
      {
        description: codes.map((code) => `${code}: ${PROBLEMS[code].title}`).join('. '),
        content: {
          'application/problem+json': {
            schema: {
              allOf: [
                { $ref: '#/components/schemas/Problem' },
                { type: 'object', properties: { code: { type: 'string', enum: codes } } },
              ],
            },
          },
        },
      },
    ]),
  );
}
