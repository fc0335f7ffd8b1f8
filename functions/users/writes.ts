import { DAY, type Instant } from '../shared/kernel/clock.ts';
import type { Key } from '../shared/table/keys.ts';
import { sessionKey, type SessionRef } from '../shared/runtime/session.ts';
import { advance, begin, type Cause, type Occasion } from '../shared/table/aggregate.ts';
import {
  above,
  absent,
  allOf,
  anyOf,
  atMost,
  below,
  equals,
  exists,
  mustHold,
  type Attributes,
  type Check,
  type Condition,
  type Delete,
  type Otherwise,
  type Put,
  type Update,
} from '../shared/table/writes.ts';
import { userRegistered } from './contract.ts';
import { parseAccount, type Account, type AccountDetails } from './domain/account.ts';
import type { LogIns } from './domain/log-ins.ts';
import { MOST_TRIES, type Sends, type SentCode } from './domain/phone-code.ts';
import {
  decoyKey,
  emailClaimKey,
  formerMailboxKey,
  logInsKey,
  mailboxKey,
  passwordKey,
  personKeyKey,
  phoneCodeKey,
  phoneSendsKey,
  userKey,
} from './keys.ts';

/** The row of a new account. */
export function putAccount<E>(account: AccountDetails, occasion: Occasion, otherwise: Otherwise<E>): Put<E> {
  return begin(userKey(account.userId), account, { ...occasion, event: userRegistered.name }, otherwise);
}

/** An account's next row and the one write that makes it so. */
export interface AccountChange<E> {
  readonly account: Account;
  readonly write: Update<E>;
}

/**
 * Moves an account on from exactly the row that was read. For what live sessions must hear of (roles, a ban,
 * another password) use {@link changeAccess}.
 *
 * @param otherwise what it means that the account has moved on
 */
export function changeAccount<E>(
  account: Account,
  changes: Attributes,
  cause: Cause,
  otherwise: Otherwise<E>,
): AccountChange<E> {
  const { row, write } = advance(account, changes, cause, otherwise);
  return { account: parseAccount(row), write };
}

/**
 * As {@link changeAccount}, for a change that must reach live sessions. It raises the epoch by which a log-in
 * that is under way notices it; once it is committed the caller ends or regrants the sessions that there are
 * (`app/sessions-of.ts`), in this order.
 */
export function changeAccess<E>(
  account: Account,
  changes: Attributes,
  cause: Cause,
  otherwise: Otherwise<E>,
): AccountChange<E> {
  return changeAccount(account, { ...changes, accessEpoch: account.accessEpoch + 1 }, cause, otherwise);
}

/**
 * The hash of an account's password. It is always written together with a change of the account, whose
 * version is the condition for both.
 */
export function putPassword(userId: string, passwordHash: string, now: Instant): Put<never> {
  return {
    kind: 'put',
    key: passwordKey(userId),
    item: { passwordHash, changedAt: now },
    otherwise: mustHold('a put without a condition'),
  };
}

/** Claims an address for an account: there is one claim for each address, whoever comes first. */
export function claimEmail<E>(addressHash: string, userId: string, otherwise: Otherwise<E>): Put<E> {
  return { kind: 'put', key: emailClaimKey(addressHash), item: { userId }, when: absent('pk'), otherwise };
}

/** Frees an address for whoever registers it next, unless it is somebody else's already. */
export function releaseEmail<E>(addressHash: string, userId: string, otherwise: Otherwise<E>): Delete<E> {
  return { kind: 'delete', key: emailClaimKey(addressHash), when: equals('userId', userId), otherwise };
}

/** Says whom limits are counted for that come from a mailbox: one id for all who sign in from it. */
export function claimMailbox<E>(mailboxHash: string, limitId: string, userId: string, otherwise: Otherwise<E>): Put<E> {
  return { kind: 'put', key: mailboxKey(mailboxHash), item: { limitId, userId }, when: absent('pk'), otherwise };
}

/** Remembers a mailbox that a person leaves: its limits go on, for them and its other addresses, until they are erased. */
export function rememberMailbox(userId: string, mailboxHash: string): Put<never> {
  return {
    kind: 'put',
    key: formerMailboxKey(userId, mailboxHash),
    item: {},
    otherwise: mustHold('a put without a condition'),
  };
}

/** Forgets a mailbox with whom it was first known by, if that is this person. */
export function releaseMailbox<E>(mailboxHash: string, userId: string, otherwise: Otherwise<E>): Delete<E> {
  return { kind: 'delete', key: mailboxKey(mailboxHash), when: equals('userId', userId), otherwise };
}

/**
 * Destroys what a person's values can be opened by, and what they could sign in by. Goes into one transaction with
 * the change of the account, whose version is the condition for all.
 */
export function destroyKeys(userId: string): readonly Delete<never>[] {
  return [personKeyKey(userId), passwordKey(userId), phoneCodeKey(userId)].map((key) => ({
    kind: 'delete',
    key,
    otherwise: mustHold('a delete without a condition'),
  }));
}

/** Destroys the data key of somebody who has no account: what was sealed for them opens no more. */
export function destroyDataKey(personId: string): Delete<never> {
  return dropRow(personKeyKey(personId));
}

/** Insists that an account is as it was read, its posts and roles above all. */
export function checkAccount<E>({ userId, ver }: Account, otherwise: Otherwise<E>): Check<E> {
  return { kind: 'check', key: userKey(userId), when: equals('ver', ver), otherwise };
}

/** Insists that somebody is neither barred nor erased at the moment of the write. */
export function checkOpen<E>(userId: string, otherwise: Otherwise<E>): Check<E> {
  const when = allOf(exists('pk'), absent('bannedAt'), absent('deletedAt'));
  return { kind: 'check', key: userKey(userId), when, otherwise };
}

/** Takes away a row that lies with a person. */
export function dropRow(key: Key): Delete<never> {
  return { kind: 'delete', key, otherwise: mustHold('a delete without a condition') };
}

/** Gives a person the data key that their values are sealed under. One person has one key, whoever comes first. */
export function putPersonKey<E>(userId: string, wrapped: string, otherwise: Otherwise<E>): Put<E> {
  return { kind: 'put', key: personKeyKey(userId), item: { userId, wrapped }, when: absent('pk'), otherwise };
}

/** What a session's row keeps; read by `shared/runtime/session.ts` on each request. */
export interface NewSession extends SessionRef {
  readonly roles: Account['roles'];
  readonly memberships: Account['memberships'];
  /** `accessEpoch` of the account that the rights are of. */
  readonly epoch: number;
  readonly csrf: string;
  readonly createdAt: Instant;
  /** When it ends unless it is refreshed before. */
  readonly expiresAt: Instant;
  /** When it ends however often it is refreshed. */
  readonly endsAt: Instant;
  readonly lastSeenAt: Instant;
  readonly rememberMe: boolean;
  readonly limitKey?: string;
  readonly deviceName?: string;
  /** Hash of the refresh token, how many there were before it, and since when it is the one. */
  readonly refreshHash: string;
  readonly generation: number;
  readonly rotatedAt: Instant;
}

/** The row of a new session; the table drops it some time after its end. */
export function putSession({ sessionId, userId, ...row }: NewSession): Put<never> {
  return {
    kind: 'put',
    key: sessionKey({ sessionId, userId }),
    item: { userId, ...row, ttl: Math.ceil(row.expiresAt / 1_000) },
    when: absent('pk'),
    otherwise: mustHold('a random session id is new'),
  };
}

/** What a refresh changes of a session. */
export type Refreshed = Pick<NewSession, 'refreshHash' | 'generation' | 'rotatedAt' | 'lastSeenAt' | 'expiresAt'>;

/**
 * Puts the next refresh token in the place of exactly the one that was shown, while the session lives.
 *
 * @param rights what its account allows, unless there is none behind it
 */
export function refreshSession<E>(
  session: SessionRef,
  shownHash: string,
  refreshed: Refreshed,
  rights: Rights | undefined,
  otherwise: Otherwise<E>,
): Update<E> {
  const shown = allOf(equals('refreshHash', shownHash), absent('endedAt'), above('expiresAt', refreshed.rotatedAt));
  const ttl = Math.ceil(refreshed.expiresAt / 1_000);
  const key = sessionKey(session);
  if (rights === undefined) return { kind: 'update', key, set: { ...refreshed, ttl }, when: shown, otherwise };
  const { roles, memberships, accessEpoch: epoch } = rights;
  const set = { ...refreshed, ttl, roles, memberships, epoch };
  return { kind: 'update', key, set, when: allOf(shown, notNewerThan(rights)), otherwise };
}

/** Ends a session: from here on no token of it works (invariant I17). */
export function endSession<E>(session: SessionRef, now: Instant, otherwise: Otherwise<E>): Update<E> {
  return {
    kind: 'update',
    key: sessionKey(session),
    set: { endedAt: now },
    when: allOf(exists('pk'), absent('endedAt')),
    otherwise,
  };
}

/** What an account allows, and as of which change: it tells older rights from newer ones. */
export type Rights = Pick<Account, 'roles' | 'memberships' | 'accessEpoch'>;

/** Rights only ever give way to those of a later change (invariant I17). */
const notNewerThan = ({ accessEpoch }: Rights): Condition => anyOf(absent('epoch'), atMost('epoch', accessEpoch));

/** Gives a live session other rights, unless it has those of a later change already. */
export function regrantSession<E>(session: SessionRef, rights: Rights, otherwise: Otherwise<E>): Update<E> {
  const { roles, memberships, accessEpoch: epoch } = rights;
  return {
    kind: 'update',
    key: sessionKey(session),
    set: { roles, memberships, epoch },
    when: allOf(exists('pk'), absent('endedAt'), notNewerThan(rights)),
    otherwise,
  };
}

/** From exactly the revision that was read, or none. */
const revisionIs = (rev: number | undefined): Condition => (rev === undefined ? absent('pk') : equals('rev', rev));

/** For how long failures at an account that nobody has signed in to are kept. */
const UNKNOWN_LOG_INS_MS = 2 * DAY;

/** Keeps what is known of the log-ins of an account in place of exactly what it was decided on. */
export function putLogIns<E>(userId: string, next: LogIns, now: Instant, otherwise: Otherwise<E>): Put<E> {
  // Whoever tries addresses that have no account must not fill the table for ever.
  const ttl = next.devices.length === 0 ? { ttl: Math.ceil((now + UNKNOWN_LOG_INS_MS) / 1_000) } : {};
  const before = next.rev === 1 ? undefined : next.rev - 1;
  return { kind: 'put', key: logInsKey(userId), item: { ...next, ...ttl }, when: revisionIs(before), otherwise };
}

/** Some time after a list of sends is of no more use; the table drops it then. */
const SENDS_KEPT_MS = 2 * DAY;
const lastOf = ({ sends }: Sends): Instant => sends.at(-1) ?? 0;

/** Keeps a new code in place of the one before it. */
export function putPhoneCode<E>(
  userId: string,
  code: SentCode,
  rev: number | undefined,
  otherwise: Otherwise<E>,
): Put<E> {
  const ttl = Math.ceil((lastOf(code) + SENDS_KEPT_MS) / 1_000);
  return { kind: 'put', key: phoneCodeKey(userId), item: { ...code, ttl }, when: revisionIs(rev), otherwise };
}

/** Counts a message to a number. */
export function countPhoneSend<E>(
  phoneHash: string,
  sends: Sends,
  rev: number | undefined,
  otherwise: Otherwise<E>,
): Put<E> {
  const ttl = Math.ceil((lastOf(sends) + SENDS_KEPT_MS) / 1_000);
  return { kind: 'put', key: phoneSendsKey(phoneHash), item: { ...sends, ttl }, when: revisionIs(rev), otherwise };
}

/**
 * Stands for the change of an account where there is none to be changed; see {@link decoyKey}.
 *
 * @param name hash of the address, or the id that stands for it
 */
export function putDecoy(name: string, now: Instant): Update<never> {
  const ttl = Math.ceil((now + DAY) / 1_000);
  return { kind: 'update', key: decoyKey(name), set: { ttl }, otherwise: mustHold('no condition') };
}

/** Counts a guess at exactly this code, while it lives and has guesses left. */
export function countPhoneTry<E>(userId: string, codeHash: string, now: Instant, otherwise: Otherwise<E>): Update<E> {
  return {
    kind: 'update',
    key: phoneCodeKey(userId),
    add: { tries: 1 },
    when: allOf(equals('codeHash', codeHash), above('expiresAt', now), below('tries', MOST_TRIES)),
    otherwise,
  };
}

/** Spends a code. What was sent when stays: it bounds the next ones. */
export function spendPhoneCode<E>(userId: string, codeHash: string, otherwise: Otherwise<E>): Update<E> {
  return {
    kind: 'update',
    key: phoneCodeKey(userId),
    set: { expiresAt: 0 },
    when: equals('codeHash', codeHash),
    otherwise,
  };
}
