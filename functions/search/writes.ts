import { orderPaid } from '../orders/contract.ts';
import { canonicalJson, shortHash } from '../shared/kernel/hash.ts';
import { DAY, type Instant } from '../shared/kernel/clock.ts';
import { advance, begin, type Cause, type Marked } from '../shared/table/aggregate.ts';
import type { Item } from '../shared/table/keys.ts';
import { mustHold, type Otherwise, type Put, type Update } from '../shared/table/writes.ts';
import { searchSnapshotTaken } from './contract.ts';
import { logPartition, logPosition, SNAPSHOT_KEY, type LogKind } from './keys.ts';
import type { Snapshot } from './reads.ts';

/**
 * Entries are kept this long. The index is compacted every quarter of an hour, so changes are needed for
 * minutes; sales are added up anew when an index is built from nothing.
 */
export const CHANGES_KEPT_MS = 7 * DAY;
export const SALES_KEPT_MS = 30 * DAY;

/**
 * News that an event has reached a version, or that rules have made another price of one of its types, which its
 * version does not tell. Nothing else: whoever wants to know reads the event as it is now.
 */
export interface ListingChange {
  readonly eventId: string;
  /** 0 for news of a price. */
  readonly version: number;
  readonly priced?: true;
}

/** A paid line: how many tickets of an event, in which order. */
export interface Sale {
  readonly orderId: string;
  readonly eventId: string;
  readonly quantity: number;
  /** When it was paid. */
  readonly at: Instant;
}

/**
 * The entry of the log of changes for a batch of the stream, by the time at which it is written: who reads
 * the log from a moment on sees whatever was written after it, however late the change itself was relayed.
 */
export function logListingChanges(changes: readonly ListingChange[], now: Instant): readonly Put<never>[] {
  return entry('CHANGES', changes, now, CHANGES_KEPT_MS);
}

/** The entry of the log of sales for a batch of the stream; orders are named, so that a batch relayed twice counts once. */
export function logSales(sales: readonly Sale[], now: Instant): readonly Put<never>[] {
  return entry('SALES', sales, now, SALES_KEPT_MS);
}

function entry(
  kind: LogKind,
  entries: readonly ListingChange[] | readonly Sale[],
  now: Instant,
  keptMs: number,
): readonly Put<never>[] {
  if (entries.length === 0) return [];
  const plain = entries.map((one) => ({ ...one }));
  return [
    {
      kind: 'put',
      key: { pk: logPartition(kind, now), sk: logPosition(now, shortHash(canonicalJson(plain))) },
      item: { entries: plain, ttl: Math.ceil((now + keptMs) / 1_000) },
      otherwise: mustHold('an entry is put without a condition'),
    },
  ];
}

/** Paid lines of an order's row that has just become PAID; otherwise none. */
export function salesOf(order: {
  readonly ev: string;
  readonly at: Instant;
  readonly orderId: string;
  readonly lines: readonly { readonly eventId: string; readonly quantity: number }[];
}): readonly Sale[] {
  if (order.ev !== orderPaid.name) return [];
  return order.lines.map(({ eventId, quantity }) => ({ orderId: order.orderId, eventId, quantity, at: order.at }));
}

/**
 * Makes `snapshot` the present one, if the one that it was made from still is.
 *
 * @param before the row of the snapshot that it was made from; undefined for the first
 * @param otherwise what it means that another one was taken meanwhile
 */
export function takeSnapshot<E>(
  before: (Marked & Item) | undefined,
  snapshot: Snapshot,
  cause: Omit<Cause, 'event'>,
  otherwise: Otherwise<E>,
): Put<E> | Update<E> {
  const named = { ...cause, event: searchSnapshotTaken.name };
  const row = { ...snapshot };
  return before === undefined
    ? begin(SNAPSHOT_KEY, row, named, otherwise)
    : advance(before, row, named, otherwise).write;
}
