import { problem, type Problem } from '../shared/kernel/problems.ts';
import { err, ok, type Result } from '../shared/kernel/result.ts';
import type { Occasion } from '../shared/table/aggregate.ts';
import type { Table } from '../shared/table/client.ts';
import type { Otherwise, Write } from '../shared/table/writes.ts';
import type { Account } from '../users/reads.ts';
import { endInvitation } from './app/end-invitations.ts';
import { adminsWith } from './domain/admins.ts';
import { withPosts, type Organization } from './domain/organization.ts';
import { findAdmins, findInvitationsTo, findKeyLists, findOrganizations } from './reads.ts';
import { disownKeys, setAdmins, setMembers } from './writes.ts';

/** Organisations that one transaction takes somebody out of: two rows each, of at most 100 actions. */
export const MOST_LEFT_AT_ONCE = 35;

/** How somebody leaves. */
export interface Leaving {
  readonly occasion: Occasion;
  /** Also where nobody else leads an organisation or is an admin: for what must be done whatever follows. */
  readonly evenAsLast: boolean;
}

/**
 * The writes by which a person leaves every organisation and the list of admins, and their name goes from the keys
 * that they made; each under the version of the row that it was decided on. The account is the caller's to change.
 *
 * @returns LAST_ORGANIZER with all the organisations that would be left without one, LAST_ADMIN, or
 *   TOO_MANY_MEMBERSHIPS beyond what one transaction takes
 */
export async function leaveEverything<E>(
  table: Table,
  { userId, memberships, roles }: Pick<Account, 'userId' | 'memberships' | 'roles'>,
  { occasion, evenAsLast }: Leaving,
  otherwise: Otherwise<E>,
): Promise<Result<readonly Write<E>[], Problem>> {
  const ids = [...new Set(memberships.map(({ organizationId }) => organizationId))];
  if (ids.length > MOST_LEFT_AT_ONCE) return err(tooMany());
  const [organizations, keyLists, admins] = await Promise.all([
    findOrganizations(table, ids),
    findKeyLists(table, ids),
    findAdmins(table),
  ]);
  const left = organizations.map((organization) => ({
    organization,
    members: withPosts(organization, userId, [], occasion.now),
  }));
  const orphaned = left.filter(({ members }) => !members.ok).map(({ organization }) => organization.organizationId);
  if (orphaned.length > 0 && !evenAsLast) return err(lastOrganizer(orphaned));
  const remaining = adminsWith(admins, {
    userId,
    was: roles.includes('admin'),
    becomes: false,
    actorId: occasion.by,
  });
  if (!remaining.ok && !evenAsLast) return remaining;
  const adminIds = remaining.ok ? remaining.value : [];
  return ok([
    ...left.map(({ organization, members }) => {
      const rest = members.ok ? members.value : othersIn(organization, userId);
      return setMembers(organization, rest, occasion, otherwise).write;
    }),
    ...keyLists.flatMap((list) => disownKeys(list, userId, occasion, otherwise)),
    ...(adminIds === undefined ? [] : [setAdmins(admins, adminIds, occasion, otherwise)]),
  ]);
}

/** Ends every invitation to an address, since whoever it is of is erased: nothing of it is left with them. */
export async function withdrawInvitationsTo(table: Table, addressHash: string, occasion: Occasion): Promise<void> {
  for (const invitationId of await findInvitationsTo(table, addressHash))
    await endInvitation(table, invitationId, 'WITHDRAWN', occasion);
}

function othersIn({ members }: Organization, userId: string): Organization['members'] {
  return members.filter((member) => member.userId !== userId);
}

function lastOrganizer(organizationIds: readonly string[]): Problem {
  const detail = 'Make somebody else an organizer of the organisations that `organizationIds` lists, then try again.';
  return problem('LAST_ORGANIZER', detail, { extra: { organizationIds } });
}

function tooMany(): Problem {
  return problem('TOO_MANY_MEMBERSHIPS', `Leave organisations until ${MOST_LEFT_AT_ONCE} are left, then try again.`);
}
