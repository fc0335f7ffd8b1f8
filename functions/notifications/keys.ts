import type { Key } from '../shared/table/keys.ts';

/** What a notification is about, and lies with. */
export type About =
  | { readonly orderId: string }
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
  return 'userId' in about ? about.userId : about.invitationId;
}

function kindOf(about: About): 'ORDER' | 'USER' | 'INVITATION' {
  if ('orderId' in about) return 'ORDER';
  return 'userId' in about ? 'USER' : 'INVITATION';
}
