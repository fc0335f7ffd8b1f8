import * as z from 'zod/mini';

import { charge, priceTagMembers, type PriceTag } from '../pricing/views.ts';
import { defineEvent } from '../shared/runtime/events.ts';

/** The largest number of tickets of one type (a stadium season, with room). */
export const LARGEST_QUANTITY = 1_000_000;
/** Ticket types that may ever share a pool, those that have left it included: each keeps a window in every block. */
export const MOST_TYPES_PER_POOL = 30;

/** Until how many hours before the start a buyer may give tickets back, and what is kept of each. */
export const takeBackPolicy = z.object({
  windowHours: z.int(),
  /** Minor units of the event's currency. */
  feeAmount: z.optional(z.int()),
  /** Of the price; at most two decimals. */
  feePercent: z.optional(z.number()),
});
export type TakeBackPolicy = z.infer<typeof takeBackPolicy>;

/**
 * The copy of a ticket type, and of what of its event a ticket shows, that the ticketing side keeps. It is
 * written when the event is published, so a purchase never reads the catalogue (seed 003, "local copy").
 */
export const ticketTypeCopy = z.object({
  ticketTypeId: z.string(),
  eventId: z.string(),
  organizationId: z.string(),
  name: z.string(),
  /** The price: what it is now, was, and will be; see `priceAt` of the pricing. */
  ...priceTagMembers,
  currency: z.string(),
  /** Fees and taxes of its event, on top of the price or contained in it. */
  charges: z.optional(z.array(charge)),
  /** Set where the price follows rules, so that a change of its stock is told to who makes it. */
  dynamic: z.optional(z.boolean()),
  /** The pool that the type draws on, alone or with others. */
  poolId: z.string(),
  /** Which of the sale windows in the pool's blocks is the type's; without it, the first. */
  window: z.optional(z.int()),
  /** Set where the stock is seats of a plan. */
  seated: z.optional(z.boolean()),
  /** Set where no sale may leave a single empty seat (invariant I22). */
  noSingles: z.optional(z.boolean()),
  /** How many of the pool's blocks a buyer chooses among. */
  blocks: z.int(),
  /** Tickets in the pool in all. */
  capacity: z.int(),
  /** Sale window, milliseconds since the epoch; also kept in each block, where it is enforced. */
  opensAt: z.int(),
  closesAt: z.int(),
  maxPerPerson: z.optional(z.int()),
  accessLevel: z.optional(z.string()),
  /** Gates that refuse its tickets since they lead to other zones, by their folded names. */
  closedGates: z.optional(z.array(z.string())),
  /** Sold only to who sends a code with one of these hashes, see `shared/kernel/access-code.ts`. */
  hidden: z.optional(z.boolean()),
  accessHashes: z.optional(z.array(z.string())),
  codesOf: z.optional(z.string()),
  eventTitle: z.string(),
  eventStartsAt: z.int(),
  eventEndsAt: z.optional(z.int()),
  /** When the gates open; without it there is no earliest moment. */
  admissionOpensAt: z.optional(z.int()),
  timeZone: z.string(),
  venueName: z.optional(z.string()),
  city: z.optional(z.string()),
  cancellationPolicy: z.optional(takeBackPolicy),
  /** Whoever has held tickets before the first may give them back in full until the second, since the event has moved. */
  optOutHeldBefore: z.optional(z.int()),
  optOutUntil: z.optional(z.int()),
});
export type TicketTypeCopy = z.infer<typeof ticketTypeCopy>;

/** What of a copy does not follow from its pool: what the catalogue says of a type. */
export type Sale = Omit<TicketTypeCopy, 'poolId' | 'window' | 'seated' | 'noSingles' | 'blocks' | 'capacity'>;

/** A sale without its price: what changes of a type on sale at the catalogue's word. */
export type SaleTerms = Omit<Sale, keyof PriceTag>;

/** Where tickets of a line were taken from, kept on the order so that they can be put back. */
export const take = z.object({
  block: z.int(),
  quantity: z.int(),
  /** The ids of the seats, where the stock is seats: as many as `quantity`. */
  seats: z.optional(z.array(z.string())),
});
export type Take = z.infer<typeof take>;

/** What the id of a seat looks like that a plan gives it: its row, and its place there. */
export const SEAT_ID_PATTERN = /^[0-9a-z]{1,4}-[0-9]{1,4}$/;

/** A seat of a row, as a plan numbers it. */
export const seat = z.object({
  /** Unique within the event, without spaces. Short is better: a row under 1 KB costs half. */
  id: z.string(),
  number: z.string(),
  /** An aisle or gap lies between this seat and the one before it. */
  aisleBefore: z.optional(z.boolean()),
  /** A place for a wheelchair, or the seat beside one for who comes along: sold on request only. */
  access: z.optional(z.enum(['WHEELCHAIR', 'COMPANION'])),
  restrictedView: z.optional(z.boolean()),
});
export type Seat = z.infer<typeof seat>;

/** A row of seats of one category, from left to right. */
export const seatRow = z.object({
  label: z.string(),
  /** The part of the house, where there are several. */
  section: z.optional(z.string()),
  /** The place in `seats` nearest to the focal point; between two seats it is a fraction. */
  centre: z.number(),
  /** From the focal point to the nearest seat, and from one seat to the next, in units of the drawing. */
  distance: z.number(),
  pitch: z.number(),
  seats: z.array(seat),
});
export type SeatRow = z.infer<typeof seatRow>;

/** What a pool is filled with: a number of tickets, or the rows of a plan, those with the best view first. */
export type Stock =
  | { readonly kind: 'COUNT'; readonly capacity: number }
  | { readonly kind: 'SEATS'; readonly rows: readonly SeatRow[]; readonly noSingles?: boolean };

/** A pool that is to be opened, with the types that will draw on it. */
export interface PoolDraft {
  /** Unique within the event: a type's id for its own pool, a seat category, a shared capacity's name. */
  readonly name: string;
  readonly stock: Stock;
  readonly types: readonly Sale[];
}

/** A block as its row says. */
export interface BlockContent {
  /** Pool and number, see `blockName`. */
  readonly name: string;
  readonly size: number;
  readonly free: number;
  readonly blocked: number;
  /** Of rows of seats, those that are free or blocked. */
  readonly seats: ReadonlySet<string>;
}

/** How a block is named in findings: its key without what it is. */
export function blockName(poolId: string, block: number): string {
  return `${poolId}#B${block}`;
}

/** Somebody's count of a limited ticket type. */
export interface LimitOf {
  readonly ticketTypeId: string;
  readonly personId: string;
}

/** How a counter is named in findings. */
export function limitName({ ticketTypeId, personId }: LimitOf): string {
  return `${ticketTypeId}#${personId}`;
}

/** How far a pool is: PREPARING has no ticket type yet, STOPPED sells nothing ever again. */
export const poolState = z.enum(['PREPARING', 'OPEN', 'STOPPED']);

const change = z.object({ poolId: z.string(), eventId: z.string(), capacity: z.int(), blocks: z.int() });

/** Blocks of a pool that is not on sale yet were put. */
export const stockPrepared = defineEvent(
  'inventory.StockPrepared.v1',
  'blocks of a pool are put, before its event is published',
  change,
);
/** The tickets of a pool can be bought, within the sale windows of its types. */
export const saleOpened = defineEvent('inventory.SaleOpened.v1', 'the ticket types of a pool go on sale', change);
/** A pool has more or fewer tickets. */
export const capacityChanged = defineEvent(
  'inventory.CapacityChanged.v1',
  "an organizer raises or lowers a pool's capacity",
  change,
);
/** The stock of a pool lies in more or fewer blocks. */
export const stockResplit = defineEvent(
  'inventory.StockResplit.v1',
  "a pool's stock is moved between blocks or split over new ones",
  change,
);
/** House seats were taken off sale. */
export const stockBlocked = defineEvent('inventory.StockBlocked.v1', 'tickets or seats are taken off sale', change);
/** House seats were given back. */
export const stockUnblocked = defineEvent(
  'inventory.StockUnblocked.v1',
  'tickets or seats that were off sale are on sale again',
  change,
);
/** A ticket type is sold at other times. */
export const saleWindowChanged = defineEvent(
  'inventory.SaleWindowChanged.v1',
  "a ticket type's sale is moved to other times",
  change,
);
/** A pool on sale is got ready for one more type. */
export const typeJoining = defineEvent(
  'inventory.TicketTypeJoining.v1',
  'an organizer adds a ticket type that shares its places with others on sale',
  change,
);
/** A type of which nothing was sold draws on the pool no more; others do. */
export const typeLeft = defineEvent(
  'inventory.TicketTypeLeft.v1',
  'an organizer deletes a ticket type that shares its places with others',
  change,
);
/** Nothing of the pool is sold ever again. */
export const salesStopped = defineEvent('inventory.SalesStopped.v1', 'the sales of a cancelled event stop', change);

/** No ticket of a pool is free any more: raised once each time that it comes to that. */
export const soldOut = defineEvent(
  'inventory.SoldOut.v1',
  'the last free ticket of a pool is held, sold or blocked',
  change,
);
/** Tickets of a pool that was sold out are free again. */
export const stockReturned = defineEvent(
  'inventory.StockReturned.v1',
  'tickets of a sold-out pool come back: a hold lapses, an order fails, the capacity grows',
  change,
);

export const inventoryEvents = [
  stockPrepared,
  saleOpened,
  capacityChanged,
  stockResplit,
  stockBlocked,
  stockUnblocked,
  saleWindowChanged,
  typeJoining,
  typeLeft,
  salesStopped,
  soldOut,
  stockReturned,
] as const;
