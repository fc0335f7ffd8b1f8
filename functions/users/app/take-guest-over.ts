import { takeOver, type Taker } from '../../reservations/take-over.ts';
import type { Occasion } from '../../shared/table/aggregate.ts';
import type { Table } from '../../shared/table/client.ts';
import { StoreBusyError } from '../../shared/table/commit.ts';
import type { GuestOutcome } from '../contract.ts';

/**
 * Makes what an anonymous session has that of who has just logged in. Whoever has proven who they are is signed in
 * whatever comes of it: a refusal, or a busy store, leaves the session as it was for another try.
 */
export async function takeGuestOver(
  table: Table,
  guestId: string,
  taker: Taker,
  occasion: Occasion,
): Promise<GuestOutcome> {
  try {
    const taken = await takeOver(table, guestId, taker, occasion);
    if (taken.ok) return taken.value;
    const { code, detail, extra } = taken.error;
    return { status: 'REFUSED', problem: { ...extra, code, detail } };
  } catch (error) {
    if (!(error instanceof StoreBusyError)) throw error;
    return { status: 'LATER' };
  }
}
