import { ok, err, type Result } from '../../shared/kernel/result.ts';
import type { Occasion } from '../../shared/table/aggregate.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit, StoreBusyError } from '../../shared/table/commit.ts';
import { findAccount, type Account } from '../../users/reads.ts';
import { userRolesChanged } from '../contract.ts';
import { rolesWith } from '../domain/organization.ts';
import { findAdmins } from '../reads.ts';
import { setAdmins } from '../writes.ts';
import { regrant } from './grant-access.ts';
import { regrantSessionsOf } from '../../users/session-rights.ts';

const ROUNDS = 4;

/** Who is to be an admin by the operator's word, whom no policy asks: they have the table itself. */
export interface AdminGrant {
  readonly userId: string;
  /** Although there are admins, who could give the role themselves: for when none of them can be reached. */
  readonly although: boolean;
  /** Only tell what would be done. */
  readonly dryRun: boolean;
}

/** What came of it; in a dry run, what would. */
export interface AdminGranted {
  /** False when the person was an admin before. */
  readonly changed: boolean;
  /** How many others are admins. */
  readonly others: number;
}

/** Why somebody is not made an admin. */
export type GrantRefusal =
  | { readonly code: 'NO_ACCOUNT' | 'NOT_VERIFIED' | 'BANNED' }
  | { readonly code: 'THERE_ARE_ADMINS'; readonly count: number };

/**
 * Makes the first admin of a deployment, whom no other admin can make. Account, live sessions and the list of admins
 * change in one transaction: of two who are made the first at once, one is refused. Twice is once.
 */
export async function grantAdmin(
  table: Table,
  { userId, although, dryRun }: AdminGrant,
  occasion: Occasion,
): Promise<Result<AdminGranted, GrantRefusal>> {
  for (let round = 0; round < ROUNDS; round += 1) {
    const [account, admins] = await Promise.all([findAccount(table, userId), findAdmins(table)]);
    const refusal = refusalOf(account);
    if (account === undefined || refusal !== undefined) return err({ code: refusal ?? 'NO_ACCOUNT' });
    const listed = admins?.adminIds ?? [];
    const others = listed.filter((each) => each !== userId);
    if (account.roles.includes('admin') && listed.includes(userId))
      return ok({ changed: false, others: others.length });
    if (others.length > 0 && !although) return err({ code: 'THERE_ARE_ADMINS', count: others.length });
    if (dryRun) return ok({ changed: true, others: others.length });
    const { roles, memberships } = account;
    const rights = {
      roles: rolesWith([...roles.filter((role) => role !== 'admin'), 'admin'], memberships),
      memberships,
    };
    const cause = { ...occasion, event: userRolesChanged.name };
    const done = await commit(table, [
      setAdmins(admins, [...others, userId], occasion, () => 'MOVED_ON' as const),
      ...(await regrant(table, account, rights, cause, () => 'MOVED_ON' as const)),
    ]);
    if (!done.ok) continue;
    await regrantSessionsOf(table, userId, occasion.now);
    return ok({ changed: true, others: others.length });
  }
  throw new StoreBusyError('The account or the list of admins kept changing');
}

/** An account that is gone is none; a role for an address that nobody has proven would be anybody's. */
function refusalOf(account: Account | undefined): 'NO_ACCOUNT' | 'NOT_VERIFIED' | 'BANNED' | undefined {
  if (account === undefined || account.deletedAt !== undefined) return 'NO_ACCOUNT';
  if (account.bannedAt !== undefined) return 'BANNED';
  return account.status === 'VERIFIED' ? undefined : 'NOT_VERIFIED';
}
