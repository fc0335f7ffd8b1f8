import { allListings } from '../../catalog/listings.ts';
import { DAY, HOUR, MINUTE, type Instant } from '../../shared/kernel/clock.ts';
import { logFault } from '../../shared/runtime/log.ts';
import type { JobReport } from '../../shared/runtime/schedule.ts';
import type { Occasion } from '../../shared/table/aggregate.ts';
import { commit } from '../../shared/table/commit.ts';
import { documentOf } from '../domain/document.ts';
import { LiveIndex } from '../domain/live-index.ts';
import { afterSale, UNSOLD, type Popularity } from '../domain/popularity.ts';
import { SegmentBuilder } from '../domain/segment-builder.ts';
import { encodeSegment, FORMAT } from '../domain/segment-format.ts';
import { findSnapshot, salesBetween, type Snapshot } from '../reads.ts';
import { SALES_KEPT_MS, takeSnapshot } from '../writes.ts';
import { catchUp, keptUp, readSnapshot, sha256Of, type IndexSources, type KeptUp } from './live-search.ts';

/** Sales are counted once nothing can be logged before them any more: the relay takes at most 30 s. */
const SETTLED_MS = 2 * MINUTE;
/** Once in a while the index is built from the events themselves, so that no fault of ours lives on for ever. */
const REBUILD_AFTER_MS = 7 * DAY;
/** An index that nothing happens to is said to be fresh this often, so that little log has to be read with it. */
const TOUCH_AFTER_MS = DAY;
/** A snapshot that is not the present one may still be being loaded. */
const KEPT_MS = HOUR;

interface Base {
  readonly index: LiveIndex;
  readonly changesUntil: Instant;
  readonly salesUntil: Instant;
  readonly rebuiltAt: Instant;
}

/**
 * Takes a new snapshot of the index: the one before with all changes and sales since, or, without one that can
 * be read, the events themselves. Of two runs at once one wins and the other's work is thrown away; which
 * sales are counted is part of the same write, so none is counted twice.
 */
export async function compactIndex(sources: IndexSources, occasion: Occasion): Promise<JobReport> {
  const { table, snapshots } = sources;
  const { now } = occasion;
  const before = await findSnapshot(table);
  const base = await baseOf(sources, before?.snapshot, now);
  const salesUntil = Math.max(base.salesUntil, now - SETTLED_MS);
  const sales = await salesBetween(table, base.salesUntil, salesUntil);
  const isRebuilt = base.rebuiltAt === now;
  if (!isRebuilt && base.index.updates === 0 && sales.length === 0) {
    if (before === undefined || now - before.snapshot.changesUntil < TOUCH_AFTER_MS) return { changes: 0, sales: 0 };
    const touched = { ...before.snapshot, changesUntil: base.changesUntil, salesUntil };
    await commit(table, [takeSnapshot(before.row, touched, occasion, () => 'outrun' as const)]);
    return { changes: 0, sales: 0, touched: 1 };
  }

  const soldSince = salesByEvent(sales);
  const data = base.index.compacted(now, (eventId, known) => (soldSince.get(eventId) ?? []).reduce(addSale, known));
  const bytes = encodeSegment(data);
  const sha256 = sha256Of(bytes);
  const snapshot: Snapshot = {
    name: `${FORMAT}-${now}-${sha256.slice(0, 16)}`,
    sha256,
    bytes: bytes.length,
    events: data.count,
    changesUntil: base.changesUntil,
    salesUntil,
    rebuiltAt: base.rebuiltAt,
  };
  await snapshots.write(snapshot.name, bytes);
  const taken = await commit(table, [takeSnapshot(before?.row, snapshot, occasion, () => 'outrun' as const)]);
  if (!taken.ok) return { changes: base.index.updates, outrun: 1 };
  await sweep(sources, [snapshot.name, before?.snapshot.name], now);
  return {
    changes: base.index.updates,
    sales: sales.length,
    events: data.count,
    bytes: bytes.length,
    rebuilt: Number(isRebuilt),
  };
}

async function baseOf(sources: IndexSources, before: Snapshot | undefined, now: Instant): Promise<Base> {
  const readable = before !== undefined && now - before.rebuiltAt < REBUILD_AFTER_MS;
  if (readable) {
    try {
      const data = await readSnapshot(sources.snapshots, before, now);
      const state: KeptUp = { index: new LiveIndex(data), ...keptUp(before.changesUntil) };
      await catchUp(sources.table, state, now);
      const { salesUntil, rebuiltAt } = before;
      return { index: state.index, changesUntil: state.caughtUpTo, salesUntil, rebuiltAt };
    } catch (error) {
      logFault('SEARCH_INDEX_FAULT', error, { snapshot: before.name });
    }
  }
  const builder = new SegmentBuilder();
  for await (const event of allListings(sources.table, now)) builder.add(documentOf(event));
  return { index: new LiveIndex(builder.build()), changesUntil: now, salesUntil: now - SALES_KEPT_MS, rebuiltAt: now };
}

interface Sold {
  readonly quantity: number;
  readonly at: Instant;
}

function salesByEvent(sales: readonly (Sold & { readonly eventId: string })[]): ReadonlyMap<string, readonly Sold[]> {
  return Map.groupBy(sales, ({ eventId }) => eventId);
}

function addSale(popularity: Popularity = UNSOLD, { quantity, at }: Sold): Popularity {
  return afterSale(popularity, quantity, at);
}

/** Removes snapshots that nobody loads any more, those of runs that were outrun or died included. */
async function sweep({ snapshots }: IndexSources, kept: readonly (string | undefined)[], now: Instant): Promise<void> {
  for (const { name, writtenAt } of await snapshots.list())
    if (!kept.includes(name) && writtenAt < now - KEPT_MS) await snapshots.remove(name);
}
