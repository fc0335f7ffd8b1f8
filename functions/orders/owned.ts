import { findTicketTypes } from '../inventory/reads.ts';
import type { Owned } from '../shared/runtime/policy.ts';
import type { Place } from '../shared/runtime/session.ts';
import type { Table } from '../shared/table/client.ts';
import { findOrder, type Order } from './reads.ts';

/** An order with what tells whose events its lines are of. */
export interface FoundOrder {
  readonly order: Order;
  /** Whose event each line is of, by ticket type; read once, when first asked for. */
  readonly places: () => Promise<ReadonlyMap<string, Required<Place>>>;
}

/** Orders for policies that say `owns: 'order'`: each is its buyer's, and of the organisations of its events. */
export function ownedOrders(table: Table): Owned<'order', FoundOrder> {
  return {
    kind: 'order',
    find: async (orderId) => {
      const order = await findOrder(table, orderId);
      if (order === undefined) return undefined;
      let places: ReturnType<FoundOrder['places']> | undefined;
      return { order, places: () => (places ??= placesOf(table, order)) };
    },
    ownersOf: ({ order, places }) => ({
      userId: order.customerId,
      places: async () => [...(await places()).values()],
    }),
  };
}

async function placesOf(table: Table, { lines }: Order): ReturnType<FoundOrder['places']> {
  const types = await findTicketTypes(
    table,
    lines.map(({ ticketTypeId }) => ticketTypeId),
  );
  return new Map([...types].map(([id, { organizationId, eventId }]) => [id, { organizationId, eventId }]));
}

/** Reservations for policies that say `owns: 'reservation'`: the same rows, each its buyer's alone. */
export function ownedReservations(table: Table): Owned<'reservation', Order> {
  return {
    kind: 'reservation',
    find: (reservationId) => findOrder(table, reservationId),
    ownersOf: ({ customerId }) => ({ userId: customerId }),
  };
}
