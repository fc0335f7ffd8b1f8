import * as z from 'zod/mini';

import { shortHash } from '../kernel/hash.ts';
import { DAY, MINUTE, type Instant } from '../kernel/clock.ts';
import type { Table } from './client.ts';
import { commit } from './commit.ts';
import type { Key } from './keys.ts';
import { getItem, queryAll } from './read.ts';
import { mustHold, type Put } from './writes.ts';

/**
 * Due-lists say what must be looked at from a certain minute on, without an index over every row: the
 * stream's publisher appends a batch's ids to the list of their minute, a job reads the minutes that have
 * come. What a list misses, the auditor finds.
 */
export type DueKind = 'LAPSED_HOLDS' | 'PURCHASE_RUNS' | 'ERASURES' | 'EVENTS' | 'REFUNDS';

/** Ids in one entry, so that it stays within a few kilobytes. */
const IDS_PER_ENTRY = 100;
/** Entries that were never taken off vanish after a week; TTL is a broom here, not a clock. */
const KEPT_MS = 7 * DAY;
/** How far back each run looks, since entries may arrive late from the stream. */
const LOOK_BACK_MS = 15 * MINUTE;

/** Appends `ids` to the list of the minute after `due`; the same ids make the same entry. */
export function enlist(kind: DueKind, due: Instant, ids: readonly string[]): readonly Put<never>[] {
  const minute = Math.floor(due / MINUTE) + 1;
  const entries: Put<never>[] = [];
  for (let start = 0; start < ids.length; start += IDS_PER_ENTRY) {
    const part = ids.slice(start, start + IDS_PER_ENTRY);
    entries.push({
      kind: 'put',
      key: { pk: partition(kind, minute), sk: shortHash(part.join()) },
      item: { ids: part, ttl: Math.ceil((minute * MINUTE + KEPT_MS) / 1_000) },
      otherwise: mustHold('an entry is put without a condition'),
    });
  }
  return entries;
}

const entry = z.object({ pk: z.string(), sk: z.string(), ids: z.array(z.string()) });

/** One entry that has come due; {@link strike} it off when it is dealt with. */
export interface DueEntry {
  readonly key: Key;
  readonly ids: readonly string[];
}

/**
 * Entries whose minute has come by `now`, oldest first. Starts a quarter of an hour before the end of the last
 * complete run: an outage of the job loses nothing, nor does a stream that lags behind it.
 */
export async function* dueEntries(table: Table, kind: DueKind, now: Instant): AsyncGenerator<DueEntry> {
  const last = Math.floor(now / MINUTE);
  const done = z.safeParse(cursorRow, await getItem(table, cursorKey(kind), 'strong'));
  const recent = Math.floor((now - LOOK_BACK_MS) / MINUTE);
  const first = done.success ? Math.min(done.data.minute - LOOK_BACK_MS / MINUTE, recent) : recent;
  for (let minute = first; minute <= last; minute += 1) {
    for await (const item of queryAll(table, { pk: partition(kind, minute), consistency: 'strong' })) {
      const { pk, sk, ids } = z.parse(entry, item);
      yield { key: { pk, sk }, ids };
    }
  }
}

/** Takes an entry off its list. */
export async function strike(table: Table, { key }: DueEntry): Promise<void> {
  await commit(table, [{ kind: 'delete', key, otherwise: mustHold('a delete without a condition') }]);
}

const cursorRow = z.object({ minute: z.int() });

/** Remembers that every minute before `now` has been read to its end. */
export async function rememberRun(table: Table, kind: DueKind, now: Instant): Promise<void> {
  const minute = Math.floor(now / MINUTE);
  await commit(table, [
    { kind: 'put', key: cursorKey(kind), item: { minute }, otherwise: mustHold('a put without a condition') },
  ]);
}

function partition(kind: DueKind, minute: number): string {
  return `DUE#${kind}#${minute}`;
}

function cursorKey(kind: DueKind): Key {
  return { pk: `DUE#${kind}`, sk: 'CURSOR' };
}
