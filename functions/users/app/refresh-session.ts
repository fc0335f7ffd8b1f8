import type { Instant } from '../../shared/kernel/clock.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import { logInfo } from '../../shared/runtime/log.ts';
import { readKeyRing, rereadKeyRing, type KeyRing } from '../../shared/runtime/secrets.ts';
import { ACCESS_TOKEN_SECONDS, signAccessToken } from '../../shared/runtime/session.ts';
import type { Occasion } from '../../shared/table/aggregate.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit, pause } from '../../shared/table/commit.ts';
import {
  hashRefreshToken,
  isGenuine,
  readRefreshToken,
  refreshTokenOf,
  tokenWithHash,
  type RefreshToken,
} from '../domain/refresh-token.ts';
import { isOpen } from '../domain/account.ts';
import { expiryOf, GRACE_MS } from '../domain/session-lifetime.ts';
import { findAccount, findRefreshable, type RefreshableSession } from '../reads.ts';
import { refreshTokenReused } from '../session-events.ts';
import { changeAccount, refreshSession } from '../writes.ts';
import { logOut } from './log-out.ts';
import type { MintedSession } from './mint-session.ts';

/** Changes of an account or a session that one of them waits out. */
const ATTEMPTS = 5;

/**
 * Gives a session its next tokens for the refresh token that it was given last, once: the next one takes its place by
 * a conditional write. Within ten seconds the token before is answered with that same next one, for a second tab or
 * after a lost answer. An older one has been copied by somebody, so the session ends for both (OAuth 2.0 Security BCP,
 * RFC 9700 section 4.14.2).
 *
 * The account is read as well: a session that has outlived a ban or an erasure because whoever made it died half-way
 * ends here, and one that has missed a change of rights gets them.
 *
 * @param keysParameter parameter with the key ring of sessions
 * @returns NOT_SIGNED_IN for any other token, and for a session that has ended; BUSY where the next token was made
 *   with a key that this function cannot read yet
 */
export async function refreshTokens(
  table: Table,
  keysParameter: string,
  text: string | undefined,
  occasion: Occasion,
): Promise<Result<MintedSession, Problem>> {
  const { now } = occasion;
  const token = text === undefined ? undefined : readRefreshToken(text);
  if (text === undefined || token === undefined) return err(ended());
  const shownHash = hashRefreshToken(text);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const [session, account] = await Promise.all([findRefreshable(table, token), findAccount(table, token.userId)]);
    if (session === undefined || !isLive(session, now)) return err(ended());
    if (shownHash !== session.refreshHash) return answerOlder(table, keysParameter, token, session, occasion);
    if (account !== undefined && !isOpen(account)) {
      await logOut(table, token, now);
      return err(ended());
    }
    const ring = await readKeyRing(keysParameter);
    const generation = session.generation + 1;
    const next = refreshTokenOf(ring, token, generation);
    const expiresAt = expiryOf(session.rememberMe, session.endsAt, now);
    const refreshed = {
      refreshHash: hashRefreshToken(next),
      generation,
      rotatedAt: now,
      lastSeenAt: now,
      expiresAt,
    };
    const movedOn = (): 'MOVED_ON' => 'MOVED_ON';
    // Sessions of tests and of the bench have no account behind, so their rights stay.
    const done = await commit(table, [refreshSession(token, shownHash, refreshed, account, movedOn)]);
    if (done.ok) return ok(await minted(ring, token, { ...session, ...refreshed }, next, now));
    // Another tab was first, the session has ended, or it has rights by now of a later change than this has read.
    await pause(attempt);
  }
  return err(busy());
}

function isLive({ endedAt, expiresAt }: RefreshableSession, now: Instant): boolean {
  return endedAt === undefined && expiresAt > now;
}

/** Answers a token that is no longer, or never was, the one of its session. */
async function answerOlder(
  table: Table,
  keysParameter: string,
  token: RefreshToken,
  session: RefreshableSession,
  occasion: Occasion,
): Promise<Result<MintedSession, Problem>> {
  const { now } = occasion;
  const isNextTab = token.generation === session.generation - 1 && now - session.rotatedAt <= GRACE_MS;
  const nextIn = (ring: KeyRing): string | undefined =>
    tokenWithHash(ring, token, session.generation, session.refreshHash);
  const kept = await readKeyRing(keysParameter);
  // Another function may have made either token with a key that the kept ring lacks.
  const isKnown = isGenuine(kept, token) && (!isNextTab || nextIn(kept) !== undefined);
  const ring = isKnown ? kept : await rereadKeyRing(keysParameter);
  if (!isGenuine(ring, token) || token.generation >= session.generation) return err(ended());
  if (isNextTab) {
    const current = nextIn(ring);
    return current === undefined ? err(busy()) : ok(await minted(ring, token, session, current, now));
  }
  const wasLive = await logOut(table, token, now);
  logInfo('REFRESH_TOKEN_REUSED', { userId: token.userId });
  if (wasLive) await tellOfReuse(table, token.userId, occasion);
  return err(ended());
}

/** Leaves it in the account's history. The session has ended already, which is what counts. */
async function tellOfReuse(table: Table, userId: string, occasion: Occasion): Promise<void> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const account = await findAccount(table, userId);
    if (account === undefined || account.deletedAt !== undefined) return;
    const cause = { ...occasion, event: refreshTokenReused.name };
    const done = await commit(table, [changeAccount(account, {}, cause, () => 'MOVED_ON' as const).write]);
    if (done.ok) return;
    await pause(attempt);
  }
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

function busy(): Problem {
  return problem('BUSY', 'Nothing was changed. Try again in a moment.', { retryAfter: 1 });
}

function ended(): Problem {
  return problem('NOT_SIGNED_IN', 'Your session has ended; sign in again.');
}
