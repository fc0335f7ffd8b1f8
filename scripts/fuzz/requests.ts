import fc from 'fast-check';

import type { Operation } from '../../functions/site/domain/openapi.ts';
import { almost, hostileText, hostileValue, valid, type Pool } from './arbitraries.ts';

/** An operation of the document with where it is. */
export interface Target {
  readonly method: string;
  /** With `{name}` for parameters. */
  readonly path: string;
  readonly operation: Operation;
}

/** A generated request; who sends it is a name that the runner knows. */
export interface FuzzRequest {
  readonly operationId: string;
  readonly kind: 'valid' | 'almost' | 'garbage';
  readonly method: string;
  /** With its query, encoded. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly caller: string;
}

const JSON_TYPE = { 'content-type': 'application/json' };
/** Passwords are recognisable, so that an answer that echoes one is found. */
export const CANARY = 'Canary-7f3a91-Secret!';
/** Each check of a password costs a bcrypt, so log-ins are a small share. */
const RARE = ['login'];

/** Requests for all operations: half of them valid by schema, the rest almost, or garbage. */
export function requestsFor(
  targets: readonly Target[],
  pool: Pool,
  callersOf: (operationId: string) => readonly string[],
): fc.Arbitrary<FuzzRequest> {
  return fc.oneof(
    ...targets.map((target) => ({
      weight: RARE.includes(target.operation.operationId) ? 1 : 8,
      arbitrary: requestFor(target, pool, callersOf(target.operation.operationId)),
    })),
  );
}

function requestFor(target: Target, pool: Pool, callers: readonly string[]): fc.Arbitrary<FuzzRequest> {
  const caller = fc.constantFrom(...callers);
  const base = { operationId: target.operation.operationId, method: target.method };
  const made = (kind: FuzzRequest['kind'], parts: fc.Arbitrary<Parts>): fc.Arbitrary<FuzzRequest> =>
    fc.tuple(parts, caller).map(([part, who]) => ({ ...base, kind, ...part, caller: who }));
  const good = validParts(target, pool);
  return fc.oneof(
    { weight: 4, arbitrary: made('valid', good.map(written)) },
    { weight: 4, arbitrary: made('almost', good.chain(spoilt).map(written)) },
    { weight: 2, arbitrary: made('garbage', good.chain(garbage)) },
  );
}

type Parts = Pick<FuzzRequest, 'path' | 'headers' | 'body'>;

interface Meant {
  readonly template: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

function validParts({ path: template, operation }: Target, pool: Pool): fc.Arbitrary<Meant> {
  const within = (where: string): fc.Arbitrary<Readonly<Record<string, unknown>>> => {
    const named = operation.parameters.filter((parameter) => parameter.in === where);
    return fc.record(Object.fromEntries(named.map(({ name, schema }) => [name, valid(schema, pool, name)])), {
      requiredKeys: named.filter(({ required }) => required).map(({ name }) => name),
    });
  };
  const schema = operation.requestBody?.content['application/json']?.schema;
  const body = schema === undefined ? fc.constant(undefined) : valid(schema, { password: [CANARY], ...pool });
  const key = fc.option(fc.constantFrom('fuzz-1', 'fuzz-2', 'fuzz-3'), { nil: undefined });
  return fc.record({
    template: fc.constant(template),
    params: within('path'),
    query: within('query'),
    headers: key.map((text): Readonly<Record<string, string>> =>
      text === undefined ? {} : { 'idempotency-key': text },
    ),
    body,
  });
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
  ).toString();
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
