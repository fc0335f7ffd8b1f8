import { viewCharges } from '../../pricing/views.ts';
import { toTimestamp } from '../../shared/kernel/clock.ts';
import {
  promisedFor,
  seatsOf,
  type CreatedOrderView,
  type OrderRefund,
  type OrderState,
  type OrderView,
  type RefundView,
} from '../contract.ts';
import type { Order } from './order.ts';
import { isUnderReview } from './review.ts';

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
  const { currency, refunds = [] } = order;
  // What failed is still with us.
  const moved = refunds.filter(({ state, amount }) => state !== 'FAILED' && amount > 0);
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
      ...promised(order, eventId),
      ...(taken.refunded === undefined ? {} : { quantityRefunded: taken.refunded.length }),
    })),
    charges: viewCharges(order.charges, currency),
    totalPrice: { amount: order.total, currency },
    currency,
    ...(isUnderReview(order) ? { beingChecked: true as const } : {}),
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
            amountRefunded: moved.reduce((sum, { amount }) => sum + amount, 0),
            createdAt: toTimestamp(order.paymentCreatedAt ?? order.createdAt),
            refundedAt: moved.length === 0 ? null : toTimestamp(Math.max(...moved.map(({ at }) => at))),
            ...(order.lastError === undefined ? {} : { lastError: order.lastError }),
          },
        }),
    refunds: refunds.map((refund) => viewRefund(refund, currency)),
  };
}

function promised(order: Order, eventId: string): Pick<OrderView['items'][number], 'cancellationPolicy'> {
  const policy = promisedFor(order, eventId);
  return policy === undefined ? {} : { cancellationPolicy: policy };
}

/** A refund as clients see it. */
export function viewRefund({ refundId, amount, state, reason, at }: OrderRefund, currency: string): RefundView {
  return { id: refundId, amount, currency, status: state, reason, at: toTimestamp(at) };
}

/** A refund that was just recorded, or before, as its order keeps it. */
export function viewRecorded({
  order: { refunds, currency },
  refund: { refundId },
}: {
  readonly order: Order;
  readonly refund: { readonly refundId: string };
}): { readonly refund: RefundView } {
  const refund = refunds?.find((each) => each.refundId === refundId);
  if (refund === undefined) throw new Error('A refund that is recorded is not on its order');
  return { refund: viewRefund(refund, currency) };
}
