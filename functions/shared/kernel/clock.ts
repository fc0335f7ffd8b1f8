/** Milliseconds since the Unix epoch, UTC. */
export type Instant = number;

/** Where a use case gets its time from; decisions themselves are handed `now`. */
export type Clock = () => Instant;

export const systemClock: Clock = () => Date.now();

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** RFC 3339 in UTC with milliseconds, as every time in the API is written. */
export function toTimestamp(instant: Instant): string {
  return new Date(instant).toISOString();
}
