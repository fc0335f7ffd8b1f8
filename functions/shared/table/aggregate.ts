import { canonicalJson, shortHash } from '../kernel/hash.ts';
import type { Instant } from '../kernel/clock.ts';
import type { Item, Key } from './keys.ts';
import {
  absent,
  allOf,
  equals,
  type Attributes,
  type Condition,
  type Otherwise,
  type Put,
  type Update,
  type Value,
} from './writes.ts';

/**
 * The part of a row that makes it an aggregate whose every change is audited (invariants I8, I10, I11):
 * the change itself carries its version, event, correlation id and chain hash, so the table's stream is
 * the outbox and the append-only timeline is a copy of it.
 */
export interface ChangeMark {
  /** Version: 1 for a new row, one more with each change. */
  readonly ver: number;
  /** The integration event that this change raises, for example `orders.OrderPaid.v1`. */
  readonly ev: string;
  /** When it happened, milliseconds since the epoch. */
  readonly at: Instant;
  /** Correlation id: the request, message or schedule that caused it. */
  readonly cid: string;
  /** Who caused it, see {@link Actor}. */
  readonly by: Actor;
  /** Hash over the previous change's hash and this row, see {@link chainHash}. */
  readonly ch: string;
}

/**
 * Who caused a change, by id alone and never by name or address (invariant I19): the id of a user, an
 * anonymous session or an API key, `anonymous`, `stripe`, `schedule:<job>`, `workflow:<name>`, `operator:<command>` for who has the
 * table itself, or `system` for what follows from another change.
 */
export type Actor = string;

/** Why a change is made: the event that it raises, when, on whose request and by whom. */
export interface Cause {
  readonly event: string;
  readonly now: Instant;
  readonly correlationId: string;
  readonly by: Actor;
}

/** As {@link Cause}, for whoever does not know yet which event it will be. */
export type Occasion = Omit<Cause, 'event'>;

/** A row with its mark, as read back. */
export type Marked = Readonly<Record<string, unknown>> & ChangeMark;

/** Attributes of a row that are its mark. */
export const MARK = ['ver', 'ev', 'at', 'cid', 'by', 'ch'] as const;

const ACTOR = /^[\w:-]{1,80}$/;

/** @throws when the actor cannot be an id: no address and no name may get into the chain */
function occasionOf({ event, now, correlationId, by }: Cause): Pick<ChangeMark, 'ev' | 'at' | 'cid' | 'by'> {
  if (!ACTOR.test(by)) throw new Error('The actor of a change is not an id');
  return { ev: event, at: now, cid: correlationId, by };
}

/**
 * The chain hash of an aggregate's row: over the hash before it and the whole row but the hash itself.
 * A verifier folds the timeline and recomputes it, so a changed or missing entry shows.
 */
export function chainHash(previous: string, row: Readonly<Record<string, unknown>>): string {
  const { ch: _own, ...rest } = row;
  return shortHash(previous + canonicalJson(rest));
}

/**
 * The write that creates an aggregate at `key` in its first version.
 *
 * @param otherwise what it means that the key is taken
 */
export function begin<E>(key: Key, attributes: Attributes, cause: Cause, otherwise: Otherwise<E>): Put<E> {
  const row = { ...key, ...attributes, ver: 1, ...occasionOf(cause) };
  const clean = Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined));
  const { pk: _pk, sk: _sk, ...item } = { ...row, ch: chainHash('', clean) };
  return { kind: 'put', key, item, when: absent('pk'), otherwise };
}

/**
 * The write that moves an aggregate on from exactly the row that was read: its condition pins the version,
 * hence everything that the decision looked at. Only what changes is written; undefined removes.
 *
 * @param guard a condition beyond the version, such as the clock of a hold (invariant I7)
 * @param otherwise what it means that the row has moved on or the guard failed
 */
export function advance<E>(
  row: Marked & Item,
  changes: Attributes,
  cause: Cause,
  otherwise: Otherwise<E>,
  guard?: Condition,
): { readonly write: Update<E>; readonly row: Marked & Item } {
  const merged: Record<string, unknown> = { ...row, ...changes };
  for (const [name, value] of Object.entries(changes)) if (value === undefined) delete merged[name];
  const marked = {
    ...merged,
    pk: row.pk,
    sk: row.sk,
    ver: row.ver + 1,
    ...occasionOf(cause),
  };
  const next = { ...marked, ch: chainHash(row.ch, marked) };
  const set: Record<string, Value | undefined> = {};
  for (const [name, value] of Object.entries(changes)) {
    if (value !== undefined && canonicalJson(value) !== canonicalJson(row[name])) set[name] = value;
  }
  for (const name of MARK) set[name] = next[name];
  const remove = Object.entries(changes).flatMap(([name, value]) => (value === undefined && name in row ? [name] : []));
  const pinned = equals('ver', row.ver);
  return {
    row: next,
    write: {
      kind: 'update',
      key: { pk: row.pk, sk: row.sk },
      set,
      ...(remove.length > 0 ? { remove } : {}),
      when: guard === undefined ? pinned : allOf(pinned, guard),
      otherwise,
    },
  };
}

/**
 * Whether `found` is the row that `intended` wrote: after a lost answer the condition fails on our own
 * effect, and the chain hash tells it from anybody else's.
 */
export function isOwnEffect(found: Readonly<Record<string, unknown>> | undefined, intended: ChangeMark): boolean {
  return found?.['ch'] === intended.ch;
}

/** Reads `item` as an aggregate's row, refusing one without a mark. */
export function marked(item: Item): Marked & Item {
  const { ver, ev, at, cid, by, ch } = item;
  if (
    typeof ver !== 'number' ||
    typeof ev !== 'string' ||
    typeof at !== 'number' ||
    typeof cid !== 'string' ||
    typeof by !== 'string' ||
    typeof ch !== 'string'
  ) {
    throw new Error(`The row at ${item.pk} carries no change mark`);
  }
  return { ...item, ver, ev, at, cid, by, ch };
}
