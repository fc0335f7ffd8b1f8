import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { Limiter } from '../../shared/runtime/limits.ts';
import { readKey } from '../../shared/runtime/secrets.ts';
import type { SessionRef } from '../../shared/runtime/session.ts';
import type { Cause, Occasion } from '../../shared/table/aggregate.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit, MOST_ACTIONS, pause, StoreBusyError } from '../../shared/table/commit.ts';
import type { Attributes } from '../../shared/table/writes.ts';
import { passwordChanged, passwordReset } from '../account-events.ts';
import { weaknessOf } from '../domain/password-rules.ts';
import { hashPassword, isPassword } from '../passwords.ts';
import { findForLogIn, findLiveSessions, type Account } from '../reads.ts';
import { changeAccess, endSession, putPassword } from '../writes.ts';
import { liftLocks } from './count-log-in.ts';
import { endSessionsOf } from './sessions-of.ts';
import { accountOfToken, tokenIsDead, type LinkDeps } from './verify-email.ts';

/** What a new password needs beside the links. */
export interface PasswordDeps extends LinkDeps {
  readonly limiter: Limiter;
  /** Secret parameter of the pepper. */
  readonly passwordPepper: string;
}

/** Changes of an account, or ends of its sessions, that one request waits out. */
const ROUNDS = 6;

/** Whatever links are out die with a new password: somebody else may have asked for them. */
const NO_LINKS: Attributes = {
  passwordReset: undefined,
  emailChange: undefined,
  pendingEmail: undefined,
};

/**
 * Sets the password that somebody has chosen by a mailed link, and signs everybody out. The change of the account
 * spends the token in the version that was read, so that of two who bring it at once one succeeds. Who has the
 * mail has the address: it counts as proven from here on. A password that is too weak does not spend the token.
 *
 * @returns TOKEN_INVALID_OR_EXPIRED or WEAK_PASSWORD
 */
export async function resetPassword(
  deps: PasswordDeps,
  token: string,
  newPassword: string,
  occasion: Occasion,
): Promise<Result<void, Problem>> {
  let hash: string | undefined;
  for (let round = 1; round <= ROUNDS; round += 1) {
    const account = await accountOfToken(deps, 'reset-password', token, occasion.now, (row) => row.passwordReset);
    if (account === undefined) return err(tokenIsDead());
    const weakness = weaknessOf(newPassword, 'newPassword');
    if (weakness !== undefined) return err(weakness);
    hash ??= await hashPassword(newPassword, await readKey(deps.passwordPepper));
    const cause = { ...occasion, event: passwordReset.name, by: account.userId };
    const changes = { status: 'VERIFIED', verification: undefined, lockId: undefined, lockedUntil: undefined };
    if (await setPassword(deps.table, account, hash, changes, cause)) {
      await liftLocks(deps.table, account.userId, occasion.now);
      return ok(undefined);
    }
    await pause(round);
  }
  throw new StoreBusyError('The account kept changing');
}

/** What somebody who is signed in types to change their password. */
export interface PasswordChange {
  readonly session: SessionRef;
  readonly currentPassword: string;
  readonly newPassword: string;
  readonly occasion: Occasion;
}

/**
 * Changes the password of somebody who knows it, and signs out their other sessions.
 *
 * @returns PASSWORD_WRONG, WEAK_PASSWORD, or TOO_MANY_REQUESTS after several wrong ones in one session
 */
export async function changePassword(
  deps: PasswordDeps,
  { session, currentPassword, newPassword, occasion }: PasswordChange,
): Promise<Result<void, Problem>> {
  let hash: string | undefined;
  for (let round = 1; round <= ROUNDS; round += 1) {
    const known = await accountOfPassword(deps, session, currentPassword, occasion, hash !== undefined);
    if (!known.ok) return known;
    const weakness = weaknessOf(newPassword, 'newPassword');
    if (weakness !== undefined) return err(weakness);
    hash ??= await hashPassword(newPassword, await readKey(deps.passwordPepper));
    const cause = { ...occasion, event: passwordChanged.name };
    if (await setPassword(deps.table, known.value, hash, {}, cause, session.sessionId)) return ok(undefined);
    await pause(round);
  }
  throw new StoreBusyError('The account kept changing');
}

/**
 * The account behind a session, once its password is shown to be known. Tries are counted by session before they are
 * looked at: who has stolen a session is not to guess the password in it.
 *
 * @param isCounted whether this request has been counted already
 * @returns PASSWORD_WRONG or TOO_MANY_REQUESTS
 */
export async function accountOfPassword(
  { table, limiter, passwordPepper }: Pick<PasswordDeps, 'table' | 'limiter' | 'passwordPepper'>,
  { userId, sessionId }: SessionRef,
  password: string,
  { now }: Occasion,
  isCounted = false,
): Promise<Result<Account, Problem>> {
  const counted = isCounted ? ok(undefined) : await limiter.count('passwordsPerSession', sessionId, now);
  if (!counted.ok) return counted;
  const { account, passwordHash } = await findForLogIn(table, userId);
  const matches = await isPassword(password, passwordHash, await readKey(passwordPepper));
  if (matches && account !== undefined && account.deletedAt === undefined) return ok(account);
  return err(problem('PASSWORD_WRONG', 'Type the password that you log in with now.'));
}

/**
 * Sets the password of exactly the account that was read, and ends its sessions with it: should this die right after,
 * nobody is left signed in. Those of log-ins that were under way are ended after it.
 *
 * @param except the session that goes on
 * @returns false when account or sessions have moved on
 */
async function setPassword(
  table: Table,
  account: Account,
  hash: string,
  changes: Attributes,
  cause: Cause,
  except?: string,
): Promise<boolean> {
  const { userId } = account;
  const live = await findLiveSessions(table, userId, cause.now);
  const movedOn = (): 'MOVED_ON' => 'MOVED_ON';
  const ends = live
    .filter(({ sessionId }) => sessionId !== except)
    .map(({ sessionId }) => endSession({ userId, sessionId }, cause.now, movedOn));
  const writes = [
    changeAccess(account, { ...NO_LINKS, ...changes, passwordChangedAt: cause.now }, cause, movedOn).write,
    putPassword(userId, hash, cause.now),
  ];
  const room = MOST_ACTIONS - writes.length;
  // More than fit end before and not after.
  await Promise.all(ends.slice(room).map((end) => commit(table, [end])));
  if (!(await commit(table, [...writes, ...ends.slice(0, room)])).ok) return false;
  await endSessionsOf(table, userId, cause.now, except === undefined ? {} : { except });
  return true;
}
