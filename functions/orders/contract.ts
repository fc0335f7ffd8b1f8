import * as z from 'zod/mini';

import { take, takeBackPolicy, type TakeBackPolicy } from '../inventory/contract.ts';
import { chargeLine, chargeLineView } from '../pricing/views.ts';
import { defineEvent } from '../shared/runtime/events.ts';
import { ULID_PATTERN } from '../shared/kernel/ids.ts';
import { tableEnv } from '../shared/runtime/env.ts';
import { route } from '../shared/runtime/route.ts';

/** States of an order and how it is shown; transitions are in `domain/lifecycle.ts`. */
export const orderState = z.enum([
  'HELD',
  'PENDING',
  'SECURED',
  'PAID',
  'PARTIALLY_REFUNDED',
  'REFUNDED',
  'EXPIRED',
  'FAILED',
  'CANCELLED',
]);
export type OrderState = z.infer<typeof orderState>;

/** One line of an order as its row keeps it. */
export const orderLine = z.object({
  /** `1`, `2`, … within the order. */
  id: z.string(),
  eventId: z.string(),
  ticketTypeId: z.string(),
  /** The pool that its tickets came from, and go back to. */
  poolId: z.string(),
  quantity: z.int(),
  /** Minor units, the price that the hold promised. */
  unitPrice: z.int(),
  /** Minor units: fees and taxes on top of the price of one ticket; and what is given back for one, where that is not all of it. */
  extra: z.optional(z.int()),
  back: z.optional(z.int()),
  /**
   * On what terms its tickets could be given back when they were held: on the first line of its event, for all lines of
   * it. None where nothing was promised.
   */
  policy: z.optional(takeBackPolicy),
  takes: z.array(take),
  /** How its seats are named to people, in the order of its takes. */
  seatLabels: z.optional(z.array(z.string())),
  /** Set where the type limits tickets a person, so that giving back knows the counter. */
  limited: z.optional(z.boolean()),
  /** Places (from 0) of tickets that were given up by refunds, in the order in which they were. */
  refunded: z.optional(z.array(z.int())),
  /** How many of these, from the first, are on sale again. */
  restocked: z.optional(z.int()),
  /** Minor units given back for the line so far, never more than its tickets cost (invariant I4). */
  refundedAmount: z.optional(z.int()),
});
export type OrderLine = z.infer<typeof orderLine>;

/** The terms that the tickets of an event were held on; they lie with its first line. */
export function promisedFor(
  { lines }: { readonly lines: readonly OrderLine[] },
  eventId: string,
): TakeBackPolicy | undefined {
  return lines.find((line) => line.eventId === eventId)?.policy;
}

/** A seat as people are told of it. */
export const seatView = z.object({
  /** As the map of the event knows it. */
  id: z.string(),
  /** For example `Stalls, row 5, seat 12`. */
  label: z.string(),
});
export type SeatView = z.infer<typeof seatView>;

/** The seats of a line, in the order of its tickets; none where it is not for seats. */
export function seatsOf({ takes, seatLabels = [] }: Pick<OrderLine, 'takes' | 'seatLabels'>): SeatView[] {
  return takes.flatMap(({ seats = [] }) => seats).map((id, index) => ({ id, label: seatLabels[index] ?? id }));
}

/** Why money goes back: the buyer cancels, somebody gives it back, the event is cancelled, or a bank took it. */
export const refundCause = z.enum(['BUYER', 'ORGANIZER', 'SUPPORT', 'EVENT_CANCELLED', 'DISPUTE']);
export type RefundCause = z.infer<typeof refundCause>;

/** How far a refund is: DUE until the provider took it, PENDING until the bank did. */
export const refundState = z.enum(['DUE', 'PENDING', 'SUCCEEDED', 'FAILED']);
export type RefundState = z.infer<typeof refundState>;

/** A refund as its order keeps it; all of it is in the refund's own row. */
export const orderRefund = z.object({
  refundId: z.string(),
  cause: refundCause,
  state: refundState,
  /** Minor units that go back. */
  amount: z.int(),
  /** Minor units that the tickets given up had cost; what of it does not go back is kept. */
  worth: z.int(),
  reason: z.string(),
  at: z.int(),
});
export type OrderRefund = z.infer<typeof orderRefund>;

/** What of a line is still out of its blocks: all but the tickets that are on sale again (invariant I1). */
export function stillOut({
  takes,
  quantity,
  refunded = [],
  restocked = 0,
}: Pick<OrderLine, 'takes' | 'quantity' | 'refunded' | 'restocked'>): Pick<OrderLine, 'takes' | 'quantity'> {
  if (restocked === 0) return { takes, quantity };
  const gone = new Set(refunded.slice(0, restocked));
  return { takes: takesAt(takes, (place) => !gone.has(place)), quantity: quantity - gone.size };
}

/** The parts of `takes` that the places named by `wanted` came from. Places are counted along the takes. */
export function takesAt(takes: OrderLine['takes'], wanted: (place: number) => boolean): OrderLine['takes'] {
  let first = 0;
  return takes.flatMap(({ block, quantity, seats }) => {
    const places = Array.from({ length: quantity }, (_unused, index) => index).filter((index) => wanted(first + index));
    first += quantity;
    if (places.length === 0) return [];
    const chosen = seats === undefined ? {} : { seats: places.map((index) => seats[index] ?? '') };
    return [{ block, quantity: places.length, ...chosen }];
  });
}

const purchased = z.object({
  orderId: z.string(),
  customerId: z.string(),
  number: z.string(),
  currency: z.string(),
  total: z.int(),
  lines: z.array(orderLine),
  charges: z.optional(z.array(chargeLine)),
});

/** A reservation was made (state HELD). */
export const reservationHeld = defineEvent(
  'reservations.TicketsHeld.v1',
  'a hold is placed',
  z.object({ orderId: z.string(), customerId: z.string(), expiresAt: z.int() }),
);
/** Somebody logged in whose anonymous session the reservation was of; it is theirs now (state HELD). */
export const holdTakenOver = defineEvent(
  'reservations.HoldTakenOver.v1',
  'a log-in takes over the hold of its anonymous session',
  z.object({ orderId: z.string(), customerId: z.string(), expiresAt: z.int() }),
);
/** A held reservation became an order (state PENDING). */
export const orderCreated = defineEvent('orders.OrderCreated.v1', 'a held reservation is ordered', purchased);
/** A purchase run owns the order (state SECURED). */
export const orderSecured = defineEvent(
  'orders.OrderSecured.v1',
  'a purchase run secures the stock of an order',
  z.object({ orderId: z.string(), customerId: z.string() }),
);
/** The order is open for another card (state PENDING again). */
export const paymentDeclined = defineEvent(
  'orders.PaymentDeclined.v1',
  'the card was refused; the hold goes on until it lapses',
  z.object({ orderId: z.string(), customerId: z.string() }),
);
/** Money and stock are final (state PAID); tickets follow. */
export const orderPaid = defineEvent('orders.OrderPaid.v1', 'the payment is captured, or the total is zero', purchased);
/** The hold lapsed (state EXPIRED). */
export const orderExpired = defineEvent(
  'orders.OrderExpired.v1',
  'a hold or an unpaid order lapses',
  z.object({ orderId: z.string(), customerId: z.string(), paymentIntentId: z.optional(z.string()) }),
);
/** The order cannot be fulfilled (state FAILED). */
export const orderFailed = defineEvent(
  'orders.OrderFailed.v1',
  'an order lapses after a declined card, or its payment is definitely refused or given back',
  z.object({ orderId: z.string(), customerId: z.string(), paymentIntentId: z.optional(z.string()) }),
);
/** Money came too late for an order that can no longer be fulfilled: it is on its way back. */
export const paymentReturnDue = defineEvent(
  'orders.PaymentReturnDue.v1',
  'a payment comes after the hold lapsed and the tickets cannot be had again',
  z.object({ orderId: z.string(), customerId: z.string(), paymentIntentId: z.optional(z.string()) }),
);
/** Money of an order that came to nothing was given back. */
export const latePaymentReturned = defineEvent(
  'orders.LatePaymentReturned.v1',
  'the payment of an order that came to nothing is voided or refunded',
  z.object({ orderId: z.string(), customerId: z.string(), number: z.string(), currency: z.string(), total: z.int() }),
);
/**
 * The payment of an order that came to nothing failed for good. `orders.OrderFailed.v1` does not say that: money may be
 * authorised by then, and lead the order back (ADR 55).
 */
export const paymentFailed = defineEvent(
  'orders.PaymentFailed.v1',
  'the PaymentIntent of an order that lapsed or failed after a refused card is closed, with nothing ever authorised',
  z.object({ orderId: z.string(), customerId: z.string(), number: z.string(), currency: z.string(), total: z.int() }),
);
const reviewed = z.object({ orderId: z.string(), customerId: z.string(), paymentIntentId: z.optional(z.string()) });
/** The money of an order is authorised, and waits for a person of ours to decide (state SECURED). */
export const reviewOpened = defineEvent(
  'orders.ReviewOpened.v1',
  'the payment of an order is looked at before it is taken',
  reviewed,
);
/** A person of ours lets the purchase go on. Refused is `orders.OrderFailed.v1`. */
export const reviewApproved = defineEvent(
  'orders.ReviewApproved.v1',
  'the support desk accepts an order whose payment was looked at',
  reviewed,
);
/** The buyer let go (state CANCELLED). */
export const orderCancelled = defineEvent(
  'orders.OrderCancelled.v1',
  'the buyer releases a hold or cancels an order',
  z.object({ orderId: z.string(), customerId: z.string(), paymentIntentId: z.optional(z.string()) }),
);

/** Tickets of a paid order were given up, or money of it goes back (state PARTIALLY_REFUNDED, REFUNDED or as it was). */
export const orderRefunded = defineEvent(
  'orders.OrderRefunded.v1',
  'money of a paid order goes back, with or without tickets; the buyer keeps the rest',
  z.object({ orderId: z.string(), customerId: z.string(), refunds: z.array(orderRefund) }),
);
/** The buyer gave a paid order back (state CANCELLED); the money is a refund of its own. */
export const paidOrderCancelled = defineEvent(
  'orders.PaidOrderCancelled.v1',
  'a buyer gives the last tickets of a paid order back',
  z.object({ orderId: z.string(), customerId: z.string(), refunds: z.array(orderRefund) }),
);
/** Tickets that were given up are on sale again. */
export const ticketsRestocked = defineEvent(
  'orders.TicketsRestocked.v1',
  'the stock of refunded tickets did not fit the transaction of their refund and goes back on sale after it',
  z.object({ orderId: z.string() }),
);
/** What the provider said of a refund. */
export const refundSettled = defineEvent(
  'orders.RefundSettled.v1',
  'a refund of an order is taken, arrives, fails, or is tried anew',
  z.object({ orderId: z.string(), customerId: z.string(), refunds: z.array(orderRefund) }),
);

/** The bank decides about the payment, or has. */
export const paymentDisputed = defineEvent(
  'orders.PaymentDisputed.v1',
  "a buyer's bank disputes the payment of an order, or decides about that",
  z.object({
    orderId: z.string(),
    customerId: z.string(),
    dispute: z.object({ disputeId: z.string(), status: z.string(), amount: z.int() }),
  }),
);

/** All tickets of a paid order exist and can be sent; raised by delivery on the order's row. */
export const delivered = defineEvent(
  'delivery.TicketsGenerated.v1',
  'all tickets of a paid order exist',
  // The mail's delay is measured from the payment (seed 002: within two minutes).
  z.extend(purchased, { paidAt: z.optional(z.int()) }),
);

export const ordersEvents = [
  reservationHeld,
  holdTakenOver,
  orderCreated,
  orderSecured,
  paymentDeclined,
  orderPaid,
  orderExpired,
  orderFailed,
  paymentReturnDue,
  latePaymentReturned,
  paymentFailed,
  reviewOpened,
  reviewApproved,
  orderCancelled,
  orderRefunded,
  paidOrderCancelled,
  ticketsRestocked,
  refundSettled,
  paymentDisputed,
  delivered,
] as const;

const id = z.string().check(z.regex(ULID_PATTERN));
const money = z.object({ amount: z.int(), currency: z.string() });

/** A refund as clients see it. */
export const refundView = z.object({
  id,
  amount: z.int(),
  currency: z.string(),
  /** DUE: on its way to the bank; PENDING: the bank has it; FAILED: somebody of ours looks after it. */
  status: refundState,
  reason: z.string(),
  at: z.iso.datetime(),
});
export type RefundView = z.infer<typeof refundView>;

/** An order as clients see it; SECURED is shown as PENDING. */
export const orderView = z.object({
  id,
  orderNumber: z.string(),
  customerId: z.string(),
  status: orderState,
  items: z.array(
    z.object({
      id: z.string(),
      eventId: id,
      ticketTypeId: id,
      quantity: z.int(),
      unitPrice: z.int(),
      price: z.int(),
      currency: z.string(),
      seats: z.optional(z.array(seatView)),
      /** On what terms its tickets could be given back when they were held; later ones count where they are better. */
      cancellationPolicy: z.optional(takeBackPolicy),
      /** Tickets of it that were given back. */
      quantityRefunded: z.optional(z.int()),
      /** Until when its tickets may be given back in full, since their event has moved; told of an order by itself. */
      fullRefundUntil: z.optional(z.iso.datetime()),
    }),
  ),
  /** Fees and taxes; with the items, those on top add up to the total. */
  charges: z.array(chargeLineView),
  totalPrice: money,
  currency: z.string(),
  /** Set while we look at its payment before we take it: the tickets stay reserved, and nothing is left to do for the buyer. */
  beingChecked: z.optional(z.literal(true)),
  ticketsIssued: z.boolean(),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  /**
   * Who is to come, where the buyer named anybody: each ticket that was not given back. Told of an order by itself, to
   * whoever may see it; null where nobody is named, or the ticket was passed on.
   */
  attendees: z.optional(
    z.array(z.object({ ticketNumber: z.string(), ticketTypeId: id, name: z.nullable(z.string()) })),
  ),
  payment: z.optional(
    z.object({
      id: z.string(),
      transactionId: z.string(),
      amount: z.int(),
      currency: z.string(),
      amountRefunded: z.int(),
      createdAt: z.iso.datetime(),
      refundedAt: z.nullable(z.iso.datetime()),
      lastError: z.optional(z.string()),
    }),
  ),
  refunds: z.array(refundView),
});
export type OrderView = z.infer<typeof orderView>;

/** What a purchase run ends with. */
export const purchaseOutcome = z.enum(['PAID', 'PROCESSING', 'PAYMENT_FAILED', 'SOLD_OUT_REFUNDED', 'NOT_PENDING']);
export type PurchaseOutcome = z.infer<typeof purchaseOutcome>;

/** The output of the purchase state machine. */
export const purchaseEnding = z.object({ outcome: purchaseOutcome, view: orderView, reason: z.optional(z.string()) });
export type PurchaseEnding = z.infer<typeof purchaseEnding>;

/** An order that was just made. */
export const createdOrder = z.object({
  orderId: id,
  orderNumber: z.string(),
  status: orderState,
  total: money,
  currency: z.string(),
  expiresAt: z.iso.datetime(),
  /** None where there is nothing to pay. */
  paymentIntentId: z.nullable(z.string()),
  paymentClientSecret: z.nullable(z.string()),
});
export type CreatedOrderView = z.infer<typeof createdOrder>;

/** Why no order is made of a hold. */
export const ORDER_PROBLEMS = [
  'RESERVATION_NOT_FOUND',
  'RESERVATION_EXPIRED',
  'NOT_PENDING',
  'AMOUNT_NOT_PAYABLE',
  'PAYMENT_PROVIDER_UNAVAILABLE',
] as const;

/** The buyer sees an order, support and admins too; organizers and their support staff what of it is theirs. */
export const READERS = {
  who: ['customer', 'staff', 'organizer', 'support', 'admin', 'vendor'],
  posts: ['support'],
  owns: 'order',
  key: 'orders:read',
} as const;
export const orderParams = z.strictObject({ orderId: id });

export const getOrder = route({
  id: 'getOrder',
  method: 'GET',
  path: '/api/orders/{orderId}',
  summary: 'One order',
  access: READERS,
  params: orderParams,
  responses: { 200: orderView },
  problems: [],
});

export const listOrders = route({
  id: 'listOrders',
  method: 'GET',
  path: '/api/orders',
  summary: "The caller's orders, newest first",
  access: { who: ['customer', 'vendor'], owns: 'user', by: 'query', key: 'orders:read', checkedBy: 'use case' },
  query: z.strictObject({
    userId: z.optional(z.string()),
    limit: z.optional(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(100))),
    cursor: z.optional(z.string().check(z.maxLength(200))),
  }),
  responses: { 200: z.object({ items: z.array(orderView), nextCursor: z.nullable(z.string()) }) },
  problems: [],
});

export const ordersRoutes = [getOrder, listOrders] as const;

/** Where Stripe is reached and with which key; an empty URL is Stripe itself. */
export const stripeEnv = z.object({ STRIPE_API_URL: z.string(), STRIPE_KEY_PARAMETER: z.string() });

export const purchaseLedgerEnv = tableEnv;
