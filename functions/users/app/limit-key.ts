import { ulid } from 'ulid';

import type { Instant } from '../../shared/kernel/clock.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit } from '../../shared/table/commit.ts';
import { findMailbox } from '../reads.ts';
import { claimMailbox } from '../writes.ts';

/**
 * Whom limits per person are counted for when somebody signs in from a mailbox: the same for all of its addresses, so
 * that aliases share a limit (invariant I12). The first to sign in gives it an id, which tells nothing of the mailbox:
 * orders keep it for ever.
 *
 * @param mailboxHash from `hashMailbox`
 */
export async function limitKeyOf(table: Table, mailboxHash: string, userId: string, now: Instant): Promise<string> {
  const known = await findMailbox(table, mailboxHash);
  if (known !== undefined) return known.limitId;
  const limitId = ulid(now);
  const claimed = await commit(table, [
    claimMailbox(mailboxHash, limitId, userId, (found) => ({ code: 'CLAIMED' as const, limitId: found?.['limitId'] })),
  ]);
  return claimed.ok ? limitId : String(claimed.error.limitId);
}
