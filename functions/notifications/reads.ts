import * as z from 'zod/mini';

import type { Table } from '../shared/table/client.ts';
import type { Instant } from '../shared/kernel/clock.ts';
import type { Key } from '../shared/table/keys.ts';
import { getItem, queryAll } from '../shared/table/read.ts';
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
export type { StoredNotification };

/** What was mailed about an order or to a person about their account, and what came of it. */
export async function findNotifications(table: Table, about: About): Promise<readonly StoredNotification[]> {
  const found: StoredNotification[] = [];
  for await (const item of queryAll(table, { pk: notificationKey(about, '').pk, skPrefix: NOTIFICATION_PREFIX }))
    found.push(parseStoredNotification(item));
  return found;
}

/** Whether an address, named by its hash, must not be written to. */
export async function isSuppressed(table: Table, addressHash: string): Promise<boolean> {
  return (await getItem(table, suppressionKey(addressHash), 'eventual')) !== undefined;
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
