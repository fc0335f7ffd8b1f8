import * as z from 'zod/mini';

import { LARGEST_AMOUNT } from '../shared/kernel/money.ts';
import { lineOfText } from '../shared/kernel/text.ts';
import { sessionEnv } from '../shared/runtime/env.ts';
import { route } from '../shared/runtime/route.ts';
import { orderParams, orderView, refundView } from './contract.ts';

/** Tickets of an order's lines, each line once. */
const refundedLines = z
  .array(
    z.strictObject({
      orderItemId: z.string().check(z.regex(/^[1-9]\d{0,2}$/)),
      quantity: z.int().check(z.minimum(1), z.maximum(60)),
    }),
  )
  .check(z.minLength(1), z.maxLength(60));
/** Told to the buyer and kept with the refund; whoever writes it names nobody. */
const refundReason = lineOfText(200);
const minorUnits = z.int().check(z.minimum(1), z.maximum(LARGEST_AMOUNT));
const paid = z.strictObject({ amount: minorUnits, currency: z.string().check(z.regex(/^[A-Z]{3}$/)) });

/** Why tickets or money of an order cannot go back. */
const REFUSED_REFUNDS = [
  'NOT_PAID',
  'ALREADY_REFUNDED',
  'ORDER_DISPUTED',
  'TICKET_NOT_VALID',
  'TOO_MANY_REFUNDS',
  'IDEMPOTENCY_KEY_REUSED',
] as const;

export const cancelOrder = route({
  id: 'cancelOrder',
  method: 'POST',
  path: '/api/orders/{orderId}/cancel',
  summary: 'Cancel an order: at once while it is not paid, else by the policy of its event, whole or in part',
  access: { who: ['customer', 'vendor'], owns: 'order', key: 'orders:write' },
  params: orderParams,
  body: z.strictObject({ lines: z.optional(refundedLines) }),
  responses: { 200: z.extend(orderView, { refund: z.optional(refundView) }) },
  problems: [...REFUSED_REFUNDS, 'NOT_PENDING', 'OUTSIDE_CANCELLATION_WINDOW', 'ORDER_ITEM_NOT_FOUND'],
});

export const refundOrder = route({
  id: 'refundOrder',
  method: 'POST',
  path: '/api/orders/{orderId}/refunds',
  summary: 'Give money of a paid order back: for tickets, or an amount without them',
  access: { who: ['organizer', 'support', 'admin'], owns: 'order' },
  params: orderParams,
  body: z.union([
    z.strictObject({ lines: refundedLines, reason: refundReason }),
    z.strictObject({ amount: z.union([minorUnits, paid]), reason: refundReason }),
  ]),
  responses: { 201: refundView },
  problems: [...REFUSED_REFUNDS, 'NOT_ENOUGH_FUNDS', 'ORDER_ITEM_NOT_FOUND'],
});

export const refundRoutes = [cancelOrder, refundOrder] as const;

export const refundsEnv = sessionEnv;
