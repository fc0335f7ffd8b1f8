import { invalidParam } from './errors.ts';
import type { FormHash, FormValue } from './form.ts';

/** Reads one parameter, or throws the failure Stripe answers for it. */
export type Reader<T> = (value: FormValue, path: string) => T;
type Fields = Readonly<Record<string, Reader<unknown>>>;
type Read<F> = { [K in keyof F]: F[K] extends Reader<infer T> ? T : never };
/** What a declared parameter set reads to: required fields present, the others optional. */
export type Parsed<F, R extends keyof F> = Partial<Omit<Read<F>, R>> & Pick<Read<F>, R>;

/** Reads a whole set of parameters. */
export type ParamReader<T> = (form: FormHash) => T;

/**
 * Declares the parameters of a route. Everything undeclared is refused as `parameter_unknown`;
 * what Stripe knows and the stand-in does not is refused by name, never ignored.
 * @param uncovered parameters of the real API that the stand-in does not have
 */
export function params<const F extends Fields, R extends keyof F & string = never>(
  fields: F,
  required: readonly R[] = [],
  uncovered: readonly string[] = [],
): ParamReader<Parsed<F, R>> {
  const read = hashOf(fields, required, uncovered);
  return (form) => read(form, '');
}

/** A nested hash with declared fields. */
export function hashOf<const F extends Fields, R extends keyof F & string = never>(
  fields: F,
  required: readonly R[] = [],
  uncovered: readonly string[] = [],
): Reader<Parsed<F, R>> {
  return (value, path) => {
    if (typeof value === 'string') throw invalidParam('Invalid object', path);
    const output: Record<string, unknown> = {};
    for (const key of Object.keys(value)) {
      const full = path === '' ? key : `${path}[${key}]`;
      const reader = Object.hasOwn(fields, key) ? fields[key] : undefined;
      if (reader === undefined) {
        throw uncovered.includes(key)
          ? invalidParam(
              `The local Stripe stand-in does not cover the parameter ${full}; see local/stripe/README.md.`,
              full,
            )
          : invalidParam(`Received unknown parameter: ${full}`, full, 'parameter_unknown');
      }
      output[key] = reader(value[key] ?? '', full);
    }
    for (const name of required) {
      if (output[name] === undefined) {
        const full = path === '' ? name : `${path}[${name}]`;
        throw invalidParam(`Missing required param: ${full}.`, full, 'parameter_missing');
      }
    }
    // The loop above is what makes this true: every key was read by its declared reader.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    return output as Parsed<F, R>;
  };
}

/** A text of 1 to `max` characters. */
export function text(max = 5_000): Reader<string> {
  return (value, path) => {
    if (typeof value !== 'string') throw invalidParam('Invalid string', path);
    if (value === '') {
      throw invalidParam(
        `You passed an empty string for '${path}'. We assume empty values are an attempt to unset a parameter; however '${path}' cannot be unset. You should remove '${path}' from your request or supply a non-empty value.`,
        path,
        'parameter_invalid_empty',
      );
    }
    if (value.length > max) {
      throw invalidParam(`Invalid string: ${value.slice(0, 20)}...; must be at most ${max} characters`, path);
    }
    return value;
  };
}

/** Makes a parameter unsettable: the empty string reads as null. */
export function emptyable<T>(reader: Reader<T>): Reader<T | null> {
  return (value, path) => (value === '' ? null : reader(value, path));
}

/** An integer within bounds; text such as `1.5`, `1e3` or `0x10` is refused. */
export function integer(min = 0, max = Number.MAX_SAFE_INTEGER): Reader<number> {
  return (value, path) => {
    if (typeof value !== 'string' || !/^-?\d{1,15}$/.test(value)) {
      throw invalidParam(
        `Invalid integer: ${typeof value === 'string' ? value.slice(0, 40) : '{}'}`,
        path,
        'parameter_invalid_integer',
      );
    }
    const number = Number(value);
    if (number < min) {
      throw invalidParam(`This value must be greater than or equal to ${min}.`, path, 'parameter_invalid_integer');
    }
    if (number > max) {
      throw invalidParam(`This value must be less than or equal to ${max}.`, path, 'parameter_invalid_integer');
    }
    return number;
  };
}

/** `true` or `false`. */
export const flag: Reader<boolean> = (value, path) => {
  if (value === 'true') return true;
  if (value === 'false') return false;
  throw invalidParam(`Invalid boolean: ${typeof value === 'string' ? value.slice(0, 40) : '{}'}`, path);
};

/** One of the named values. */
export function oneOf<const T extends string>(...values: readonly T[]): Reader<T> {
  return (value, path) => {
    const found = values.find((candidate) => candidate === value);
    if (found === undefined) {
      throw invalidParam(`Invalid ${path}: must be one of ${values.join(', ')}`, path);
    }
    return found;
  };
}

/** A list, sent as `name[0]=…&name[1]=…` or `name[]=…`. */
export function listOf<T>(reader: Reader<T>, max = 100): Reader<T[]> {
  return (value, path) => {
    if (typeof value === 'string') throw invalidParam('Invalid array', path);
    const keys = Object.keys(value);
    if (keys.length > max || keys.some((key) => !/^\d+$/.test(key))) throw invalidParam('Invalid array', path);
    return keys.map((key) => reader(value[key] ?? '', `${path}[${key}]`));
  };
}

/** Metadata: at most 50 keys of 40 characters with values of 500; null unsets a key, or all of it. */
export const metadata: Reader<Record<string, string | null> | null> = (value, path) => {
  if (value === '') return null;
  if (typeof value === 'string') throw invalidParam('Invalid object', path);
  const entries = Object.entries(value);
  if (entries.length > 50) throw invalidParam('Metadata can have up to 50 keys.', path);
  return Object.fromEntries(
    entries.map(([key, item]) => {
      const full = `${path}[${key}]`;
      if (typeof item !== 'string') throw invalidParam('Metadata values must be strings', full);
      if (key.length > 40) throw invalidParam('Metadata keys can be at most 40 characters long.', full);
      if (item.length > 500) throw invalidParam('Metadata values can have up to 500 characters.', full);
      return [key, item === '' ? null : item];
    }),
  );
};

/** Merges metadata as Stripe does: keys are added or replaced, a null value unsets its key. */
export function mergeMetadata(
  before: Readonly<Record<string, string>>,
  change: Readonly<Record<string, string | null>> | null | undefined,
): Record<string, string> {
  if (change === null) return {};
  const after = new Map(Object.entries(before));
  for (const [key, value] of Object.entries(change ?? {})) {
    if (value === null) after.delete(key);
    else after.set(key, value);
  }
  return Object.fromEntries(after);
}

/** Bounds on a Unix time in seconds. */
export interface TimeRange {
  gt?: number;
  gte?: number;
  lt?: number;
  lte?: number;
}
const range = hashOf({ gt: integer(), gte: integer(), lt: integer(), lte: integer() });
/** `created=1700000000` or `created[gte]=…&created[lt]=…`. */
export const timeRange: Reader<TimeRange> = (value, path) => {
  if (typeof value !== 'string') return range(value, path);
  const exact = integer()(value, path);
  return { gte: exact, lte: exact };
};

/** Whether a time lies within the bounds. */
export function inRange(time: number, bounds: TimeRange | undefined): boolean {
  if (bounds === undefined) return true;
  return (
    time > (bounds.gt ?? -Infinity) &&
    time >= (bounds.gte ?? -Infinity) &&
    time < (bounds.lt ?? Infinity) &&
    time <= (bounds.lte ?? Infinity)
  );
}

/** The parameters every list route takes. */
export const pageFields = {
  limit: integer(1, 100),
  starting_after: text(100),
  ending_before: text(100),
  expand: listOf(text(200), 20),
} as const;

/** `expand[]`, which every route takes. */
export const expandField = { expand: listOf(text(200), 20) } as const;
