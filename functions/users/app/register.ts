import { DAY, type Instant } from '../../shared/kernel/clock.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { Limiter } from '../../shared/runtime/limits.ts';
import { readKey } from '../../shared/runtime/secrets.ts';
import type { Occasion } from '../../shared/table/aggregate.ts';
import type { Table } from '../../shared/table/client.ts';
import { commonPasswords } from '../common-passwords.ts';
import { hashAddress, hashMailbox, mailboxOf, normalizeEmail } from '../domain/email.ts';
import { weaknessOf } from '../domain/password-rules.ts';
import { findUserIdByAddress } from '../reads.ts';
import type { Registration } from '../registration-contract.ts';
import { newLink } from '../tokens.ts';
import { createAccount, type AccountSecrets } from './create-account.ts';

/** How long the link of a verification mail lives (HTTP contract). */
export const VERIFICATION_LIVES_MS = DAY;

/** What registering needs: how accounts are kept, and what counts mails. */
export interface RegisterDeps extends AccountSecrets {
  readonly limiter: Limiter;
}

/**
 * Makes an account that nobody can sign in to before its address is proven; the mail with the link follows from
 * the event. The claim of the address decides who comes first, however it is spelled and however many ask at once.
 *
 * @returns WEAK_PASSWORD with every rule that is broken, EMAIL_ALREADY_REGISTERED, CONSENT_NEEDED, or TOO_MANY_REQUESTS
 *   after three aliases of one mailbox within an hour
 */
export async function register(
  table: Table,
  { limiter, ...secrets }: RegisterDeps,
  { consents = [], locale = 'en', ...person }: Registration,
  occasion: Occasion,
): Promise<Result<{ readonly userId: string }, Problem>> {
  const about = [person.email, person.firstName, person.lastName];
  const weakness = weaknessOf(person.password, 'password', { common: await commonPasswords(), about });
  if (weakness !== undefined) return err(weakness);
  if (consents.some(({ name, given }) => name === 'terms' && !given))
    return err(problem('CONSENT_NEEDED', 'There is no account without the terms.'));
  const counted = await countAlias(table, { limiter, ...secrets }, person.email, occasion.now);
  if (!counted.ok) return counted;
  const given = consents.filter((consent) => consent.given);
  const created = await createAccount(
    table,
    secrets,
    {
      ...person,
      locale,
      consents: given.map(({ name, version }) => ({ name, version, givenAt: occasion.now })),
      status: 'UNVERIFIED',
      roles: ['customer'],
      memberships: [],
      verification: newLink(occasion.now, VERIFICATION_LIVES_MS),
    },
    occasion,
  );
  if (created.ok) return ok({ userId: created.value.userId });
  return err(isTaken());
}

/**
 * Counts the mail of a registration to an alias: there are as many of a mailbox as one likes, and each could have one sent.
 * The mailbox's own address is not counted, since it registers once. Whoever asks again for an alias that has an account
 * by now is told so, as with any other address.
 */
async function countAlias(
  table: Table,
  { limiter, emailIndexKey }: RegisterDeps,
  email: string,
  now: Instant,
): Promise<Result<void, Problem>> {
  if (mailboxOf(email) === normalizeEmail(email)) return ok(undefined);
  const key = await readKey(emailIndexKey);
  const counted = await limiter.count('mailsPerMailbox', `registration ${hashMailbox(key, email)}`, now);
  if (counted.ok) return counted;
  const owner = await findUserIdByAddress(table, hashAddress(key, email));
  return owner === undefined ? counted : err(isTaken());
}

function isTaken(): Problem {
  return problem('EMAIL_ALREADY_REGISTERED', 'Log in, or ask for a new password if you have forgotten yours.');
}
