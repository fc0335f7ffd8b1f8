import type { Instant } from '../../shared/kernel/clock.ts';
import { readKeyRing, readRingKey, rereadKeyRing } from '../../shared/runtime/secrets.ts';
import { verifyAccessToken, type SessionRef } from '../../shared/runtime/session.ts';
import type { Table } from '../../shared/table/client.ts';
import { isGenuine, readRefreshToken } from '../domain/refresh-token.ts';
import { logOut } from './log-out.ts';

/** Cookies of a browser that somebody logs in with: each may be absent, old, or made up. */
export interface EarlierCookies {
  readonly accessToken?: string | undefined;
  readonly refreshToken?: string | undefined;
}

/**
 * Ends the sessions that a browser's cookies prove (OWASP ASVS 5.0.0, V7.2.4): the refresh token's, which outlives the
 * access token, and the access token's. They are one, but for a browser that somebody has tampered with. Costs a write
 * unit, and nothing where no cookie came. What proves no session of ours ends none.
 *
 * @param keysParameter parameter with the key ring of sessions
 */
export async function endEarlierSessions(
  table: Table,
  keysParameter: string,
  { accessToken, refreshToken }: EarlierCookies,
  now: Instant,
): Promise<void> {
  const [refreshed, accessed] = await Promise.all([
    refreshToken === undefined ? undefined : sessionOfRefreshToken(keysParameter, refreshToken),
    accessToken === undefined
      ? undefined
      : verifyAccessToken((keyId) => readRingKey(keysParameter, keyId), accessToken, now),
  ]);
  const refs = [refreshed, accessed].filter((ref) => ref !== undefined);
  const distinct = new Map(refs.map((ref) => [ref.sessionId, ref]));
  await Promise.all([...distinct.values()].map((ref) => logOut(table, ref, now)));
}

async function sessionOfRefreshToken(keysParameter: string, text: string): Promise<SessionRef | undefined> {
  const token = readRefreshToken(text);
  if (token === undefined) return undefined;
  // Another function may have made it with a key that the kept ring lacks.
  const isOurs =
    isGenuine(await readKeyRing(keysParameter), token) || isGenuine(await rereadKeyRing(keysParameter), token);
  return isOurs ? { userId: token.userId, sessionId: token.sessionId } : undefined;
}
