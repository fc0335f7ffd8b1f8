import { findTicketTypes } from '../../inventory/reads.ts';
import type { Order } from '../../orders/reads.ts';
import type { Instant } from '../../shared/kernel/clock.ts';
import type { Table } from '../../shared/table/client.ts';
import type { ReservationView } from '../contract.ts';
import { viewReservation } from '../domain/view.ts';

/** A reservation as it stands at `now`, with the names of its ticket types. */
export async function showReservation(table: Table, order: Order, now: Instant): Promise<ReservationView> {
  const types = await findTicketTypes(
    table,
    order.lines.map(({ ticketTypeId }) => ticketTypeId),
  );
  return viewReservation(order, order.state, types, now);
}
