import { MINUTE, type Instant } from '../../shared/kernel/clock.ts';
import { derivedId } from '../../shared/kernel/ids.ts';
import type { Problem } from '../../shared/kernel/problems.ts';
import { ok, type Result } from '../../shared/kernel/result.ts';
import type { Limiter } from '../../shared/runtime/limits.ts';
import { readKey } from '../../shared/runtime/secrets.ts';
import type { Occasion } from '../../shared/table/aggregate.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit, pause, StoreBusyError } from '../../shared/table/commit.ts';
import type { Attributes } from '../../shared/table/writes.ts';
import { passwordResetRequested, verificationRequested } from '../account-events.ts';
import { isOpen } from '../domain/account.ts';
import { hashAddress, hashMailbox } from '../domain/email.ts';
import { findAccount, findUserIdByAddress, type Account } from '../reads.ts';
import { newLink } from '../tokens.ts';
import { changeAccount, putDecoy } from '../writes.ts';
import { VERIFICATION_LIVES_MS } from './register.ts';

/** How long the link of a reset mail lives (HTTP contract). */
const RESET_LIVES_MS = 15 * MINUTE;

/** What asking for a mail needs. */
export interface AskDeps {
  readonly table: Table;
  readonly limiter: Limiter;
  /** Secret parameter of the key that addresses are hashed with. */
  readonly emailIndexKey: string;
}

/** The change of an account that a mail follows from; undefined where none is due. */
type Due = (account: Account, now: Instant) => { readonly event: string; readonly changes: Attributes } | undefined;

/** What somebody who is not signed in may have mailed to an address. */
const MAILS = {
  verification: ({ status }, now) =>
    status === 'VERIFIED'
      ? undefined
      : { event: verificationRequested.name, changes: { verification: newLink(now, VERIFICATION_LIVES_MS) } },
  // Also where the address waits to be proven: who has the mail has the address.
  'password reset': (_account, now) => ({
    event: passwordResetRequested.name,
    changes: { passwordReset: newLink(now, RESET_LIVES_MS) },
  }),
} as const satisfies Record<string, Due>;

/** Changes of an account that one request waits out. */
const ROUNDS = 8;

/**
 * Has a mail sent to an address, if it is that of an account to which that mail is due. The mail follows from the change
 * of the account, after the answer. An address without an account, or whose account has nothing to be mailed, is counted
 * alike and takes the same reads and writes: neither answer nor time tells whether it has one.
 *
 * @returns TOO_MANY_REQUESTS after three within an hour to one mailbox, by whichever of its addresses and whether they have accounts
 */
export async function askForMail(
  { table, limiter, emailIndexKey }: AskDeps,
  mail: keyof typeof MAILS,
  email: string,
  occasion: Occasion,
): Promise<Result<void, Problem>> {
  const { now } = occasion;
  const key = await readKey(emailIndexKey);
  const addressHash = hashAddress(key, email);
  const counted = await limiter.count('mailsPerMailbox', `${mail} ${hashMailbox(key, email)}`, now);
  if (!counted.ok) return counted;
  for (let round = 1; round <= ROUNDS; round += 1) {
    const userId = (await findUserIdByAddress(table, addressHash)) ?? derivedId('nobody', addressHash);
    const account = await findAccount(table, userId);
    const due = account === undefined || !isOpen(account) ? undefined : MAILS[mail](account, now);
    const done = await commit(table, [
      account === undefined || due === undefined
        ? putDecoy(addressHash, now)
        : changeAccount(account, due.changes, { ...occasion, event: due.event }, () => 'MOVED_ON' as const).write,
    ]);
    if (done.ok) return ok(undefined);
    await pause(round);
  }
  throw new StoreBusyError('The account kept changing');
}
