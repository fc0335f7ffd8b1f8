import * as z from 'zod/mini';

import { HOUR, type Instant } from '../shared/kernel/clock.ts';
import { marked, type Marked } from '../shared/table/aggregate.ts';
import type { Table } from '../shared/table/client.ts';
import type { Item } from '../shared/table/keys.ts';
import { getItem, queryAll } from '../shared/table/read.ts';
import { daysBetween, logPartition, logPosition, SNAPSHOT_KEY, type LogKind } from './keys.ts';

const snapshotRow = z.object({
  /** Name of the object that holds it, and the SHA-256 of its bytes in hex. */
  name: z.string(),
  sha256: z.string(),
  bytes: z.int(),
  events: z.int(),
  /** It shows every change that was logged before this. */
  changesUntil: z.int(),
  /** It has counted every sale that was logged before this, and none after. */
  salesUntil: z.int(),
  /** When it was last built from the events themselves, not from the snapshot before. */
  rebuiltAt: z.int(),
});

/** A snapshot of the index: where it is and up to when it knows what happened (milliseconds since the epoch). */
export type Snapshot = z.infer<typeof snapshotRow>;

/** The present snapshot with its row, or undefined when none was ever taken. */
export async function findSnapshot(
  table: Table,
): Promise<{ readonly snapshot: Snapshot; readonly row: Marked & Item } | undefined> {
  const item = await getItem(table, SNAPSHOT_KEY, 'strong');
  return item === undefined ? undefined : { snapshot: z.parse(snapshotRow, item), row: marked(item) };
}

const changesRow = z.object({
  sk: z.string(),
  entries: z.array(z.object({ eventId: z.string(), version: z.int(), priced: z.optional(z.literal(true)) })),
});

/** What was logged of an event. */
export interface ListingNews {
  /** The latest version that it was said to have reached. */
  readonly version: number;
  /** The position in the log of the latest entry that says that one of its prices has moved, if any does. */
  readonly pricedAt: string | undefined;
}

/** News of listed events, as far as it was logged after `from`. A moment behind. */
export async function listingChangesSince(
  table: Table,
  from: Instant,
  now: Instant,
): Promise<ReadonlyMap<string, ListingNews>> {
  const news = new Map<string, ListingNews>();
  for (const item of await entriesBetween(table, 'CHANGES', from, now)) {
    const { sk, entries } = z.parse(changesRow, item);
    for (const { eventId, version, priced } of entries) {
      const known = news.get(eventId);
      news.set(eventId, {
        version: Math.max(version, known?.version ?? 0),
        pricedAt: priced === true ? sk : known?.pricedAt,
      });
    }
  }
  return news;
}

const salesRow = z.object({
  sk: z.string(),
  entries: z.array(z.object({ orderId: z.string(), eventId: z.string(), quantity: z.int(), at: z.int() })),
});

/**
 * An order that is logged again within this time counts once. The relay tries a batch again for minutes; what lay in
 * the bucket of failed records for longer than this, though it had been logged, counts once more when it is replayed.
 */
const REPEATED_WITHIN_MS = HOUR;

/** Sales that were logged from `from` until just before `until`, each order once and none that was logged before. */
export async function salesBetween(
  table: Table,
  from: Instant,
  until: Instant,
): Promise<readonly { readonly eventId: string; readonly quantity: number; readonly at: Instant }[]> {
  const orders = new Map<string, { readonly eventId: string; readonly quantity: number; readonly at: Instant }[]>();
  for (const item of await entriesBetween(table, 'SALES', from - REPEATED_WITHIN_MS, until)) {
    const { sk, entries } = z.parse(salesRow, item);
    if (sk >= logPosition(until)) continue;
    const isCounted = sk < logPosition(from);
    for (const orderId of new Set(entries.map((sale) => sale.orderId)))
      if (!orders.has(orderId)) {
        orders.set(orderId, isCounted ? [] : entries.filter((sale) => sale.orderId === orderId));
      }
  }
  return [...orders.values()].flat();
}

/** Entries of a log from `from` on, up to the day of `until`, oldest first. */
async function entriesBetween(table: Table, kind: LogKind, from: Instant, until: Instant): Promise<readonly Item[]> {
  const days = await Promise.all(
    daysBetween(from, until).map((day) =>
      collect(queryAll(table, { pk: logPartition(kind, day), after: logPosition(from) })),
    ),
  );
  return days.flat();
}

async function collect(items: AsyncIterable<Item>): Promise<readonly Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}
