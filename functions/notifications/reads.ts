import type { Table } from '../shared/table/client.ts';
import { queryAll } from '../shared/table/read.ts';
import { parseStoredNotification, type StoredNotification } from './domain/notification.ts';
import { NOTIFICATION_PREFIX, notificationKey, type About } from './keys.ts';

// Other contexts read notifications through this file alone.
export type { StoredNotification };

/** What was mailed about an order or to a person about their account, and what came of it. */
export async function findNotifications(table: Table, about: About): Promise<readonly StoredNotification[]> {
  const found: StoredNotification[] = [];
  for await (const item of queryAll(table, { pk: notificationKey(about, '').pk, skPrefix: NOTIFICATION_PREFIX }))
    found.push(parseStoredNotification(item));
  return found;
}
