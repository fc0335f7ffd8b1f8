import { ulid } from 'ulid';

import { err, ok, type Result } from '../../shared/kernel/result.ts';
import { readKey } from '../../shared/runtime/secrets.ts';
import type { Occasion } from '../../shared/table/aggregate.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit } from '../../shared/table/commit.ts';
import { mustHold } from '../../shared/table/writes.ts';
import { hashPassword } from '../passwords.ts';
import { inAccount, type PersonalData } from '../personal-data.ts';
import type { AccountDetails } from '../domain/account.ts';
import { findUserIdByAddress } from '../reads.ts';
import { hashAddress } from '../domain/email.ts';
import { claimEmail, putAccount, putPassword } from '../writes.ts';

/** What accounts are kept with: the seal of personal data, and the names of two secret parameters. */
export interface AccountSecrets {
  readonly personalData: PersonalData;
  readonly emailIndexKey: string;
  readonly passwordPepper: string;
}

/** A new account; roles and posts are granted by whoever calls. */
export interface NewAccount extends Pick<
  AccountDetails,
  'status' | 'roles' | 'memberships' | 'locale' | 'consents' | 'verification'
> {
  readonly email: string;
  readonly password: string;
  readonly firstName: string;
  readonly lastName: string;
  /** ISO 8601 date. */
  readonly dateOfBirth?: string;
}

/**
 * Creates an account and claims its address in one transaction.
 *
 * @returns the account's id; or whose the address is already
 */
export async function createAccount(
  table: Table,
  { personalData, emailIndexKey, passwordPepper }: AccountSecrets,
  { email, password, firstName, lastName, dateOfBirth, ...rest }: NewAccount,
  occasion: Occasion,
): Promise<Result<{ readonly userId: string }, { readonly code: 'EMAIL_TAKEN'; readonly userId: string }>> {
  const addressHash = hashAddress(await readKey(emailIndexKey), email);
  const owner = await findUserIdByAddress(table, addressHash);
  if (owner !== undefined) return err({ code: 'EMAIL_TAKEN', userId: owner });

  const userId = ulid(occasion.now);
  const { person, keep } = await personalData.newPerson(userId);
  const account: AccountDetails = {
    ...rest,
    userId,
    email: await person.seal(inAccount(userId, 'email'), email),
    firstName: await person.seal(inAccount(userId, 'firstName'), firstName),
    lastName: await person.seal(inAccount(userId, 'lastName'), lastName),
    ...(dateOfBirth === undefined
      ? {}
      : { dateOfBirth: await person.seal(inAccount(userId, 'dateOfBirth'), dateOfBirth) }),
    accessEpoch: 0,
    createdAt: occasion.now,
  };
  const passwordHash = await hashPassword(password, await readKey(passwordPepper));
  const taken = (found: Readonly<Record<string, unknown>> | undefined): { code: 'EMAIL_TAKEN'; userId: string } => ({
    code: 'EMAIL_TAKEN',
    userId: String(found?.['userId']),
  });
  const done = await commit(table, [
    claimEmail(addressHash, userId, taken),
    putAccount(account, occasion, taken),
    putPassword(userId, passwordHash, occasion.now),
    { ...keep, otherwise: mustHold('a new account has no data key yet') },
  ]);
  return done.ok ? ok({ userId }) : done;
}
