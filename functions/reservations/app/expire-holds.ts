import { findOrders, type Order } from '../../orders/reads.ts';
import { giveBack, lapse, type Occasion } from '../../orders/writes.ts';
import type { Instant } from '../../shared/kernel/clock.ts';
import { logFault, logInfo } from '../../shared/runtime/log.ts';
import type { JobReport } from '../../shared/runtime/schedule.ts';
import type { Table } from '../../shared/table/client.ts';
import { commitReporting, MOST_ACTIONS, StoreBusyError } from '../../shared/table/commit.ts';
import { dueEntries, rememberRun, strike, type DueEntry } from '../../shared/table/due-list.ts';
import type { Write } from '../../shared/table/writes.ts';

/** Rows in one transaction: with more of them a block costs hardly less for each, and meets more buyers. */
const ROWS = 40;
/** Entries, and holds in them, that are looked at together: enough to fill transactions, little enough to stop after. */
const ENTRIES = 50;
const HOLDS = 1_000;
/** Blocks that are given back to at the same time. */
const LANES = 8;

/** What a sweep did. */
interface Swept {
  entries: number;
  expired: number;
  offenders: number;
  transactions: number;
  faults: number;
}

/**
 * Gives the stock of lapsed holds back, every minute, from the due-lists. Many holds of one block go in one
 * transaction, block after block at once; an order that was paid or secured in between is left out and the rest goes
 * on. Safe to run twice, late or in parallel: each row changes only if it is still unpaid and lapsed. An entry stays on
 * its list while a purchase run owns one of its orders, when it cannot be dealt with, which keeps no other waiting, or when
 * an order moved under our hands: it may have become one that waits for its payment, whose hold has lapsed all the same.
 *
 * @param hasTime whether there is time for a thousand more; what is left is the next run's
 */
export async function expireHolds(
  table: Table,
  occasion: Occasion,
  hasTime: () => boolean = () => true,
): Promise<JobReport> {
  const swept: Swept = { entries: 0, expired: 0, offenders: 0, transactions: 0, faults: 0 };
  let complete = true;
  for await (const entries of together(dueEntries(table, 'LAPSED_HOLDS', occasion.now))) {
    if (!hasTime()) {
      complete = false;
      break;
    }
    complete = (await sweepEntries(table, entries, occasion, swept)) && complete;
  }
  if (complete && swept.faults === 0) await rememberRun(table, 'LAPSED_HOLDS', occasion.now);
  return { ...swept };
}

async function* together(entries: AsyncIterable<DueEntry>): AsyncGenerator<readonly DueEntry[]> {
  let [part, holds]: [DueEntry[], number] = [[], 0];
  for await (const entry of entries) {
    part.push(entry);
    holds += entry.ids.length;
    if (part.length < ENTRIES && holds < HOLDS) continue;
    yield part;
    [part, holds] = [[], 0];
  }
  if (part.length > 0) yield part;
}

/** @returns whether the next run need not look at these again */
async function sweepEntries(
  table: Table,
  entries: readonly DueEntry[],
  occasion: Occasion,
  swept: Swept,
): Promise<boolean> {
  const looked = await Promise.all(entries.map((entry) => look(table, entry, swept)));
  const orders = new Map(looked.flatMap((found) => found ?? []).map((order) => [order.orderId, order]));
  const lapsed = [...orders.values()].filter(
    ({ state, expiresAt }) => (state === 'HELD' || state === 'PENDING') && expiresAt <= occasion.now,
  );
  const left = await expireAll(table, lapsed, occasion, swept);
  await Promise.all(
    entries.map(async (entry, index) => {
      const found = looked[index];
      // A run may yet reopen its order, by a clock that is a little behind ours.
      if (found?.every(({ state, orderId }) => state !== 'SECURED' && !left.has(orderId)) === true)
        await strike(table, entry);
    }),
  );
  swept.entries += entries.length;
  return left.size === 0;
}

async function look(table: Table, { key, ids }: DueEntry, swept: Swept): Promise<readonly Order[] | undefined> {
  try {
    return await findOrders(table, ids, 'strong');
  } catch (error) {
    logFault('JOB_FAULT', error, { job: 'expire-holds', entry: key.sk });
    swept.faults += 1;
    return undefined;
  }
}

/**
 * Expires `orders`, those of one block one batch after the other: two at once would only conflict.
 *
 * @returns the ids of those that could not be dealt with, or had moved on when their turn came
 */
async function expireAll(
  table: Table,
  orders: readonly Order[],
  occasion: Occasion,
  swept: Swept,
): Promise<ReadonlySet<string>> {
  const lanes = [...Map.groupBy(orders, (order) => itemsOf(order, occasion.now)[0] ?? '').values()];
  const left = new Set<string>();
  const work = async (): Promise<void> => {
    for (let lane = lanes.shift(); lane !== undefined; lane = lanes.shift()) {
      for (const batch of batches(lane, occasion.now)) {
        try {
          for (const orderId of await expireBatch(table, batch, occasion, swept)) left.add(orderId);
        } catch (error) {
          logFault('JOB_FAULT', error, { job: 'expire-holds', orderId: batch[0]?.orderId });
          for (const { orderId } of batch) left.add(orderId);
          swept.faults += 1;
        }
      }
    }
  };
  await Promise.all(Array.from({ length: LANES }, work));
  return left;
}

/** As many orders together as fit a transaction with what they give back to. */
function batches(orders: readonly Order[], now: Instant): readonly (readonly Order[])[] {
  const parts = orders.map((order) => ({ order, items: itemsOf(order, now) }));
  const result: Order[][] = [];
  let touched = new Set<string>();
  for (const { order, items } of parts.toSorted((left, right) => (left.items.join() < right.items.join() ? -1 : 1))) {
    const current = result.at(-1);
    const both = new Set([...touched, ...items]);
    if (current === undefined || current.length === ROWS || current.length + 1 + both.size > MOST_ACTIONS) {
      result.push([order]);
      touched = new Set(items);
    } else {
      current.push(order);
      touched = both;
    }
  }
  return result;
}

/** The items that giving an order back changes beside its row: its blocks, then the counters of limits. */
function itemsOf(order: Order, now: Instant): readonly string[] {
  return giveBack([order], now).map(({ key: { pk } }) => pk);
}

/** @returns the ids of those that had moved on */
async function expireBatch(
  table: Table,
  batch: readonly Order[],
  occasion: Occasion,
  swept: Swept,
): Promise<readonly string[]> {
  const moved: string[] = [];
  let rest = batch;
  while (rest.length > 0) {
    const writes: readonly Write<unknown>[] = [
      ...rest.map((order) => lapse(order, occasion, () => 'MOVED_ON').write),
      ...giveBack(rest, occasion.now),
    ];
    swept.transactions += 1;
    const failures = await commitReporting(table, writes);
    if (failures.length === 0) break;
    const offending = new Set(failures.map(({ index }) => index));
    const kept = rest.filter((_order, index) => !offending.has(index));
    if (kept.length === rest.length) throw new StoreBusyError('A block or limit refused what was taken from it');
    for (const { orderId } of rest.filter((order) => !kept.includes(order))) {
      logInfo('SWEEP_OFFENDER', { orderId });
      moved.push(orderId);
    }
    rest = kept;
  }
  swept.expired += rest.length;
  swept.offenders += moved.length;
  return moved;
}
