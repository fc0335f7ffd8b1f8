import { isEnoughFree } from '../../inventory/availability.ts';
import { findLimitCounts } from '../../inventory/contents.ts';
import { limitName, type TicketTypeCopy } from '../../inventory/contract.ts';
import { canonicalJson, shortHash } from '../../shared/kernel/hash.ts';
import type { Instant } from '../../shared/kernel/clock.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import { guestEnded, guestLives } from '../../shared/runtime/guest.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit, pause, StoreBusyError } from '../../shared/table/commit.ts';
import { EMPTY_CART, putIn, quantityIn, remembered, type Cart, type CartChange } from '../domain/cart.ts';
import type { CartOwner } from '../keys.ts';
import { findCart } from '../reads.ts';
import { putCart, type CartContent } from '../writes.ts';
import { notEnough } from './search-stock.ts';

/** Tickets that somebody puts into their cart, or changes in number. */
export interface PutIntoCart extends CartChange {
  readonly owner: CartOwner;
  /** Whom limits per person are counted for. */
  readonly personId: string;
  /** Names the request: the same again changes nothing more. */
  readonly requestId: string;
}

/**
 * Puts tickets into a cart, if they can be had now; nothing is reserved. Whether there are enough is asked of what the
 * stream has counted, and refused only after a strong read of all blocks (invariant I21).
 *
 * @returns SALE_NOT_OPEN, SOLD_OUT, NOT_ENOUGH_TICKETS, LIMIT_EXCEEDED, CURRENCIES_DIFFER, CART_FULL, or
 *   IDEMPOTENCY_KEY_REUSED for another request of the same name
 * @throws StoreBusyError when the cart keeps being changed from elsewhere
 */
export async function putIntoCart(table: Table, request: PutIntoCart, now: Instant): Promise<Result<Cart, Problem>> {
  const { owner, personId, requestId, how, copy, quantity } = request;
  const hash = shortHash(canonicalJson({ how, ticketTypeId: copy.ticketTypeId, quantity }));
  const held = await heldBy(table, copy, personId);
  return changing(table, owner, now, async (cart) => {
    const known = cart.requests.find(({ id }) => id === requestId);
    if (known?.hash === hash) return ok('AS_IT_IS');
    if (known !== undefined)
      return err(problem('IDEMPOTENCY_KEY_REUSED', 'Send another Idempotency-Key with another request.'));
    const lines = putIn(cart, request, held, now);
    if (!lines.ok) return lines;
    const wanted = quantityIn({ lines: lines.value }, copy.ticketTypeId);
    if (wanted > quantityIn(cart, copy.ticketTypeId)) {
      const free = await isEnoughFree(table, copy, wanted);
      if (!free.ok) return err(notEnough(copy.name, free.error.available));
    }
    return ok({ lines: lines.value, requests: remembered(cart, requestId, hash) });
  });
}

/** Takes all tickets of a type out of a cart. @throws StoreBusyError as {@link putIntoCart} */
export async function takeOutOfCart(
  table: Table,
  owner: CartOwner,
  ticketTypeId: string,
  now: Instant,
): Promise<Result<Cart, Problem>> {
  return changing(table, owner, now, async (cart) =>
    ok(
      quantityIn(cart, ticketTypeId) === 0
        ? 'AS_IT_IS'
        : { lines: cart.lines.filter((line) => line.ticketTypeId !== ticketTypeId) },
    ),
  );
}

/** Empties a cart. @throws StoreBusyError as {@link putIntoCart} */
export async function emptyCart(table: Table, owner: CartOwner, now: Instant): Promise<Result<Cart, Problem>> {
  return changing(table, owner, now, async ({ lines }) => ok(lines.length === 0 ? 'AS_IT_IS' : { lines: [] }));
}

/** Times that a change is decided anew, because the cart was changed in another tab meanwhile. */
const ROUNDS = 8;

async function changing(
  table: Table,
  owner: CartOwner,
  now: Instant,
  decide: (cart: Cart) => Promise<Result<CartContent | 'AS_IT_IS', Problem>>,
): Promise<Result<Cart, Problem>> {
  for (let round = 1; round <= ROUNDS; round += 1) {
    const cart = await findCart(table, owner, now);
    const decided = await decide(cart);
    if (!decided.ok) return decided;
    if (decided.value === 'AS_IT_IS') return ok(cart);
    const done = await commit(table, [
      putCart(owner, cart, decided.value, now, () => 'MOVED_ON' as const),
      // What is put in after a log-in has taken the cart over would be lost.
      ...(owner.endsAt === undefined ? [] : [guestLives(owner.id, () => 'ENDED' as const)]),
    ]);
    if (!done.ok && done.error === 'ENDED') return err(guestEnded());
    if (done.ok) return ok({ ...EMPTY_CART, ...decided.value, requests: decided.value.requests ?? cart.requests });
    await pause(round);
  }
  throw new StoreBusyError('The cart kept being changed');
}

/** What counts against somebody's limit already; nothing where the type has none. */
async function heldBy(table: Table, { ticketTypeId, maxPerPerson }: TicketTypeCopy, personId: string): Promise<number> {
  if (maxPerPerson === undefined) return 0;
  const limit = { ticketTypeId, personId };
  return (await findLimitCounts(table, [limit])).get(limitName(limit)) ?? 0;
}
