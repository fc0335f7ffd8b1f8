import * as z from 'zod/mini';

import { findIssuedTicketsOf, toldOf } from '../delivery/reads.ts';
import type { Order } from '../orders/reads.ts';
import { hasRole, type Session } from '../shared/runtime/session.ts';
import type { Table } from '../shared/table/client.ts';
import type { Instant } from '../shared/kernel/clock.ts';
import type { Key } from '../shared/table/keys.ts';
import { getItem, getItems, queryAll } from '../shared/table/read.ts';
import { noticeRequested } from './contract.ts';
import { parseStoredNotification, type StoredNotification } from './domain/notification.ts';
import { parseNotice, type Notice } from './domain/holder-notice.ts';
import {
  noticeKey,
  NOTIFICATION_PREFIX,
  notificationKey,
  RETRIES,
  retryAtOf,
  suppressionKey,
  type About,
} from './keys.ts';

// Other contexts read notifications through this file alone.
export { viewNotification } from './domain/history.ts';
export type { StoredNotification };

/** What was mailed about an order or to a person about their account, and what came of it. */
export async function findNotifications(table: Table, about: About): Promise<readonly StoredNotification[]> {
  const found: StoredNotification[] = [];
  for await (const item of queryAll(table, { pk: notificationKey(about, '').pk, skPrefix: NOTIFICATION_PREFIX }))
    found.push(parseStoredNotification(item));
  return found;
}

/** An order as far as mails can be about it. */
export interface MailedOrder {
  readonly orderId: string;
  readonly customerId: string;
  readonly createdAt: Instant;
  readonly lines: readonly { readonly eventId: string }[];
}

/**
 * What its buyer was mailed about an order, in no order: about itself, about its tickets, and since it was made about its
 * events. The last lie with the person, since somebody with several orders is told once.
 *
 * @param ticketIds those of its tickets about which there may be mails
 */
export async function findMailsOfOrder(
  table: Table,
  { orderId, customerId: userId, createdAt, lines }: MailedOrder,
  ticketIds: readonly string[],
): Promise<readonly StoredNotification[]> {
  const [toPerson, ...about] = await Promise.all([
    findNotifications(table, { userId }),
    findNotifications(table, { orderId }),
    ...ticketIds.map((ticketId) => findNotifications(table, { ticketId })),
  ]);
  const since = toPerson.filter(({ firstAt, claimedAt }) => (firstAt ?? claimedAt) >= createdAt);
  // A mail and a text message may be of the same notice.
  const notices = Map.groupBy(since, (mail) => noticeIn(mail) ?? '');
  notices.delete('');
  const rows = await getItems(table, [...notices.keys()].map(noticeKey), 'eventual');
  const eventIds = new Set(lines.map(({ eventId }) => eventId));
  const ofEvents = since.filter(({ cause }) => cause.split('#').some((part) => eventIds.has(part)));
  const ofNotices = rows
    .map(parseNotice)
    .flatMap(({ eventId, noticeId }) => (eventIds.has(eventId) ? (notices.get(noticeId) ?? []) : []));
  return [...about.flat(), ...ofEvents, ...ofNotices];
}

/**
 * What of it `session` may see: its buyer and the operator's support all, an organisation's support only what is about the order
 * itself, which may be for others' events as well.
 */
export async function mailsFor(table: Table, order: Order, session: Session): Promise<readonly StoredNotification[]> {
  const isWhole = order.customerId === session.userId || hasRole(session, ['support', 'admin']);
  if (!isWhole) return findNotifications(table, { orderId: order.orderId });
  return findMailsOfOrder(table, order, toldOf(await findIssuedTicketsOf(table, [order], 'eventual')));
}

/** The notice that a mail to a holder is of: its cause is the event that asked for it. */
function noticeIn({ cause }: StoredNotification): string | undefined {
  const [name, noticeId] = cause.split('#');
  return name === noticeRequested.name ? noticeId : undefined;
}

/** Whether an address, named by its hash, must not be written to. */
export async function isSuppressed(table: Table, addressHash: string): Promise<boolean> {
  return (await getItem(table, suppressionKey(addressHash), 'eventual')) !== undefined;
}

/** Since when a number, named by its hash, must not be texted; undefined where it may be. */
export async function suppressedSince(table: Table, phoneHash: string): Promise<Instant | undefined> {
  const item = await getItem(table, suppressionKey(phoneHash), 'eventual');
  return item === undefined ? undefined : z.parse(z.object({ at: z.int() }), item).at;
}

/** An event whose mail is to be tried again. */
export interface Retry {
  readonly key: Key;
  /** As the mail queue takes it. */
  readonly message: string;
}

const retryRow = z.object({ pk: z.string(), sk: z.string(), message: z.string() });

/** The events that are due for another try by `now`, oldest first. Read eventually: the next run sees what this one misses. */
export async function* dueRetries(table: Table, now: Instant): AsyncGenerator<Retry> {
  for await (const item of queryAll(table, { pk: RETRIES })) {
    const { pk, sk, message } = z.parse(retryRow, item);
    if (retryAtOf(sk) > now) return;
    yield { key: { pk, sk }, message };
  }
}

/** A notice to the holders of an event, or undefined. */
export async function findNotice(table: Table, noticeId: string): Promise<Notice | undefined> {
  const item = await getItem(table, noticeKey(noticeId), 'strong');
  return item === undefined ? undefined : parseNotice(item);
}
