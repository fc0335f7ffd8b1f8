import { DAY } from '../../shared/kernel/clock.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import { readKey } from '../../shared/runtime/secrets.ts';
import type { SessionRef } from '../../shared/runtime/session.ts';
import type { Occasion } from '../../shared/table/aggregate.ts';
import { commit, pause, StoreBusyError } from '../../shared/table/commit.ts';
import type { Write } from '../../shared/table/writes.ts';
import { emailChanged, emailChangeRequested } from '../account-events.ts';
import { hashAddress, hashMailbox } from '../domain/email.ts';
import { inAccount, type PersonalData } from '../personal-data.ts';
import { newLink } from '../tokens.ts';
import { changeAccount, claimEmail, releaseEmail, rememberMailbox } from '../writes.ts';
import { accountOfPassword, checkLinkPassword, type ProofDeps } from './prove-password.ts';
import { accountOfToken, tokenIsDead, type LinkBrought, type LinkDeps } from './verify-email.ts';

/** How long the link to the new address lives. */
const CONFIRMATION_LIVES_MS = DAY;
const ROUNDS = 4;

/** What changing an address needs beside the links. */
export interface EmailDeps extends LinkDeps {
  readonly personalData: PersonalData;
  /** Secret parameter of the key that addresses are hashed with. */
  readonly emailIndexKey: string;
}

/**
 * Remembers the address that somebody wants to use, and has a link mailed to it and a notice to the present one. Whether
 * the new one has an account is not told: that would be told to whoever is signed in, about anybody.
 *
 * @returns PASSWORD_WRONG, or TOO_MANY_REQUESTS when the session or the new mailbox had too many
 */
export async function requestEmailChange(
  deps: EmailDeps & ProofDeps,
  session: SessionRef,
  { newEmail, password }: { readonly newEmail: string; readonly password: string },
  occasion: Occasion,
): Promise<Result<void, Problem>> {
  const { table, personalData, limiter, emailIndexKey } = deps;
  const { userId } = session;
  const known = await accountOfPassword(deps, userId, password, session.sessionId, occasion.now);
  if (!known.ok) return known;
  const mailbox = hashMailbox(await readKey(emailIndexKey), newEmail);
  const counted = await limiter.count('mailsPerMailbox', `change ${mailbox}`, occasion.now);
  if (!counted.ok) return counted;
  const person = await personalData.person(userId);
  const changes = {
    pendingEmail: await person.seal(inAccount(userId, 'pendingEmail'), newEmail),
    emailChange: newLink(occasion.now, CONFIRMATION_LIVES_MS),
  };
  const cause = { ...occasion, event: emailChangeRequested.name };
  const done = await commit(table, [changeAccount(known.value, changes, cause, () => 'MOVED_ON' as const).write]);
  if (!done.ok) throw new StoreBusyError('The account changed while its password was compared');
  return ok(undefined);
}

type Refused = 'MOVED_ON' | 'TAKEN';

/**
 * Moves an account to the address that its link has proven: the claims of both addresses and the account change in one
 * transaction, so that each address belongs to at most one account all the time. A link to choose a new password
 * that went to the address before dies with it.
 *
 * @returns TOKEN_INVALID_OR_EXPIRED, PASSWORD_WRONG where one came with it, or EMAIL_ALREADY_REGISTERED for an address that has become another account's
 */
export async function confirmEmailChange(
  deps: EmailDeps & ProofDeps,
  { token, password }: LinkBrought,
  occasion: Occasion,
): Promise<Result<void, Problem>> {
  const { table, personalData, emailIndexKey } = deps;
  const key = await readKey(emailIndexKey);
  let isProven = false;
  for (let round = 1; round <= ROUNDS; round += 1) {
    const account = await accountOfToken(deps, 'confirm-email', token, occasion.now, (row) => row.emailChange);
    if (account?.pendingEmail === undefined) return err(tokenIsDead());
    const proven = isProven ? ok(undefined) : await checkLinkPassword(deps, account, password, occasion.now);
    if (!proven.ok) return proven;
    isProven = true;
    const { userId } = account;
    const person = await personalData.person(userId);
    const [next, last] = await Promise.all([
      person.open(inAccount(userId, 'pendingEmail'), account.pendingEmail),
      person.open(inAccount(userId, 'email'), account.email),
    ]);
    const changes = {
      email: await person.seal(inAccount(userId, 'email'), next),
      previousEmail: await person.seal(inAccount(userId, 'previousEmail'), last),
      pendingEmail: undefined,
      emailChange: undefined,
      passwordReset: undefined,
    };
    const [claimed, released] = [hashAddress(key, next), hashAddress(key, last)];
    const movedOn = (): Refused => 'MOVED_ON';
    const cause = { ...occasion, event: emailChanged.name, by: userId };
    const writes: Write<Refused>[] = [changeAccount(account, changes, cause, movedOn).write];
    const mailbox = hashMailbox(key, last);
    // Its limits must not begin anew with each change, and erasure must find it: only the present address is looked at there.
    if (mailbox !== hashMailbox(key, next)) writes.push(rememberMailbox(userId, mailbox));
    // Another spelling of one address has one claim.
    if (claimed !== released)
      writes.push(
        claimEmail(claimed, userId, () => 'TAKEN'),
        releaseEmail(released, userId, movedOn),
      );
    const done = await commit(table, writes);
    if (done.ok) return ok(undefined);
    if (done.error === 'TAKEN')
      return err(problem('EMAIL_ALREADY_REGISTERED', 'Another account uses this address. Choose another one.'));
    await pause(round);
  }
  throw new StoreBusyError('The account kept changing');
}
