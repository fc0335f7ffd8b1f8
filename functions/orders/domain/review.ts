import { DAY, HOUR, MINUTE, type Instant } from '../../shared/kernel/clock.ts';
import type { Order } from './order.ts';

/** Within what a card's authorisation lives (seven days; five where the buyer was not there), over any weekend. */
const REVIEW_MS = 3 * DAY;
/** Whoever is accepted still gets the tickets in time, and whoever is not gives others a chance of the seats. */
const BEFORE_START_MS = 3 * HOUR;
/** For a person to look at all, also on the evening itself. */
const LEAST_MS = 30 * MINUTE;

/** Why an order was given up that a person has refused, or nobody has accepted in time: all that its buyer is told. */
export const NOT_ACCEPTED = 'not_accepted';

/** Until when a person must have decided about an order whose first event starts at `starts`. */
export function reviewUntil(now: Instant, starts: Instant): Instant {
  return Math.max(now + LEAST_MS, Math.min(now + REVIEW_MS, starts - BEFORE_START_MS));
}

/** Whether the money of `order` waits for a person to decide, be it that the time for that is over. */
export function isUnderReview({ state, review }: Pick<Order, 'state' | 'review'>): boolean {
  return state === 'SECURED' && review?.state === 'OPEN';
}
