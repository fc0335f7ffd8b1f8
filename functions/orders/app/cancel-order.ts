import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit, StoreBusyError } from '../../shared/table/commit.ts';
import type { Order } from '../domain/order.ts';
import { findOrder } from '../reads.ts';
import { cancelUnpaid, type Occasion } from '../writes.ts';

const ROUNDS = 3;

/**
 * Cancels the unpaid order `found` at once, whatever the policy; its stock is free with the same write and
 * its PaymentIntent is closed by the consumer of `orders.OrderCancelled.v1`. Repeating it is no error.
 * A paid order is given back by another use case, on the terms of its event: here it answers NOT_PENDING.
 */
export async function cancelOrder(table: Table, found: Order, occasion: Occasion): Promise<Result<Order, Problem>> {
  let order: Order | undefined = found;
  for (let round = 0; round < ROUNDS && order !== undefined; round += 1) {
    switch (order.state) {
      case 'CANCELLED':
        return ok(order);
      case 'HELD':
      case 'PENDING': {
        const cancelled = cancelUnpaid(order, occasion, () => 'MOVED_ON');
        const done = await commit(table, cancelled.writes);
        if (done.ok) return ok(cancelled.order);
        order = await findOrder(table, found.orderId);
        break;
      }
      case 'SECURED':
      case 'PAID':
      case 'PARTIALLY_REFUNDED':
      case 'REFUNDED':
      case 'EXPIRED':
      case 'FAILED':
        return err(problem('NOT_PENDING', 'Only an order that waits for its payment can be cancelled like this.'));
    }
  }
  throw new StoreBusyError('The order kept changing');
}
