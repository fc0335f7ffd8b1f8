import type { Occasion } from '../shared/table/aggregate.ts';
import type { Table } from '../shared/table/client.ts';
import { commit, MOST_ACTIONS, StoreBusyError } from '../shared/table/commit.ts';
import type { Key } from '../shared/table/keys.ts';
import type { Write } from '../shared/table/writes.ts';
import { hashesOfAccount, type AddressBook } from './addresses.ts';
import { endSessionsOf } from './app/sessions-of.ts';
import { anonymised } from './domain/account.ts';
import { FORMER_MAILBOX_PREFIX } from './keys.ts';
import { userErased, userErasureBegun } from './privacy-events.ts';
import {
  findAccount,
  findLiveSessions,
  findMailbox,
  findUserIdByAddress,
  rowsWithPerson,
  type Account,
} from './reads.ts';
import {
  changeAccess,
  changeAccount,
  destroyKeys,
  dropRow,
  endSession,
  releaseEmail,
  releaseMailbox,
} from './writes.ts';

// What `users` offers to the erasure of persons; apart from `writes.ts`, since it opens what is sealed.
export { personalDataIn } from './personal-data.ts';

const MOVED_ON = (): 'MOVED_ON' => 'MOVED_ON';

/**
 * Anonymises an account in one transaction, all of it or nothing: the data key, the password and the claim of the
 * address are gone, the row has nothing personal left, and the sessions that there are have ended. From here on
 * nobody signs in, nothing sealed opens wherever it was copied to, and the address may be registered again.
 *
 * @param others writes of other contexts that belong to it, such as leaving organisations
 * @returns false when one of the rows has moved on: read all of them again
 */
export async function anonymise(
  table: Table,
  addresses: AddressBook,
  account: Account,
  others: readonly Write<'MOVED_ON'>[],
  occasion: Occasion,
): Promise<boolean> {
  const { userId } = account;
  const [address, live] = await Promise.all([
    claimsOf(table, addresses, account),
    findLiveSessions(table, userId, occasion.now),
  ]);
  const cause = { ...occasion, event: userErasureBegun.name };
  const writes: Write<'MOVED_ON'>[] = [
    changeAccess(account, anonymised(account, occasion.now), cause, MOVED_ON).write,
    ...destroyKeys(userId),
    ...(address === undefined ? [] : [releaseEmail(address.hash, userId, MOVED_ON)]),
    ...(address?.mailboxHash === undefined ? [] : [releaseMailbox(address.mailboxHash, userId, MOVED_ON)]),
    ...others,
  ];
  const ends = live.map(({ sessionId }) => endSession({ userId, sessionId }, occasion.now, MOVED_ON));
  const room = MOST_ACTIONS - writes.length;
  // More than fit end before and not after: should this die in between, nobody is signed in to an erased account.
  await Promise.all(ends.slice(room).map((end) => commit(table, [end])));
  const done = await commit(table, [...writes, ...ends.slice(0, room)]);
  if (!done.ok) return false;
  // Those of log-ins that were under way, which end them too.
  await endSessionsOf(table, userId, occasion.now);
  return true;
}

/** The hashes under which the person's address is claimed by them, and its mailbox known; undefined where it is not. */
async function claimsOf(
  table: Table,
  addresses: AddressBook,
  account: Account,
): Promise<{ readonly hash: string; readonly mailboxHash: string | undefined } | undefined> {
  const { userId } = account;
  const hashes = await hashesOfAccount(addresses, account);
  if (hashes === undefined) return undefined;
  const { hash, mailboxHash } = hashes;
  const [owner, mailbox] = await Promise.all([findUserIdByAddress(table, hash), findMailbox(table, mailboxHash)]);
  if (owner !== userId) return undefined;
  // One that somebody else signed in from first, by another address, goes with them.
  return { hash, mailboxHash: mailbox?.userId === userId ? mailboxHash : undefined };
}

/** Rows taken away at a time. */
const AT_A_TIME = 25;

/**
 * Takes away whatever still lies with an anonymised person, and the mailboxes of addresses that they had before the last.
 * Taking away twice is taking away once.
 *
 * @returns how many rows there were
 */
export async function sweepPerson(table: Table, userId: string): Promise<number> {
  const keys = await rowsWithPerson(table, userId);
  for (let start = 0; start < keys.length; start += AT_A_TIME)
    await Promise.all(keys.slice(start, start + AT_A_TIME).map((key) => sweep(table, userId, key)));
  return keys.length;
}

async function sweep(table: Table, userId: string, key: Key): Promise<void> {
  // First, so that whoever dies in between finds it again. One that somebody else is known by stays with them.
  if (key.sk.startsWith(FORMER_MAILBOX_PREFIX))
    await commit(table, [
      releaseMailbox(key.sk.slice(FORMER_MAILBOX_PREFIX.length), userId, () => 'NOT_THEIRS' as const),
    ]);
  await commit(table, [dropRow(key)]);
}

const ROUNDS = 4;

/** Marks an anonymised account as erased to the end. Once is enough. */
export async function markErased(table: Table, userId: string, occasion: Occasion): Promise<void> {
  for (let round = 0; round < ROUNDS; round += 1) {
    const account = await findAccount(table, userId);
    if (account === undefined || account.erasedAt !== undefined) return;
    if (account.deletedAt === undefined) throw new Error(`Account ${userId} is not anonymised`);
    const cause = { ...occasion, event: userErased.name };
    const done = await commit(table, [changeAccount(account, { erasedAt: occasion.now }, cause, MOVED_ON).write]);
    if (done.ok) return;
  }
  throw new StoreBusyError('The account kept changing');
}
