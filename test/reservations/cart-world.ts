import { ulid } from 'ulid';

import type { TicketTypeCopy } from '../../functions/inventory/contract.ts';
import { findTicketTypes } from '../../functions/inventory/reads.ts';
import { putIntoCart } from '../../functions/reservations/app/change-cart.ts';
import type { CartOwner } from '../../functions/reservations/keys.ts';
import { holdFor, type Asker } from '../../functions/reservations/operations.ts';
import { ok } from '../../functions/shared/kernel/result.ts';
import { beginGuest, findGuest, newGuestToken, type Guest } from '../../functions/shared/runtime/guest.ts';
import type { Table } from '../../functions/shared/table/client.ts';
import { commit } from '../../functions/shared/table/commit.ts';
import { mustHold } from '../../functions/shared/table/writes.ts';
import { asker } from '../orders/askers.ts';
import { at } from '../workflows/world.ts';

/** Counts nothing: what is limited is tested elsewhere. */
export const limiter = { count: async () => ok(undefined) };

/** The outcome in one word. */
export function codeOf(result: { readonly ok: boolean; readonly error?: unknown }): string {
  if (result.ok) return 'OK';
  const { error } = result;
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'UNKNOWN';
}

/** Puts tickets into a cart, or sets how many there are, as the route would. */
export function put(
  table: Table,
  owner: CartOwner,
  copy: TicketTypeCopy,
  quantity: number,
  now: number,
  as: { how?: 'ADD' | 'SET'; personId?: string; requestId?: string } = {},
): ReturnType<typeof putIntoCart> {
  const { how = 'ADD', personId = owner.id, requestId = ulid() } = as;
  return putIntoCart(table, { owner, personId, requestId, how, copy, quantity }, now);
}

/** Begins an anonymous session. */
export async function newGuest(table: Table, now: number): Promise<Guest> {
  const { guestId } = newGuestToken();
  await commit(table, [beginGuest(guestId, now, mustHold('it is new'))]);
  return reloadGuest(table, guestId);
}

export async function reloadGuest(table: Table, guestId: string): Promise<Guest> {
  const guest = await findGuest(table, guestId);
  if (guest === undefined) throw new Error('The anonymous session is gone');
  return guest;
}

/** An anonymous session as whoever asks; as it was when it was last loaded. */
export function guestAsker(guest: Guest, now: number, key?: string): Asker {
  const { guestId } = guest;
  const who = asker({ customerId: guestId, key, occasion: { ...at(now), by: guestId }, roles: ['guest'] });
  return { ...who, session: { ...who.session, guest } };
}

/** Holds tickets for an anonymous session. */
export async function holdAs(
  table: Table,
  who: Asker,
  items: readonly (readonly [TicketTypeCopy, number])[],
): ReturnType<typeof holdFor> {
  const wishes = items.map(([{ ticketTypeId }, quantity]) => ({ ticketTypeId, quantity }));
  const found = await findTicketTypes(
    table,
    wishes.map(({ ticketTypeId }) => ticketTypeId),
    'strong',
  );
  return holdFor({ table, limiter }, who, { by: 'reservation', wishes, found });
}
