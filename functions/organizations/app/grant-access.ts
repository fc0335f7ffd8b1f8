import type { Role } from '../../shared/runtime/route.ts';
import type { Membership } from '../../shared/runtime/membership.ts';
import type { Cause } from '../../shared/table/aggregate.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit } from '../../shared/table/commit.ts';
import type { Otherwise, Write } from '../../shared/table/writes.ts';
import { findLiveSessions, type Account } from '../../users/reads.ts';
import { changeAccess, endSession, regrantSession } from '../../users/writes.ts';

/** What somebody may do. */
export interface Rights {
  readonly roles: Role[];
  readonly memberships: Membership[];
}

/** Live sessions that change together with the account, within one transaction of at most 100 actions. */
const MOST_SESSIONS = 90;

/**
 * The writes by which other rights reach an account and its live sessions in one moment, or not at all: nothing
 * may die in between and leave a session with rights that were taken away. A session that is put meanwhile is
 * the log-in's to end (`accessEpoch`), or {@link followUp}'s to regrant, as are those that are more than fit.
 *
 * @param otherwise what it means that account or session have moved on: read both again
 */
export async function regrant<E>(
  table: Table,
  account: Account,
  rights: Rights,
  cause: Cause,
  otherwise: Otherwise<E>,
): Promise<readonly Write<E>[]> {
  const live = await findLiveSessions(table, account.userId, cause.now);
  return [
    changeAccess(account, { ...rights }, cause, otherwise).write,
    ...live
      .slice(0, MOST_SESSIONS)
      .map(({ sessionId }) => regrantSession({ userId: account.userId, sessionId }, rights, otherwise)),
  ];
}

/** Gives sessions that were put while the account changed the rights that it has now. */
export async function followUp(table: Table, userId: string, rights: Rights, now: number): Promise<void> {
  const live = await findLiveSessions(table, userId, now);
  await Promise.all(
    live.map(({ sessionId }) => commit(table, [regrantSession({ userId, sessionId }, rights, () => 'ENDED' as const)])),
  );
}

/** As {@link regrant}, for a change after which nobody is signed in. */
export async function signOut<E>(
  table: Table,
  account: Account,
  changes: Partial<Rights> & { readonly bannedAt: number },
  cause: Cause,
  otherwise: Otherwise<E>,
): Promise<readonly Write<E>[]> {
  const live = await findLiveSessions(table, account.userId, cause.now);
  await end(table, account.userId, live.slice(MOST_SESSIONS), cause.now);
  return [
    changeAccess(account, { ...changes }, cause, otherwise).write,
    ...live
      .slice(0, MOST_SESSIONS)
      .map(({ sessionId }) => endSession({ userId: account.userId, sessionId }, cause.now, otherwise)),
  ];
}

/** Ends every session that there is; one that was put while the account changed is among them. */
export async function endAll(table: Table, userId: string, now: number): Promise<void> {
  await end(table, userId, await findLiveSessions(table, userId, now), now);
}

async function end(
  table: Table,
  userId: string,
  sessions: readonly { readonly sessionId: string }[],
  now: number,
): Promise<void> {
  await Promise.all(
    sessions.map(({ sessionId }) => commit(table, [endSession({ userId, sessionId }, now, () => 'ENDED' as const)])),
  );
}
