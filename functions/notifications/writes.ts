import { DAY, SECOND, type Instant } from '../shared/kernel/clock.ts';
import { begin, type Occasion } from '../shared/table/aggregate.ts';
import type { Key } from '../shared/table/keys.ts';
import {
  absent,
  allOf,
  equals,
  exists,
  mustHold,
  oneOf,
  type Delete,
  type Otherwise,
  type Put,
  type Update,
} from '../shared/table/writes.ts';
import { noticeRequested, resendRequested } from './contract.ts';
import type { Notice } from './domain/holder-notice.ts';
import {
  AFTER_FEEDBACK,
  type Feedback,
  type Notification,
  type Refused,
  type Unsendable,
} from './domain/notification.ts';
import { noticeKey, notificationKey, resendKey, retryKey, suppressionKey, type About } from './keys.ts';

/** An address that bounced or complained is left alone for a year; mailboxes come to life again, and change hands. */
const SUPPRESSED_MS = 365 * DAY;

/** Which notification: what it is about and what it tells. */
export interface NotificationRef {
  readonly about: About;
  readonly cause: string;
  readonly notificationId: string;
  /** A mail unless said. */
  readonly channel?: 'sms' | undefined;
}

/** Makes the notification and claims it in one write: whoever finds it there must not send. */
export function firstClaim<E>(
  { about, cause, notificationId, channel }: NotificationRef,
  now: Instant,
  otherwise: Otherwise<E>,
): Put<E> {
  return {
    kind: 'put',
    key: notificationKey(about, cause),
    item: { notificationId, ...about, channel, status: 'SENDING', attempts: 1, claimedAt: now, firstAt: now },
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

/** How a claimed notification ended, or when it is tried again. */
export type Settlement =
  | {
      readonly status: 'SENT';
      readonly messageId: string;
      readonly sentAt: Instant;
      /** Which own words of an organisation went out with it. */
      readonly template?: string;
      readonly templateVersion?: number;
    }
  | { readonly status: 'OBSOLETE' | 'UNSETTLED'; readonly reason: string }
  | { readonly status: 'PERMANENTLY_FAILED'; readonly reason: Unsendable }
  | Refused;

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

/** Adds when the provider took a mail whose feedback was there before its answer was noted. */
export function noteSent<E>(
  ref: NotificationRef,
  attempts: number,
  { status: _status, ...sent }: Extract<Settlement, { status: 'SENT' }>,
  otherwise: Otherwise<E>,
): Update<E> {
  return {
    kind: 'update',
    key: notificationKey(ref.about, ref.cause),
    set: { ...sent },
    when: allOf(oneOf('status', ['DELIVERED', 'BOUNCED', 'COMPLAINED']), equals('attempts', attempts)),
    otherwise,
  };
}

/**
 * Puts the event behind a refused notification on the list of retries, with the settlement beside it.
 *
 * @param message the event, as the mail queue takes it: ids, no name and no address (invariant I19)
 */
export function putRetry(ref: NotificationRef, retryAt: Instant, message: string): Put<never> {
  return {
    kind: 'put',
    key: retryKey(retryAt, ref.notificationId),
    item: { message },
    otherwise: mustHold('an entry is put without a condition'),
  };
}

/** Takes an entry off the list of retries. */
export function strikeRetry(key: Key): Delete<never> {
  return { kind: 'delete', key, otherwise: mustHold('a delete without a condition') };
}

/** Notes what the provider tells of a mail, unless more is known already. */
export function noteFeedback<E>(key: Key, told: Feedback, at: Instant, otherwise: Otherwise<E>): Update<E> {
  const { status, from } = AFTER_FEEDBACK[told];
  const when =
    told === 'DELIVERED' ? { deliveredAt: at } : { feedbackAt: at, reason: told === 'BOUNCED' ? 'TRANSIENT' : told };
  return {
    kind: 'update',
    key,
    set: { status, ...when },
    when: allOf(exists('notificationId'), oneOf('status', from)),
    otherwise,
  };
}

/** Keeps an address from being written to; the first reason stays. */
export function suppress<E>(
  addressHash: string,
  reason: 'BOUNCED' | 'COMPLAINED',
  at: Instant,
  otherwise: Otherwise<E>,
): Put<E> {
  return {
    kind: 'put',
    key: suppressionKey(addressHash),
    item: { reason, at, ttl: Math.ceil((at + SUPPRESSED_MS) / SECOND) },
    when: absent('pk'),
    otherwise,
  };
}

/** Keeps a number from being texted, since its reader has said so; a later one counts, since proving the number lifts it. */
export function suppressNumber(phoneHash: string, at: Instant): Put<never> {
  return {
    kind: 'put',
    key: suppressionKey(phoneHash),
    item: { reason: 'OPTED_OUT', at, ttl: Math.ceil((at + SUPPRESSED_MS) / SECOND) },
    otherwise: mustHold('put without a condition'),
  };
}

/** Makes the request to send the tickets of an order again; its event has the mail sent. */
export function putResend(resendId: string, orderId: string, occasion: Occasion): Put<never> {
  return begin(
    resendKey(resendId),
    { resendId, orderId },
    { ...occasion, event: resendRequested.name },
    mustHold("a new id is nobody else's"),
  );
}

/** Puts a message on the list of retries that is not about one notification. */
export function putLater(id: string, at: Instant, message: string): Put<never> {
  return { kind: 'put', key: retryKey(at, id), item: { message }, otherwise: mustHold('put without a condition') };
}

/** Makes a notice to the holders of an event; its event has it sent. */
export function putNotice<E>(notice: Notice, occasion: Occasion, otherwise: Otherwise<E>): Put<E> {
  const { noticeId, eventId, template, variables } = notice;
  const words = variables === undefined ? {} : { variables: { ...variables } };
  return begin(
    noticeKey(noticeId),
    { noticeId, eventId, template, ...words },
    { ...occasion, event: noticeRequested.name },
    otherwise,
  );
}
