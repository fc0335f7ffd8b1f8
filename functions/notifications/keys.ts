import type { Key } from '../shared/table/keys.ts';

/** What a notification is about, and lies with. */
export type About =
  | { readonly orderId: string }
  /** The person whom it goes to: it is erased with them. */
  | { readonly userId: string };

/** Sort keys of notifications begin with this. */
export const NOTIFICATION_PREFIX = 'NOTE#';

/**
 * A notification lies with what it is about.
 *
 * @param cause what it tells, once: the event's name and the version of the aggregate that raised it
 */
export function notificationKey(about: About, cause: string): Key {
  const pk = 'orderId' in about ? `ORDER#${about.orderId}` : `USER#${about.userId}`;
  return { pk, sk: `${NOTIFICATION_PREFIX}${cause}` };
}

/** The id of what a notification is about: part of its own. */
export function idOf(about: About): string {
  return 'orderId' in about ? about.orderId : about.userId;
}
