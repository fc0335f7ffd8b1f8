import { findOrders, isUnderReview } from '../../orders/reads.ts';
import { logFault, logInfo } from '../../shared/runtime/log.ts';
import type { Instant } from '../../shared/kernel/clock.ts';
import type { JobReport } from '../../shared/runtime/schedule.ts';
import type { Table } from '../../shared/table/client.ts';
import { dueEntries, rememberRun, strike } from '../../shared/table/due-list.ts';
import type { PurchaseRuns } from '../purchase-runs.ts';

/** Runs taken over in one go, so that the job ends within its time; the rest waits a minute. */
const MOST_RUNS = 60;

/**
 * Finishes purchases whose run fell silent, every minute: a SECURED order past its lease, or one whose
 * money is still due back. The new run takes the lease by a condition, so two of these never work on the
 * same order, and an entry stays on its list until the order is decided.
 */
export async function takeOverRuns(table: Table, runs: PurchaseRuns, now: Instant): Promise<JobReport> {
  let [entries, takenOver, undecided, complete] = [0, 0, 0, true];
  for await (const due of dueEntries(table, 'PURCHASE_RUNS', now)) {
    if (takenOver + undecided >= MOST_RUNS) {
      complete = false;
      break;
    }
    entries += 1;
    let settled = true;
    for (const order of await findOrders(table, due.ids, 'strong')) {
      // What a person decides about is listed again for the end of the time to do so.
      if (isUnderReview(order) && (order.leaseUntil ?? 0) > now) continue;
      const silent = order.state === 'SECURED' || order.settlement === 'RETURN_DUE';
      if (!silent) continue;
      const decided = await takeOver(runs, order.orderId, now);
      takenOver += decided ? 1 : 0;
      undecided += decided ? 0 : 1;
      settled &&= decided;
    }
    if (settled) await strike(table, due);
    complete &&= settled;
  }
  if (complete) await rememberRun(table, 'PURCHASE_RUNS', now);
  return { entries, takenOver, undecided };
}

/** One order's fault must not keep the others waiting. */
async function takeOver(runs: PurchaseRuns, orderId: string, now: Instant): Promise<boolean> {
  try {
    const ran = await runs.run({ orderId }, now);
    const decided = ran.ok && ran.value !== undefined && ran.value.outcome !== 'PROCESSING';
    if (decided) logInfo('RUN_TAKEN_OVER', { orderId });
    return decided;
  } catch (error) {
    logFault('JOB_FAULT', error, { orderId });
    return false;
  }
}
