import type { Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import { readKey } from '../../shared/runtime/secrets.ts';
import type { Occasion } from '../../shared/table/aggregate.ts';
import { commit, StoreBusyError } from '../../shared/table/commit.ts';
import { userProfileUpdated } from '../contract.ts';
import { optionalNews, type OptionalNews } from '../person-fields.ts';
import { findAccount } from '../reads.ts';
import { unsubscribedBy } from '../unsubscribing.ts';
import { changeAccount } from '../writes.ts';
import { tokenIsDead, type LinkDeps } from './verify-email.ts';

const ROUNDS = 4;

/**
 * Stops one kind of news to a person, by the token of a mail. Again is the same; of somebody who is gone there is nothing
 * left to stop. Whoever wants them back says so in their profile.
 *
 * @returns what was stopped; TOKEN_INVALID_OR_EXPIRED for what is no token of a mail of ours
 * @throws StoreBusyError when the account keeps changing
 */
export async function stopNews(
  { table, linkKey }: LinkDeps,
  token: string,
  occasion: Occasion,
): Promise<Result<OptionalNews, Problem>> {
  const named = unsubscribedBy(await readKey(linkKey), token);
  if (named === undefined) return err(tokenIsDead());
  const { userId, kind } = named;
  for (let round = 0; round < ROUNDS; round += 1) {
    const account = await findAccount(table, userId);
    if (account === undefined || account.deletedAt !== undefined) return ok(kind);
    const { mutedNews = [] } = account;
    if (mutedNews.includes(kind)) return ok(kind);
    const changes = { mutedNews: optionalNews.options.filter((each) => each === kind || mutedNews.includes(each)) };
    const cause = { ...occasion, event: userProfileUpdated.name, by: userId };
    const done = await commit(table, [changeAccount(account, changes, cause, () => 'MOVED_ON' as const).write]);
    if (done.ok) return ok(kind);
  }
  throw new StoreBusyError('The account kept changing');
}

const ONE_CLICK = { name: 'List-Unsubscribe', value: 'One-Click' } as const;

/**
 * Whether a mail program asks for what RFC 8058 section 3.2 says, in either form that it allows. A program that follows
 * every link of a mail, also by POST, does not say so.
 */
export async function isOneClick(rawBody: string, contentType: string): Promise<boolean> {
  try {
    const form = await new Response(rawBody, { headers: { 'content-type': contentType } }).formData();
    return form.get(ONE_CLICK.name) === ONE_CLICK.value;
  } catch {
    // Neither form, or a broken one.
    return false;
  }
}
