import { DAY, type Instant } from '../shared/kernel/clock.ts';
import { toTimestamp } from '../shared/kernel/clock.ts';
import type { Key } from '../shared/table/keys.ts';

/** The row that says which snapshot of the index is the present one. */
export const SNAPSHOT_KEY: Key = { pk: 'SEARCH#INDEX', sk: 'SNAPSHOT' };

/** `CHANGES`: which listed events changed; `SALES`: how many tickets of which events were paid. */
export type LogKind = 'CHANGES' | 'SALES';

/** The partition of a log for the day of `at` (UTC). */
export function logPartition(kind: LogKind, at: Instant): string {
  return `SEARCH#${kind}#${toTimestamp(at).slice(0, 10)}`;
}

/** Where an entry stands in its day: by the time at which it was written. */
export function logPosition(at: Instant, entry = ''): string {
  return `${toTimestamp(at)}#${entry}`;
}

/** The days from that of `from` to that of `to`, each by its first moment. */
export function daysBetween(from: Instant, to: Instant): readonly Instant[] {
  const first = Math.floor(from / DAY);
  const last = Math.floor(to / DAY);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_unused, number) => (first + number) * DAY);
}
