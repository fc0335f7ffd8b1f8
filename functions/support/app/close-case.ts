import { recordRefund } from '../../orders/refund-writes.ts';
import { findOrder, isUnderReview } from '../../orders/reads.ts';
import { approveReview, refuseReview } from '../../orders/review-writes.ts';
import { findRefund } from '../../payments/reads.ts';
import { retryRefund } from '../../payments/writes.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { Occasion } from '../../shared/table/aggregate.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit, StoreBusyError } from '../../shared/table/commit.ts';
import type { Write } from '../../shared/table/writes.ts';
import type { CaseResolution } from '../contract.ts';
import { findCase, type Case } from '../reads.ts';
import { closeCase as close } from '../writes.ts';

const ROUNDS = 4;

/**
 * Closes a case. With REFUND_RETRIED its refund is due again in the same transaction, as another refund to the provider
 * and the same one to its order; should it fail once more, the case opens again. A closed case stays as it is.
 *
 * APPROVED lets the purchase of a FRAUD_REVIEW go on, REFUSED gives it up with its stock, each in the same transaction: of
 * two agents who disagree, and of the end of the time to decide, exactly one wins.
 *
 * @returns CASE_HAS_NO_REFUND or REFUND_NOT_FAILED where there is nothing to try anew; RESOLUTION_NOT_FOR_CASE;
 *   REVIEW_OVER where it is too late
 */
export async function closeCase(
  table: Table,
  given: Case,
  resolution: CaseResolution,
  occasion: Occasion,
): Promise<Result<Case, Problem>> {
  let found: Case | undefined = given;
  for (let round = 0; round < ROUNDS && found !== undefined; round += 1) {
    if (found.status === 'CLOSED') return ok(found);
    const along = await alongside(table, found, resolution, occasion);
    if (!along.ok) {
      // Somebody else may have closed it since it was read, and done what goes with that.
      const now: Case | undefined = await findCase(table, given.caseId);
      if (now === undefined || now.ver === found.ver) return along;
      found = now;
      continue;
    }
    const closed = close(found, resolution, occasion, movedOn);
    const done = await commit(table, [...closed.writes, ...along.value]);
    if (done.ok) return ok(closed.found);
    found = await findCase(table, given.caseId);
  }
  throw new StoreBusyError('The case, its refund or its order kept changing');
}

/** What changes with the case, and with nothing less. */
async function alongside(
  table: Table,
  found: Case,
  resolution: CaseResolution,
  occasion: Occasion,
): Promise<Result<readonly Write<'MOVED_ON'>[], Problem>> {
  const decides = resolution === 'APPROVED' || resolution === 'REFUSED';
  if (decides !== (found.kind === 'FRAUD_REVIEW')) {
    const how =
      found.kind === 'FRAUD_REVIEW' ? 'Send APPROVED or REFUSED.' : 'Nothing waits to be approved or refused.';
    return err(problem('RESOLUTION_NOT_FOR_CASE', how));
  }
  if (decides) return reviewed(table, found, resolution, occasion);
  return resolution === 'REFUND_RETRIED' ? retried(table, found, occasion) : ok([]);
}

async function reviewed(
  table: Table,
  { orderId }: Case,
  resolution: 'APPROVED' | 'REFUSED',
  occasion: Occasion,
): Promise<Result<readonly Write<'MOVED_ON'>[], Problem>> {
  const order = orderId === undefined ? undefined : await findOrder(table, orderId);
  const over = problem('REVIEW_OVER', 'The order is given up, or is in a moment.');
  if (order === undefined || !isUnderReview(order)) return err(over);
  if (resolution === 'REFUSED') return ok(refuseReview(order, occasion, movedOn).writes);
  if ((order.leaseUntil ?? 0) <= occasion.now) return err(over);
  return ok([approveReview(order, occasion, movedOn).write]);
}

async function retried(
  table: Table,
  { refundId }: Case,
  occasion: Occasion,
): Promise<Result<readonly Write<'MOVED_ON'>[], Problem>> {
  const refund = refundId === undefined ? undefined : await findRefund(table, refundId);
  if (refund === undefined) return err(problem('CASE_HAS_NO_REFUND', 'Close it in another way.'));
  if (refund.state !== 'FAILED') return err(problem('REFUND_NOT_FAILED', `The refund is ${refund.state} by now.`));
  const order = await findOrder(table, refund.orderId);
  if (order === undefined) throw new Error(`The order of refund ${refund.refundId} is gone`);
  return ok([
    retryRefund(refund, occasion, movedOn).write,
    recordRefund(order, refund.refundId, 'DUE', occasion, movedOn).write,
  ]);
}

function movedOn(): 'MOVED_ON' {
  return 'MOVED_ON';
}
