import * as z from 'zod/mini';

import { seatView } from '../orders/contract.ts';
import { SEAT_ID_PATTERN } from '../inventory/contract.ts';
import { ULID_PATTERN } from '../shared/kernel/ids.ts';
import { MINUTE } from '../shared/kernel/clock.ts';
import { chargeLineView } from '../pricing/views.ts';
import { accessCodesEnv } from '../shared/runtime/access-codes.ts';
import { sessionEnv, tableEnv } from '../shared/runtime/env.ts';
import { route } from '../shared/runtime/route.ts';

/** How long a hold lasts; asking again never renews it (seed 002 requirement 7). */
export const HOLD_MS = 10 * MINUTE;
/** Tickets in one reservation: always one transaction of at most 100 actions. */
export const MOST_TICKETS = 60;
/** Ticket types in one reservation, and in a cart. */
export const MOST_LINES = 10;

const id = z.string().check(z.regex(ULID_PATTERN));
const money = z.object({ amount: z.int(), currency: z.string() });
/** How many tickets somebody wishes. */
export const quantity = z.int().check(z.minimum(1), z.maximum(MOST_TICKETS));

/** The price of one ticket as the buyer was shown it: never is more taken, or the answer is PRICE_CHANGED. */
const shownPrice = z.optional(z.strictObject({ amount: z.int().check(z.minimum(0)), currency: z.string() }));

/** What a buyer wishes of one ticket type: so many tickets, of seats the best there are, or the very seats. */
export const wish = z.strictObject({
  ticketTypeId: id,
  quantity: z.optional(quantity),
  seatIds: z.optional(
    z.array(z.string().check(z.regex(SEAT_ID_PATTERN))).check(z.minLength(1), z.maxLength(MOST_TICKETS)),
  ),
  bestAvailable: z.optional(z.literal(true)),
  price: shownPrice,
  /** How many of the best seats must be wheelchair places; nobody gets one without asking. */
  wheelchairs: z.optional(z.int().check(z.minimum(0), z.maximum(MOST_TICKETS))),
});

const heldItem = z.object({
  ticketTypeId: id,
  eventId: id,
  name: z.string(),
  quantity: z.int(),
  unitPrice: money,
  price: money,
  seats: z.optional(z.array(seatView)),
});

export const reservationView = z.object({
  reservationId: id,
  status: z.enum(['HELD', 'ORDERED', 'EXPIRED', 'RELEASED']),
  expiresAt: z.iso.datetime(),
  items: z.array(heldItem),
  /** Fees and taxes; with the items, those on top add up to the total, which is what is paid. */
  charges: z.array(chargeLineView),
  total: money,
});
export type ReservationView = z.infer<typeof reservationView>;

/** What a request may bring along that holds tickets. */
export const HOLD_HEADERS = {
  'X-Access-Code': 'A code that opens hidden ticket types to its sender',
  'X-End-Customer': 'With an API key: the number of the customer bought for, whom limits per person are counted for',
} as const;

/** Why tickets are not held. */
export const HOLD_PROBLEMS = [
  'INVALID_INPUT',
  'SEATS_TAKEN',
  'SINGLE_SEAT_LEFT',
  'SOLD_OUT',
  'NOT_ENOUGH_TICKETS',
  'LIMIT_EXCEEDED',
  'SALE_NOT_OPEN',
  'PRICE_CHANGED',
  'TICKET_TYPE_NOT_FOUND',
  'CURRENCIES_DIFFER',
  'AMOUNT_NOT_PAYABLE',
  'IDEMPOTENCY_KEY_REUSED',
] as const;

/** What is wished in one go, of one event or several. */
export const wishes = z.array(wish).check(z.minLength(1), z.maxLength(MOST_LINES));

export const placeHold = route({
  id: 'placeHold',
  method: 'POST',
  path: '/api/reservations',
  summary: 'Hold tickets for ten minutes',
  access: { who: ['customer', 'vendor', 'guest'], key: 'reservations:write' },
  body: z.strictObject({ items: wishes }),
  headers: HOLD_HEADERS,
  responses: { 201: reservationView },
  problems: HOLD_PROBLEMS,
});

/** Seed 002 asks whether there is enough; the answer that keeps is a hold. */
export const validateAvailability = route({
  id: 'validateAvailability',
  method: 'POST',
  path: '/api/tickets/validate-availability',
  summary: 'Hold tickets of one type for ten minutes, if that many can be had',
  access: { who: ['customer'] },
  body: z.strictObject({ ticketTypeId: id, quantity }),
  headers: { 'X-Access-Code': HOLD_HEADERS['X-Access-Code'] },
  responses: { 201: reservationView },
  problems: HOLD_PROBLEMS,
});

const reservationParams = z.strictObject({ reservationId: id });

export const getReservation = route({
  id: 'getReservation',
  method: 'GET',
  path: '/api/reservations/{reservationId}',
  summary: 'One reservation',
  access: { who: ['customer', 'vendor', 'guest'], owns: 'reservation', key: 'reservations:write' },
  params: reservationParams,
  responses: { 200: reservationView },
  problems: [],
});

export const releaseHold = route({
  id: 'releaseHold',
  method: 'DELETE',
  path: '/api/reservations/{reservationId}',
  summary: 'Release a hold at once',
  access: { who: ['customer', 'vendor', 'guest'], owns: 'reservation', key: 'reservations:write' },
  params: reservationParams,
  responses: { 204: null },
  problems: ['NOT_PENDING'],
});

export const reservationsRoutes = [placeHold, validateAvailability, getReservation, releaseHold] as const;

export const holdEnv = z.extend(sessionEnv, accessCodesEnv.shape);
export const expireHoldsEnv = z.extend(tableEnv, {
  MAIL_QUEUE_URL: z.string(),
  CANCEL_EVENT_STATE_MACHINE_ARN: z.string(),
});
