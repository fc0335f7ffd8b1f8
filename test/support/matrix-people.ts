import { randomBytes } from 'node:crypto';
import { SignJWT, UnsecuredJWT } from 'jose';
import { ulid } from 'ulid';
import { inject } from 'vitest';

import type { Post, Role } from '../../functions/shared/runtime/route.ts';
import { parseKeyRing } from '../../functions/shared/runtime/secrets.ts';
import { sessionKey, signAccessToken, type SessionRef } from '../../functions/shared/runtime/session.ts';
import { SESSION_COOKIE } from '../../functions/shared/runtime/authenticate.ts';
import { commit } from '../../functions/shared/table/commit.ts';
import { exists, type Update } from '../../functions/shared/table/writes.ts';
import { createAccount } from '../../functions/users/app/create-account.ts';
import { logOut } from '../../functions/users/app/log-out.ts';
import { mintSession, type MintedSession } from '../../functions/users/app/mint-session.ts';
import { personalDataIn } from '../../functions/users/personal-data.ts';
import { secretName } from '../../lib/secrets.ts';
import { putOrganization } from '../../functions/organizations/writes.ts';
import { PEOPLE, type Caller, type PersonName } from './matrix-rule.ts';
import { systemTable } from './shop.ts';

/** An account of the matrix; `organizationId` is the one that it works for, if any. */
export interface Member {
  readonly userId: string;
  readonly email: string;
  readonly roles: readonly Role[];
  readonly memberships: readonly { readonly organizationId: string; readonly post: Post }[];
}

export const PASSWORD = 'Matrix-of-2026!';
const HOUR = 3_600_000;

type Headers = Readonly<Record<string, string>>;

/** Lets this process read the secrets of the running system, as its functions do. */
export function useSystemSecrets(): void {
  const { controlUrl, environment } = inject('system');
  process.env['PARAMETERS_SECRETS_EXTENSION_HTTP_PORT'] = new URL(controlUrl).port;
  Object.assign(process.env, environment);
}

/** Creates a verified account for somebody of the matrix. */
export async function createMember(
  name: PersonName,
  organizations: { readonly own: string; readonly other: string },
): Promise<Member> {
  const standing: { readonly roles: readonly Role[]; readonly post?: Post } = PEOPLE[name] ?? { roles: [] };
  const post: Post | undefined =
    standing.post ??
    (standing.roles.includes('organizer') ? 'organizer' : standing.roles.includes('staff') ? 'gate' : undefined);
  const organizationId = standing.post === undefined ? organizations.other : organizations.own;
  const memberships = post === undefined ? [] : [{ organizationId, post }];
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

/** The organisations that the members of the matrix work for, as their rows keep them. */
export async function createOrganizations(
  organizations: { readonly own: string; readonly other: string },
  members: readonly Member[],
): Promise<void> {
  const now = Date.now();
  for (const [name, organizationId] of Object.entries(organizations)) {
    const working = members.flatMap(({ userId, memberships }) => {
      const posts = memberships.filter((held) => held.organizationId === organizationId).map(({ post }) => ({ post }));
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

/** The headers by which `caller` presents itself, with a session of its own. */
export async function credentialsOf({ credential, person }: Caller, member: Member | undefined): Promise<Headers> {
  if (member === undefined) {
    if (person !== 'nobody') throw new Error(`${person} has no account`);
    return {};
  }
  const session = await sessionOf(member);
  const bearer = (token: string): Headers => ({ authorization: `Bearer ${token}` });
  const ownPage = { origin: new URL(inject('system').url).origin };
  const cookie = (more: Headers = {}, page: Headers = ownPage): Headers => ({
    cookie: `${SESSION_COOKIE}=${session.accessToken}`,
    ...page,
    ...more,
  });
  switch (credential) {
    case 'bearer':
      return bearer(session.accessToken);
    case 'cookie with CSRF token':
      return cookie({ 'x-xsrf-token': session.csrfToken });
    case 'cookie without CSRF token':
      return cookie();
    case 'cookie with a wrong CSRF token':
      return cookie({ 'x-xsrf-token': randomBytes(32).toString('base64url') });
    case 'cookie from another site':
      return cookie({ 'x-xsrf-token': session.csrfToken }, { 'sec-fetch-site': 'cross-site' });
    case 'cookie from no known page':
      return cookie({ 'x-xsrf-token': session.csrfToken }, {});
    case 'ended session':
      await logOut(systemTable(), session, Date.now());
      return bearer(session.accessToken);
    case 'cookie of an ended session':
      await logOut(systemTable(), session, Date.now());
      return cookie({ 'x-xsrf-token': session.csrfToken });
    case 'session past its end':
      await endAt(session, Date.now() - 1);
      return bearer(session.accessToken);
    case 'token past its end': {
      const ring = parseKeyRing(inject('system').sessionKeys);
      return bearer(await signAccessToken(ring, session.sessionId, member.userId, Date.now() - HOUR - 1_000));
    }
    case 'token with alg none':
    case 'token without a signature':
    case 'token of another key':
    case 'token for another audience':
    case 'token of another issuer':
    case 'token with an unknown key id':
      return bearer(await forge(credential, session, member.userId));
  }
}

type Forgery = Extract<Caller['credential'], `token with${string}` | `token of${string}` | `token for${string}`>;

/** A token for a live session that differs from ours in one thing. */
async function forge(how: Forgery, { sessionId, accessToken }: MintedSession, userId: string): Promise<string> {
  const ring = parseKeyRing(inject('system').sessionKeys);
  const ours = ring.keys.get(ring.current);
  if (ours === undefined) throw new Error('The key ring lacks its current key');
  const issuer = how === 'token of another issuer' ? 'elsewhere' : 'onsale';
  const audience = how === 'token for another audience' ? 'another-api' : 'onsale-api';
  if (how === 'token with alg none') {
    const claims = new UnsecuredJWT({ sid: sessionId }).setSubject(userId).setIssuer(issuer).setAudience(audience);
    return claims.setIssuedAt().setExpirationTime('1h').encode();
  }
  if (how === 'token without a signature') return `${accessToken.split('.').slice(0, 2).join('.')}.`;
  const kid = how === 'token with an unknown key id' ? 'unknown' : ring.current;
  return new SignJWT({ sid: sessionId })
    .setProtectedHeader({ alg: 'HS256', kid })
    .setSubject(userId)
    .setIssuer(issuer)
    .setAudience(audience)
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(how === 'token of another key' ? randomBytes(32) : ours);
}

async function endAt(session: SessionRef, expiresAt: number): Promise<void> {
  const write: Update<'GONE'> = {
    kind: 'update',
    key: sessionKey(session),
    set: { expiresAt },
    when: exists('pk'),
    otherwise: () => 'GONE',
  };
  const done = await commit(systemTable(), [write]);
  if (!done.ok) throw new Error('The session is gone');
}
