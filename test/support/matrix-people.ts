import { ulid } from 'ulid';
import { inject } from 'vitest';

import type { Membership } from '../../functions/shared/runtime/membership.ts';
import type { Role } from '../../functions/shared/runtime/route.ts';
import { parseKeyRing } from '../../functions/shared/runtime/secrets.ts';
import { commit } from '../../functions/shared/table/commit.ts';
import { createAccount } from '../../functions/users/app/create-account.ts';
import { mintSession, type MintedSession } from '../../functions/users/app/mint-session.ts';
import { personalDataIn } from '../../functions/users/personal-data.ts';
import { secretName } from '../../lib/secrets.ts';
import { putOrganization } from '../../functions/organizations/writes.ts';
import { PEOPLE, type PersonName, type Standing } from './matrix-rule.ts';
import { call, systemTable, type Person } from './shop.ts';

/** An account of the matrix. */
export interface Member {
  readonly userId: string;
  readonly email: string;
  readonly roles: readonly Role[];
  readonly memberships: readonly Membership[];
}

/** The organisation whose things the requests are about, and another one. */
export interface Organizations {
  readonly own: string;
  readonly other: string;
}

/** Everybody in the matrix. */
export interface MatrixPeople {
  readonly organizations: Organizations;
  readonly members: ReadonlyMap<PersonName, Member>;
}

export const PASSWORD = 'Matrix-of-2026!';
const DAY = 24 * 3_600_000;

/** Lets this process read the secrets of the running system, as its functions do. */
export function useSystemSecrets(): void {
  const { controlUrl, environment } = inject('system');
  process.env['PARAMETERS_SECRETS_EXTENSION_HTTP_PORT'] = new URL(controlUrl).port;
  Object.assign(process.env, environment);
}

/** Creates a verified account for somebody of the matrix. */
export async function createMember(name: PersonName, organizations: Organizations): Promise<Member> {
  const standing: Standing = PEOPLE[name] ?? { roles: [] };
  const memberships = membershipsOf(standing, organizations);
  const roles = [...standing.roles];
  const { environment } = inject('system');
  const email = `${name.replaceAll(' ', '-')}-${ulid().toLowerCase()}@matrix.example`;
  const created = await createAccount(
    systemTable(),
    {
      personalData: personalDataIn(systemTable(), {
        PERSONAL_DATA_KEY_PARAMETER: secretName('local', 'personalDataKey'),
        PERSONAL_DATA_KMS_KEY: environment['KMS_KEY'] ?? '',
      }),
      emailIndexKey: secretName('local', 'emailIndexKey'),
      passwordPepper: secretName('local', 'passwordPepper'),
    },
    {
      email,
      password: PASSWORD,
      firstName: `Given-${name}`,
      lastName: `Family-${name}`,
      locale: 'en',
      status: 'VERIFIED',
      roles,
      memberships,
    },
    { now: Date.now(), correlationId: 'matrix', by: 'system' },
  );
  return { userId: created.ok ? created.value.userId : created.error.userId, email, roles, memberships };
}

function membershipsOf({ post, but }: Standing, { own, other }: Organizations): Membership[] {
  if (post === undefined) return [];
  const there = { organizationId: but === 'in another organisation' ? other : own, post };
  if (but === 'for another event') return [{ ...there, eventId: ulid() }];
  if (but !== 'at another time') return [there];
  const now = Date.now();
  return [
    { ...there, until: now - 1_000 },
    { ...there, from: now + DAY },
  ];
}

/** The organisations that the members of the matrix work for, as their rows keep them. */
export async function createOrganizations({ organizations, members }: MatrixPeople): Promise<void> {
  const now = Date.now();
  for (const [name, organizationId] of Object.entries(organizations)) {
    const working = [...members.values()].flatMap(({ userId, memberships }) => {
      const posts = memberships
        .filter((held) => held.organizationId === organizationId)
        .map(({ organizationId: _there, ...posted }) => posted);
      return posts.length === 0 ? [] : [{ userId, posts, since: now }];
    });
    const organization = { organizationId, name: `Matrix ${name}`, createdAt: now, members: working };
    const occasion = { now, correlationId: 'matrix', by: 'system' };
    await commit(systemTable(), [putOrganization(organization, occasion, () => 'TAKEN')]);
  }
}

/** A fresh session of `member`. */
export function sessionOf({ userId, roles, memberships }: Member, now = Date.now()): Promise<MintedSession> {
  const as = { userId, roles: [...roles], memberships: memberships.map((membership) => ({ ...membership })), now };
  return mintSession(systemTable(), parseKeyRing(inject('system').sessionKeys), as);
}

/** Somebody of the matrix, signed in. */
export async function signedIn({ members }: Pick<MatrixPeople, 'members'>, name: PersonName): Promise<Person> {
  const member = members.get(name);
  if (member === undefined) throw new Error(`${name} has no account`);
  const { accessToken } = await sessionOf(member);
  return {
    userId: member.userId,
    call: (method, path, body, headers) =>
      call(method, path, body, { authorization: `Bearer ${accessToken}`, ...headers }),
  };
}
