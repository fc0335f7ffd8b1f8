import { guestKey } from '../shared/runtime/guest.ts';
import { sessionKey, type Session } from '../shared/runtime/session.ts';
import type { Key } from '../shared/table/keys.ts';

/** Whose cart it is: a person's, or of an anonymous session, which ends by itself. */
export interface CartOwner {
  readonly id: string;
  /** When the anonymous session ends; undefined for a person. */
  readonly endsAt?: number | undefined;
}

/** Whose the cart of a session is. */
export function cartOwnerOf({ userId, guest }: Pick<Session, 'userId' | 'guest'>): CartOwner {
  return guest === undefined ? { id: userId } : { id: userId, endsAt: guest.expiresAt };
}

/** A cart. It lies with its person, so that it goes when the person is erased, or beside its anonymous session. */
export function cartKey({ id, endsAt }: CartOwner): Key {
  const { pk } = endsAt === undefined ? sessionKey({ userId: id, sessionId: '' }) : guestKey(id);
  return { pk, sk: 'CART' };
}
