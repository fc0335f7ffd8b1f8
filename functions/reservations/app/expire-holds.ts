import { findOrders } from '../../orders/reads.ts';
import { giveBack, lapse, type Occasion } from '../../orders/writes.ts';
import type { Order } from '../../orders/reads.ts';
import type { Instant } from '../../shared/kernel/clock.ts';
import { logFault, logInfo } from '../../shared/runtime/log.ts';
import type { JobReport } from '../../shared/runtime/schedule.ts';
import type { Table } from '../../shared/table/client.ts';
import { commitReporting, StoreBusyError } from '../../shared/table/commit.ts';
import { dueEntries, rememberRun, strike } from '../../shared/table/due-list.ts';
import type { Write } from '../../shared/table/writes.ts';

/** Rows in one transaction, leaving room for their blocks and limits within 100 actions. */
const ROWS = 40;
/** Entries of a due-list taken in one run, so that it ends within the function's time; the rest waits a minute. */
const ENTRIES = 200;

/**
 * Gives the stock of lapsed holds back, every minute, from the due-lists. Many holds of one block go in one
 * transaction; an order that was paid or secured in between is left out and the rest goes on. Safe to run
 * twice, late or in parallel: each row changes only if it is still unpaid and lapsed. An entry stays on its
 * list while a purchase run owns one of its orders, or when it cannot be dealt with, which keeps no other waiting.
 */
export async function expireHolds(table: Table, occasion: Occasion): Promise<JobReport> {
  let [entries, expired, offenders, faults, complete] = [0, 0, 0, 0, true];
  for await (const due of dueEntries(table, 'LAPSED_HOLDS', occasion.now)) {
    if (entries === ENTRIES) {
      complete = false;
      break;
    }
    entries += 1;
    try {
      const orders = await findOrders(table, due.ids, 'strong');
      const lapsed = orders.filter(
        ({ state, expiresAt }) => (state === 'HELD' || state === 'PENDING') && expiresAt <= occasion.now,
      );
      for (const batch of batches(lapsed, occasion.now)) {
        const outcome = await expireBatch(table, batch, occasion);
        expired += outcome.expired;
        offenders += outcome.offenders;
      }
      // A run may yet reopen its order, by a clock that is a little behind ours.
      if (orders.every(({ state }) => state !== 'SECURED')) await strike(table, due);
    } catch (error) {
      logFault('JOB_FAULT', error, { job: 'expire-holds', entry: due.key.sk });
      faults += 1;
      complete = false;
    }
  }
  if (complete) await rememberRun(table, 'LAPSED_HOLDS', occasion.now);
  return { entries, expired, offenders, faults };
}

/** Orders of the same blocks go together, so that a block is written once for all of them. */
function batches(orders: readonly Order[], now: Instant): readonly (readonly Order[])[] {
  const blocksOf = ({ lines }: Order): string =>
    lines.flatMap(({ ticketTypeId, takes }) => takes.map(({ block }) => `${ticketTypeId}${block}`)).join();
  const sorted = orders.toSorted((left, right) => (blocksOf(left) < blocksOf(right) ? -1 : 1));
  const result: Order[][] = [];
  for (const order of sorted) {
    const current = result.at(-1);
    const fits =
      current !== undefined &&
      current.length < ROWS &&
      current.length + 1 + giveBack([...current, order], now).length <= 100;
    if (fits) current.push(order);
    else result.push([order]);
  }
  return result;
}

async function expireBatch(
  table: Table,
  batch: readonly Order[],
  occasion: Occasion,
): Promise<{ expired: number; offenders: number }> {
  let rest = batch;
  while (rest.length > 0) {
    const writes: readonly Write<unknown>[] = [
      ...rest.map((order) => lapse(order, occasion, () => 'MOVED_ON').write),
      ...giveBack(rest, occasion.now),
    ];
    const failures = await commitReporting(table, writes);
    if (failures.length === 0) return { expired: rest.length, offenders: batch.length - rest.length };
    const offending = new Set(failures.map(({ index }) => index));
    const kept = rest.filter((_order, index) => !offending.has(index));
    if (kept.length === rest.length) throw new StoreBusyError('A block or limit refused what was taken from it');
    for (const order of rest) if (!kept.includes(order)) logInfo('SWEEP_OFFENDER', { orderId: order.orderId });
    rest = kept;
  }
  return { expired: 0, offenders: batch.length };
}
