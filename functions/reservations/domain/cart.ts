import * as z from 'zod/mini';

import type { TicketTypeCopy } from '../../inventory/contract.ts';
import { priceAt } from '../../pricing/views.ts';
import type { Instant } from '../../shared/kernel/clock.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import { MOST_LINES, MOST_TICKETS } from '../contract.ts';
import { checkWindow, limitExceeded } from './hold.ts';
import type { Wish } from './wishes.ts';

/** A line of a cart: how many of a type, at the price that its owner was last shown when changing it. */
const cartLine = z.object({
  ticketTypeId: z.string(),
  eventId: z.string(),
  name: z.string(),
  quantity: z.int(),
  /** Minor units. */
  unitPrice: z.int(),
  currency: z.string(),
});
export type CartLine = z.infer<typeof cartLine>;

const cartRow = z.object({
  lines: z.array(cartLine),
  /** Counts changes of the row, which each is decided on. */
  rev: z.int(),
  /** When it is empty again; also kept as a condition, since the table drops it some time later (invariant I7). */
  expiresAt: z.int(),
  /** The last requests that put tickets in, so that one sent again does not do so again. */
  requests: z.array(z.object({ id: z.string(), hash: z.string() })),
  /** What was last ordered from it, until something else is put in. */
  ordered: z.optional(z.object({ orderId: z.string(), lines: z.array(cartLine) })),
});

/** A request that a cart remembers. */
export type CartRequest = z.infer<typeof cartRow>['requests'][number];

/** A cart as its row keeps it. It reserves nothing. */
export interface Cart {
  readonly lines: readonly CartLine[];
  readonly rev: number;
  readonly expiresAt: Instant;
  readonly requests: readonly CartRequest[];
  readonly ordered?: { readonly orderId: string; readonly lines: readonly CartLine[] } | undefined;
}

/** The cart of who has put nothing in yet. */
export const EMPTY_CART: Cart = { lines: [], rev: 0, expiresAt: 0, requests: [] };

/** Reads a row as a cart; one that has expired is empty, whether the table has dropped it or not. */
export function parseCart(item: unknown, now: Instant): Cart {
  const cart = z.parse(cartRow, item);
  return cart.expiresAt > now ? cart : { ...EMPTY_CART, rev: cart.rev };
}

/** Tickets that are put in, or how many there are to be from now on. */
export interface CartChange {
  readonly how: 'ADD' | 'SET';
  readonly copy: TicketTypeCopy;
  readonly quantity: number;
}

/** The quantity of a type in a cart. */
export function quantityIn({ lines }: Pick<Cart, 'lines'>, ticketTypeId: string): number {
  return lines.find((line) => line.ticketTypeId === ticketTypeId)?.quantity ?? 0;
}

/**
 * The lines of a cart with tickets put in, or changed in number. Everything that an order of it would be refused for is
 * refused here already, as far as it can be known; what counts is what the order finds.
 *
 * @param held tickets of the type that count against the owner's limit already
 */
export function putIn(
  cart: Cart,
  { how, copy, quantity }: CartChange,
  held: number,
  now: Instant,
): Result<readonly CartLine[], Problem> {
  const { ticketTypeId, eventId, name, currency, maxPerPerson } = copy;
  const closed = checkWindow(copy, now);
  if (closed !== undefined) return err(closed);
  const before = quantityIn(cart, ticketTypeId);
  const line = {
    ticketTypeId,
    eventId,
    name,
    quantity: how === 'ADD' ? before + quantity : quantity,
    unitPrice: priceAt(copy, now).unitPrice,
    currency,
  };
  // Who already has too many may still put some back.
  if (maxPerPerson !== undefined && line.quantity > before && held + line.quantity > maxPerPerson)
    return err(limitExceeded(maxPerPerson, held));
  const lines =
    before === 0
      ? [...cart.lines, line]
      : cart.lines.map((other) => (other.ticketTypeId === ticketTypeId ? line : other));
  const misfit = misfitOf(lines);
  return misfit === undefined ? ok(lines) : err(misfit);
}

/** Why lines do not fit one cart, hence one order, if so. */
export function misfitOf(lines: readonly CartLine[]): Problem<'CURRENCIES_DIFFER' | 'CART_FULL'> | undefined {
  if (new Set(lines.map(({ currency }) => currency)).size > 1)
    return problem('CURRENCIES_DIFFER', 'Order what is in the cart first: an order takes one currency.');
  if (lines.length > MOST_LINES)
    return problem('CART_FULL', `A cart takes ${MOST_LINES} ticket types. Order those first.`);
  const tickets = lines.reduce((sum, { quantity }) => sum + quantity, 0);
  return tickets > MOST_TICKETS
    ? problem('CART_FULL', `A cart takes ${MOST_TICKETS} tickets. Order those first.`)
    : undefined;
}

/**
 * The lines of two carts in one: what is in both adds up, at the price of `more`, which was shown later.
 *
 * @param more of the anonymous session that was used just now
 */
export function merged(own: readonly CartLine[], more: readonly CartLine[]): readonly CartLine[] {
  const added = new Map(more.map((line) => [line.ticketTypeId, line]));
  return [
    ...own.map((line) => {
      const other = added.get(line.ticketTypeId);
      return other === undefined ? line : { ...other, quantity: line.quantity + other.quantity };
    }),
    ...more.filter(({ ticketTypeId }) => own.every((line) => line.ticketTypeId !== ticketTypeId)),
  ];
}

/** What an order of the cart wishes: no more is taken for a ticket than its owner was shown. */
export function wishesOf({ lines }: Pick<Cart, 'lines'>): readonly Wish[] {
  return lines.map(({ ticketTypeId, quantity, unitPrice, currency }) => ({
    ticketTypeId,
    quantity,
    price: { amount: unitPrice, currency },
  }));
}

/** Requests that are remembered: a page that retries does so at once. */
const REQUESTS_KEPT = 20;

/** The requests that a cart remembers, with one more. */
export function remembered({ requests }: Cart, id: string, hash: string): readonly CartRequest[] {
  return [...requests, { id, hash }].slice(-REQUESTS_KEPT);
}
