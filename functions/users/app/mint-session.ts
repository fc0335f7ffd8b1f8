import { randomBytes } from 'node:crypto';

import { DAY, HOUR, type Instant } from '../../shared/kernel/clock.ts';
import { encodeUlid } from '../../shared/kernel/ids.ts';
import type { KeyRing } from '../../shared/runtime/secrets.ts';
import { ACCESS_TOKEN_SECONDS, signAccessToken, type SessionRef } from '../../shared/runtime/session.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit } from '../../shared/table/commit.ts';
import type { AccountDetails } from '../domain/account.ts';
import { putSession } from '../writes.ts';

/** How long a session may be refreshed; its access token ends after an hour whatever this says. */
const SESSION_MS = 12 * HOUR;
const REMEMBERED_MS = 30 * DAY;

/** For whom a session is made, and what it may do. */
export interface SessionFor extends Pick<AccountDetails, 'userId' | 'roles' | 'memberships'> {
  readonly now: Instant;
  readonly rememberMe?: boolean;
}

/** A session's tokens: shown to its owner once and kept nowhere. */
export interface MintedSession extends SessionRef {
  readonly accessToken: string;
  readonly csrfToken: string;
  /** Seconds that the access token lives. */
  readonly expiresIn: number;
}

/** Starts a session: its row, its access token and the CSRF token that browsers echo. */
export async function mintSession(
  table: Table,
  ring: KeyRing,
  { userId, roles, memberships, now, rememberMe }: SessionFor,
): Promise<MintedSession> {
  const sessionId = encodeUlid(randomBytes(16));
  const csrfToken = randomBytes(32).toString('base64url');
  const expiresAt = now + (rememberMe === true ? REMEMBERED_MS : SESSION_MS);
  const row = putSession({ sessionId, userId, roles, memberships, csrf: csrfToken, createdAt: now, expiresAt });
  const [accessToken] = await Promise.all([signAccessToken(ring, sessionId, userId, now), commit(table, [row])]);
  return { sessionId, userId, accessToken, csrfToken, expiresIn: ACCESS_TOKEN_SECONDS };
}
