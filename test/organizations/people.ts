import { ulid } from 'ulid';

import type { Membership } from '../../functions/shared/runtime/membership.ts';
import type { Role } from '../../functions/shared/runtime/route.ts';
import type { Table } from '../../functions/shared/table/client.ts';
import { commit } from '../../functions/shared/table/commit.ts';
import { putAccount } from '../../functions/users/writes.ts';
import { signIn, type TestPerson } from '../support/sessions.ts';
import { occasion, USERS_ENV } from '../users/accounts.ts';

/** A verified account whose names nobody can open, which costs no password hash, with a session. */
export async function givenPerson(
  table: Table,
  as: { readonly roles?: Role[]; readonly memberships?: Membership[] } = {},
): Promise<TestPerson> {
  const userId = ulid();
  const { roles = ['customer'], memberships = [] } = as;
  const account = {
    userId,
    email: 'sealed',
    firstName: 'sealed',
    lastName: 'sealed',
    locale: 'en',
    status: 'VERIFIED' as const,
    roles,
    memberships,
    accessEpoch: 1,
    createdAt: Date.now(),
  };
  const done = await commit(table, [putAccount(account, occasion(), () => 'TAKEN')]);
  if (!done.ok) throw new Error('The account is there already');
  return signIn(table, USERS_ENV.SESSION_KEYS_PARAMETER, { userId, roles, memberships });
}
