import { toTimestamp } from '../../shared/kernel/clock.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { Role } from '../../shared/runtime/route.ts';
import type { Occasion } from '../../shared/table/aggregate.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit, StoreBusyError } from '../../shared/table/commit.ts';
import { findAccount, type Account } from '../../users/reads.ts';
import { changeAccess } from '../../users/writes.ts';
import { userBanned, userRolesChanged, userUnbanned, type GIVEN_ROLES, type UserAccess } from '../contract.ts';
import { adminsWith, lastAdmin } from '../domain/admins.ts';
import { rolesWith } from '../domain/organization.ts';
import { findAdmins } from '../reads.ts';
import { setAdmins } from '../writes.ts';
import { revokeKeysMadeBy } from './api-keys.ts';
import { regrant, signOut, type Rights } from './grant-access.ts';
import { endSessionsOf, regrantSessionsOf } from '../../users/session-rights.ts';

const ROUNDS = 4;
type Given = (typeof GIVEN_ROLES)[number];

/**
 * Sets the roles that admins give. Account, live sessions and the list of admins change in one transaction; the
 * list's version pins that somebody is left on it, so of two admins who take each other's role at once one keeps it.
 *
 * @param roles `customer` is everybody's and may be left out
 */
export async function setRoles(
  table: Table,
  userId: string,
  roles: readonly Given[],
  occasion: Occasion,
): Promise<Result<UserAccess, Problem>> {
  return changing(table, userId, async (account) => {
    const given: readonly Role[] = ['customer', ...roles.filter((role) => role !== 'customer')];
    const rights = { roles: rolesWith(given, account.memberships), memberships: account.memberships };
    const admins = await adminWrites(table, account, given.includes('admin'), occasion);
    if (!admins.ok) return admins;
    const cause = { ...occasion, event: userRolesChanged.name };
    const writes = [...admins.value, ...(await regrant(table, account, rights, cause, () => MOVED_ON))];
    const done = await commit(table, writes);
    if (!done.ok) return ok(undefined);
    await regrantSessionsOf(table, userId, occasion.now);
    return ok(accessOf({ ...account, ...rights }));
  });
}

/**
 * Bars somebody: no log-in succeeds, every session ends with the same write, and the API keys that they made for
 * organisations that they lead are revoked (invariant I17). Roles that
 * admins give are taken, so that lifting the ban gives none back; posts in organisations stay for their
 * organizers to decide.
 */
export async function banUser(table: Table, userId: string, occasion: Occasion): Promise<Result<UserAccess, Problem>> {
  const banned = await changing(table, userId, async (account) => {
    if (account.bannedAt !== undefined) return ok(accessOf(account));
    const admins = await adminWrites(table, account, false, occasion);
    if (!admins.ok) return admins;
    // Before as well as after: should this die in between, none works of somebody who is barred.
    await revokeKeysMadeBy(table, account, occasion);
    const changes = { roles: rolesWith(['customer'], account.memberships), bannedAt: occasion.now };
    const cause = { ...occasion, event: userBanned.name };
    const writes = [...admins.value, ...(await signOut(table, account, changes, cause, () => MOVED_ON))];
    const done = await commit(table, writes);
    return ok(done.ok ? accessOf({ ...account, ...changes }) : undefined);
  });
  // Also for who was banned before: a first try may have ended halfway through.
  if (!banned.ok) return banned;
  await endSessionsOf(table, userId, occasion.now);
  // One that was being made meanwhile is there by now: the next would find its maker barred.
  const account = await findAccount(table, userId);
  if (account !== undefined) await revokeKeysMadeBy(table, account, occasion);
  return banned;
}

/** Lets somebody log in again. */
export async function unbanUser(
  table: Table,
  userId: string,
  occasion: Occasion,
): Promise<Result<UserAccess, Problem>> {
  return changing(table, userId, async (account) => {
    if (account.bannedAt === undefined) return ok(accessOf(account));
    const cause = { ...occasion, event: userUnbanned.name };
    const change = changeAccess(account, { bannedAt: undefined }, cause, () => MOVED_ON);
    const done = await commit(table, [change.write]);
    return ok(done.ok ? accessOf(change.account) : undefined);
  });
}

const MOVED_ON = 'MOVED_ON';

/** Makes a change from the account as it is, again if it has moved on meanwhile. */
async function changing(
  table: Table,
  userId: string,
  change: (account: Account) => Promise<Result<UserAccess | undefined, Problem>>,
): Promise<Result<UserAccess, Problem>> {
  for (let round = 0; round < ROUNDS; round += 1) {
    const account = await findAccount(table, userId);
    if (account === undefined || account.deletedAt !== undefined)
      return err(problem('USER_NOT_FOUND', 'There is no such account.'));
    const changed = await change(account);
    if (!changed.ok) return changed;
    if (changed.value !== undefined) return ok(changed.value);
  }
  throw new StoreBusyError('The account kept changing');
}

async function adminWrites(
  table: Table,
  account: Account,
  becomes: boolean,
  occasion: Occasion,
): Promise<Result<readonly ReturnType<typeof setAdmins<string>>[], Problem>> {
  const was = account.roles.includes('admin');
  const before = await findAdmins(table);
  const after = adminsWith(before, { userId: account.userId, was, becomes, actorId: occasion.by });
  if (!after.ok) return err(lastAdmin());
  return ok(after.value === undefined ? [] : [setAdmins(before, after.value, occasion, () => MOVED_ON)]);
}

function accessOf({ userId, roles, bannedAt }: Rights & Pick<Account, 'userId' | 'bannedAt'>): UserAccess {
  return { userId, roles, bannedAt: bannedAt === undefined ? null : toTimestamp(bannedAt) };
}
