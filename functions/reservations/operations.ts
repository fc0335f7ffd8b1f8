import { ulid } from 'ulid';

import type { TicketTypeCopy } from '../inventory/contract.ts';
import { derivedId } from '../shared/kernel/ids.ts';
import type { Problem } from '../shared/kernel/problems.ts';
import { ok, type Result } from '../shared/kernel/result.ts';
import { sentCode, tryCode } from '../shared/runtime/access-codes.ts';
import type { PersonalRequest } from '../shared/runtime/http.ts';
import type { Limiter } from '../shared/runtime/limits.ts';
import type { Route } from '../shared/runtime/route.ts';
import type { Table } from '../shared/table/client.ts';
import { placeHold, type PlaceHold, type PlacedHold } from './app/place-hold.ts';
import { buyable } from './domain/vendor.ts';

/** What holds are placed with. */
export interface HoldDeps {
  readonly table: Table;
  readonly limiter: Limiter;
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
  { table, limiter }: HoldDeps,
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
  const placed = await placeHold(table, { ...asked, ...known, orderId, customerId, limitKey, types }, occasion);
  return placed.ok ? ok({ ...placed.value, types }) : placed;
}
