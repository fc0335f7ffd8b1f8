import { toTimestamp } from '../../shared/kernel/clock.ts';
import { viewAssignment } from '../../shared/runtime/membership.ts';
import type { Session } from '../../shared/runtime/session.ts';
import type { Table } from '../../shared/table/client.ts';
import { findRecipients, type personalDataIn } from '../../users/recipients.ts';
import type { MemberView, OrganizationView } from '../contract.ts';
import { memberOf, type Member, type OrganizationDetails } from '../domain/organization.ts';
import { findOrganizations } from '../reads.ts';

type PersonalData = ReturnType<typeof personalDataIn>;

/** An organisation as `userId` sees it. */
export function viewOrganization(organization: OrganizationDetails, userId: string): OrganizationView {
  const { organizationId, name, createdAt } = organization;
  const posts = memberOf(organization, userId)?.posts ?? [];
  return { id: organizationId, name, posts: posts.map(viewAssignment), createdAt: toTimestamp(createdAt) };
}

/** The organisations that somebody has a post in, by name. */
export async function ownOrganizations(table: Table, session: Session): Promise<readonly OrganizationView[]> {
  const ids = [...new Set(session.memberships.map(({ organizationId }) => organizationId))];
  const found = await findOrganizations(table, ids);
  return found
    .map((organization) => viewOrganization(organization, session.userId))
    .toSorted((left, right) => (left.name === right.name ? byId(left, right) : left.name < right.name ? -1 : 1));
}

function byId(left: OrganizationView, right: OrganizationView): number {
  return left.id < right.id ? -1 : 1;
}

/** The members of an organisation with their names, longest there first; who has erased the account has none. */
export async function viewMembers(
  table: Table,
  personalData: PersonalData,
  members: readonly Member[],
): Promise<readonly MemberView[]> {
  const people = await findRecipients(
    table,
    personalData,
    members.map(({ userId }) => userId),
  );
  return members
    .toSorted((left, right) => left.since - right.since)
    .map(({ userId, posts, since }) => {
      const person = people.get(userId);
      return {
        userId,
        email: person?.email ?? null,
        firstName: person?.firstName ?? null,
        lastName: person?.lastName ?? null,
        posts: posts.map(viewAssignment),
        since: toTimestamp(since),
      };
    });
}
