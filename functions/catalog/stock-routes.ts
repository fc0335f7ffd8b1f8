import * as z from 'zod/mini';

import { stockDifference } from '../audit/contract.ts';
import { LARGEST_QUANTITY, SEAT_ID_PATTERN } from '../inventory/contract.ts';
import { route } from '../shared/runtime/route.ts';
import { id, whole } from './fields.ts';

/** A sale that no arena has seen: what is more is a mistake. */
const FASTEST_SALE = 100_000;

const ofTheirTypes = { who: ['organizer'], owns: 'ticketType' } as const;
const params = z.strictObject({ ticketTypeId: id });

/** The stock that a ticket type sells from, alone or with others, at the moment of the answer. */
export const stockView = z.object({
  ticketTypeId: id,
  /** Every type that sells from it. */
  ticketTypeIds: z.array(id),
  capacity: z.int(),
  free: z.int(),
  /** Off sale: what the house keeps for itself. */
  blocked: z.int(),
  /** Held or sold. */
  out: z.int(),
  /** The lowest quantity that the type could be given now; null where it shares its stock, or sells seats. */
  lowestQuantity: z.nullable(z.int()),
  /** Parts that the stock is split into, so that many can buy at once. */
  blocks: z.int(),
});
export type StockView = z.infer<typeof stockView>;

export const getStock = route({
  id: 'getStock',
  method: 'GET',
  path: '/api/ticket-types/{ticketTypeId}/stock',
  summary: 'What of a ticket type on sale is free, blocked, and held or sold',
  access: ofTheirTypes,
  params,
  responses: { 200: stockView },
  problems: ['EVENT_NOT_PUBLISHED'],
});

export const blockTickets = route({
  id: 'blockTickets',
  method: 'PUT',
  path: '/api/ticket-types/{ticketTypeId}/blocked',
  summary: 'Keep so many tickets of a type off sale for the house; fewer puts the others on sale again',
  access: ofTheirTypes,
  params,
  body: z.strictObject({ quantity: whole(0, LARGEST_QUANTITY) }),
  responses: { 200: stockView },
  problems: ['EVENT_NOT_PUBLISHED', 'STOCK_IS_SEATS', 'NOT_ENOUGH_TICKETS'],
});

export const spreadStock = route({
  id: 'spreadStock',
  method: 'PUT',
  path: '/api/ticket-types/{ticketTypeId}/pace',
  summary: 'Get the stock of a type ready for so many buyers a second; while it is sold, too',
  access: ofTheirTypes,
  params,
  body: z.strictObject({ holdsPerSecond: whole(1, FASTEST_SALE) }),
  responses: { 200: stockView },
  problems: ['EVENT_NOT_PUBLISHED', 'STOCK_IS_SEATS'],
});

/** House seats at a time; they may lie in as many rows as one transaction takes. */
const MOST_HOUSE_SEATS = 1_000;
const seats = z.strictObject({
  seatIds: z.array(z.string().check(z.regex(SEAT_ID_PATTERN))).check(z.minLength(1), z.maxLength(MOST_HOUSE_SEATS)),
});

export const blockSeats = route({
  id: 'blockSeats',
  method: 'POST',
  path: '/api/ticket-types/{ticketTypeId}/seats/block',
  summary: 'Take seats off sale for the house, all of them or none',
  access: ofTheirTypes,
  params,
  body: seats,
  responses: { 200: stockView },
  problems: ['EVENT_NOT_PUBLISHED', 'SEATS_TAKEN', 'STOCK_IS_COUNTED'],
});

export const releaseSeats = route({
  id: 'releaseSeats',
  method: 'POST',
  path: '/api/ticket-types/{ticketTypeId}/seats/release',
  summary: 'Put seats on sale again that the house has kept; those that it has not stay as they are',
  access: ofTheirTypes,
  params,
  body: seats,
  responses: { 200: stockView },
  problems: ['EVENT_NOT_PUBLISHED', 'STOCK_IS_COUNTED'],
});

/** What the last look at an event's stock has found. */
export const stockAuditView = z.object({
  /** SECOND_LOOK where something is only to be told once whatever was under way has been listed. */
  status: z.enum(['NOT_YET', 'CLEAN', 'SECOND_LOOK', 'DIFFERENCES']),
  lookedAt: z.nullable(z.iso.datetime()),
  checked: z.object({ blocks: z.int(), orders: z.int(), tickets: z.int(), limits: z.int() }),
  differences: z.array(stockDifference),
  /** Differences in all, where not each of them is listed. */
  found: z.int(),
});
export type StockAuditView = z.infer<typeof stockAuditView>;

export const getStockAudit = route({
  id: 'getStockAudit',
  method: 'GET',
  path: '/api/events/{eventId}/stock-audit',
  summary: 'Whether stock, limits, tickets and history of an event agreed when they were last looked at',
  access: { who: ['organizer'], owns: 'event' },
  params: z.strictObject({ eventId: id }),
  responses: { 200: stockAuditView },
  problems: [],
});

/** What organizers do to stock that is on sale. */
export const stockRoutes = [getStock, blockTickets, spreadStock, blockSeats, releaseSeats, getStockAudit] as const;
