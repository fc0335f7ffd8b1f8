import type { Instant } from '../shared/kernel/clock.ts';
import type { Table } from '../shared/table/client.ts';
import { getItem } from '../shared/table/read.ts';
import { EMPTY_CART, parseCart, type Cart } from './domain/cart.ts';
import { cartKey, cartOwnerOf, type CartOwner } from './keys.ts';

// Other contexts read carts through this file alone.
export { cartOwnerOf, type Cart, type CartOwner };

/** The cart of `owner`; an empty one where there is none, or its time has come. Strong: changes are decided on it. */
export async function findCart(table: Table, owner: CartOwner, now: Instant): Promise<Cart> {
  const item = await getItem(table, cartKey(owner), 'strong');
  return item === undefined ? EMPTY_CART : parseCart(item, now);
}
