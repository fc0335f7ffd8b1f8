import type { Instant } from '../shared/kernel/clock.ts';
import { sessionKey } from '../shared/runtime/session.ts';
import { absent, exists, mustHold, type Otherwise, type Put, type Update } from '../shared/table/writes.ts';
import { emailClaimKey, organizationKey, personKeyKey, userKey } from './keys.ts';
import type { Account } from './reads.ts';

/** The row of a new account. */
export function putAccount<E>(account: Account, otherwise: Otherwise<E>): Put<E> {
  return { kind: 'put', key: userKey(account.userId), item: { ...account }, when: absent('pk'), otherwise };
}

/** Claims an address for an account: there is one claim for each address, whoever comes first. */
export function claimEmail<E>(addressHash: string, userId: string, otherwise: Otherwise<E>): Put<E> {
  return { kind: 'put', key: emailClaimKey(addressHash), item: { userId }, when: absent('pk'), otherwise };
}

/** Gives a person the data key that their values are sealed under. One person has one key, whoever comes first. */
export function putPersonKey<E>(userId: string, wrapped: string, otherwise: Otherwise<E>): Put<E> {
  return { kind: 'put', key: personKeyKey(userId), item: { userId, wrapped }, when: absent('pk'), otherwise };
}

/** The row of a new organisation. */
export function putOrganization<E>(
  organizationId: string,
  name: string,
  createdAt: Instant,
  otherwise: Otherwise<E>,
): Put<E> {
  return {
    kind: 'put',
    key: organizationKey(organizationId),
    item: { organizationId, name, createdAt },
    when: absent('pk'),
    otherwise,
  };
}

/** What a session's row keeps; read by `shared/runtime/session.ts`. */
export interface NewSession {
  readonly sessionId: string;
  readonly userId: string;
  readonly roles: Account['roles'];
  readonly memberships: Account['memberships'];
  readonly csrf: string;
  readonly createdAt: Instant;
  readonly expiresAt: Instant;
}

/** The row of a new session; the table drops it some time after its end. */
export function putSession({ sessionId, ...row }: NewSession): Put<never> {
  return {
    kind: 'put',
    key: sessionKey(sessionId),
    item: { ...row, ttl: Math.ceil(row.expiresAt / 1_000) },
    when: absent('pk'),
    otherwise: mustHold('a random session id is new'),
  };
}

/** Ends a session: from here on no token of it works (invariant I17). */
export function endSession<E>(sessionId: string, now: Instant, otherwise: Otherwise<E>): Update<E> {
  return { kind: 'update', key: sessionKey(sessionId), set: { endedAt: now }, when: exists('pk'), otherwise };
}
