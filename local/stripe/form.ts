import { invalidParam } from './errors.ts';

/** One decoded value of an `application/x-www-form-urlencoded` body with Stripe's brackets. */
export type FormValue = string | FormHash;
/** Nested parameters; lists arrive as hashes keyed `0`, `1`, … and are read by `listOf`. */
export interface FormHash {
  [key: string]: FormValue;
}

const MAX_PAIRS = 1_000;
const MAX_DEPTH = 8;

/**
 * Decodes `a=1&b[c]=2&d[0]=3&d[]=4` to nested hashes without prototypes, so that a key such as
 * `__proto__` is a key like any other.
 * @throws StripeFailure 400 when the body is malformed, too deep or has too many pairs.
 */
export function decodeForm(text: string): FormHash {
  const root = emptyHash();
  let pairs = 0;
  for (const [rawKey, value] of new URLSearchParams(text)) {
    pairs += 1;
    if (pairs > MAX_PAIRS) throw invalidParam('Too many parameters.', '', 'parameters_exclusive');
    insert(root, splitKey(rawKey), value, rawKey);
  }
  return root;
}

function emptyHash(): FormHash {
  const hash: FormHash = Object.create(null);
  return hash;
}

function splitKey(key: string): string[] {
  const open = key.indexOf('[');
  if (open <= 0) return [key];
  const parts = [key.slice(0, open)];
  const rest = key.slice(open);
  const inner = [...rest.matchAll(/\[([^[\]]*)\]/g)];
  if (inner.map((match) => match[0]).join('') !== rest) throw invalidParam(`Invalid key: ${key}`, key);
  for (const match of inner) parts.push(match[1] ?? '');
  return parts;
}

function insert(root: FormHash, parts: readonly string[], value: string, rawKey: string): void {
  if (parts.length > MAX_DEPTH) throw invalidParam(`Too deeply nested: ${rawKey}`, rawKey);
  let hash = root;
  for (const [position, part] of parts.entries()) {
    const name = part === '' && position > 0 ? String(Object.keys(hash).length) : part;
    if (position === parts.length - 1) {
      hash[name] = value;
      return;
    }
    const next = hash[name];
    if (typeof next === 'string') throw invalidParam(`Invalid hash: ${rawKey}`, rawKey);
    const child = next ?? emptyHash();
    hash[name] = child;
    hash = child;
  }
}

/** The same parameters always give the same text, whatever their order: the idempotency fingerprint. */
export function canonicalForm(value: FormValue): string {
  if (typeof value === 'string') return JSON.stringify(value);
  const keys = Object.keys(value).toSorted();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonicalForm(value[key] ?? '')}`).join(',')}}`;
}
