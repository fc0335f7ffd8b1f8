import { DAY, HOUR, SECOND, type Instant } from '../../shared/kernel/clock.ts';

/** How long a session lives without being refreshed, and however often it is. */
const LIFETIMES = {
  usual: { idleMs: 12 * HOUR, absoluteMs: 24 * HOUR },
  remembered: { idleMs: 30 * DAY, absoluteMs: 90 * DAY },
} as const;

/** Two tabs may refresh with one token within this time; later it is a token that somebody has copied. */
export const GRACE_MS = 10 * SECOND;

/** When a session that begins now ends however often it is refreshed. */
export function endOf(rememberMe: boolean, now: Instant): Instant {
  return now + (rememberMe ? LIFETIMES.remembered : LIFETIMES.usual).absoluteMs;
}

/** When a session that is begun or refreshed now ends unless it is refreshed again. */
export function expiryOf(rememberMe: boolean, endsAt: Instant, now: Instant): Instant {
  return Math.min(endsAt, now + (rememberMe ? LIFETIMES.remembered : LIFETIMES.usual).idleMs);
}
