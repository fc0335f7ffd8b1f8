import { randomBytes } from 'node:crypto';

import type { Instant } from '../../shared/kernel/clock.ts';
import { encodeUlid } from '../../shared/kernel/ids.ts';
import type { KeyRing } from '../../shared/runtime/secrets.ts';
import { ACCESS_TOKEN_SECONDS, signAccessToken, type SessionRef } from '../../shared/runtime/session.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit } from '../../shared/table/commit.ts';
import type { AccountDetails } from '../domain/account.ts';
import { hashRefreshToken, refreshTokenOf } from '../domain/refresh-token.ts';
import { endOf, expiryOf } from '../domain/session-lifetime.ts';
import { putSession } from '../writes.ts';

/** For whom a session is made, and what it may do. */
export interface SessionFor extends Pick<AccountDetails, 'userId' | 'roles' | 'memberships'> {
  readonly now: Instant;
  /** Of the account that the rights are of; absent where there is none behind the session. */
  readonly accessEpoch?: number;
  readonly rememberMe?: boolean;
  /** Whom limits per person are counted for, unless for `userId`. */
  readonly limitKey?: string;
  /** What the program calls itself. */
  readonly deviceName?: string;
}

/** A session's tokens: shown to its owner once and kept nowhere. */
export interface MintedSession extends SessionRef {
  readonly accessToken: string;
  readonly csrfToken: string;
  readonly refreshToken: string;
  /** Seconds that the access token lives. */
  readonly expiresIn: number;
  /** When it ends unless it is refreshed before. */
  readonly expiresAt: Instant;
  readonly rememberMe: boolean;
}

/** Starts a session: its row, its access and refresh tokens, and the CSRF token that browsers echo. */
export async function mintSession(
  table: Table,
  ring: KeyRing,
  { userId, roles, memberships, now, accessEpoch = 0, rememberMe = false, limitKey, deviceName }: SessionFor,
): Promise<MintedSession> {
  const ref = { userId, sessionId: encodeUlid(randomBytes(16)) };
  const csrfToken = randomBytes(32).toString('base64url');
  const refreshToken = refreshTokenOf(ring, ref, 0);
  const endsAt = endOf(rememberMe, now);
  const expiresAt = expiryOf(rememberMe, endsAt, now);
  const row = putSession({
    ...ref,
    roles,
    memberships,
    epoch: accessEpoch,
    csrf: csrfToken,
    createdAt: now,
    lastSeenAt: now,
    expiresAt,
    endsAt,
    rememberMe,
    ...(limitKey === undefined ? {} : { limitKey }),
    ...(deviceName === undefined ? {} : { deviceName }),
    refreshHash: hashRefreshToken(refreshToken),
    generation: 0,
    rotatedAt: now,
  });
  const [accessToken] = await Promise.all([signAccessToken(ring, ref.sessionId, userId, now), commit(table, [row])]);
  return { ...ref, accessToken, csrfToken, refreshToken, expiresIn: ACCESS_TOKEN_SECONDS, expiresAt, rememberMe };
}
