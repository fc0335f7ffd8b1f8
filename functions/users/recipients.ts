import type { Table } from '../shared/table/client.ts';
import type { Recipient } from './contract.ts';
import { inAccount, type PersonalData } from './personal-data.ts';
import { findAccount } from './reads.ts';

/**
 * Whom to write to: the public way for other contexts to a person's name and address. Both are opened
 * only here and must go no further than the mail itself (invariant I19).
 *
 * This module is part of what `users` offers to other contexts, as are its contract and its writes.
 *
 * @returns undefined when there is no such account
 */
export async function findRecipient(
  table: Table,
  personalData: PersonalData,
  userId: string,
): Promise<Recipient | undefined> {
  const [account, person] = await Promise.all([findAccount(table, userId), personalData.person(userId)]);
  if (account === undefined) return undefined;
  const [email, firstName, lastName] = await Promise.all([
    person.open(inAccount(userId, 'email'), account.email),
    person.open(inAccount(userId, 'firstName'), account.firstName),
    person.open(inAccount(userId, 'lastName'), account.lastName),
  ]);
  return { email, firstName, lastName, locale: account.locale };
}

export { personalDataIn } from './personal-data.ts';
