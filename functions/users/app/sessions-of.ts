import type { Instant } from '../../shared/kernel/clock.ts';
import type { Occasion } from '../../shared/table/aggregate.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit, pause, StoreBusyError } from '../../shared/table/commit.ts';
import { findAccount, findLiveSessions } from '../reads.ts';
import { signedOutEverywhere } from '../session-events.ts';
import { changeAccess, endSession, regrantSession } from '../writes.ts';

/** Changes of an account that one of them waits out. */
const ATTEMPTS = 5;

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
 * Ends every session of a person at their own wish, those whose log-in is under way included.
 *
 * @throws StoreBusyError when the account keeps changing
 */
export async function signOutEverywhere(table: Table, userId: string, occasion: Occasion): Promise<void> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const account = await findAccount(table, userId);
    const cause = { ...occasion, event: signedOutEverywhere.name };
    const writes = account === undefined ? [] : [changeAccess(account, {}, cause, () => 'MOVED_ON' as const).write];
    if ((await commit(table, writes)).ok) {
      await endSessionsOf(table, userId, occasion.now);
      return;
    }
    await pause(attempt);
  }
  throw new StoreBusyError('The account stayed contended');
}

/**
 * Gives every live session of a person the rights that the account has now, those included that were put while it
 * changed. The same order holds as for {@link endSessionsOf}: the account first, with `changeAccess`.
 */
export async function regrantSessionsOf(table: Table, userId: string, now: Instant): Promise<void> {
  const [account, live] = await Promise.all([findAccount(table, userId), findLiveSessions(table, userId, now)]);
  if (account === undefined) return;
  const newer = (): 'ENDED_OR_NEWER' => 'ENDED_OR_NEWER';
  await Promise.all(
    live.map(({ sessionId }) => commit(table, [regrantSession({ userId, sessionId }, account, newer)])),
  );
}
