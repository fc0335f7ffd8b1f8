import type { Instant } from '../shared/kernel/clock.ts';
import { absent, allOf, equals, type Otherwise, type Put, type Update } from '../shared/table/writes.ts';
import type { Notification } from './domain/notification.ts';
import { notificationKey, type About } from './keys.ts';

/** Which notification: what it is about and what it tells. */
export interface NotificationRef {
  readonly about: About;
  readonly cause: string;
  readonly notificationId: string;
}

/** Makes the notification and claims it in one write: whoever finds it there must not send. */
export function firstClaim<E>(
  { about, cause, notificationId }: NotificationRef,
  now: Instant,
  otherwise: Otherwise<E>,
): Put<E> {
  return {
    kind: 'put',
    key: notificationKey(about, cause),
    item: { notificationId, ...about, status: 'SENDING', attempts: 1, claimedAt: now },
    when: absent('pk'),
    otherwise,
  };
}

/** Claims a notification again, from exactly the claim that was seen. */
export function claimAgain<E>(
  ref: NotificationRef,
  seen: Notification,
  possibleDuplicate: boolean,
  now: Instant,
  otherwise: Otherwise<E>,
): Update<E> {
  return {
    kind: 'update',
    key: notificationKey(ref.about, ref.cause),
    set: {
      status: 'SENDING',
      claimedAt: now,
      attempts: seen.attempts + 1,
      ...(possibleDuplicate ? { possibleDuplicate } : {}),
    },
    when: allOf(equals('status', seen.status), equals('attempts', seen.attempts)),
    otherwise,
  };
}

/** How a claimed notification ended, or that it may be tried again. */
export type Settlement =
  | { readonly status: 'SENT'; readonly messageId: string; readonly sentAt: Instant }
  | { readonly status: 'QUEUED' | 'FAILED' | 'OBSOLETE' | 'UNSETTLED'; readonly reason: string };

/** Settles the claim numbered `attempts`; a claim that was taken over is not ours to settle. */
export function settle<E>(
  ref: NotificationRef,
  attempts: number,
  settlement: Settlement,
  otherwise: Otherwise<E>,
): Update<E> {
  return {
    kind: 'update',
    key: notificationKey(ref.about, ref.cause),
    set: { ...settlement },
    when: allOf(equals('status', 'SENDING'), equals('attempts', attempts)),
    otherwise,
  };
}
