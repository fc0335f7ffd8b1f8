import * as z from 'zod/mini';

import { MINUTE, type Instant } from '../../shared/kernel/clock.ts';

/**
 * Life of a notification (invariant I9). It is made when it is claimed, so the first write is the claim:
 *
 * - SENDING: one worker handed it to the provider, or died over it
 * - QUEUED: the provider definitely did not take it; the next delivery of the message tries again
 * - SENT: the provider took it
 * - FAILED: it can never be sent (no such account, no usable address)
 * - OBSOLETE: by the time of sending there was nothing left to tell
 * - UNSETTLED: nobody knows whether the provider took it; parked for a person
 */
export const notificationStatus = z.enum(['SENDING', 'QUEUED', 'SENT', 'FAILED', 'OBSOLETE', 'UNSETTLED']);

const notificationRow = z.object({
  notificationId: z.string(),
  status: notificationStatus,
  attempts: z.int(),
  claimedAt: z.int(),
  possibleDuplicate: z.optional(z.boolean()),
});

/** A notification as its row holds it; without any personal data. */
export type Notification = z.infer<typeof notificationRow>;

/** Reads an item as a notification. */
export function parseNotification(item: unknown): Notification {
  return z.parse(notificationRow, item);
}

const storedNotification = z.extend(notificationRow, { sk: z.string(), sentAt: z.optional(z.int()) });

/** A notification with what it tells and when the provider took it. */
export interface StoredNotification extends Notification {
  /** The event's name and the version of the order that raised it. */
  readonly cause: string;
  readonly sentAt?: Instant | undefined;
}

/** Reads an item as a notification with its cause. */
export function parseStoredNotification(item: unknown): StoredNotification {
  const { sk, ...notification } = z.parse(storedNotification, item);
  return { ...notification, cause: sk.slice(sk.indexOf('#') + 1) };
}

/** How long an unanswered sending may still turn out well by the provider's delivery events. */
export const UNANSWERED_MS = 15 * MINUTE;

/** What a worker may do about a notification that exists already. */
export type NextStep =
  | { readonly kind: 'NOTHING' }
  /** Claim it anew; `possibleDuplicate` when the first sending may have arrived. */
  | { readonly kind: 'CLAIM'; readonly possibleDuplicate: boolean }
  /** Somebody is at it, or was less than 15 minutes ago: come back later. */
  | { readonly kind: 'WAIT' }
  /** Nobody knows, and it must not be sent again. */
  | { readonly kind: 'PARK' }
  | { readonly kind: 'PARKED' };

/**
 * What to do about `notification` now.
 *
 * @param resendable whether its loss is worse than its repetition: tickets are, nothing else is
 */
export function nextStep(
  { status, claimedAt, possibleDuplicate }: Notification,
  resendable: boolean,
  now: Instant,
): NextStep {
  switch (status) {
    case 'SENT':
    case 'FAILED':
    case 'OBSOLETE':
      return { kind: 'NOTHING' };
    case 'UNSETTLED':
      return { kind: 'PARKED' };
    case 'QUEUED':
      return { kind: 'CLAIM', possibleDuplicate: possibleDuplicate === true };
    case 'SENDING':
      if (now - claimedAt < UNANSWERED_MS) return { kind: 'WAIT' };
      return resendable && possibleDuplicate !== true ? { kind: 'CLAIM', possibleDuplicate: true } : { kind: 'PARK' };
  }
}
