import * as z from 'zod/mini';

import { HOLD_HEADERS, HOLD_PROBLEMS, quantity, wishes } from '../reservations/contract.ts';
import { ULID_PATTERN } from '../shared/kernel/ids.ts';
import { accessCodesEnv } from '../shared/runtime/access-codes.ts';
import { sessionEnv } from '../shared/runtime/env.ts';
import { route } from '../shared/runtime/route.ts';
import { personalDataEnv } from '../users/contract.ts';
import { ATTENDEE_PROBLEMS, attendees } from './attendees-contract.ts';
import { createdOrder, ORDER_PROBLEMS, stripeEnv } from './contract.ts';

/**
 * Routes by which orders come about. Apart from `contract.ts`, which the contract of reservations builds on as this one
 * builds on that.
 */

const id = z.string().check(z.regex(ULID_PATTERN));

/** Why what is held and ordered in one go is not; a hold under the same key may be over by then. */
const problems = [...new Set([...HOLD_PROBLEMS, ...ORDER_PROBLEMS, ...ATTENDEE_PROBLEMS])];

/** What an order may be made of: a reservation, so many tickets of a type, or without either the caller's cart; and who is to come. */
const source = z
  .strictObject({
    reservationId: z.optional(id),
    ticketTypeId: z.optional(id),
    quantity: z.optional(quantity),
    attendees: z.optional(attendees),
  })
  .check(
    z.refine(
      ({ reservationId, ticketTypeId, quantity: count }) =>
        (ticketTypeId === undefined) === (count === undefined) &&
        (reservationId === undefined || ticketTypeId === undefined),
      'Send a reservationId, or a ticketTypeId with a quantity, or nothing for the cart',
    ),
  );

export const createOrder = route({
  id: 'createOrder',
  method: 'POST',
  path: '/api/orders',
  summary: 'Order what is reserved, tickets of a type at once, or the cart ({}), with a payment to confirm',
  access: { who: ['customer', 'vendor'], owns: 'reservation', by: 'body', key: 'orders:write', checkedBy: 'use case' },
  body: source,
  headers: HOLD_HEADERS,
  responses: { 201: createdOrder },
  problems: [...problems, 'CART_EMPTY'],
});

export const purchaseTickets = route({
  id: 'purchaseTickets',
  method: 'POST',
  path: '/api/tickets/purchase',
  summary: 'Hold tickets and order them in one go, with a payment to confirm',
  access: { who: ['customer', 'vendor'], key: 'orders:write' },
  body: z.strictObject({ items: wishes, attendees: z.optional(attendees) }),
  headers: HOLD_HEADERS,
  responses: { 201: createdOrder },
  problems,
});

export const checkoutRoutes = [createOrder, purchaseTickets] as const;

export const checkoutEnv = z.extend(sessionEnv, {
  ...stripeEnv.shape,
  ...accessCodesEnv.shape,
  ...personalDataEnv.shape,
});
