import type { Instant } from '../../shared/kernel/clock.ts';
import type { SessionRef } from '../../shared/runtime/session.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit } from '../../shared/table/commit.ts';
import { endSession } from '../writes.ts';

/**
 * Ends a session at once. One that is gone already is just as ended.
 *
 * @returns whether it was this call that ended it
 */
export async function logOut(table: Table, session: SessionRef, now: Instant): Promise<boolean> {
  return (await commit(table, [endSession(session, now, () => 'GONE')])).ok;
}
