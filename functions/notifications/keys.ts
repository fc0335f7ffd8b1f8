import type { Instant } from '../shared/kernel/clock.ts';
import type { Key } from '../shared/table/keys.ts';

/** What a notification is about, and lies with. */
export type About =
  | { readonly orderId: string }
  | { readonly ticketId: string }
  /** The person whom it goes to: it is erased with them. */
  | { readonly userId: string }
  | { readonly invitationId: string };

/** Sort keys of notifications begin with this. */
export const NOTIFICATION_PREFIX = 'NOTE#';

/**
 * A notification lies with what it is about.
 *
 * @param cause what it tells, once: the event's name and the version of the aggregate that raised it
 */
export function notificationKey(about: About, cause: string): Key {
  return { pk: `${kindOf(about)}#${idOf(about)}`, sk: `${NOTIFICATION_PREFIX}${cause}` };
}

/** The id of what a notification is about: part of its own. */
export function idOf(about: About): string {
  if ('orderId' in about) return about.orderId;
  if ('ticketId' in about) return about.ticketId;
  return 'userId' in about ? about.userId : about.invitationId;
}

function kindOf(about: About): 'ORDER' | 'TICKET' | 'USER' | 'INVITATION' {
  if ('orderId' in about) return 'ORDER';
  if ('ticketId' in about) return 'TICKET';
  return 'userId' in about ? 'USER' : 'INVITATION';
}

/** The list of refused notifications by when they are tried again: one partition, since few are. */
export const RETRIES = 'MAILRETRY';

/** An entry of the list of retries; in the order of their times. */
export function retryKey(retryAt: Instant, notificationId: string): Key {
  return { pk: RETRIES, sk: `${new Date(retryAt).toISOString()}#${notificationId}` };
}

/** When the entry with this sort key is due. */
export function retryAtOf(sk: string): Instant {
  return Date.parse(sk.slice(0, sk.indexOf('#')));
}

/** That an address must not be written to, by its keyed hash. */
export function suppressionKey(addressHash: string): Key {
  return { pk: `SUPPRESSED#${addressHash}`, sk: 'SUPPRESSED' };
}

/** A request to send the tickets of an order again. */
export function resendKey(resendId: string): Key {
  return { pk: `RESEND#${resendId}`, sk: 'RESEND' };
}

/** A notice to the holders of an event. */
export function noticeKey(noticeId: string): Key {
  return { pk: `NOTICE#${noticeId}`, sk: 'NOTICE' };
}

/** Tags that a mail bears, by which the provider's feedback finds its notification and its address without either's text. */
export interface MailTags {
  readonly about: string;
  readonly cause: string;
  readonly to: string;
}

/** SES takes letters, digits, `_` and `-` in tags. */
const encode = (text: string): string => Buffer.from(text).toString('base64url');

/** The tags of a mail. @param addressHash from `hashesOf` */
export function tagsOf(about: About, cause: string, addressHash: string): MailTags {
  return { about: encode(notificationKey(about, cause).pk), cause: encode(cause), to: addressHash };
}

/** The key of the notification that a mail with these tags was. */
export function taggedKey({ about, cause }: Pick<MailTags, 'about' | 'cause'>): Key {
  const decode = (text: string): string => Buffer.from(text, 'base64url').toString();
  return { pk: decode(about), sk: `${NOTIFICATION_PREFIX}${decode(cause)}` };
}
