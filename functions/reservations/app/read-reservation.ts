import { findTicketTypes } from '../../inventory/reads.ts';
import { findOrder } from '../../orders/reads.ts';
import type { Instant } from '../../shared/kernel/clock.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { Table } from '../../shared/table/client.ts';
import type { ReservationView } from '../contract.ts';
import { viewReservation } from '../domain/view.ts';

/** A customer's reservation as it stands at `now`; somebody else's answers as if it did not exist. */
export async function readReservation(
  table: Table,
  orderId: string,
  customerId: string,
  now: Instant,
): Promise<Result<ReservationView, Problem>> {
  const order = await findOrder(table, orderId);
  if (order === undefined || order.customerId !== customerId) {
    return err(problem('RESERVATION_NOT_FOUND', 'You have no such reservation.'));
  }
  const types = await findTicketTypes(
    table,
    order.lines.map(({ ticketTypeId }) => ticketTypeId),
  );
  return ok(viewReservation(order, order.state, types, now));
}
