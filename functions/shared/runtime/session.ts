import { jwtVerify, SignJWT } from 'jose';
import * as z from 'zod/mini';

import { problem, ProblemError } from '../kernel/problems.ts';
import type { Instant } from '../kernel/clock.ts';
import type { Table } from '../table/client.ts';
import type { Item, Key } from '../table/keys.ts';
import { getItem } from '../table/read.ts';
import type { Role } from './route.ts';
import type { KeyRing } from './secrets.ts';

/** Access tokens live for one hour (seed 002 requirement 13). */
export const ACCESS_TOKEN_SECONDS = 3_600;
const ISSUER = 'onsale';
const AUDIENCE = 'onsale-api';

/** What a person does in an organisation. */
export type Post = 'organizer' | 'gate' | 'box-office' | 'support';

const sessionRow = z.object({
  userId: z.string(),
  roles: z.array(z.enum(['customer', 'staff', 'organizer', 'support', 'admin'])),
  memberships: z.array(
    z.object({ organizationId: z.string(), post: z.enum(['organizer', 'gate', 'box-office', 'support']) }),
  ),
  csrf: z.string(),
  expiresAt: z.number(),
  endedAt: z.optional(z.number()),
});

/** A session as its row keeps it; `csrf` is the token that browsers must echo. */
export type Session = z.infer<typeof sessionRow> & { readonly sessionId: string };

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

/** Who calls: nobody known, or a person with what they may do. */
export type Caller = { readonly kind: 'anonymous' } | { readonly kind: 'person'; readonly session: Session };

/** Whether `session` holds `post` in the organisation. */
export function holdsPost(session: Session, organizationId: string, post: Post): boolean {
  return session.memberships.some(
    (membership) => membership.organizationId === organizationId && membership.post === post,
  );
}

/** Whether `session` has one of `roles`. */
export function hasRole(session: Session, roles: readonly Role[]): boolean {
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

/**
 * The session that `token` proves, or undefined for any token that is not ours: other algorithm, issuer,
 * audience or key, expired, malformed.
 */
export async function verifyAccessToken(ring: KeyRing, token: string, now: Instant): Promise<SessionRef | undefined> {
  try {
    const { payload } = await jwtVerify(
      token,
      ({ kid }) => {
        const key = kid === undefined ? undefined : ring.keys.get(kid);
        if (key === undefined) throw new Error('Unknown key');
        return key;
      },
      {
        algorithms: ['HS256'],
        issuer: ISSUER,
        audience: AUDIENCE,
        currentDate: new Date(now),
        requiredClaims: ['exp', 'sub', 'sid'],
      },
    );
    const { sub: userId, sid: sessionId } = payload;
    return typeof userId === 'string' && typeof sessionId === 'string' ? { userId, sessionId } : undefined;
  } catch {
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
