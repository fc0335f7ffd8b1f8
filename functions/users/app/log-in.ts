import type { Instant } from '../../shared/kernel/clock.ts';
import { derivedId } from '../../shared/kernel/ids.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import { readKey, readKeyRing } from '../../shared/runtime/secrets.ts';
import type { Table } from '../../shared/table/client.ts';
import { isPassword } from '../passwords.ts';
import { findAccount, findAccountWithPassword, findUserIdByAddress, type Account } from '../reads.ts';
import { hashAddress } from '../domain/email.ts';
import { logOut } from './log-out.ts';
import { mintSession, type MintedSession } from './mint-session.ts';

/** Names of the secret parameters that a log-in needs. */
export interface LogInSecrets {
  readonly sessionKeys: string;
  readonly emailIndexKey: string;
  readonly passwordPepper: string;
}

/** What somebody typed, and when. */
export interface LogIn {
  readonly email: string;
  readonly password: string;
  readonly rememberMe?: boolean;
  readonly now: Instant;
}

/**
 * Starts a session for whoever knows the password. The account is read again once the session is put: whoever
 * changes a password, roles or a ban writes the account first and looks for sessions after, so one of the two
 * sees the other, and no session outlives a change that it had not heard of. An unknown address takes the same reads and the same
 * bcrypt as a wrong password and is answered the same. Failed log-ins are not counted yet, so guessing is
 * bounded only by the API's throttling and by bcrypt's cost; counting and locking come with the work on
 * accounts (invariant I24).
 *
 * @returns INVALID_CREDENTIALS, or ACCOUNT_BANNED and EMAIL_NOT_VERIFIED only to who knows the password
 */
export async function logIn(
  table: Table,
  secrets: LogInSecrets,
  { email, password, rememberMe, now }: LogIn,
): Promise<Result<{ readonly account: Account; readonly session: MintedSession }, Problem>> {
  const addressHash = hashAddress(await readKey(secrets.emailIndexKey), email);
  const userId = (await findUserIdByAddress(table, addressHash)) ?? derivedId('nobody', addressHash);
  const { account, passwordHash } = await findAccountWithPassword(table, userId);
  const matches = await isPassword(password, passwordHash, await readKey(secrets.passwordPepper));
  if (account === undefined || account.deletedAt !== undefined || !matches) {
    return err(problem('INVALID_CREDENTIALS', 'Check the e-mail address and the password.'));
  }
  if (account.bannedAt !== undefined) {
    return err(
      problem('ACCOUNT_BANNED', 'An administrator has barred this account. Write to us if you think that is wrong.'),
    );
  }
  if (account.status !== 'VERIFIED') {
    return err(problem('EMAIL_NOT_VERIFIED', 'Follow the link in the mail that we sent you, then log in.'));
  }
  const { roles, memberships } = account;
  const ring = await readKeyRing(secrets.sessionKeys);
  const session = await mintSession(table, ring, {
    userId,
    roles,
    memberships,
    now,
    ...(rememberMe === undefined ? {} : { rememberMe }),
  });
  const current = await findAccount(table, userId);
  if (current === undefined || current.accessEpoch !== account.accessEpoch) {
    await logOut(table, session, now);
    return err(problem('BUSY', 'The account was changed just now. Log in again.', { retryAfter: 1 }));
  }
  return ok({ account, session });
}
