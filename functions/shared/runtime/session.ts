import { jwtVerify, SignJWT } from 'jose';
import * as z from 'zod/mini';

import { problem, ProblemError } from '../kernel/problems.ts';
import type { Instant } from '../kernel/clock.ts';
import type { Table } from '../table/client.ts';
import type { Item, Key } from '../table/keys.ts';
import { getItem } from '../table/read.ts';
import type { Guest } from './guest.ts';
import { membershipRow } from './membership.ts';
import type { KeyScope, Post, Who } from './route.ts';
import { SecretUnavailableError, type KeyRing } from './secrets.ts';

/** Access tokens live for one hour (seed 002 requirement 13). */
export const ACCESS_TOKEN_SECONDS = 3_600;
const ISSUER = 'onsale';
const AUDIENCE = 'onsale-api';

const sessionRow = z.object({
  userId: z.string(),
  roles: z.array(z.enum(['customer', 'staff', 'organizer', 'support', 'admin'])),
  memberships: z.array(membershipRow),
  csrf: z.string(),
  /** Whom limits per person are counted for, unless for `userId`: one for all addresses of a mailbox. */
  limitKey: z.optional(z.string()),
  /** When its person logged in. */
  createdAt: z.optional(z.number()),
  expiresAt: z.number(),
  endedAt: z.optional(z.number()),
});

/**
 * A session as its row keeps it; `csrf` is the token that browsers must echo. A program that calls with an API
 * key has one for the length of its request, whose `key` says what it may do.
 */
export interface Session extends Omit<z.infer<typeof sessionRow>, 'roles'> {
  readonly sessionId: string;
  readonly roles: readonly Who[];
  readonly key?: VendorKey;
  /** Set where nobody is signed in, and the session is an anonymous one. */
  readonly guest?: Guest;
}

/** What an API key stands for. */
export interface VendorKey {
  readonly apiKeyId: string;
  readonly organizationId: string;
  readonly scopes: readonly KeyScope[];
  readonly lastUsedAt?: Instant;
}

/** Which session of whom: what an access token proves. */
export interface SessionRef {
  readonly userId: string;
  readonly sessionId: string;
}

/** Sort keys of a person's sessions begin with this. */
export const SESSION_PREFIX = 'SESSION#';

/** The key of a session's row. It lies with its person, so that all of somebody's sessions are one query. */
export function sessionKey({ userId, sessionId }: SessionRef): Key {
  return { pk: `USER#${userId}`, sk: `${SESSION_PREFIX}${sessionId}` };
}

/** By whom the changes of a request are made: its person or anonymous session, or the very key of a vendor. */
export function actorOf({ userId, key }: Session): string {
  return key?.apiKeyId ?? userId;
}

/** Who calls: nobody known, or a person with what they may do. */
export type Caller = { readonly kind: 'anonymous' } | { readonly kind: 'person'; readonly session: Session };

/** Where somebody works: an organisation, or one of its events. */
export interface Place {
  readonly organizationId: string;
  readonly eventId?: string | undefined;
}

/** Whether `session` holds `post` at `place` at the time `now`. */
export function worksFor(session: Session, post: Post, place: Place, now: Instant): boolean {
  return session.memberships.some(
    (held) =>
      held.post === post &&
      held.organizationId === place.organizationId &&
      (held.eventId === undefined || held.eventId === place.eventId) &&
      (held.from ?? 0) <= now &&
      now < (held.until ?? Number.POSITIVE_INFINITY),
  );
}

/** Whether `session` leads the organisation, which has no window and no single events. */
export function organizes(session: Session, organizationId: string): boolean {
  return worksFor(session, 'organizer', { organizationId }, 0);
}

/** Whether `session` has one of `roles`. */
export function hasRole(session: Session, roles: readonly Who[]): boolean {
  return session.roles.some((role) => roles.includes(role));
}

/** The signed access token of a session: HS256 under the ring's current key, for one hour. */
export async function signAccessToken(ring: KeyRing, sessionId: string, userId: string, now: Instant): Promise<string> {
  const key = ring.keys.get(ring.current);
  if (key === undefined) throw new Error('The key ring lacks its current key');
  const seconds = Math.floor(now / 1_000);
  return new SignJWT({ sid: sessionId })
    .setProtectedHeader({ alg: 'HS256', kid: ring.current })
    .setSubject(userId)
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + ACCESS_TOKEN_SECONDS)
    .sign(key);
}

/** The key of an id, as far as it is live. */
export type FindKey = (keyId: string) => Promise<Uint8Array | undefined>;

/** Ids of keys; what else a stranger writes there is looked for nowhere. */
const KEY_ID = /^[\w-]{1,64}$/;
/** By how much the clock that issued a token may be ahead of the one that reads it. */
const CLOCKS_DIFFER_SECONDS = 5;

/**
 * The session that `token` proves, or undefined for any token that is not ours: other algorithm, issuer,
 * audience or key, expired, issued in the future, malformed.
 *
 * @throws SecretUnavailableError when there is no key to judge it by: that says nothing about the token
 */
export async function verifyAccessToken(
  findKey: FindKey,
  token: string,
  now: Instant,
): Promise<SessionRef | undefined> {
  try {
    const { payload } = await jwtVerify(
      token,
      async ({ kid }) => {
        const key = typeof kid === 'string' && KEY_ID.test(kid) ? await findKey(kid) : undefined;
        if (key === undefined) throw new Error('Unknown key');
        return key;
      },
      {
        algorithms: ['HS256'],
        issuer: ISSUER,
        audience: AUDIENCE,
        currentDate: new Date(now),
        requiredClaims: ['exp', 'iat', 'sub', 'sid'],
      },
    );
    const { sub: userId, sid: sessionId, iat = Number.POSITIVE_INFINITY } = payload;
    if (iat > now / 1_000 + CLOCKS_DIFFER_SECONDS) return undefined;
    return typeof userId === 'string' && typeof sessionId === 'string' ? { userId, sessionId } : undefined;
  } catch (error) {
    if (error instanceof SecretUnavailableError) throw error;
    return undefined;
  }
}

/**
 * Reads the session's row, strongly: a session that was ended a moment ago works no more (invariant I17).
 *
 * @throws ProblemError NOT_SIGNED_IN when it is gone, ended or past its time
 */
export async function loadSession(table: Table, ref: SessionRef, now: Instant): Promise<Session> {
  const session = parseSession(await getItem(table, sessionKey(ref), 'strong'), ref.sessionId);
  if (session === undefined || session.endedAt !== undefined || session.expiresAt <= now) {
    throw new ProblemError(problem('NOT_SIGNED_IN', 'Your session has ended; sign in again.'));
  }
  return session;
}

function parseSession(item: Item | undefined, sessionId: string): Session | undefined {
  const parsed = z.safeParse(sessionRow, item);
  return parsed.success ? { ...parsed.data, sessionId } : undefined;
}
