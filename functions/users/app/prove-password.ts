import type { Instant } from '../../shared/kernel/clock.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { Limiter } from '../../shared/runtime/limits.ts';
import { readKey } from '../../shared/runtime/secrets.ts';
import type { Table } from '../../shared/table/client.ts';
import { isPassword } from '../passwords.ts';
import { findForLogIn, type Account } from '../reads.ts';

/** What a password is compared with, and tries are counted by. */
export interface ProofDeps {
  readonly table: Table;
  readonly limiter: Limiter;
  /** Secret parameter of the pepper. */
  readonly passwordPepper: string;
}

/**
 * The account of somebody who has shown otherwise to be near it (a session, a mailed link), once its password is shown to
 * be known as well. Tries are counted before they are looked at: who has stolen the one is not to guess the other by it.
 *
 * @param countedAs what tries are counted by, such as the session's id; undefined where this one is counted already
 * @returns PASSWORD_WRONG or TOO_MANY_REQUESTS
 */
export async function accountOfPassword(
  { table, limiter, passwordPepper }: ProofDeps,
  userId: string,
  password: string,
  countedAs: string | undefined,
  now: Instant,
): Promise<Result<Account, Problem>> {
  const counted = countedAs === undefined ? ok(undefined) : await limiter.count('passwordsPerSession', countedAs, now);
  if (!counted.ok) return counted;
  const { account, passwordHash } = await findForLogIn(table, userId);
  const matches = await isPassword(password, passwordHash, await readKey(passwordPepper));
  if (matches && account !== undefined && account.deletedAt === undefined) return ok(account);
  return err(problem('PASSWORD_WRONG', 'Type the password that you log in with now.'));
}

/**
 * Whether somebody who has followed a mailed link knows the password of the account that it is about to bind to the
 * address (ADR 38). Programs may leave it out; the pages of these links always ask.
 *
 * @returns PASSWORD_WRONG or TOO_MANY_REQUESTS, and the link is not spent
 */
export async function checkLinkPassword(
  deps: ProofDeps,
  { userId }: Pick<Account, 'userId'>,
  password: string | undefined,
  now: Instant,
): Promise<Result<void, Problem>> {
  if (password === undefined) return ok(undefined);
  const proven = await accountOfPassword(deps, userId, password, `link ${userId}`, now);
  return proven.ok ? ok(undefined) : proven;
}
