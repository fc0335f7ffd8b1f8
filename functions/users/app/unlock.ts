import type { Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import { readKey } from '../../shared/runtime/secrets.ts';
import type { Occasion } from '../../shared/table/aggregate.ts';
import { findForLogIn } from '../reads.ts';
import { isTokenOf, userOfToken } from '../tokens.ts';
import { unlockAccount } from './count-log-in.ts';
import { tokenIsDead, type LinkDeps } from './verify-email.ts';

/**
 * Lifts the lock that the token of its mail names.
 *
 * @returns TOKEN_INVALID_OR_EXPIRED
 */
export async function unlock(
  { table, linkKey }: LinkDeps,
  token: string,
  occasion: Occasion,
): Promise<Result<void, Problem>> {
  const userId = userOfToken(token);
  if (userId === undefined) return err(tokenIsDead());
  const { logIns } = await findForLogIn(table, userId);
  const { lockId } = logIns;
  if (lockId === undefined || !isTokenOf(await readKey(linkKey), 'unlock', userId, lockId, token))
    return err(tokenIsDead());
  return (await unlockAccount(table, userId, lockId, occasion)) ? ok(undefined) : err(tokenIsDead());
}
