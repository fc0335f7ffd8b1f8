import { viewAssignment } from '../../shared/runtime/membership.ts';
import { organizationNames } from '../../organizations/reads.ts';
import { toTimestamp } from '../../shared/kernel/clock.ts';
import type { Table } from '../../shared/table/client.ts';
import type { UserView } from '../contract.ts';
import { inAccount, type PersonalData } from '../personal-data.ts';
import type { Account } from '../reads.ts';

/** An account as its owner sees it, personal fields opened. */
export async function showAccount(table: Table, personalData: PersonalData, account: Account): Promise<UserView> {
  const { userId, locale, status, roles, memberships } = account;
  const person = await personalData.person(userId);
  const [email, firstName, lastName, names] = await Promise.all([
    person.open(inAccount(userId, 'email'), account.email),
    person.open(inAccount(userId, 'firstName'), account.firstName),
    person.open(inAccount(userId, 'lastName'), account.lastName),
    organizationNames(
      table,
      memberships.map(({ organizationId }) => organizationId),
    ),
  ]);
  return {
    id: userId,
    email,
    firstName,
    lastName,
    locale,
    status,
    roles,
    memberships: memberships.map(({ organizationId, ...held }) => ({
      organizationId,
      organizationName: names.get(organizationId) ?? '',
      ...viewAssignment(held),
    })),
    createdAt: toTimestamp(account.createdAt),
  };
}
