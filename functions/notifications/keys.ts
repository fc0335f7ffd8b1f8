import type { Key } from '../shared/table/keys.ts';

/** Sort keys of an order's notifications begin with this. */
export const NOTIFICATION_PREFIX = 'NOTE#';

/**
 * A notification lies with the order that it is about.
 *
 * @param cause what it tells, once: the event's name and the version of the order that raised it
 */
export function notificationKey(orderId: string, cause: string): Key {
  return { pk: `ORDER#${orderId}`, sk: `${NOTIFICATION_PREFIX}${cause}` };
}
