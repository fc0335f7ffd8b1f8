import fc from 'fast-check';

import { membersOf, type JsonSchema } from '../../functions/site/domain/json-schema.ts';
import { token, type Pool } from './pool.ts';

/** What a client may send that nobody would: text that breaks headers, tables, templates, keys and encodings. */
const HOSTILE_TEXT = [
  '',
  ' ',
  'null',
  '../../etc/passwd',
  '\u0000',
  'a\r\nSet-Cookie: x=1',
  '=HYPERLINK("http://x","y")',
  '{{constructor}}',
  '<script>alert(1)</script>',
  '\u202Egnirts',
  '🎟️'.repeat(50),
  '\uD800',
  'e\u0301\u0323'.repeat(20),
  "' OR 1=1 --",
  '${jndi:ldap://x}',
  '__proto__',
  'x'.repeat(10_000),
];
const HOSTILE_NUMBERS = [
  -1,
  0,
  -0,
  0.5,
  1e9,
  1e308,
  Number.MAX_SAFE_INTEGER,
  Number.MAX_SAFE_INTEGER + 2,
  -Number.MAX_SAFE_INTEGER,
  5e-324,
];
const HOSTILE_KEYS = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'surprise', '', '$where'];

/** Any JSON value that is likely to be wrong wherever it is put. */
export const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(...HOSTILE_TEXT),
  fc.constantFrom(...HOSTILE_NUMBERS),
  fc.constantFrom<unknown>(null, true, false, [], {}, [[]], [null]),
  fc.constantFrom(200, 3_000).map(nested),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.jsonValue({ maxDepth: 3 }),
);
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...HOSTILE_TEXT),
  fc.string({ unit: 'binary', maxLength: 60 }),
);

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}

/** Values that `schema` accepts, as far as JSON Schema tells; `name` is the member's, for {@link Pool}. */
export function valid(schema: JsonSchema, pool: Pool, name = ''): fc.Arbitrary<unknown> {
  if (!pool.has(name)) return plain(schema, pool);
  return fc.oneof(
    { weight: 12, arbitrary: fc.nat(999).map((index) => token(name, index)) },
    { weight: 1, arbitrary: plain(schema, pool) },
  );
}

/**
 * Values near an example that the system takes: some of its members replaced by what the schema accepts, some
 * that may be left out left out, some that may be there added. What rules between fields ask for, no schema tells.
 */
export function near(example: unknown, schema: JsonSchema, pool: Pool): fc.Arbitrary<unknown> {
  if (typeof example !== 'object' || example === null || Array.isArray(example)) return fc.constant(example);
  const given: Readonly<Record<string, unknown>> = { ...example };
  const required = new Set(schema.required);
  const members = new Map(membersOf(schema));
  type Members = readonly (readonly [string, unknown])[];
  const one = (name: string): fc.Arbitrary<Members> => {
    const member = members.get(name);
    const other: fc.Arbitrary<Members> =
      member === undefined ? fc.constant([]) : valid(member, pool, name).map((value): Members => [[name, value]]);
    if (!(name in given))
      return fc.oneof({ weight: 12, arbitrary: fc.constant<Members>([]) }, { weight: 1, arbitrary: other });
    return fc.oneof(
      { weight: 12, arbitrary: fc.constant<Members>([[name, given[name]]]) },
      { weight: 1, arbitrary: other },
      { weight: required.has(name) ? 0 : 1, arbitrary: fc.constant<Members>([]) },
    );
  };
  const names = [...new Set([...Object.keys(given), ...members.keys()])];
  return fc.tuple(...names.map(one)).map((parts): unknown => Object.fromEntries(parts.flat()));
}

function plain(schema: JsonSchema, pool: Pool): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map((each) => plain(each, pool)));
  switch (schema.type) {
    case 'object':
      return validObject(schema, pool);
    case 'array': {
      const { items, minItems: minLength = 0, maxItems } = schema;
      const item = typeof items === 'object' && !Array.isArray(items) ? valid(items, pool) : fc.jsonValue();
      return fc.array(item, { minLength, maxLength: Math.max(minLength, Math.min(maxItems ?? 3, 3)) });
    }
    case 'integer':
    case 'number':
      return validNumber(schema);
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'string':
      return validText(schema);
    case undefined:
    default:
      return fc.jsonValue({ maxDepth: 1 });
  }
}

function validObject(schema: JsonSchema, pool: Pool): fc.Arbitrary<unknown> {
  const members = membersOf(schema).map(([name, member]) => [name, valid(member, pool, name)] as const);
  return fc.record(Object.fromEntries(members), { requiredKeys: [...(schema.required ?? [])] });
}

/** Small values mostly, so that a valid request is also a sensible one. */
function validNumber({ minimum = 0, maximum = 100 }: JsonSchema): fc.Arbitrary<number> {
  const least = Math.ceil(Math.max(minimum, -1_000_000));
  const most = Math.floor(Math.min(maximum, 1_000_000));
  return fc.oneof(
    { weight: 3, arbitrary: fc.integer({ min: least, max: Math.min(most, least + 5) }) },
    { weight: 1, arbitrary: fc.integer({ min: least, max: Math.max(least, most) }) },
  );
}

function validText({ format, pattern, minLength = 0, maxLength = 40 }: JsonSchema): fc.Arbitrary<string> {
  if (format === 'date-time') {
    const inDays = fc.integer({ min: -5, max: 400 });
    return inDays.map((days) => new Date(Date.now() + days * 86_400_000).toISOString());
  }
  const text = fc.string({
    unit: 'grapheme-ascii',
    minLength,
    maxLength: Math.max(minLength, Math.min(maxLength, 60)),
  });
  if (pattern === undefined) return text;
  // Patterns by Unicode property only forbid control characters; what they say, printable text obeys.
  return /\\[pP]\{/.test(pattern) ? text : fc.stringMatching(new RegExp(pattern));
}

/** `value` with one thing wrong somewhere: another value, a member more, a member less, or all of it. */
export function almost(value: unknown): fc.Arbitrary<unknown> {
  const places = placesIn(value);
  return fc
    .tuple(
      fc.constantFrom(...places),
      fc.constantFrom('replace', 'add', 'remove'),
      fc.constantFrom(...HOSTILE_KEYS),
      hostileValue,
    )
    .map(([place, how, key, hostile]) => changed(value, place, { how, key, hostile }));
}

interface Change {
  readonly how: string;
  readonly key: string;
  readonly hostile: unknown;
}

function placesIn(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([name, member]) => placesIn(member, [...path, name]))];
}

function changed(value: unknown, [first, ...rest]: readonly string[], change: Change): unknown {
  const isContainer = typeof value === 'object' && value !== null;
  if (first === undefined) {
    if (change.how !== 'add' || !isContainer || Array.isArray(value)) return change.hostile;
    return Object.fromEntries([...Object.entries(value), [change.key, change.hostile]]);
  }
  if (Array.isArray(value)) {
    const parts: readonly unknown[] = value;
    return parts.map((part, index) => (String(index) === first ? changed(part, rest, change) : part));
  }
  if (!isContainer) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !(name === first && rest.length === 0 && change.how === 'remove'))
      .map(([name, member]): [string, unknown] => [name, name === first ? changed(member, rest, change) : member]),
  );
}
