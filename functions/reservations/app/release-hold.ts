import { findOrder, type Order } from '../../orders/reads.ts';
import { cancelUnpaid, type Occasion } from '../../orders/writes.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit, StoreBusyError } from '../../shared/table/commit.ts';

const ROUNDS = 3;

/**
 * Gives the hold `found` back at once. Releasing one that is gone already is no error: the result is what
 * was asked for.
 */
export async function releaseHold(table: Table, found: Order, occasion: Occasion): Promise<Result<void, Problem>> {
  let order: Order | undefined = found;
  for (let round = 0; round < ROUNDS && order !== undefined; round += 1) {
    // A log-in has taken it over meanwhile: it is no longer its asker's to release.
    if (order.customerId !== found.customerId)
      return err(problem('RESERVATION_NOT_FOUND', "It has become somebody else's with a log-in."));
    switch (order.state) {
      case 'HELD': {
        const done = await commit(table, cancelUnpaid(order, occasion, () => 'MOVED_ON').writes);
        if (done.ok) return ok(undefined);
        order = await findOrder(table, found.orderId);
        break;
      }
      case 'EXPIRED':
      case 'FAILED':
      case 'CANCELLED':
        return ok(undefined);
      case 'PENDING':
      case 'SECURED':
      case 'PAID':
      case 'PARTIALLY_REFUNDED':
      case 'REFUNDED':
        return err(problem('NOT_PENDING', 'It has become an order; cancel that instead.'));
    }
  }
  throw new StoreBusyError('The reservation kept changing');
}
