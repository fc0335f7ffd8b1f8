import type { Instant } from '../../shared/kernel/clock.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit } from '../../shared/table/commit.ts';
import { findLiveSessions, type Account } from '../reads.ts';
import { endSession, regrantSession } from '../writes.ts';

/**
 * Ends every live session of a person, who is signed out everywhere from here on (invariant I17).
 *
 * Call it after the account itself has changed (`changeAccess`), never before: a log-in that puts its session
 * after this has looked finds the account changed when it looks again, and ends its session itself. Ending
 * twice is ending once, so a retry is safe.
 *
 * @param except the session that may go on, such as the one in which the password was changed
 * @returns how many were ended
 */
export async function endSessionsOf(
  table: Table,
  userId: string,
  now: Instant,
  { except }: { readonly except?: string } = {},
): Promise<number> {
  const live = (await findLiveSessions(table, userId, now)).filter(({ sessionId }) => sessionId !== except);
  await Promise.all(
    live.map(({ sessionId }) => commit(table, [endSession({ userId, sessionId }, now, () => 'ENDED' as const)])),
  );
  return live.length;
}

/**
 * Gives every live session of a person the rights that the account has now. The same order holds as for
 * {@link endSessionsOf}: the account first, with `changeAccess`.
 */
export async function regrantSessionsOf(
  table: Table,
  userId: string,
  rights: Pick<Account, 'roles' | 'memberships'>,
  now: Instant,
): Promise<void> {
  const live = await findLiveSessions(table, userId, now);
  await Promise.all(
    live.map(({ sessionId }) => commit(table, [regrantSession({ userId, sessionId }, rights, () => 'ENDED' as const)])),
  );
}
