import { ulid } from 'ulid';

import { readKeyRing } from '../../functions/shared/runtime/secrets.ts';
import type { Table } from '../../functions/shared/table/client.ts';
import { mintSession, type MintedSession, type SessionFor } from '../../functions/users/app/mint-session.ts';

/** A signed-in person of a test, without an account behind. */
export type TestPerson = MintedSession;

/**
 * Signs somebody in by minting a session, as tests and the bench do instead of logging in.
 *
 * @param keysParameter name of the served parameter with the key ring
 * @param as what sets this person apart from a mere customer
 */
export async function signIn(table: Table, keysParameter: string, as: Partial<SessionFor> = {}): Promise<TestPerson> {
  const now = as.now ?? Date.now();
  const { userId = ulid(now), roles = ['customer'], memberships = [], ...rest } = as;
  return mintSession(table, await readKeyRing(keysParameter), { ...rest, userId, roles, memberships, now });
}

/** Signs in an organizer of `organizationId`. */
export async function signInOrganizer(
  table: Table,
  keysParameter: string,
  organizationId: string,
): Promise<TestPerson> {
  return signIn(table, keysParameter, {
    roles: ['customer', 'organizer'],
    memberships: [{ organizationId, post: 'organizer' }],
  });
}
