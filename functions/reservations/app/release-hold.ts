import { findOrder } from '../../orders/reads.ts';
import { cancelUnpaid, type Occasion } from '../../orders/writes.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit, StoreBusyError } from '../../shared/table/commit.ts';

const ROUNDS = 3;

/**
 * Gives a customer's hold back at once. Releasing one that is gone already is no error: the result is what
 * was asked for.
 */
export async function releaseHold(
  table: Table,
  orderId: string,
  customerId: string,
  occasion: Occasion,
): Promise<Result<void, Problem>> {
  for (let round = 0; round < ROUNDS; round += 1) {
    const order = await findOrder(table, orderId);
    if (order === undefined || order.customerId !== customerId) {
      return err(problem('RESERVATION_NOT_FOUND', 'You have no such reservation.'));
    }
    switch (order.state) {
      case 'HELD': {
        const done = await commit(table, cancelUnpaid(order, occasion, () => 'MOVED_ON').writes);
        if (done.ok) return ok(undefined);
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
