import { recordRefund } from '../../orders/refund-writes.ts';
import { findOrder } from '../../orders/reads.ts';
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
 * @returns CASE_HAS_NO_REFUND or REFUND_NOT_FAILED where there is nothing to try anew
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
    const retry = resolution === 'REFUND_RETRIED' ? await retried(table, found, occasion) : ok([]);
    if (!retry.ok) {
      // Somebody else may have closed it, and tried the refund anew, since it was read.
      const now: Case | undefined = await findCase(table, given.caseId);
      if (now === undefined || now.ver === found.ver) return retry;
      found = now;
      continue;
    }
    const closed = close(found, resolution, occasion, movedOn);
    const done = await commit(table, [...closed.writes, ...retry.value]);
    if (done.ok) return ok(closed.found);
    found = await findCase(table, given.caseId);
  }
  throw new StoreBusyError('The case, its refund or its order kept changing');
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
