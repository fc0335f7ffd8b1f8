import { ulid } from 'ulid';

import { findTicketTypes } from '../inventory/reads.ts';
import { toTimestamp } from '../shared/kernel/clock.ts';
import { derivedId } from '../shared/kernel/ids.ts';
import { problem, type Problem } from '../shared/kernel/problems.ts';
import { err, ok, type Result } from '../shared/kernel/result.ts';
import { sentCode, tryCode } from '../shared/runtime/access-codes.ts';
import { beginGuest, GUEST_MS, newGuestToken, sentGuest } from '../shared/runtime/guest.ts';
import {
  serve,
  serveLoading,
  serveTo,
  type Answer,
  type PersonalRequest,
  type Served,
} from '../shared/runtime/http.ts';
import type { Route } from '../shared/runtime/route.ts';
import { mustHold } from '../shared/table/writes.ts';
import { commit } from '../shared/table/commit.ts';
import { emptyCart, putIntoCart, takeOutOfCart } from './app/change-cart.ts';
import { showCart } from './app/show-cart.ts';
import * as api from './carts-contract.ts';
import { endedGuestCookie, guestCookie } from './cookies.ts';
import type { Cart, CartChange } from './domain/cart.ts';
import { openedBy } from './domain/hold.ts';
import { cartOwnerOf } from './keys.ts';
import type { HoldDeps } from './operations.ts';
import { findCart } from './reads.ts';
import { takeOver } from './take-over.ts';

/** Routes of carts, and of the anonymous sessions that have some. */
export function serveCarts(deps: HoldDeps): readonly Served[] {
  const { table, limiter } = deps;
  const shown = async (changed: Result<Cart, Problem>, now: number): Promise<Result<Answer, Problem>> =>
    changed.ok ? ok({ status: 200, body: await showCart(table, changed.value, now) }) : changed;
  const putting = (route: typeof api.addToCart | typeof api.changeCart, how: CartChange['how']): Served =>
    serveLoading(
      route,
      ({ body: { ticketTypeId } }) => findTicketTypes(table, [ticketTypeId]),
      async (request, found) => shown(await put(deps, request, { ...request.body, how, found }), request.now),
    );
  return [
    putting(api.addToCart, 'ADD'),
    putting(api.changeCart, 'SET'),
    serveTo(api.removeFromCart, async ({ session, body, now }) =>
      shown(await takeOutOfCart(table, cartOwnerOf(session), body.ticketTypeId, now), now),
    ),
    serveTo(api.getCart, async ({ session, now }) => shown(ok(await findCart(table, cartOwnerOf(session), now)), now)),
    serveTo(api.clearCart, async ({ session, now }) => {
      const emptied = await emptyCart(table, cartOwnerOf(session), now);
      return emptied.ok ? ok({ status: 204 }) : emptied;
    }),
    serve(api.beginGuest, async ({ client, now }) => {
      const counted = await limiter.count('guestsPerAddress', client.limitKey, now);
      if (!counted.ok) return counted;
      const { token, guestId } = newGuestToken();
      await commit(table, [beginGuest(guestId, now, mustHold('256 random bits are new'))]);
      const body = { guestToken: token, expiresAt: toTimestamp(now + GUEST_MS) };
      return ok({ status: 201, body, cookies: [guestCookie(token)] });
    }),
    serveTo(api.takeOverGuest, async ({ session, headers, cookie, occasion }) => {
      const sent = sentGuest(headers, cookie);
      const taken = await takeOver(table, sent?.guestId, session, occasion);
      return taken.ok ? ok({ status: 200, body: taken.value, cookies: [endedGuestCookie()] }) : taken;
    }),
  ];
}

type Putting = Omit<CartChange, 'copy'> & {
  readonly ticketTypeId: string;
  readonly found: Awaited<ReturnType<typeof findTicketTypes>>;
};

async function put(
  { table, limiter }: HoldDeps,
  { session, headers, client, now }: Pick<PersonalRequest<Route>, 'session' | 'headers' | 'client' | 'now'>,
  { ticketTypeId, how, quantity, found }: Putting,
): Promise<Result<Cart, Problem>> {
  const code = await tryCode(sentCode(limiter, { headers, client, session, now }), found.values());
  if (!code.ok) return code;
  const copy = openedBy(code.value, found).get(ticketTypeId);
  if (copy === undefined)
    return err(problem('TICKET_TYPE_NOT_FOUND', `There is no ticket type ${ticketTypeId} on sale.`));
  const key = headers['idempotency-key'];
  const requestId = key === undefined ? ulid(now) : derivedId('cart', key);
  const { userId, limitKey: personId = userId } = session;
  return putIntoCart(table, { owner: cartOwnerOf(session), personId, requestId, how, copy, quantity }, now);
}
