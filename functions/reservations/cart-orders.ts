import type { Order } from '../orders/reads.ts';
import type { Instant } from '../shared/kernel/clock.ts';
import { problem } from '../shared/kernel/problems.ts';
import type { Table } from '../shared/table/client.ts';
import type { Write } from '../shared/table/writes.ts';
import type { PlaceHold } from './app/place-hold.ts';
import { wishesOf, type Cart } from './domain/cart.ts';
import type { CartOwner } from './keys.ts';
import { findCart } from './reads.ts';
import { putCart } from './writes.ts';

/** What `reservations` offers to whoever orders a cart. */

export { wishesOf };

/** What an order of a cart is known by under its Idempotency-Key, whatever lay in the cart. */
export const CART_ASKED = { cart: true } as const;

/** That a cart was changed while it was ordered; whoever orders looks at it again. */
export const CART_CHANGED = problem('BUSY', 'The cart was changed at the same time. Try again.', { retryAfter: 1 });

/**
 * Empties a cart in the transaction that holds what lay in it, so that it is held once however often it is ordered. It
 * remembers what that was, for {@link refillCart}.
 */
export function emptiedInto(owner: CartOwner, cart: Cart, now: Instant): NonNullable<PlaceHold['alongside']> {
  return ({ orderId }) => [
    putCart(owner, cart, { lines: [], ordered: { orderId, lines: cart.lines } }, now, () => CART_CHANGED),
  ];
}

/** Puts back into a cart what was ordered from it, with the order being given up; unless something else is in there. */
export async function refillCart<E>(
  table: Table,
  owner: CartOwner,
  { orderId }: Pick<Order, 'orderId'>,
  now: Instant,
  otherwise: () => E,
): Promise<readonly Write<E>[]> {
  const cart = await findCart(table, owner, now);
  return cart.lines.length === 0 && cart.ordered?.orderId === orderId
    ? [putCart(owner, cart, { lines: cart.ordered.lines }, now, otherwise)]
    : [];
}
