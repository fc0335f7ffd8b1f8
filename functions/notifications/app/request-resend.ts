import { ulid } from 'ulid';

import type { Order } from '../../orders/reads.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { Limiter } from '../../shared/runtime/limits.ts';
import type { Occasion } from '../../shared/table/aggregate.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit } from '../../shared/table/commit.ts';
import { putResend } from '../writes.ts';

/** States in which an order may have live tickets. */
const WITH_TICKETS: readonly Order['state'][] = ['PAID', 'PARTIALLY_REFUNDED'];

/**
 * Has the tickets of an order mailed once more; the mail follows from the change, after the answer.
 *
 * @returns TICKETS_NOT_ISSUED where there are none, TOO_MANY_REQUESTS after three within an hour for one order
 */
export async function requestResend(
  { table, limiter }: { readonly table: Table; readonly limiter: Limiter },
  { orderId, state, ticketsIssued }: Order,
  occasion: Occasion,
): Promise<Result<{ readonly resendId: string }, Problem>> {
  if (ticketsIssued !== true || !WITH_TICKETS.includes(state))
    return err(problem('TICKETS_NOT_ISSUED', 'The order has no tickets that could be sent.'));
  const counted = await limiter.count('resendsPerOrder', orderId, occasion.now);
  if (!counted.ok) return counted;
  const resendId = ulid(occasion.now);
  await commit(table, [putResend(resendId, orderId, occasion)]);
  return ok({ resendId });
}
