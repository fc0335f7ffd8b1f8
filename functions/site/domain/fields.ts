import { itemsOf, membersOf, type JsonSchema } from './json-schema.ts';

/** One member of a body as a table shows it. */
export interface Field {
  /** `ticketTypes[].price.amount` */
  readonly path: string;
  readonly type: string;
  readonly required: boolean;
  /** Limits in words. */
  readonly rules: string;
}

/** Every member of an object's schema, nested ones after their parents. */
export function fieldsOf(schema: JsonSchema, path = ''): readonly Field[] {
  const { required = [] } = schema;
  return membersOf(schema).flatMap(([name, property]) => {
    const own = path === '' ? name : `${path}.${name}`;
    const value = withoutNull(property);
    const items = itemsOf(value);
    return [
      { path: own, type: typeOf(property), required: required.includes(name), rules: rulesOf(value) },
      ...fieldsOf(value, own),
      ...(items === undefined ? [] : fieldsOf(items, `${own}[]`)),
    ];
  });
}

/** `integer`, `list of object`, `string or null`: the type in words. */
export function typeOf(schema: JsonSchema): string {
  if (schema.anyOf !== undefined) return [...new Set(schema.anyOf.map(typeOf))].join(' or ');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.type === 'array') return `list of ${typeOf(itemsOf(schema) ?? {})}`;
  if (schema.format === 'date-time') return 'time';
  return [schema.type ?? 'anything'].flat().join(' or ');
}

/** The limits of a value in words, for example `1 to 60`. */
export function rulesOf(schema: JsonSchema): string {
  const { minimum, maximum, minLength, maxLength, minItems, maxItems } = schema;
  const values = schema.enum ?? [];
  const shown = values.slice(0, 12).map(String).join(', ');
  return [
    range(minimum, Math.abs(maximum ?? Infinity) >= Number.MAX_SAFE_INTEGER ? undefined : maximum, ''),
    range(minLength, maxLength, ' characters'),
    range(minItems, maxItems, ' items'),
    values.length === 0 ? '' : `one of ${shown}${values.length > 12 ? `, … (${values.length} values)` : ''}`,
    schema.pattern?.includes('A-HJKMNP-TV-Z') === true ? 'ULID' : '',
  ]
    .filter(Boolean)
    .join('; ');
}

function range(least: number | undefined, most: number | undefined, unit: string): string {
  if (least !== undefined && Math.abs(least) >= Number.MAX_SAFE_INTEGER) return range(undefined, most, unit);
  if (least !== undefined && most !== undefined) return `${least} to ${most}${unit}`;
  if (least !== undefined) return `at least ${least}${unit}`;
  return most === undefined ? '' : `at most ${most}${unit}`;
}

function withoutNull(schema: JsonSchema): JsonSchema {
  const others = schema.anyOf?.filter(({ type }) => type !== 'null') ?? [];
  const [only] = others;
  return others.length === 1 && only !== undefined ? only : schema;
}
