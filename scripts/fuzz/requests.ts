import fc from 'fast-check';

import type { JsonSchema } from '../../functions/site/domain/json-schema.ts';
import type { Operation } from '../../functions/site/domain/openapi.ts';
import { almost, hostileText, hostileValue, near, valid } from './arbitraries.ts';
import type { Pool } from './pool.ts';

/** An operation of the document with where it is. */
export interface Target {
  readonly method: string;
  /** With `{name}` for parameters. */
  readonly path: string;
  readonly operation: Operation;
}

/** A generated request; who sends it is a name that the runner knows. Path and body hold tokens of the {@link Pool}. */
export interface FuzzRequest {
  readonly operationId: string;
  readonly kind: 'valid' | 'almost' | 'garbage';
  readonly method: string;
  /** With its query, encoded. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly caller: string;
  /** What is sent as `If-Match`: the tag of a read just before, or any version. */
  readonly ifMatch?: 'read' | 'any';
}

/** What requests are made from. */
export interface Ingredients {
  readonly targets: readonly Target[];
  readonly pool: Pool;
  /** Bodies that the system takes, by operation, where rules between fields ask for more than a schema tells. */
  readonly examples: Readonly<Record<string, readonly unknown[]>>;
  /** Names of callers by what `x-who` calls them; a name may be there several times, to come more often. */
  readonly callersByRole: Readonly<Record<string, readonly string[]>>;
}

const JSON_TYPE = { 'content-type': 'application/json' };
/** Passwords are recognisable, so that an answer that echoes one is found. */
export const CANARY = 'Canary-7f3a91-Secret!';
/** Each check of a password costs a bcrypt, so what takes one is a small share. */
function weightOf({ operation }: Target): number {
  const members = bodySchemaOf(operation)?.properties ?? {};
  return Object.keys(members).some((name) => /password/i.test(name)) ? 1 : 8;
}

/** Requests for all operations: half of them valid by schema, the rest almost, or garbage. */
export function requestsFor(ingredients: Ingredients): fc.Arbitrary<FuzzRequest> {
  return fc.oneof(
    ...ingredients.targets.map((target) => ({ weight: weightOf(target), arbitrary: requestFor(target, ingredients) })),
  );
}

function requestFor(target: Target, ingredients: Ingredients): fc.Arbitrary<FuzzRequest> {
  const caller = callerOf(target.operation, ingredients);
  const base = { operationId: target.operation.operationId, method: target.method };
  const isVersioned = target.operation['x-problems'].includes('PRECONDITION_FAILED');
  const ifMatch = isVersioned
    ? fc.constantFrom<Pick<FuzzRequest, 'ifMatch'>>({ ifMatch: 'read' }, { ifMatch: 'read' }, { ifMatch: 'any' }, {})
    : fc.constant({});
  const made = (kind: FuzzRequest['kind'], parts: fc.Arbitrary<Parts>): fc.Arbitrary<FuzzRequest> =>
    fc.tuple(parts, caller, ifMatch).map(([part, who, match]) => ({ ...base, kind, ...part, caller: who, ...match }));
  const good = validParts(target, ingredients);
  return fc.oneof(
    { weight: 4, arbitrary: made('valid', good.map(written)) },
    { weight: 4, arbitrary: made('almost', good.chain(spoilt).map(written)) },
    { weight: 2, arbitrary: made('garbage', good.chain(garbage)) },
  );
}

/** Mostly who may call it, for else few requests would get further than that. */
function callerOf(operation: Operation, { callersByRole }: Ingredients): fc.Arbitrary<string> {
  const everybody = [...new Set(Object.values(callersByRole).flat())];
  const who = operation['x-who'];
  const fitting = typeof who === 'string' ? everybody : who.flatMap((role) => callersByRole[role] ?? []);
  return fc.oneof(
    { weight: 7, arbitrary: fc.constantFrom(...(fitting.length === 0 ? everybody : fitting)) },
    { weight: 3, arbitrary: fc.constantFrom(...everybody) },
  );
}

function bodySchemaOf({ requestBody }: Operation): JsonSchema | undefined {
  return requestBody?.content['application/json']?.schema;
}

type Parts = Pick<FuzzRequest, 'path' | 'headers' | 'body'>;

interface Meant {
  readonly template: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** What operations use up for good, by another name, so that the others find theirs to the end. */
const USED_UP: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  eraseUser: { userId: 'lostUserId' },
  cancelEvent: { eventId: 'lostEventId' },
  unpublishEvent: { eventId: 'lostEventId' },
  getCancellation: { eventId: 'lostEventId' },
  getCancellationReceipt: { eventId: 'lostEventId' },
};

function validParts({ path: template, operation }: Target, { pool, examples }: Ingredients): fc.Arbitrary<Meant> {
  const within = (where: string): fc.Arbitrary<Readonly<Record<string, unknown>>> => {
    const named = operation.parameters.filter((parameter) => parameter.in === where);
    // About one or two of those that may be left out are there: with all of them few things would be found.
    const parts = named.map(({ name, schema, required }) => {
      const known = USED_UP[operation.operationId]?.[name] ?? name;
      const value = valid(schema, pool, known).map((given) => [[name, given] as const]);
      const absent = Math.max(3, named.length);
      return required
        ? value
        : fc.oneof({ weight: absent, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: value });
    });
    return fc.tuple(...parts).map((members) => Object.fromEntries(members.flat()));
  };
  const key = fc.option(fc.nat(), { nil: undefined });
  return fc.record({
    template: fc.constant(template),
    params: within('path'),
    query: within('query'),
    headers: key.map((number): Readonly<Record<string, string>> =>
      number === undefined ? {} : { 'idempotency-key': `fuzz-${number % 1_000}` },
    ),
    body: validBody(operation, pool, examples[operation.operationId] ?? []),
  });
}

function validBody(operation: Operation, pool: Pool, examples: readonly unknown[]): fc.Arbitrary<unknown> {
  const schema = bodySchemaOf(operation);
  if (schema === undefined) return fc.constant(undefined);
  const bySchema = valid(schema, pool);
  if (examples.length === 0) return bySchema;
  const example = fc.constantFrom(...examples);
  return fc.oneof(
    { weight: 2, arbitrary: example },
    { weight: 3, arbitrary: example.chain((given) => near(given, schema, pool)) },
    { weight: 1, arbitrary: bySchema },
  );
}

/** One of the parts is almost right. */
function spoilt(meant: Meant): fc.Arbitrary<Meant> {
  const choices: fc.Arbitrary<Meant>[] = [almost(meant.query).map((query) => ({ ...meant, query: asRecord(query) }))];
  if (meant.body !== undefined) {
    const bodies = almost(meant.body).map((body): Meant => ({ ...meant, body }));
    choices.push(bodies, bodies, bodies);
  }
  const [name] = Object.keys(meant.params);
  if (name !== undefined) {
    choices.push(hostileValue.map((value) => ({ ...meant, params: { ...meant.params, [name]: value } })));
  }
  return fc.oneof(...choices);
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : { '': value };
}

const SENDABLE = /^[\t\u0020-\u007e\u0080-\u00ff]*$/;
const headerValue = fc.oneof(
  hostileText.filter((text) => SENDABLE.test(text) && text.length < 2_000),
  fc.constantFrom('Bearer', 'Bearer x', 'Bearer a.b.c', 'Basic QTpC', 't=1,v1=00', '*', 'W/"1"', 'a'.repeat(2_000)),
);
const headerName = fc.constantFrom(
  'authorization',
  'cookie',
  'x-request-id',
  'x-xsrf-token',
  'idempotency-key',
  'stripe-signature',
  'content-type',
  'if-match',
  'accept',
  'x-api-key',
  'content-encoding',
  'origin',
);
const rawBody = fc.constantFrom(
  '',
  '{',
  'null',
  '[]',
  '""',
  '0',
  '1e999',
  '{"a":1,"a":2}',
  '{"__proto__":{"admin":true}}',
  '\uFEFF{}',
  '<x/>',
  'a=1&b=2',
  '['.repeat(20_000),
  `{"items":"${'x'.repeat(300_000)}"}`,
);
const rawSegment = fc.constantFrom(
  '..',
  '%2e%2e%2f',
  '%00',
  '%ff',
  '%25',
  '%E0%A4%A',
  'a%2Fb',
  '',
  '%20',
  'x'.repeat(2_000),
  '{orderId}',
);

/** Bodies, headers and paths that no schema is behind. */
function garbage(meant: Meant): fc.Arbitrary<Parts> {
  const parts = written(meant);
  return fc.oneof(
    fc
      .tuple(rawBody, fc.constantFrom('application/json', 'text/plain', 'application/xml', 'multipart/form-data'))
      .map(([body, type]) => ({ ...parts, body, headers: { ...parts.headers, 'content-type': type } })),
    fc
      .tuple(headerName, headerValue)
      .map(([name, value]) => ({ ...parts, headers: { ...parts.headers, [name]: value } })),
    rawSegment.map((segment) => ({ ...parts, path: meant.template.replace(/\{\w+\}|[^/]+$/, () => segment) })),
    fc.tuple(hostileText, hostileText).map(([name, value]) => ({
      ...parts,
      path: `${parts.path.split('?')[0] ?? ''}?${new URLSearchParams([[name, value.slice(0, 1_000)]]).toString()}`,
    })),
  );
}

function written({ template, params, query, headers, body }: Meant): Parts {
  const filled = template.replace(/\{(\w+)\}/g, (_whole, name: string) => encoded(textOf(params[name])));
  const search = new URLSearchParams(
    Object.entries(query).map(([name, value]): [string, string] => [name, textOf(value).slice(0, 1_000)]),
  )
    .toString()
    // Tokens of the pool stay as they are.
    .replaceAll('%7E', '~');
  return {
    path: search === '' ? filled : `${filled}?${search}`,
    headers: body === undefined ? headers : { ...JSON_TYPE, ...headers },
    body: body === undefined ? undefined : JSON.stringify(body),
  };
}

function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed().slice(0, 1_000));
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}
