import { leaveEverything, withdrawInvitationsTo } from '../../organizations/operations.ts';
import { toTimestamp } from '../../shared/kernel/clock.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import { logInfo } from '../../shared/runtime/log.ts';
import type { Occasion } from '../../shared/table/aggregate.ts';
import type { Table } from '../../shared/table/client.ts';
import { StoreBusyError } from '../../shared/table/commit.ts';
import { hashesOfAccount, type AddressBook } from '../../users/addresses.ts';
import { anonymise } from '../../users/erasure.ts';
import { findAccount, type Account } from '../../users/reads.ts';
import { endSessionsOf } from '../../users/session-rights.ts';
import type { ErasureView } from '../contract.ts';

const ROUNDS = 4;

/** Whom to erase. */
export interface Erasure {
  readonly userId: string;
  readonly occasion: Occasion;
  /** Also the last organizer of an organisation and the last admin: for repeating what was done before. */
  readonly evenAsLast?: boolean;
}

/**
 * Erases a person as far as one transaction goes, which is all that anybody could notice: see `anonymise`. What is
 * left, rows that nobody can use any more, is taken away by the job (`finish-erasures.ts`), which hears of it from the
 * change itself. Asking again ends the sessions that there are by then, and is answered with how far it is.
 *
 * @returns LAST_ORGANIZER, LAST_ADMIN or TOO_MANY_MEMBERSHIPS, and nothing has changed then
 */
export async function beginErasure(
  table: Table,
  addresses: AddressBook,
  { userId, occasion, evenAsLast = false }: Erasure,
): Promise<Result<ErasureView, Problem>> {
  for (let round = 0; round < ROUNDS; round += 1) {
    const account = await findAccount(table, userId);
    if (account === undefined) return err(problem('USER_NOT_FOUND', 'There is no such account.'));
    if (account.deletedAt !== undefined) {
      // Whoever died half-way, or signed in meanwhile past the account, has left one.
      if (account.erasedAt === undefined) await endSessionsOf(table, userId, occasion.now);
      return ok(viewErasure(account, account.deletedAt));
    }
    const leaving = await leaveEverything(table, account, { occasion, evenAsLast }, () => 'MOVED_ON' as const);
    if (!leaving.ok) return leaving;
    // Before, while the address can still be opened: should this die in between, the person asks again.
    const address = await hashesOfAccount(addresses, account);
    if (address !== undefined) await withdrawInvitationsTo(table, address.hash, occasion);
    if (!(await anonymise(table, addresses, account, leaving.value, occasion))) continue;
    // The register has the id only when the job has run: should the table be lost before, the log has it.
    logInfo('ERASURE_BEGUN', { userId });
    return ok(viewErasure(account, occasion.now));
  }
  throw new StoreBusyError('The account kept changing');
}

function viewErasure({ userId, erasedAt }: Pick<Account, 'userId' | 'erasedAt'>, deletedAt: number): ErasureView {
  return {
    userId,
    status: erasedAt === undefined ? 'ERASING' : 'ERASED',
    deletedAt: toTimestamp(deletedAt),
    erasedAt: erasedAt === undefined ? null : toTimestamp(erasedAt),
  };
}
