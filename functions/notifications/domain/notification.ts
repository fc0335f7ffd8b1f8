import * as z from 'zod/mini';

import { HOUR, MINUTE, type Instant } from '../../shared/kernel/clock.ts';

/** Statuses as buyers and support see them: a sending under way counts as QUEUED. */
export const SHOWN_STATUSES = [
  'QUEUED',
  'SENT',
  'DELIVERED',
  'BOUNCED',
  'COMPLAINED',
  'FAILED',
  'PERMANENTLY_FAILED',
  'OBSOLETE',
  'UNSETTLED',
] as const;

/**
 * Life of a notification (invariant I9, seed 002 requirement 12). It is made when it is claimed, so the first write is
 * the claim:
 *
 * - SENDING: one worker handed it to the provider, or died over it; shown as QUEUED
 * - QUEUED: the provider asked to slow down; it waits on the list of retries
 * - SENT: the provider took it
 * - DELIVERED: the receiving server took it
 * - BOUNCED: the receiving server gave it back
 * - COMPLAINED: whoever got it called it spam
 * - FAILED: the provider definitely did not take it; it waits on the list of retries
 * - PERMANENTLY_FAILED: three tries failed, or it can never be sent (no such account, no usable address)
 * - OBSOLETE: by the time of sending there was nothing left to tell
 * - UNSETTLED: nobody knows whether the provider took it; parked for a person
 */
export const notificationStatus = z.enum(['SENDING', ...SHOWN_STATUSES]);
export type NotificationStatus = z.infer<typeof notificationStatus>;

const notificationRow = z.object({
  notificationId: z.string(),
  /** A mail unless said. */
  channel: z.optional(z.literal('sms')),
  status: notificationStatus,
  /** How often it was claimed. */
  attempts: z.int(),
  claimedAt: z.int(),
  /** When it was claimed first. */
  firstAt: z.optional(z.int()),
  /** How often the provider definitely refused it. */
  failures: z.optional(z.int()),
  /** When it is tried again. */
  retryAt: z.optional(z.int()),
  reason: z.optional(z.string()),
  possibleDuplicate: z.optional(z.boolean()),
});

/** A notification as its row holds it; without any personal data. */
export type Notification = z.infer<typeof notificationRow>;

/** Reads an item as a notification. */
export function parseNotification(item: unknown): Notification {
  return z.parse(notificationRow, item);
}

const storedNotification = z.extend(notificationRow, {
  sk: z.string(),
  sentAt: z.optional(z.int()),
  deliveredAt: z.optional(z.int()),
  template: z.optional(z.string()),
  templateVersion: z.optional(z.int()),
});

/** A notification with what it tells and when the provider took it. */
export interface StoredNotification extends Notification {
  /** The event's name and the version of the order that raised it. */
  readonly cause: string;
  readonly sentAt?: Instant | undefined;
  readonly deliveredAt?: Instant | undefined;
  /** The organisation's own words that it bore. */
  readonly template?: string | undefined;
  readonly templateVersion?: number | undefined;
}

/** Reads an item as a notification with its cause. */
export function parseStoredNotification(item: unknown): StoredNotification {
  const { sk, ...notification } = z.parse(storedNotification, item);
  return { ...notification, cause: sk.slice(sk.indexOf('#') + 1) };
}

/** How long an unanswered sending may still turn out well by the provider's delivery events. */
export const UNANSWERED_MS = 15 * MINUTE;
/** Tries that the provider may refuse before nobody tries any more (seed 002 requirement 12). */
const TRIES = 3;
/** The list of retries is looked at this often, so the first pause is no shorter; each further one is twice as long. */
export const RETRY_EVERY_MS = 5 * MINUTE;
/** A provider that asks to slow down for longer than its daily quota lasts will not take it at all. */
const MOST_QUEUED_MS = 26 * HOUR;
/** After this the queue brings nothing back by itself: whatever comes was redriven by a person. */
const REDRIVEN_AFTER_MS = HOUR;

/** Why a notification can never be sent; nobody is woken for these. */
export const UNSENDABLE = ['NO_RECIPIENT', 'UNUSABLE_ADDRESS', 'SUPPRESSED', 'OPTED_OUT', 'UNUSABLE_NUMBER'] as const;
export type Unsendable = (typeof UNSENDABLE)[number];

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
export function nextStep(notification: Notification, resendable: boolean, now: Instant): NextStep {
  const { status, claimedAt, reason } = notification;
  const possibleDuplicate = notification.possibleDuplicate === true;
  switch (status) {
    case 'SENT':
    case 'DELIVERED':
    case 'BOUNCED':
    case 'COMPLAINED':
    case 'OBSOLETE':
      return { kind: 'NOTHING' };
    case 'UNSETTLED':
      return { kind: 'PARKED' };
    case 'QUEUED':
    case 'FAILED':
      // Whoever brings the event has taken it off the list of retries; it must not be lost by whose clock is behind.
      return { kind: 'CLAIM', possibleDuplicate };
    case 'PERMANENTLY_FAILED':
      if (UNSENDABLE.some((known) => known === reason)) return { kind: 'NOTHING' };
      return now - claimedAt < REDRIVEN_AFTER_MS ? { kind: 'PARKED' } : { kind: 'CLAIM', possibleDuplicate };
    case 'SENDING':
      if (now - claimedAt < UNANSWERED_MS) return { kind: 'WAIT' };
      return resendable && !possibleDuplicate ? { kind: 'CLAIM', possibleDuplicate: true } : { kind: 'PARK' };
  }
}

/** What comes of a sending that the provider definitely did not take. */
export type Refused =
  | {
      readonly status: 'QUEUED' | 'FAILED';
      readonly reason: string;
      readonly failures: number;
      readonly retryAt: Instant;
    }
  | { readonly status: 'PERMANENTLY_FAILED'; readonly reason: string; readonly failures: number };

/**
 * When a refused notification is tried again: after 5 and 10 minutes, and after the third refusal never. Being asked to
 * slow down is no refusal of this mail: it waits its turn, for as long as a daily quota may last.
 *
 * @param reason the error's name
 */
export function afterRefusal(
  { failures = 0, firstAt, claimedAt }: Notification,
  reason: string,
  throttled: boolean,
  now: Instant,
): Refused {
  if (throttled && now - (firstAt ?? claimedAt) < MOST_QUEUED_MS)
    return { status: 'QUEUED', reason, failures, retryAt: now + RETRY_EVERY_MS };
  const refusals = failures + 1;
  if (refusals >= TRIES) return { status: 'PERMANENTLY_FAILED', reason, failures: refusals };
  return { status: 'FAILED', reason, failures: refusals, retryAt: now + RETRY_EVERY_MS * 2 ** failures };
}

/** What the provider tells of a mail after it took it. */
export type Feedback = 'DELIVERED' | 'BOUNCED' | 'BOUNCED_FOR_GOOD' | 'COMPLAINED' | 'REJECTED';

/**
 * The status that feedback leaves a notification in, and those it may be in before: feedback comes in any order and more
 * than once, also for a sending whose answer was lost. A mail may bounce after it was delivered, never the other way round.
 */
export const AFTER_FEEDBACK: Readonly<
  Record<Feedback, { readonly status: NotificationStatus; readonly from: readonly NotificationStatus[] }>
> = (() => {
  const open: readonly NotificationStatus[] = [
    'SENDING',
    'QUEUED',
    'SENT',
    'FAILED',
    'PERMANENTLY_FAILED',
    'UNSETTLED',
    'OBSOLETE',
  ];
  const bounced = { status: 'BOUNCED', from: [...open, 'DELIVERED'] } as const;
  return {
    DELIVERED: { status: 'DELIVERED', from: open },
    BOUNCED: bounced,
    BOUNCED_FOR_GOOD: bounced,
    REJECTED: { status: 'PERMANENTLY_FAILED', from: ['SENDING', 'SENT', 'UNSETTLED'] },
    COMPLAINED: { status: 'COMPLAINED', from: [...open, 'DELIVERED', 'BOUNCED'] },
  };
})();
