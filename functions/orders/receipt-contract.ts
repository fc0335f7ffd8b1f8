import * as z from 'zod/mini';

import { chargeLineView } from '../pricing/views.ts';
import { ULID_PATTERN } from '../shared/kernel/ids.ts';
import { route } from '../shared/runtime/route.ts';
import { orderParams, orderState, refundView } from './contract.ts';

const id = z.string().check(z.regex(ULID_PATTERN));
const money = z.object({ amount: z.int(), currency: z.string() });

/**
 * What was paid for an order, and what of it went back. Items and charges on top add up to the total; total less
 * refunded is the balance.
 */
export const receiptView = z.object({
  orderId: id,
  orderNumber: z.string(),
  status: orderState,
  /** The organisations whose events it is for, as they are called now. */
  sellers: z.array(z.object({ organizationId: id, name: z.string() })),
  items: z.array(
    z.object({
      id: z.string(),
      eventId: id,
      ticketTypeId: id,
      /** Null where all of its tickets were given back, and the organizer has deleted their type since. */
      ticketType: z.nullable(
        z.object({
          name: z.string(),
          eventTitle: z.string(),
          startsAt: z.iso.datetime(),
          /** IANA name. */
          timeZone: z.string(),
        }),
      ),
      quantity: z.int(),
      unitPrice: money,
      price: money,
      /** Tickets of it that were given back. */
      quantityRefunded: z.int(),
    }),
  ),
  charges: z.array(chargeLineView),
  total: money,
  payment: z.object({
    /** NONE where there was nothing to pay. The card itself is known to the payment provider alone. */
    method: z.enum(['CARD', 'NONE']),
    transactionId: z.nullable(z.string()),
    at: z.iso.datetime(),
  }),
  refunds: z.array(refundView),
  /** Without refunds that failed: these are still owed. */
  refunded: money,
  balance: money,
});
export type ReceiptView = z.infer<typeof receiptView>;

/** The buyer, a vendor of the orders that it made, and the operator's support. */
const access = { who: ['customer', 'vendor', 'support', 'admin'], owns: 'order', key: 'orders:read' } as const;

export const getReceipt = route({
  id: 'getReceipt',
  method: 'GET',
  path: '/api/orders/{orderId}/receipt',
  summary: 'The receipt of a paid order: lines, fees and taxes, what was paid, what went back',
  access,
  params: orderParams,
  responses: { 200: receiptView },
  problems: ['NOT_PAID'],
});

export const getReceiptPdf = route({
  id: 'getReceiptPdf',
  method: 'GET',
  path: '/api/orders/{orderId}/receipt/pdf',
  summary: 'The receipt of a paid order to print or file',
  access,
  params: orderParams,
  query: z.strictObject({
    /** Of our own words; English unless said. */
    language: z.optional(z.enum(['en', 'de', 'fr', 'es'])),
  }),
  responses: { 200: null },
  produces: 'application/pdf',
  problems: ['NOT_PAID'],
});
