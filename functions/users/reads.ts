import * as z from 'zod/mini';

import type { Instant } from '../shared/kernel/clock.ts';
import { SESSION_PREFIX, sessionKey, type SessionRef } from '../shared/runtime/session.ts';
import type { Table } from '../shared/table/client.ts';
import { StoreBusyError } from '../shared/table/commit.ts';
import type { Key } from '../shared/table/keys.ts';
import { getItem, getItems, queryAll } from '../shared/table/read.ts';
import { parseSentCode, parseSends, type Sends, type SentCode } from './domain/phone-code.ts';
import { parseAccount, type Account } from './domain/account.ts';
import { NO_LOG_INS, parseLogIns, type LogIns } from './domain/log-ins.ts';
import {
  emailClaimKey,
  logInsKey,
  mailboxKey,
  passwordKey,
  personKeyKey,
  phoneCodeKey,
  phoneSendsKey,
  userKey,
  userPartition,
} from './keys.ts';

// Other contexts read accounts through this file alone.
export type { Account };

/** The account `userId`, read strongly, or undefined. */
export async function findAccount(table: Table, userId: string): Promise<Account | undefined> {
  const item = await getItem(table, userKey(userId), 'strong');
  return item === undefined ? undefined : parseAccount(item);
}

/** The accounts `userIds`, absent ones left out, in no order. */
export async function findAccounts(table: Table, userIds: readonly string[]): Promise<readonly Account[]> {
  return (await getItems(table, userIds.map(userKey), 'strong')).map(parseAccount);
}

const passwordRow = z.object({ passwordHash: z.string(), changedAt: z.int() });

/** What a log-in is judged by; account and hash are undefined where there is none. */
export interface ForLogIn {
  readonly account: Account | undefined;
  readonly passwordHash: string | undefined;
  readonly logIns: LogIns;
}

/** How often account and password may be found to be of different times. */
const TORN_READS = 4;

/**
 * What a log-in is judged by, in one strong read. A batch may find one item as it was before a transaction and another
 * as it is after it, and a password from before a reset must not be taken for one of the account after it: both say
 * when the password was set, and are read again while they differ.
 *
 * @throws StoreBusyError when they keep differing
 */
export async function findForLogIn(table: Table, userId: string): Promise<ForLogIn> {
  const keys = [userKey(userId), passwordKey(userId), logInsKey(userId)];
  for (let read = 1; read <= TORN_READS; read += 1) {
    const items = await getItems(table, keys, 'strong');
    const [accountItem, passwordItem, logIns] = keys.map((key) => items.find(({ sk }) => sk === key.sk));
    const account = accountItem === undefined ? undefined : parseAccount(accountItem);
    const password = passwordItem === undefined ? undefined : z.parse(passwordRow, passwordItem);
    if (account !== undefined && password !== undefined && !isOfOneTime(account, password)) continue;
    return {
      account,
      passwordHash: password?.passwordHash,
      logIns: logIns === undefined ? NO_LOG_INS : parseLogIns(logIns),
    };
  }
  throw new StoreBusyError('Account and password stayed of different times');
}

function isOfOneTime({ passwordChangedAt, createdAt }: Account, { changedAt }: z.infer<typeof passwordRow>): boolean {
  return changedAt === (passwordChangedAt ?? createdAt);
}

const personKeyRow = z.object({ userId: z.string(), wrapped: z.string() });

/** Wrapped data keys by person; who has none is left out. */
export async function wrappedKeysOf(table: Table, userIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const items = await getItems(table, userIds.map(personKeyKey), 'strong');
  return new Map(items.map((item) => z.parse(personKeyRow, item)).map(({ userId, wrapped }) => [userId, wrapped]));
}

const claimRow = z.object({ userId: z.string() });

/** Whose address hashes to `addressHash`, or undefined. */
export async function findUserIdByAddress(table: Table, addressHash: string): Promise<string | undefined> {
  const item = await getItem(table, emailClaimKey(addressHash), 'strong');
  return item === undefined ? undefined : z.parse(claimRow, item).userId;
}

const mailboxRow = z.object({
  /** Whom limits are counted for. */
  limitId: z.string(),
  /** Who signed in from it first. */
  userId: z.string(),
});

/** What is known of a mailbox; undefined before the first log-in from it. */
export async function findMailbox(table: Table, mailboxHash: string): Promise<z.infer<typeof mailboxRow> | undefined> {
  const item = await getItem(table, mailboxKey(mailboxHash), 'strong');
  return item === undefined ? undefined : z.parse(mailboxRow, item);
}

const sessionEntry = z.object({
  sk: z.string(),
  createdAt: z.int(),
  expiresAt: z.int(),
  endedAt: z.optional(z.int()),
  /** When it was begun or last refreshed. */
  lastSeenAt: z.optional(z.int()),
  deviceName: z.optional(z.string()),
  rememberMe: z.optional(z.boolean()),
});

/** A session as its person sees it in a list. */
export type SessionEntry = Omit<z.infer<typeof sessionEntry>, 'sk'> & { readonly sessionId: string };

/** The sessions of a person that are alive at `now`, read strongly: one that was put a moment ago is among them. */
export async function findLiveSessions(table: Table, userId: string, now: Instant): Promise<readonly SessionEntry[]> {
  const found: SessionEntry[] = [];
  const query = { pk: userPartition(userId), skPrefix: SESSION_PREFIX, consistency: 'strong' } as const;
  for await (const item of queryAll(table, query)) {
    const { sk, ...entry } = z.parse(sessionEntry, item);
    if (entry.endedAt !== undefined || entry.expiresAt <= now) continue;
    found.push({ ...entry, sessionId: sk.slice(SESSION_PREFIX.length) });
  }
  return found;
}

const refreshableRow = z.object({
  csrf: z.string(),
  createdAt: z.int(),
  expiresAt: z.int(),
  endsAt: z.int(),
  endedAt: z.optional(z.int()),
  rememberMe: z.boolean(),
  refreshHash: z.string(),
  generation: z.int(),
  rotatedAt: z.int(),
});
/** A session with what its refresh token is judged by. */
export type RefreshableSession = z.infer<typeof refreshableRow>;

/** The session that a refresh token names, read strongly; undefined where there is none that can be refreshed. */
export async function findRefreshable(table: Table, ref: SessionRef): Promise<RefreshableSession | undefined> {
  const parsed = z.safeParse(refreshableRow, await getItem(table, sessionKey(ref), 'strong'));
  return parsed.success ? parsed.data : undefined;
}

/** The code that was sent to the phone of `userId`, or undefined. */
export async function findPhoneCode(table: Table, userId: string): Promise<SentCode | undefined> {
  const item = await getItem(table, phoneCodeKey(userId), 'strong');
  return item === undefined ? undefined : parseSentCode(item);
}

/** How often codes were sent to the number that hashes to `phoneHash`. */
export async function findPhoneSends(table: Table, phoneHash: string): Promise<Sends | undefined> {
  const item = await getItem(table, phoneSendsKey(phoneHash), 'strong');
  return item === undefined ? undefined : parseSends(item);
}

const accountStep = z.object({
  ver: z.int(),
  ev: z.string(),
  at: z.int(),
  by: z.string(),
  set: z.record(z.string(), z.unknown()),
  removed: z.array(z.string()),
});

/** A change of an account as its timeline keeps it; personal values are sealed. */
export type AccountStep = z.infer<typeof accountStep>;

/** Every change of an account, oldest first; a copy that the stream writes within a moment. */
export async function readAccountHistory(table: Table, userId: string): Promise<readonly AccountStep[]> {
  const steps: AccountStep[] = [];
  for await (const item of queryAll(table, { pk: userPartition(userId), skPrefix: 'TL#' }))
    steps.push(z.parse(accountStep, item));
  return steps;
}

/** Keys of what lies with a person beside the account and its timeline: sessions, and whatever else they sign in by. */
export async function rowsWithPerson(table: Table, userId: string): Promise<readonly Key[]> {
  const keys: Key[] = [];
  for await (const { pk, sk } of queryAll(table, { pk: userPartition(userId), consistency: 'strong' }))
    if (sk !== userKey(userId).sk && !sk.startsWith('TL#')) keys.push({ pk, sk });
  return keys;
}
