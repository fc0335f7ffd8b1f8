import { createHmac, randomBytes } from 'node:crypto';

import { SECOND, toTimestamp, type Instant } from '../../shared/kernel/clock.ts';
import { shortHash } from '../../shared/kernel/hash.ts';
import { derivedId } from '../../shared/kernel/ids.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import { readKey, readKeyRing } from '../../shared/runtime/secrets.ts';
import type { Occasion } from '../../shared/table/aggregate.ts';
import type { Table } from '../../shared/table/client.ts';
import { isPassword } from '../passwords.ts';
import { findAccount, findForLogIn, findUserIdByAddress, type Account } from '../reads.ts';
import { hashAddress, hashMailbox } from '../domain/email.ts';
import { lockedUntil, type Origin } from '../domain/log-ins.ts';
import { countFailure, countSuccess } from './count-log-in.ts';
import { endEarlierSessions, type EarlierCookies } from './earlier-session.ts';
import { limitKeyOf } from './limit-key.ts';
import { logOut } from './log-out.ts';
import { mintSession, type MintedSession } from './mint-session.ts';

/** Names of the secret parameters that a log-in needs. */
export interface LogInSecrets {
  readonly sessionKeys: string;
  readonly emailIndexKey: string;
  readonly passwordPepper: string;
}

/** What somebody typed, and from where. */
export interface LogIn {
  readonly email: string;
  readonly password: string;
  readonly rememberMe?: boolean | undefined;
  /** What the program calls itself, such as `Firefox on Linux`. */
  readonly deviceName?: string | undefined;
  /** The cookie that a device is known by; it gets one where it brings none. */
  readonly deviceToken?: string | undefined;
  /** What the browser is signed in by already, if it is. */
  readonly earlier?: EarlierCookies;
  /** Network that it came from, as logs may name it. */
  readonly network: string;
  readonly occasion: Occasion;
}

/** A session that has begun. */
export interface BegunSession {
  readonly account: Account;
  readonly session: MintedSession;
  /** Whom limits per person are counted for, unless for the person. */
  readonly limitKey: string;
  /** What the device is known by from now on. */
  readonly deviceToken: string;
}

/**
 * Starts a session for whoever knows the password.
 *
 * A wrong password is counted by a conditional write, and so is a right one before anything comes of it: it counts
 * only if fewer than three wrong ones were counted before, so that any number of parallel guesses is worth three
 * (invariant I24). An unknown address takes the same reads, the same bcrypt and the same counter, and is answered the
 * same.
 *
 * The account is read again once the session is put: whoever changes a password, roles or a ban writes the account
 * first and looks for sessions after, so one of the two sees the other, and no session outlives a change that it had
 * not heard of.
 *
 * The session that the same browser was signed in by until then has ended before the log-in is answered: its cookies are
 * replaced, and nobody is left who could end it.
 *
 * @returns ACCOUNT_LOCKED, INVALID_CREDENTIALS, or ACCOUNT_BANNED and EMAIL_NOT_VERIFIED only to who knows the
 *   password
 */
export async function logIn(
  table: Table,
  secrets: LogInSecrets,
  { email, password, rememberMe, deviceName, deviceToken = newDeviceToken(), earlier = {}, network, occasion }: LogIn,
): Promise<Result<BegunSession, Problem>> {
  const { now } = occasion;
  const indexKey = await readKey(secrets.emailIndexKey);
  const addressHash = hashAddress(indexKey, email);
  const userId = (await findUserIdByAddress(table, addressHash)) ?? derivedId('nobody', addressHash);
  const origin: Origin = {
    deviceId: shortHash(JSON.stringify([userId, deviceToken])),
    placeId: placeOf(indexKey, userId, network, deviceName),
  };
  const { passwordHash, ...found } = await findForLogIn(table, userId);
  const locked = lockedUntil(found.logIns, origin, now);
  if (locked !== undefined) return err(accountLocked(locked, now));

  const matches = await isPassword(password, passwordHash, await readKey(secrets.passwordPepper));
  if (!matches || found.account === undefined || found.account.deletedAt !== undefined) {
    const failed = await countFailure(table, { userId, origin, ...found }, occasion);
    return err(failed.lockedUntil === undefined ? invalidCredentials() : accountLocked(failed.lockedUntil, now));
  }
  const counted = await countSuccess(table, { userId, origin, ...found, account: found.account }, occasion);
  if (counted.lockedUntil !== undefined) return err(accountLocked(counted.lockedUntil, now));
  const refused = refusalOf(counted.account);
  if (refused !== undefined) return err(refused);

  // From the very account whose password was compared: what changed since shows in the epoch below.
  const { account } = found;
  const limitKey = await limitKeyOf(table, hashMailbox(indexKey, email), userId, now);
  const session = await mintSession(table, await readKeyRing(secrets.sessionKeys), {
    userId,
    roles: account.roles,
    memberships: account.memberships,
    accessEpoch: account.accessEpoch,
    now,
    limitKey,
    ...(rememberMe === undefined ? {} : { rememberMe }),
    ...(deviceName === undefined ? {} : { deviceName }),
  });
  const current = await findAccount(table, userId);
  if (current === undefined || current.accessEpoch !== account.accessEpoch) {
    await logOut(table, session, now);
    return err(problem('BUSY', 'The account was changed just now. Log in again.', { retryAfter: 1 }));
  }
  await endEarlierSessions(table, secrets.sessionKeys, earlier, now);
  return ok({ account: current, session, limitKey, deviceToken });
}

/** 128 bits that nobody guesses: only their hash is kept. */
function newDeviceToken(): string {
  return randomBytes(16).toString('base64url');
}

/** A network and a program, as an account remembers them: worthless without the key. */
function placeOf(key: Uint8Array, userId: string, network: string, deviceName = ''): string {
  const place = createHmac('sha256', key).update(JSON.stringify(['place', userId, network, deviceName]));
  return place.digest().subarray(0, 12).toString('base64url');
}

function invalidCredentials(): Problem {
  return problem('INVALID_CREDENTIALS', 'Check the e-mail address and the password.');
}

function accountLocked(until: Instant, now: Instant): Problem {
  return problem(
    'ACCOUNT_LOCKED',
    'Too many wrong passwords. Wait, follow the link in the mail that we sent to the owner, or set a new password.',
    { retryAfter: Math.ceil((until - now) / SECOND), extra: { lockedUntil: toTimestamp(until) } },
  );
}

/** Why somebody who knows the password may not sign in all the same. */
function refusalOf(account: Account): Problem | undefined {
  if (account.bannedAt !== undefined) {
    return problem(
      'ACCOUNT_BANNED',
      'An administrator has barred this account. Write to us if you think that is wrong.',
    );
  }
  return account.status === 'VERIFIED'
    ? undefined
    : problem('EMAIL_NOT_VERIFIED', 'Follow the link in the mail that we sent you, then log in.');
}
