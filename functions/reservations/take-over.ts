import { findLimitCounts } from '../inventory/contents.ts';
import { limitName } from '../inventory/contract.ts';
import { findTicketTypes } from '../inventory/reads.ts';
import { countAgainstLimit, returnToLimit } from '../inventory/writes.ts';
import { findOrders, type Order } from '../orders/reads.ts';
import { takeOverHold } from '../orders/writes.ts';
import type { Problem } from '../shared/kernel/problems.ts';
import { err, ok, type Result } from '../shared/kernel/result.ts';
import type { Instant } from '../shared/kernel/clock.ts';
import { endGuest, findGuest, type Guest } from '../shared/runtime/guest.ts';
import type { Session } from '../shared/runtime/session.ts';
import type { Occasion } from '../shared/table/aggregate.ts';
import type { Table } from '../shared/table/client.ts';
import { commit, pause, StoreBusyError } from '../shared/table/commit.ts';
import type { Write } from '../shared/table/writes.ts';
import type { TakenOver, TakeOverProblem } from './carts-contract.ts';
import { EMPTY_CART, merged, type Cart } from './domain/cart.ts';
import { limitExceeded } from './domain/hold.ts';
import { countMoves, overLimit, recounted, type CountMove } from './domain/count-moves.ts';
import { findCart } from './reads.ts';
import { putCart } from './writes.ts';

/**
 * What `reservations` offers to whoever logs somebody in; apart from `operations.ts`, so that a log-in does not carry
 * how holds are placed.
 */

export { endedGuestCookie } from './cookies.ts';
export { takenOver, type TakenOver } from './carts-contract.ts';

/** Who logged in. */
export type Taker = Pick<Session, 'userId' | 'limitKey'>;

const NOTHING: TakenOver = { status: 'NOTHING', reservationIds: [], cartItems: 0 };
const ROUNDS = 6;

/** Why a try came to nothing. */
type Obstacle = 'MOVED_ON' | { readonly overLimit: Problem<TakeOverProblem> };
const movedOn = (): Obstacle => 'MOVED_ON';

/**
 * Makes cart and holds of an anonymous session those of who logged in with it: one transaction over the session, both
 * carts, every hold that stands, and the counts of limits, which are those of the person from then on. Of two log-ins
 * with one session one gets all of it; a hold that lapses or is released meanwhile stays where it is. Asking again after
 * a lost answer is answered the same as far as it can be known: taken over.
 *
 * @param guestId from the session's token; undefined for none
 * @returns LIMIT_EXCEEDED, CURRENCIES_DIFFER or CART_FULL where both together are more than one person may have: then
 *   nothing was changed, and the session goes on
 * @throws StoreBusyError when its rows keep changing, or the store stays contended; the session goes on
 */
export async function takeOver(
  table: Table,
  guestId: string | undefined,
  taker: Taker,
  occasion: Occasion,
): Promise<Result<TakenOver, Problem<TakeOverProblem>>> {
  for (let round = 1; round <= ROUNDS; round += 1) {
    const guest = guestId === undefined ? undefined : await findGuest(table, guestId);
    if (guest === undefined || guest.expiresAt <= occasion.now) return ok(NOTHING);
    if (guest.takenBy !== undefined)
      return ok(guest.takenBy === taker.userId ? { ...NOTHING, status: 'TAKEN_OVER' } : NOTHING);
    const plan = await planTakeOver(table, guest, taker, occasion.now);
    if (!plan.ok) {
      // What is too much may be what another try of the same log-in has just taken over.
      if ((await findGuest(table, guest.guestId))?.rev === guest.rev) return plan;
      continue;
    }
    const done = await commit(table, writesOf(guest, plan.value, taker, occasion));
    if (done.ok)
      return ok({
        status: 'TAKEN_OVER',
        reservationIds: plan.value.holds.map(({ orderId }) => orderId),
        cartItems: plan.value.guestCart.lines.length,
      });
    if (done.error !== 'MOVED_ON') return err(done.error.overLimit);
    await pause(round);
  }
  throw new StoreBusyError('An anonymous session kept changing while it was taken over');
}

interface Plan {
  readonly holds: readonly Order[];
  readonly moves: readonly CountMove[];
  readonly types: Awaited<ReturnType<typeof findTicketTypes>>;
  readonly guestCart: Cart;
  readonly ownCart: Cart;
}

async function planTakeOver(
  table: Table,
  guest: Guest,
  { userId, limitKey: personId = userId }: Taker,
  now: Instant,
): Promise<Result<Plan, Problem<TakeOverProblem>>> {
  const { guestId } = guest;
  const listed = guest.holds.filter(({ expiresAt }) => expiresAt > now).map(({ orderId }) => orderId);
  const [orders, guestCart, ownCart] = await Promise.all([
    findOrders(table, listed, 'strong'),
    findCart(table, { id: guestId, endsAt: guest.expiresAt }, now),
    findCart(table, { id: userId }, now),
  ]);
  const holds = orders.filter(
    ({ state, customerId, expiresAt }) => state === 'HELD' && customerId === guestId && expiresAt > now,
  );
  const lines = holds.flatMap((order) => order.lines);
  const cart = guestCart.lines.length === 0 ? [] : merged(ownCart.lines, guestCart.lines);
  const ids = [...new Set([...lines, ...cart].map(({ ticketTypeId }) => ticketTypeId))];
  const [types, counts] = await Promise.all([
    findTicketTypes(table, ids, 'strong'),
    findLimitCounts(
      table,
      ids.map((ticketTypeId) => ({ ticketTypeId, personId })),
    ),
  ]);
  const moves = countMoves(lines, types);
  const refused = overLimit(
    moves,
    cart,
    types,
    (ticketTypeId) => counts.get(limitName({ ticketTypeId, personId })) ?? 0,
  );
  return refused === undefined ? ok({ holds, moves, types, guestCart, ownCart }) : err(refused);
}

/** Rows come before counts, so that a hold that has moved on is known as that. */
function writesOf(
  guest: Guest,
  { holds, moves, types, guestCart, ownCart }: Plan,
  { userId, limitKey }: Taker,
  occasion: Occasion,
): readonly Write<Obstacle>[] {
  const { guestId } = guest;
  const { now } = occasion;
  // The session's cart is written also where it is empty: nothing is put in between reading it and this.
  const emptied = putCart({ id: guestId, endsAt: guest.expiresAt }, guestCart, withoutRev(EMPTY_CART), now, movedOn);
  const carts =
    guestCart.lines.length === 0
      ? [emptied]
      : [
          putCart(
            { id: userId },
            ownCart,
            { ...withoutRev(ownCart), lines: merged(ownCart.lines, guestCart.lines) },
            now,
            movedOn,
          ),
          emptied,
        ];
  return [
    endGuest(guest, userId, now, movedOn),
    ...holds.map(
      (order) =>
        takeOverHold(order, { customerId: userId, limitKey }, recounted(order.lines, types), occasion, movedOn).write,
    ),
    ...carts,
    ...moves.flatMap(({ ticketTypeId, returned, counted }): Write<Obstacle>[] => [
      ...(returned === 0 ? [] : [returnToLimit(ticketTypeId, guestId, returned)]),
      ...(counted === undefined ? [] : [countFor(ticketTypeId, limitKey ?? userId, counted)]),
    ]),
  ];
}

/** The count is a condition of the transaction: what was read of it a moment before may have grown in another tab. */
function countFor(
  ticketTypeId: string,
  personId: string,
  { quantity, limit }: NonNullable<CountMove['counted']>,
): Write<Obstacle> {
  return countAgainstLimit(ticketTypeId, personId, quantity, limit, (found) => ({
    overLimit: limitExceeded(limit, Number(found?.['held'] ?? 0)),
  }));
}

function withoutRev({ lines, requests, ordered }: Cart) {
  return { lines, requests, ordered };
}
