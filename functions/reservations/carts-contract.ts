import * as z from 'zod/mini';

import { chargeLineView } from '../pricing/views.ts';
import { ULID_PATTERN } from '../shared/kernel/ids.ts';
import { PROBLEM_CODES } from '../shared/kernel/problems.ts';
import { accessCodesEnv } from '../shared/runtime/access-codes.ts';
import { sessionEnv } from '../shared/runtime/env.ts';
import { route } from '../shared/runtime/route.ts';
import { HOLD_HEADERS, quantity } from './contract.ts';

/** Carts, and the anonymous sessions that have some (seed 003, "Cart Management"). */

const id = z.string().check(z.regex(ULID_PATTERN));

/** A cart as its owner sees it. It reserves nothing: what counts is what its order finds. */
export const cartView = z.object({
  items: z.array(
    z.object({
      ticketTypeId: id,
      eventId: id,
      name: z.string(),
      quantity: z.int(),
      /** Minor units per ticket, as it is now. */
      price: z.int(),
      currency: z.string(),
      /** Where the price is another than when the quantity was last set: what it was. An order takes no more than that. */
      formerPrice: z.optional(z.int()),
      /** Why an order would be refused now, as far as can be seen without asking for the tickets. */
      refusal: z.optional(z.object({ code: z.enum(PROBLEM_CODES), detail: z.string() })),
    }),
  ),
  /** Fees and taxes of what can be bought; those on top are part of the total. */
  charges: z.array(chargeLineView),
  /** Of what can be bought; null where that is nothing. */
  total: z.nullable(z.object({ amount: z.int(), currency: z.string() })),
});
export type CartView = z.infer<typeof cartView>;

const access = { who: ['customer', 'guest'] } as const;
const tickets = z.strictObject({ ticketTypeId: id, quantity });
const headers = { 'X-Access-Code': HOLD_HEADERS['X-Access-Code'] };
const problems = [
  'TICKET_TYPE_NOT_FOUND',
  'SALE_NOT_OPEN',
  'SOLD_OUT',
  'NOT_ENOUGH_TICKETS',
  'LIMIT_EXCEEDED',
  'CURRENCIES_DIFFER',
  'CART_FULL',
] as const;

export const addToCart = route({
  id: 'addToCart',
  method: 'PUT',
  path: '/api/carts/add',
  summary: 'Put more tickets of a type into the cart, if that many can be had now; once for an Idempotency-Key',
  access,
  body: tickets,
  headers,
  responses: { 200: cartView },
  problems: [...problems, 'IDEMPOTENCY_KEY_REUSED'],
});

export const changeCart = route({
  id: 'changeCart',
  method: 'PUT',
  path: '/api/carts/change',
  summary: 'Say how many tickets of a type the cart is to hold, at the price of now',
  access,
  body: tickets,
  headers,
  responses: { 200: cartView },
  problems,
});

export const removeFromCart = route({
  id: 'removeFromCart',
  method: 'PUT',
  path: '/api/carts/remove',
  summary: 'Take all tickets of a type out of the cart; again changes nothing',
  access,
  body: z.strictObject({ ticketTypeId: id }),
  responses: { 200: cartView },
  problems: [],
});

export const getCart = route({
  id: 'getCart',
  method: 'GET',
  path: '/api/carts',
  summary: "The caller's cart, with the prices of now",
  access,
  responses: { 200: cartView },
  problems: [],
});

export const clearCart = route({
  id: 'clearCart',
  method: 'DELETE',
  path: '/api/carts',
  summary: 'Empty the cart; again changes nothing',
  access,
  responses: { 204: null },
  problems: [],
});

export const beginGuest = route({
  id: 'beginGuest',
  method: 'POST',
  path: '/api/auth/guest',
  summary: 'Begin an anonymous session, which may fill a cart and hold tickets until it logs in',
  access: { who: 'anyone' },
  body: z.strictObject({}),
  responses: {
    201: z.object({
      /** To be sent as `X-Guest-Token`; browsers have it in their cookie. */
      guestToken: z.string(),
      expiresAt: z.iso.datetime(),
    }),
  },
  problems: [],
});

/** What a log-in has done with the anonymous session that it was sent with. */
export const takenOver = z.object({
  /** TAKEN_OVER: cart and holds are the person's now. NOTHING: there was no live session, or another log-in was first. */
  status: z.enum(['TAKEN_OVER', 'NOTHING']),
  /** The holds that became the person's. */
  reservationIds: z.array(id),
  /** Ticket types of the cart that were added to the person's. */
  cartItems: z.int(),
});
export type TakenOver = z.infer<typeof takenOver>;

/** Why an anonymous session is not taken over; then all of it stays as it was. */
export const TAKE_OVER_PROBLEMS = ['LIMIT_EXCEEDED', 'CURRENCIES_DIFFER', 'CART_FULL'] as const;

export type TakeOverProblem = (typeof TAKE_OVER_PROBLEMS)[number];

export const takeOverGuest = route({
  id: 'takeOverGuest',
  method: 'POST',
  path: '/api/carts/take-over',
  summary:
    'Make cart and holds of the anonymous session in X-Guest-Token, or its cookie, those of the caller: as a log-in does, for one to which that was refused',
  access: { who: ['customer'] },
  body: z.strictObject({}),
  headers: { 'X-Guest-Token': 'The anonymous session; its cookie unless sent' },
  responses: { 200: takenOver },
  problems: TAKE_OVER_PROBLEMS,
});

export const cartsRoutes = [
  beginGuest,
  addToCart,
  changeCart,
  removeFromCart,
  getCart,
  clearCart,
  takeOverGuest,
] as const;

export const cartsEnv = z.extend(sessionEnv, accessCodesEnv.shape);
