import { toTimestamp, type Instant } from '../../shared/kernel/clock.ts';
import type { Session } from '../../shared/runtime/session.ts';
import type { Table } from '../../shared/table/client.ts';
import { findLiveSessions } from '../reads.ts';
import type { SessionView } from '../session-contract.ts';

/** The live sessions of whoever asks, the latest first. */
export async function showSessions(
  table: Table,
  { userId, sessionId: current }: Session,
  now: Instant,
): Promise<readonly SessionView[]> {
  const live = await findLiveSessions(table, userId, now);
  return live
    .map(({ sessionId, deviceName = null, rememberMe = false, createdAt, lastSeenAt = createdAt, expiresAt }) => ({
      id: sessionId,
      current: sessionId === current,
      deviceName,
      rememberMe,
      createdAt: toTimestamp(createdAt),
      lastSeenAt: toTimestamp(lastSeenAt),
      expiresAt: toTimestamp(expiresAt),
    }))
    .toSorted((left, right) => right.lastSeenAt.localeCompare(left.lastSeenAt));
}
