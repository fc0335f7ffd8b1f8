import type { Instant } from '../../shared/kernel/clock.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import { logInfo } from '../../shared/runtime/log.ts';
import type { KeyRing } from '../../shared/runtime/secrets.ts';
import { ACCESS_TOKEN_SECONDS, signAccessToken } from '../../shared/runtime/session.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit } from '../../shared/table/commit.ts';
import {
  hashRefreshToken,
  isGenuine,
  readRefreshToken,
  refreshTokenOf,
  tokenWithHash,
  type RefreshToken,
} from '../domain/refresh-token.ts';
import { expiryOf, GRACE_MS } from '../domain/session-lifetime.ts';
import { findRefreshable, type RefreshableSession } from '../reads.ts';
import { refreshSession } from '../writes.ts';
import { logOut } from './log-out.ts';
import type { MintedSession } from './mint-session.ts';

/**
 * Gives a session its next tokens for the refresh token that it was given last, once: the next one takes its place by
 * a conditional write. Within ten seconds the token before is answered with that same next one, for a second tab or
 * after a lost answer. An older one has been copied by somebody, so the session ends for both (OAuth 2.0 Security BCP,
 * RFC 9700 section 4.14.2).
 *
 * @returns NOT_SIGNED_IN for any other token, and for a session that has ended
 */
export async function refreshTokens(
  table: Table,
  ring: KeyRing,
  text: string | undefined,
  now: Instant,
): Promise<Result<MintedSession, Problem>> {
  const token = text === undefined ? undefined : readRefreshToken(text);
  if (text === undefined || token === undefined) return err(ended());
  const session = await findRefreshable(table, token);
  if (session === undefined || !isLive(session, now)) return err(ended());
  if (hashRefreshToken(text) !== session.refreshHash) return answerOlder(table, ring, token, session, now);

  const generation = session.generation + 1;
  const next = refreshTokenOf(ring, token, generation);
  const expiresAt = expiryOf(session.rememberMe, session.endsAt, now);
  const refreshed = { refreshHash: hashRefreshToken(next), generation, rotatedAt: now, lastSeenAt: now, expiresAt };
  const done = await commit(table, [refreshSession(token, session.refreshHash, refreshed, () => 'MOVED_ON' as const)]);
  if (done.ok) return ok(await minted(ring, token, { ...session, ...refreshed }, next, now));
  // Another tab was first, or the session was ended meanwhile.
  const current = await findRefreshable(table, token);
  if (current === undefined || !isLive(current, now)) return err(ended());
  return answerOlder(table, ring, token, current, now);
}

function isLive({ endedAt, expiresAt }: RefreshableSession, now: Instant): boolean {
  return endedAt === undefined && expiresAt > now;
}

/** Answers a token that is no longer, or never was, the one of its session. */
async function answerOlder(
  table: Table,
  ring: KeyRing,
  token: RefreshToken,
  session: RefreshableSession,
  now: Instant,
): Promise<Result<MintedSession, Problem>> {
  if (!isGenuine(ring, token) || token.generation >= session.generation) return err(ended());
  const isNextTab = token.generation === session.generation - 1 && now - session.rotatedAt <= GRACE_MS;
  const current = isNextTab ? tokenWithHash(ring, token, session.generation, session.refreshHash) : undefined;
  if (current !== undefined) return ok(await minted(ring, token, session, current, now));
  await logOut(table, token, now);
  logInfo('REFRESH_TOKEN_REUSED', { userId: token.userId });
  return err(ended());
}

async function minted(
  ring: KeyRing,
  { userId, sessionId }: RefreshToken,
  { csrf, expiresAt, rememberMe }: RefreshableSession,
  refreshToken: string,
  now: Instant,
): Promise<MintedSession> {
  const accessToken = await signAccessToken(ring, sessionId, userId, now);
  const tokens = { accessToken, csrfToken: csrf, refreshToken, expiresIn: ACCESS_TOKEN_SECONDS };
  return { userId, sessionId, ...tokens, expiresAt, rememberMe };
}

function ended(): Problem {
  return problem('NOT_SIGNED_IN', 'Your session has ended; sign in again.');
}
