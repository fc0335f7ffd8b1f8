import { findTicketTypes } from '../../inventory/reads.ts';
import { CART_ASKED, CART_CHANGED, emptiedInto, refillCart, wishesOf } from '../../reservations/cart-orders.ts';
import { heldBefore, holdFor, type Asker } from '../../reservations/operations.ts';
import { cartOwnerOf, findCart } from '../../reservations/reads.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, type Result } from '../../shared/kernel/result.ts';
import { pause, StoreBusyError } from '../../shared/table/commit.ts';
import type { Attendees } from '../attendees-contract.ts';
import { fitAttendees } from '../domain/attendees.ts';
import { findOrder, type Order } from '../reads.ts';
import type { CreatedOrder } from './create-order.ts';
import { namingOf, orderAtOnce, type CheckoutDeps } from './order-at-once.ts';

/** Times that a cart is read anew, because it was changed or ordered in another tab meanwhile. */
const ROUNDS = 5;

/**
 * Holds and orders what lies in a cart, of however many events: all of it in one transaction that empties the cart, or
 * nothing, at no more than the prices that the cart was filled at. A double click orders once: the second finds the
 * cart empty, and goes on with an order of it whose payment was not made yet, as does whoever tries again after a crash.
 * Where the provider takes no such amount, stock and cart are what they were.
 *
 * @param attendees who is to come, as far as the buyer says so
 * @returns CART_EMPTY, TOO_MANY_ATTENDEES, and the problems of `HOLD_PROBLEMS` and `ORDER_PROBLEMS`
 * @throws StoreBusyError when the cart keeps being changed from elsewhere
 */
export async function orderCart(
  deps: CheckoutDeps,
  asker: Asker,
  attendees: Attendees = [],
): Promise<Result<CreatedOrder, Problem>> {
  const { table, gateway } = deps;
  const { session, occasion, now } = asker;
  const owner = cartOwnerOf(session);
  const naming = namingOf(deps, asker, attendees);
  const undo = (order: Order) => refillCart(table, owner, order, now, () => 'MOVED_ON' as const);
  const finish = (order: Pick<Order, 'orderId' | 'customerId'>) =>
    orderAtOnce(table, gateway, order, occasion, naming, undo);

  const before = await heldBefore(table, asker, 'order', CART_ASKED);
  if (before !== undefined) return before.ok ? finish(before.value.reservation) : before;
  for (let round = 1; round <= ROUNDS; round += 1) {
    const cart = await findCart(table, owner, now);
    if (cart.lines.length === 0) {
      const begun = cart.ordered === undefined ? undefined : await findOrder(table, cart.ordered.orderId);
      return begun?.state === 'HELD' && begun.customerId === session.userId && begun.expiresAt > now
        ? finish(begun)
        : err(problem('CART_EMPTY', 'Put tickets into the cart, then order it.'));
    }
    const wishes = wishesOf(cart);
    // Before anything is held for it.
    const fitting = fitAttendees(wishes, attendees);
    if (!fitting.ok) return fitting;
    const found = await findTicketTypes(
      table,
      wishes.map(({ ticketTypeId }) => ticketTypeId),
    );
    const alongside = emptiedInto(owner, cart, now);
    const placed = await holdFor(deps, asker, { by: 'order', wishes, found, asked: CART_ASKED, alongside });
    if (placed.ok) return finish(placed.value.reservation);
    if (placed.error !== CART_CHANGED) return placed;
    await pause(round);
  }
  throw new StoreBusyError('The cart kept being changed');
}
