import type { Key } from './keys.ts';

/**
 * The typed algebra of writes. A domain decision yields these values; `commit.ts` renders them to
 * DynamoDB once. One write is one item with one stated condition and the error that its failure means.
 */

/** What an attribute may hold. `undefined` members are left out of an item. */
export type Value =
  | string
  | number
  | boolean
  | null
  | ReadonlySet<string>
  | Uint8Array
  | readonly Value[]
  | { readonly [name: string]: Value | undefined };

export type Attributes = { readonly [name: string]: Value | undefined };

/** A predicate over the item as it is at the moment of the write; paths are top-level attributes. */
export type Condition =
  | { readonly op: 'exists' | 'absent'; readonly path: string }
  | {
      readonly op: '=' | '<>' | '<' | '<=' | '>' | '>=';
      readonly path: string;
      readonly value: string | number | boolean;
    }
  | { readonly op: 'in'; readonly path: string; readonly values: readonly (string | number)[] }
  | { readonly op: 'contains' | 'lacks'; readonly path: string; readonly value: string }
  | { readonly op: 'same' | 'counts'; readonly path: string; readonly other: string }
  | { readonly op: 'members'; readonly path: string; readonly value: number }
  | { readonly op: 'and' | 'or'; readonly of: readonly Condition[] };

/** What a failed condition means: an error, or a function of the item that stood in the way. */
export type Otherwise<E> = (found: Readonly<Record<string, unknown>> | undefined) => E;

export interface Put<E> {
  readonly kind: 'put';
  readonly key: Key;
  readonly item: Attributes;
  readonly when?: Condition;
  readonly otherwise: Otherwise<E>;
}

export interface Update<E> {
  readonly kind: 'update';
  readonly key: Key;
  readonly set?: Attributes;
  /** Numbers to add to counters; a missing counter starts at 0. */
  readonly add?: Readonly<Record<string, number>>;
  /** Members to put into string sets. */
  readonly include?: Readonly<Record<string, ReadonlySet<string>>>;
  /** Members to take out of string sets. */
  readonly exclude?: Readonly<Record<string, ReadonlySet<string>>>;
  readonly remove?: readonly string[];
  readonly when?: Condition;
  readonly otherwise: Otherwise<E>;
}

export interface Delete<E> {
  readonly kind: 'delete';
  readonly key: Key;
  readonly when?: Condition;
  readonly otherwise: Otherwise<E>;
}

export interface Check<E> {
  readonly kind: 'check';
  readonly key: Key;
  readonly when: Condition;
  readonly otherwise: Otherwise<E>;
}

export type Write<E> = Put<E> | Update<E> | Delete<E> | Check<E>;

export const exists = (path: string): Condition => ({ op: 'exists', path });
export const absent = (path: string): Condition => ({ op: 'absent', path });
export const equals = (path: string, value: string | number | boolean): Condition => ({ op: '=', path, value });
export const atLeast = (path: string, value: number): Condition => ({ op: '>=', path, value });
export const atMost = (path: string, value: number): Condition => ({ op: '<=', path, value });
export const above = (path: string, value: number): Condition => ({ op: '>', path, value });
export const below = (path: string, value: number): Condition => ({ op: '<', path, value });
export const oneOf = (path: string, values: readonly (string | number)[]): Condition => ({ op: 'in', path, values });
export const contains = (path: string, value: string): Condition => ({ op: 'contains', path, value });
/** A set has no such member; one that lost its last member has none. */
export const lacks = (path: string, value: string): Condition => ({ op: 'lacks', path, value });
/** Two attributes hold the same. */
export const sameAs = (path: string, other: string): Condition => ({ op: 'same', path, other });
/** A set has as many members as another attribute says. */
export const countsAs = (path: string, other: string): Condition => ({ op: 'counts', path, other });
/** A set has that many members, at least one: one that lost its last member is {@link absent}. */
export const hasMembers = (path: string, value: number): Condition => ({ op: 'members', path, value });
export const allOf = (...of: readonly Condition[]): Condition => ({ op: 'and', of });
export const anyOf = (...of: readonly Condition[]): Condition => ({ op: 'or', of });

/** For a write whose condition can only fail through a bug: failing it throws instead of answering. */
export function mustHold(what: string): Otherwise<never> {
  return () => {
    throw new Error(`A condition that always holds did not: ${what}`);
  };
}
