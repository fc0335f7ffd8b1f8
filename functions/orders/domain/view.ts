import { viewCharges } from '../../pricing/views.ts';
import { toTimestamp } from '../../shared/kernel/clock.ts';
import { seatsOf, type CreatedOrderView, type OrderState, type OrderView } from '../contract.ts';
import type { Order } from './order.ts';

/** How a state is shown: a SECURED order is still pending to everyone outside. */
export function shownState(state: OrderState): OrderState {
  return state === 'SECURED' ? 'PENDING' : state;
}

/** An order that was just made, with what its buyer pays it by; nothing where it costs nothing. */
export function viewCreated(
  { orderId, number: orderNumber, state, currency, ...order }: Order,
  intent: { readonly id: string; readonly clientSecret: string | null } | undefined,
): CreatedOrderView {
  return {
    orderId,
    orderNumber,
    status: shownState(state),
    total: { amount: order.total, currency },
    currency,
    expiresAt: toTimestamp(order.expiresAt),
    paymentIntentId: intent?.id ?? null,
    paymentClientSecret: intent?.clientSecret ?? null,
  };
}

/** An order as clients see it. */
export function viewOrder(order: Order): OrderView {
  const { currency } = order;
  return {
    id: order.orderId,
    orderNumber: order.number,
    customerId: order.customerId,
    status: shownState(order.state),
    items: order.lines.map(({ id, eventId, ticketTypeId, quantity, unitPrice, ...taken }) => ({
      id,
      eventId,
      ticketTypeId,
      quantity,
      unitPrice,
      price: unitPrice * quantity,
      currency,
      ...(taken.seatLabels === undefined ? {} : { seats: seatsOf(taken) }),
    })),
    charges: viewCharges(order.charges, currency),
    totalPrice: { amount: order.total, currency },
    currency,
    ticketsIssued: order.ticketsIssued ?? false,
    createdAt: toTimestamp(order.createdAt),
    expiresAt: toTimestamp(order.expiresAt),
    ...(order.paymentIntentId === undefined
      ? {}
      : {
          payment: {
            id: order.paymentIntentId,
            transactionId: order.paymentIntentId,
            amount: order.total,
            currency,
            amountRefunded: 0,
            createdAt: toTimestamp(order.paymentCreatedAt ?? order.createdAt),
            refundedAt: null,
            ...(order.lastError === undefined ? {} : { lastError: order.lastError }),
          },
        }),
    refunds: [],
  };
}
