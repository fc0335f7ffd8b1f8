import { ulid } from 'ulid';

import type { Instant } from '../../shared/kernel/clock.ts';
import type { Occasion } from '../../shared/table/aggregate.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit, pause, StoreBusyError } from '../../shared/table/commit.ts';
import { accountLocked, accountUnlocked, signedInOnNewDevice } from '../session-events.ts';
import type { Account } from '../domain/account.ts';
import {
  afterFailure,
  afterSuccess,
  lockedUntil,
  unlocked,
  withoutLocks,
  type LogIns,
  type Origin,
} from '../domain/log-ins.ts';
import { findForLogIn } from '../reads.ts';
import { changeAccount, putDecoy, putLogIns } from '../writes.ts';

/** Parallel log-ins at one account that one of them waits out; three wrong ones end it earlier. */
const ATTEMPTS = 12;

/** A log-in whose password was compared, with what was read for it. */
export interface Compared {
  readonly userId: string;
  readonly origin: Origin;
  readonly account: Account | undefined;
  readonly logIns: LogIns;
}

/** What a counted log-in led to: a lock, made by this one or by others meanwhile. */
export interface Counted {
  readonly lockedUntil?: Instant;
}

/** As {@link Counted}, with the account as it was then. */
export interface CountedAccount extends Counted {
  readonly account: Account;
}

/**
 * Counts a wrong password on exactly the state that it was judged by. The third in a row locks, and the owner is
 * written to by the same transaction: neither happens without the other. An address without an account takes a
 * transaction of the same shape.
 */
export async function countFailure(table: Table, compared: Compared, occasion: Occasion): Promise<Counted> {
  const { userId, origin } = compared;
  const count = async ({ account, logIns }: Read): Promise<Counted | undefined> => {
    const others = lockedUntil(logIns, origin, occasion.now);
    if (others !== undefined) return { lockedUntil: others };
    const { next, mailLockId, ...locked } = afterFailure(logIns, origin, ulid(occasion.now), occasion.now);
    const tells = mailLockId !== undefined && account !== undefined && account.deletedAt === undefined;
    const changes = { lockId: mailLockId, lockedUntil: locked.lockedUntil };
    const cause = { ...occasion, event: accountLocked.name };
    const done = await commit(table, [
      putLogIns(userId, next, occasion.now, () => 'MOVED_ON' as const),
      ...(tells ? [changeAccount(account, changes, cause, () => 'MOVED_ON' as const).write] : []),
      // Where nobody is to be told the same is written, so that no time tells whether there is an account.
      ...(mailLockId !== undefined && !tells ? [putDecoy(userId, occasion.now)] : []),
    ]);
    return done.ok ? locked : undefined;
  };
  return onLatest(table, userId, count, compared);
}

/**
 * Counts a right password, unless the wrong ones before it have locked meanwhile. A device and place that are both
 * new are told to the owner by the same transaction.
 *
 * @returns the account as it was counted with
 */
export async function countSuccess(
  table: Table,
  compared: Compared & { readonly account: Account },
  occasion: Occasion,
): Promise<CountedAccount> {
  const { userId, origin } = compared;
  const count = async ({ account = compared.account, logIns }: Read): Promise<CountedAccount | undefined> => {
    const others = lockedUntil(logIns, origin, occasion.now);
    if (others !== undefined) return { lockedUntil: others, account };
    const mayEnter = account.status === 'VERIFIED' && account.bannedAt === undefined;
    const { next, isNews } = afterSuccess(logIns, origin, occasion.now, mayEnter);
    const cause = { ...occasion, by: userId, event: signedInOnNewDevice.name };
    const done = await commit(table, [
      putLogIns(userId, next, occasion.now, () => 'MOVED_ON' as const),
      ...(isNews ? [changeAccount(account, {}, cause, () => 'MOVED_ON' as const).write] : []),
    ]);
    return done.ok ? { account } : undefined;
  };
  return onLatest(table, userId, count, compared);
}

/**
 * Lifts the locks of an account by the link of the mail that told of one, as often as it is followed within its day.
 *
 * @returns whether the link was good
 */
export async function unlockAccount(
  table: Table,
  userId: string,
  lockId: string,
  occasion: Occasion,
): Promise<boolean> {
  return onLatest(table, userId, async ({ account, logIns }) => {
    const next = unlocked(logIns, lockId, occasion.now);
    if (account === undefined || account.deletedAt !== undefined || next === undefined) return false;
    const cause = { ...occasion, by: userId, event: accountUnlocked.name };
    const done = await commit(table, [
      putLogIns(userId, next, occasion.now, () => 'MOVED_ON' as const),
      changeAccount(account, { lockId: undefined, lockedUntil: undefined }, cause, () => 'MOVED_ON' as const).write,
    ]);
    return done.ok ? true : undefined;
  });
}

/** Lifts the locks of whoever has proven to own the account, by a new password; part of no transaction, and repeatable. */
export async function liftLocks(table: Table, userId: string, now: Instant): Promise<void> {
  await onLatest(table, userId, async ({ logIns }) => {
    if (logIns.rev === 0) return true;
    const done = await commit(table, [putLogIns(userId, withoutLocks(logIns), now, () => 'MOVED_ON' as const)]);
    return done.ok ? true : undefined;
  });
}

type Read = Pick<Compared, 'account' | 'logIns'>;

/**
 * Tries `change` on what was read, and again on what there is then, for as long as others were first.
 *
 * @param change answers undefined where another was first
 * @throws StoreBusyError when that goes on
 */
async function onLatest<Done>(
  table: Table,
  userId: string,
  change: (read: Read) => Promise<Done | undefined>,
  first?: Read,
): Promise<Done> {
  let read = first ?? (await findForLogIn(table, userId));
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const done = await change(read);
    if (done !== undefined) return done;
    await pause(attempt);
    read = await findForLogIn(table, userId);
  }
  throw new StoreBusyError('The log-ins of an account stayed contended');
}
