import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import { readKey } from '../../shared/runtime/secrets.ts';
import type { Occasion } from '../../shared/table/aggregate.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit, StoreBusyError } from '../../shared/table/commit.ts';
import { emailVerified } from '../account-events.ts';
import { isOpen, type PendingLink } from '../domain/account.ts';
import { findAccount, type Account } from '../reads.ts';
import { isTokenOf, userOfToken, type LinkPurpose } from '../tokens.ts';
import { changeAccount } from '../writes.ts';
import { checkLinkPassword, type ProofDeps } from './prove-password.ts';

/** Where the links of a stage are, and the secret parameter of the key of their tokens. */
export interface LinkDeps {
  readonly table: Table;
  readonly linkKey: string;
}

/** What somebody who has followed a link sends. */
export interface LinkBrought {
  readonly token: string;
  /** The account's, as the pages of these links ask for it. */
  readonly password?: string | undefined;
}

const ROUNDS = 4;

/**
 * Takes the token of a verification mail back. The change of the account is what spends it, and pins the version
 * that it was read in, so that of two who bring it at once one succeeds.
 *
 * @returns TOKEN_INVALID_OR_EXPIRED for whatever is no live token of an open account, PASSWORD_WRONG where one came with it
 */
export async function verifyEmail(
  deps: LinkDeps & ProofDeps,
  { token, password }: LinkBrought,
  occasion: Occasion,
): Promise<Result<void, Problem>> {
  let isProven = false;
  for (let round = 0; round < ROUNDS; round += 1) {
    const account = await accountOfToken(deps, 'verify-email', token, occasion.now, ({ verification }) => verification);
    if (account === undefined) return err(tokenIsDead());
    const proven = isProven ? ok(undefined) : await checkLinkPassword(deps, account, password, occasion.now);
    if (!proven.ok) return proven;
    isProven = true;
    const cause = { ...occasion, event: emailVerified.name, by: account.userId };
    const changes = { status: 'VERIFIED', verification: undefined };
    const done = await commit(deps.table, [changeAccount(account, changes, cause, () => 'MOVED_ON' as const).write]);
    if (done.ok) return ok(undefined);
  }
  throw new StoreBusyError('The account kept changing');
}

/** The open account that `token` opens, while the link that `linkOf` finds in its row lives. */
export async function accountOfToken(
  { table, linkKey }: LinkDeps,
  purpose: LinkPurpose,
  token: string,
  now: number,
  linkOf: (account: Account) => PendingLink | undefined,
): Promise<Account | undefined> {
  const userId = userOfToken(token);
  if (userId === undefined) return undefined;
  const [key, account] = await Promise.all([readKey(linkKey), findAccount(table, userId)]);
  const link = account === undefined || !isOpen(account) ? undefined : linkOf(account);
  if (link === undefined || link.until <= now) return undefined;
  return isTokenOf(key, purpose, userId, link.nonce, token) ? account : undefined;
}

/** One answer for whatever is wrong with a token, so that none is told from another. */
export function tokenIsDead(): Problem {
  return problem('TOKEN_INVALID_OR_EXPIRED', 'Ask for a new link.');
}
