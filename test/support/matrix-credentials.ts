import { randomBytes } from 'node:crypto';
import { SignJWT, UnsecuredJWT } from 'jose';
import { ulid } from 'ulid';
import { inject } from 'vitest';

import { apiKeyKey } from '../../functions/shared/runtime/api-key.ts';
import { SESSION_COOKIE } from '../../functions/shared/runtime/authenticate.ts';
import { KEY_SCOPES, type KeyScope } from '../../functions/shared/runtime/route.ts';
import { parseKeyRing } from '../../functions/shared/runtime/secrets.ts';
import { sessionKey, signAccessToken } from '../../functions/shared/runtime/session.ts';
import { commit } from '../../functions/shared/table/commit.ts';
import type { Key } from '../../functions/shared/table/keys.ts';
import { exists, type Update } from '../../functions/shared/table/writes.ts';
import { logOut } from '../../functions/users/app/log-out.ts';
import type { MintedSession } from '../../functions/users/app/mint-session.ts';
import { createMember, sessionOf, signedIn, type MatrixPeople, type Member } from './matrix-people.ts';
import type { Caller } from './matrix-rule.ts';
import { call, systemTable } from './shop.ts';

const HOUR = 3_600_000;

/** Headers of a request, by name. */
export type Headers = Readonly<Record<string, string>>;

/** An API key of a vendor, with the headers that present it. */
export interface VendorKey {
  readonly id: string;
  readonly headers: Headers;
}

/**
 * Makes a key for a vendor that sells for the organisation.
 *
 * @param name of the vendor; keys of one name are one vendor's
 */
export async function makeKey(people: MatrixPeople, scopes: readonly KeyScope[], name = ulid()): Promise<VendorKey> {
  const organizer = await signedIn(people, 'organizer');
  const body = { organizationId: people.organizations.own, name, scopes };
  const made = await organizer.call('POST', '/api/api-keys', body);
  if (made.status !== 201) throw new Error(`Making a key: ${made.text}`);
  return { id: made.json.id, headers: { 'x-api-key': made.json.key } };
}

/** Revokes a key as its organizer does. */
export async function revokeKey(people: MatrixPeople, { id }: Pick<VendorKey, 'id'>): Promise<void> {
  const revoked = await (await signedIn(people, 'organizer')).call('DELETE', `/api/api-keys/${id}`);
  if (revoked.status !== 204) throw new Error(`Revoking a key: ${revoked.text}`);
}

/** Headers of somebody who was here: signed in, and then barred by an admin or erased at their own wish. */
async function headersOfGone(people: MatrixPeople, how: 'banned' | 'erased'): Promise<Headers> {
  const gone = await createMember('another customer', people.organizations);
  const authorization = `Bearer ${(await sessionOf(gone)).accessToken}`;
  const before = await call('GET', '/api/auth/me', undefined, { authorization });
  if (before.status !== 200) throw new Error(`Before being ${how}: ${before.text}`);
  const ended =
    how === 'banned'
      ? await (await signedIn(people, 'admin')).call('POST', `/api/users/${gone.userId}/ban`, {})
      : await call('DELETE', `/api/users/${gone.userId}`, undefined, { authorization });
  if (ended.status >= 300) throw new Error(`Being ${how}: ${ended.text}`);
  return { authorization };
}

/** Headers with a key that was good. */
async function headersOfDeadKey(people: MatrixPeople, how: 'revoked' | 'expired'): Promise<Headers> {
  const key = await makeKey(people, KEY_SCOPES);
  await (how === 'revoked' ? revokeKey(people, key) : endAt(apiKeyKey(key.id), Date.now() - 1));
  return key.headers;
}

/**
 * The headers by which `caller` presents itself, with a session of its own.
 *
 * @param member who it is, unless the one of the matrix
 */
export async function credentialsOf(
  people: MatrixPeople,
  { credential, person }: Caller,
  member: Member | undefined = people.members.get(person),
): Promise<Headers> {
  if (person === 'guest') {
    const begun = await call('POST', '/api/auth/guest', {});
    return { 'x-guest-token': begun.json.guestToken };
  }
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
      await endAt(sessionKey(session), Date.now() - 1);
      return bearer(session.accessToken);
    case 'token past its end': {
      const ring = parseKeyRing(inject('system').sessionKeys);
      return bearer(await signAccessToken(ring, session.sessionId, member.userId, Date.now() - HOUR - 1_000));
    }
    case 'session of a banned person':
      return headersOfGone(people, 'banned');
    case 'session of an erased person':
      return headersOfGone(people, 'erased');
    case 'revoked API key':
      return headersOfDeadKey(people, 'revoked');
    case 'expired API key':
      return headersOfDeadKey(people, 'expired');
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

/** Lets a session or a key have come to its end. */
async function endAt(key: Key, expiresAt: number): Promise<void> {
  const write: Update<'GONE'> = {
    kind: 'update',
    key,
    set: { expiresAt },
    when: exists('pk'),
    otherwise: () => 'GONE',
  };
  const done = await commit(systemTable(), [write]);
  if (!done.ok) throw new Error('What should have ended is gone');
}
