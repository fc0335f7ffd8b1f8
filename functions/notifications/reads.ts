import type { Table } from '../shared/table/client.ts';
import { queryAll } from '../shared/table/read.ts';
import { parseStoredNotification, type StoredNotification } from './domain/notification.ts';
import { NOTIFICATION_PREFIX, notificationKey } from './keys.ts';

/** What was mailed about an order, and what came of it. */
export async function findNotifications(table: Table, orderId: string): Promise<readonly StoredNotification[]> {
  const found: StoredNotification[] = [];
  for await (const item of queryAll(table, { pk: notificationKey(orderId, '').pk, skPrefix: NOTIFICATION_PREFIX }))
    found.push(parseStoredNotification(item));
  return found;
}
