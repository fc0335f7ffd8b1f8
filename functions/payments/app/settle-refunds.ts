import { MINUTE } from '../../shared/kernel/clock.ts';
import { logFault } from '../../shared/runtime/log.ts';
import type { JobReport } from '../../shared/runtime/schedule.ts';
import type { Occasion } from '../../shared/table/aggregate.ts';
import { putItems } from '../../shared/table/batch.ts';
import { dueEntries, enlist, rememberRun, strike } from '../../shared/table/due-list.ts';
import { settleRefund, type RefundDeps } from './settle-refund.ts';

/** Refunds that one run looks after, each with two calls to the provider at most: a minute's worth. */
const MOST_REFUNDS = 300;
/** When a refund that is not over is looked at again. */
const LOOK_AGAIN_MS = 60 * MINUTE;

/**
 * Looks after refunds that are not over, every quarter of an hour: those that the provider did not answer for or had no
 * money for, and those that the bank has had for an hour, whose webhook may be lost (invariant I20). One that is not
 * over stays on the list for another hour.
 */
export async function settleRefunds(deps: RefundDeps, occasion: Occasion): Promise<JobReport> {
  const report = { refunds: 0, refundsLeft: 0 };
  let complete = true;
  for await (const due of dueEntries(deps.table, 'REFUNDS', occasion.now)) {
    if (report.refunds >= MOST_REFUNDS) {
      complete = false;
      break;
    }
    const open: string[] = [];
    for (const refundId of due.ids) {
      report.refunds += 1;
      if (!(await isOver(deps, refundId, occasion))) open.push(refundId);
    }
    report.refundsLeft += open.length;
    await putItems(deps.table, enlist('REFUNDS', occasion.now + LOOK_AGAIN_MS, open));
    await strike(deps.table, due);
  }
  if (complete) await rememberRun(deps.table, 'REFUNDS', occasion.now);
  return report;
}

/** One refund's fault must not keep the others waiting. */
async function isOver(deps: RefundDeps, refundId: string, occasion: Occasion): Promise<boolean> {
  try {
    const outcome = await settleRefund(deps, refundId, occasion);
    return outcome === 'SUCCEEDED' || outcome === 'FAILED';
  } catch (error) {
    logFault('JOB_FAULT', error, { refundId });
    return false;
  }
}
