import type { Collection } from './collection.ts';
import { StripeFailure, missing } from './errors.ts';

const DEFAULT_LIMIT = 10;

/** One page as Stripe answers it. */
export interface Page<T> {
  readonly object: 'list';
  readonly url: string;
  readonly has_more: boolean;
  readonly data: readonly T[];
}

/** The cursor parameters of a list request. */
export interface PageQuery {
  readonly limit?: number;
  readonly starting_after?: string;
  readonly ending_before?: string;
}

/**
 * A page of a collection, newest first.
 * @param keep filters, before the page is cut
 * @throws StripeFailure 400 when a cursor is unknown or both are given
 */
export function page<T extends { readonly id: string }>(
  source: Collection<T>,
  url: string,
  query: PageQuery,
  keep: (item: T) => boolean,
): Page<T> {
  const limit = query.limit ?? DEFAULT_LIMIT;
  const { starting_after: after, ending_before: before } = query;
  if (after !== undefined && before !== undefined) {
    throw new StripeFailure(
      400,
      {
        type: 'invalid_request_error',
        code: 'parameters_exclusive',
        message: 'You may only specify one of these parameters: starting_after, ending_before.',
      },
      'validation',
    );
  }
  for (const [param, cursor] of [
    ['starting_after', after],
    ['ending_before', before],
  ] as const) {
    if (cursor !== undefined && source.get(cursor) === undefined) throw missing(source.name, cursor, param, 'param');
  }
  const found: T[] = [];
  let started = after === undefined;
  for (const item of source.newestFirst()) {
    if (item.id === before) return { object: 'list', url, has_more: found.length > limit, data: found.slice(-limit) };
    if (started && keep(item)) found.push(item);
    if (item.id === after) started = true;
    if (before === undefined && found.length > limit) break;
  }
  return { object: 'list', url, has_more: found.length > limit, data: found.slice(0, limit) };
}

/** A clause of Stripe's search language. */
interface Clause {
  readonly field: string;
  readonly key: string | null;
  readonly operator: ':' | '>' | '<' | '>=' | '<=';
  readonly value: string;
  readonly negated: boolean;
}

const CLAUSE = /^\s*(-?)(\w+)(?:\[["']([^"']+)["']\])?\s*(:|>=|<=|>|<)\s*(?:"([^"]*)"|'([^']*)'|(\d+))\s*/;
const SEARCHABLE = ['amount', 'created', 'currency', 'status', 'metadata'];

/**
 * Reads a search query: clauses joined by AND over amount, created, currency, status and metadata
 * (docs.stripe.com/search). OR and substring matches are not covered.
 * @throws StripeFailure 400 for anything else
 */
export function parseSearch(query: string): Clause[] {
  const clauses: Clause[] = [];
  let rest = query;
  while (rest.trim() !== '') {
    const found = CLAUSE.exec(rest);
    const field = found?.[2];
    if (found === null || field === undefined || !SEARCHABLE.includes(field)) throw badQuery(query);
    const operator = found[4];
    if (operator !== ':' && operator !== '>' && operator !== '<' && operator !== '>=' && operator !== '<=')
      throw badQuery(query);
    clauses.push({
      field,
      key: found[3] ?? null,
      operator,
      value: found[5] ?? found[6] ?? found[7] ?? '',
      negated: found[1] === '-',
    });
    rest = rest.slice(found[0].length);
    const joined = /^AND\b/i.exec(rest);
    if (joined !== null) rest = rest.slice(joined[0].length);
    else if (rest.trim() !== '') throw badQuery(query);
  }
  if (clauses.length === 0) throw badQuery(query);
  return clauses;
}

function badQuery(query: string): StripeFailure {
  return new StripeFailure(
    400,
    {
      type: 'invalid_request_error',
      message: `We were unable to parse your search query: ${query.slice(0, 80)}. The stand-in covers AND-joined clauses on ${SEARCHABLE.join(', ')}.`,
      param: 'query',
    },
    'validation',
  );
}

/** Whether an object satisfies all clauses. */
export function satisfies(
  item: {
    readonly amount: number;
    readonly created: number;
    readonly currency: string;
    readonly status: string;
    readonly metadata: Readonly<Record<string, string>>;
  },
  clauses: readonly Clause[],
): boolean {
  return clauses.every((clause) => {
    const actual =
      clause.field === 'metadata'
        ? item.metadata[clause.key ?? '']
        : {
            amount: item.amount,
            created: item.created,
            currency: item.currency,
            status: item.status,
          }[clause.field];
    return compare(actual, clause) !== clause.negated;
  });
}

function compare(actual: string | number | undefined, clause: Clause): boolean {
  if (actual === undefined) return false;
  switch (clause.operator) {
    case ':':
      return String(actual) === clause.value;
    case '>':
      return Number(actual) > Number(clause.value);
    case '<':
      return Number(actual) < Number(clause.value);
    case '>=':
      return Number(actual) >= Number(clause.value);
    case '<=':
      return Number(actual) <= Number(clause.value);
  }
}
