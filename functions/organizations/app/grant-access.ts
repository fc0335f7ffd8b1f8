import type { Role } from '../../shared/runtime/route.ts';
import type { SessionRef } from '../../shared/runtime/session.ts';
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

const of = ({ userId }: Account, sessionId: string): SessionRef => ({ userId, sessionId });

/**
 * The writes by which other rights reach an account and its live sessions in one moment, or not at all: nothing
 * may die in between and leave a session with rights that were taken away. A session that is put meanwhile is
 * the log-in's to end (`accessEpoch`), or `regrantSessionsOf` regrants it, as are those that are more than fit.
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
  const changed = changeAccess(account, { ...rights }, cause, otherwise);
  return [
    changed.write,
    ...live
      .slice(0, MOST_SESSIONS)
      .map(({ sessionId }) => regrantSession(of(account, sessionId), changed.account, otherwise)),
  ];
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
  const [first, more] = [live.slice(0, MOST_SESSIONS), live.slice(MOST_SESSIONS)];
  // More than fit end before and not after: should this die in between, nobody is signed in.
  await Promise.all(
    more.map(({ sessionId }) => commit(table, [endSession(of(account, sessionId), cause.now, () => 'ENDED')])),
  );
  return [
    changeAccess(account, { ...changes }, cause, otherwise).write,
    ...first.map(({ sessionId }) => endSession(of(account, sessionId), cause.now, otherwise)),
  ];
}
