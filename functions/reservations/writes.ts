import { DAY, SECOND, type Instant } from '../shared/kernel/clock.ts';
import { absent, equals, type Otherwise, type Put } from '../shared/table/writes.ts';
import type { Cart, CartLine } from './domain/cart.ts';
import { cartKey, type CartOwner } from './keys.ts';

/** How long a cart is kept that nobody changes. */
export const CART_MS = 30 * DAY;

/** What becomes of a cart. */
export type CartContent = Partial<Pick<Cart, 'requests' | 'ordered'>> & { readonly lines: readonly CartLine[] };

/**
 * Puts a cart in place of the one that was read. It expires by its own attribute; the table drops it some time later,
 * which costs nothing.
 *
 * @param otherwise what it means that it was changed meanwhile
 */
export function putCart<E>(
  owner: CartOwner,
  { rev, requests }: Cart,
  content: CartContent,
  now: Instant,
  otherwise: Otherwise<E>,
): Put<E> {
  const expiresAt = Math.min(now + CART_MS, owner.endsAt ?? Infinity);
  const { lines, ordered } = content;
  return {
    kind: 'put',
    key: cartKey(owner),
    item: {
      lines: lines.map((line) => ({ ...line })),
      requests: (content.requests ?? requests).map((request) => ({ ...request })),
      ...(ordered === undefined
        ? {}
        : { ordered: { orderId: ordered.orderId, lines: ordered.lines.map((line) => ({ ...line })) } }),
      rev: rev + 1,
      expiresAt,
      ttl: Math.ceil(expiresAt / SECOND),
    },
    when: rev === 0 ? absent('pk') : equals('rev', rev),
    otherwise,
  };
}
