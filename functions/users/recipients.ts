import type { Table } from '../shared/table/client.ts';
import type { Recipient } from './contract.ts';
import type { PersonalData } from './personal-data.ts';
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
  const account = await findAccount(table, userId);
  if (account === undefined) return undefined;
  const [email, firstName, lastName] = await Promise.all([
    personalData.open(userId, 'email', account.email),
    personalData.open(userId, 'firstName', account.firstName),
    personalData.open(userId, 'lastName', account.lastName),
  ]);
  return { email, firstName, lastName, locale: account.locale };
}

export { personalDataUnder } from './personal-data.ts';
