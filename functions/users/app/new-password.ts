import type { Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import { readKey } from '../../shared/runtime/secrets.ts';
import type { SessionRef } from '../../shared/runtime/session.ts';
import type { Cause, Occasion } from '../../shared/table/aggregate.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit, MOST_ACTIONS, pause, StoreBusyError } from '../../shared/table/commit.ts';
import type { Attributes } from '../../shared/table/writes.ts';
import { passwordChanged, passwordReset } from '../account-events.ts';
import { commonPasswords } from '../common-passwords.ts';
import { weaknessOf } from '../domain/password-rules.ts';
import { hashPassword } from '../passwords.ts';
import { inAccount, type PersonalData } from '../personal-data.ts';
import { findLiveSessions, type Account } from '../reads.ts';
import { changeAccess, endSession, putPassword } from '../writes.ts';
import { liftLocks } from './count-log-in.ts';
import { accountOfPassword, type ProofDeps } from './prove-password.ts';
import { endSessionsOf } from './sessions-of.ts';
import { accountOfToken, tokenIsDead, type LinkDeps } from './verify-email.ts';

/** What a new password needs beside the links. */
export interface PasswordDeps extends LinkDeps, ProofDeps {
  /** Opens the names that a password must not be made of. */
  readonly personalData: PersonalData;
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
    const hashed = hash === undefined ? await hashStrong(deps, account, newPassword) : ok(hash);
    if (!hashed.ok) return hashed;
    hash = hashed.value;
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
    const isCounted = hash !== undefined;
    const tries = isCounted ? undefined : session.sessionId;
    const known = await accountOfPassword(deps, session.userId, currentPassword, tries, occasion.now);
    if (!known.ok) return known;
    const hashed = hash === undefined ? await hashStrong(deps, known.value, newPassword) : ok(hash);
    if (!hashed.ok) return hashed;
    hash = hashed.value;
    const cause = { ...occasion, event: passwordChanged.name };
    if (await setPassword(deps.table, known.value, hash, {}, cause, session.sessionId)) return ok(undefined);
    await pause(round);
  }
  throw new StoreBusyError('The account kept changing');
}

/** The hash of a password that is strong enough for this very person, or WEAK_PASSWORD. */
async function hashStrong(
  { personalData, passwordPepper }: PasswordDeps,
  { userId, ...account }: Account,
  newPassword: string,
): Promise<Result<string, Problem>> {
  const [person, common] = await Promise.all([personalData.person(userId), commonPasswords()]);
  const fields = ['email', 'firstName', 'lastName'] as const;
  const about = await Promise.all(fields.map((field) => person.open(inAccount(userId, field), account[field])));
  const weakness = weaknessOf(newPassword, 'newPassword', { common, about });
  return weakness === undefined ? ok(await hashPassword(newPassword, await readKey(passwordPepper))) : err(weakness);
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
