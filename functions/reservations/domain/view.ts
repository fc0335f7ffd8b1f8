import type { TicketTypeCopy } from '../../inventory/contract.ts';
import { seatsOf, type OrderLine, type OrderState } from '../../orders/contract.ts';
import { viewCharges, type ChargeLine } from '../../pricing/views.ts';
import { toTimestamp, type Instant } from '../../shared/kernel/clock.ts';
import type { ReservationView } from '../contract.ts';

/** What a reservation's view is made from: its row, or one about to be written. */
interface Viewed {
  readonly orderId: string;
  readonly lines: readonly OrderLine[];
  readonly currency: string;
  readonly charges?: readonly ChargeLine[] | undefined;
  readonly total: number;
  readonly expiresAt: Instant;
}

/** A reservation as clients see it; `types` gives the names. */
export function viewReservation(
  reservation: Viewed,
  state: OrderState,
  types: ReadonlyMap<string, TicketTypeCopy>,
  now: Instant,
): ReservationView {
  const { currency } = reservation;
  return {
    reservationId: reservation.orderId,
    status: statusOf(state, reservation.expiresAt, now),
    expiresAt: toTimestamp(reservation.expiresAt),
    items: reservation.lines.map(({ ticketTypeId, eventId, quantity, unitPrice, ...taken }) => ({
      ticketTypeId,
      eventId,
      name: types.get(ticketTypeId)?.name ?? '',
      quantity,
      unitPrice: { amount: unitPrice, currency },
      price: { amount: unitPrice * quantity, currency },
      ...(taken.seatLabels === undefined ? {} : { seats: seatsOf(taken) }),
    })),
    charges: viewCharges(reservation.charges, currency),
    total: { amount: reservation.total, currency },
  };
}

function statusOf(state: OrderState, expiresAt: Instant, now: Instant): ReservationView['status'] {
  switch (state) {
    case 'HELD':
      // Swept or not, a hold whose time has come is lapsed to everyone.
      return expiresAt > now ? 'HELD' : 'EXPIRED';
    case 'EXPIRED':
    case 'FAILED':
      return 'EXPIRED';
    case 'CANCELLED':
      return 'RELEASED';
    case 'PENDING':
    case 'SECURED':
    case 'PAID':
    case 'PARTIALLY_REFUNDED':
    case 'REFUNDED':
      return 'ORDERED';
  }
}
