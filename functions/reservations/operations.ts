import { ulid } from 'ulid';

import type { TicketTypeCopy } from '../inventory/contract.ts';
import type { StockMemory } from '../inventory/reads.ts';
import { findOrders } from '../orders/reads.ts';
import type { NewReservation, Occasion } from '../orders/writes.ts';
import type { Instant } from '../shared/kernel/clock.ts';
import { derivedId } from '../shared/kernel/ids.ts';
import { problem, type Problem } from '../shared/kernel/problems.ts';
import { err, ok, type Result } from '../shared/kernel/result.ts';
import { sentCode, tryCode } from '../shared/runtime/access-codes.ts';
import {
  findGuest,
  guestEnded,
  listGuestHolds,
  MOST_GUEST_HOLDS,
  type Guest,
  type GuestHold,
} from '../shared/runtime/guest.ts';
import type { PersonalRequest } from '../shared/runtime/http.ts';
import type { Limiter } from '../shared/runtime/limits.ts';
import type { Route } from '../shared/runtime/route.ts';
import type { Table } from '../shared/table/client.ts';
import { pause, StoreBusyError } from '../shared/table/commit.ts';
import { findRetried, placeHold, type PlaceHold, type PlacedHold } from './app/place-hold.ts';
import { buyable } from './domain/vendor.ts';

/** What holds are placed with. */
export interface HoldDeps {
  readonly table: Table;
  readonly limiter: Limiter;
  /** See {@link PlaceHold}. */
  readonly memory?: StockMemory;
}

/** Who asks, from where, and with which headers. */
export type Asker = Pick<PersonalRequest<Route>, 'session' | 'headers' | 'client' | 'now' | 'occasion'>;

/** What is asked for. */
export interface AskedHold extends Pick<PlaceHold, 'wishes' | 'asked' | 'alongside'> {
  /** The operation: an Idempotency-Key is good for one of them. */
  readonly by: 'reservation' | 'availability' | 'purchase' | 'order';
  /** Copies of the wished types that there are, whoever may buy them. */
  readonly found: ReadonlyMap<string, TicketTypeCopy>;
}

/** A hold as placed, with the types that its asker may buy. */
export interface Granted extends PlacedHold {
  readonly types: ReadonlyMap<string, TicketTypeCopy>;
}

/**
 * Holds what a request asks for, whichever of the operations it is: a vendor's own types only, hidden ones with their
 * code, once for an Idempotency-Key.
 *
 * @returns the problems of `HOLD_PROBLEMS`, and TOO_MANY_REQUESTS for guesses at codes
 * @throws StoreBusyError when other buyers kept getting in between
 */
export async function holdFor(
  { table, limiter, memory }: HoldDeps,
  { session, headers, client, now, occasion }: Asker,
  { by, found, ...asked }: AskedHold,
): Promise<Result<Granted, Problem>> {
  const { userId: customerId, limitKey } = session;
  const types = buyable(found, session);
  const code = await tryCode(sentCode(limiter, { headers, client, session, now }), types.values());
  if (!code.ok) return code;
  const key = headers['idempotency-key'];
  const orderId = key === undefined ? ulid(now) : derivedId(by, customerId, key);
  const known = { accessCode: code.value, retriable: key !== undefined };
  const { guest, key: vendorKey } = session;
  const vendor = vendorKey === undefined ? undefined : (true as const);
  const request = { ...asked, ...known, orderId, customerId, limitKey, vendor, types, memory };
  const placed = await (guest === undefined
    ? placeHold(table, request, occasion)
    : holdForGuest(table, request, guest, occasion));
  return placed.ok ? ok({ ...placed.value, types }) : placed;
}

/**
 * The hold that a request with the same Idempotency-Key has placed before, or the refusal of another request under it.
 *
 * @param asked what the request was, as in {@link AskedHold}
 */
export async function heldBefore(
  table: Table,
  { session: { userId: customerId, limitKey }, headers }: Asker,
  by: AskedHold['by'],
  asked: unknown,
): Promise<Result<PlacedHold, Problem> | undefined> {
  const key = headers['idempotency-key'];
  return key === undefined
    ? undefined
    : findRetried(table, { orderId: derivedId(by, customerId, key), customerId, limitKey, asked });
}

/** Times that a hold is placed anew, because its anonymous session placed another one meanwhile. */
const ROUNDS = 5;

/** Holds for an anonymous session, which remembers the hold in the same transaction. */
async function holdForGuest(
  table: Table,
  request: PlaceHold,
  session: Guest,
  occasion: Occasion,
): Promise<Result<PlacedHold, Problem>> {
  let guest: Guest | undefined = session;
  for (let round = 1; ; round += 1) {
    const { orderId } = request;
    const holds = await standing(table, guest, orderId, occasion.now);
    // One that is listed is a retry, which the reservation's own row answers.
    if (holds.length >= MOST_GUEST_HOLDS)
      return err(
        problem('LIMIT_EXCEEDED', 'Release a reservation, or sign in: without, you may have four at a time.', {
          extra: { limit: MOST_GUEST_HOLDS, held: holds.length },
        }),
      );
    const list = guest;
    const alongside = ({ expiresAt }: Pick<NewReservation, 'expiresAt'>) => [
      listGuestHolds(list, [...holds, { orderId, expiresAt }], () => CHANGED),
    ];
    const placed = await placeHold(table, { ...request, alongside }, occasion);
    if (placed.ok || placed.error !== CHANGED) return placed;
    if (round === ROUNDS) throw new StoreBusyError('An anonymous session kept placing holds');
    await pause(round);
    guest = await findGuest(table, session.guestId);
    if (guest === undefined || guest.takenBy !== undefined) return err(guestEnded());
  }
}

/** That the session has changed since it was read; not told to anybody. */
const CHANGED = problem('BUSY', 'Something else was held at the same time. Try again.', { retryAfter: 1 });

/** The holds of an anonymous session that stand, but for `orderId`; looked at only once there are too many listed. */
async function standing(table: Table, { holds }: Guest, orderId: string, now: Instant): Promise<readonly GuestHold[]> {
  const listed = holds.filter((hold) => hold.expiresAt > now && hold.orderId !== orderId);
  if (listed.length < MOST_GUEST_HOLDS) return listed;
  const orders = await findOrders(
    table,
    listed.map((hold) => hold.orderId),
    'strong',
  );
  const held = new Set(orders.filter(({ state }) => state === 'HELD').map((order) => order.orderId));
  return listed.filter((hold) => held.has(hold.orderId));
}
