import type { Table } from '../shared/table/client.ts';
import type { Recipient } from './contract.ts';
import { inAccount, PersonErasedError, type Person, type PersonalData } from './personal-data.ts';
import { findAccount, findAccounts, type Account } from './reads.ts';

/**
 * Whom to write to: the public way for other contexts to a person's name and address. Both are opened
 * only here and must go no further than the mail itself (invariant I19).
 *
 * This module is part of what `users` offers to other contexts, as are its contract and its writes.
 *
 * @returns undefined when there is no such account, or its person is erased
 */
export async function findRecipient(
  table: Table,
  personalData: PersonalData,
  userId: string,
): Promise<Recipient | undefined> {
  const [account, person] = await Promise.all([findAccount(table, userId), personalData.person(userId)]);
  if (account === undefined || account.deletedAt !== undefined) return undefined;
  try {
    const [email, firstName, lastName, texts] = await Promise.all([
      person.open(inAccount(userId, 'email'), account.email),
      person.open(inAccount(userId, 'firstName'), account.firstName),
      person.open(inAccount(userId, 'lastName'), account.lastName),
      textsOf(account, person),
    ]);
    return { email, firstName, lastName, locale: account.locale, mutedNews: account.mutedNews, texts };
  } catch (error) {
    // Erased between the two reads.
    if (error instanceof PersonErasedError) return undefined;
    throw error;
  }
}

/** Where text messages to the person go: to a number that they have proven, while they prefer such messages. */
async function textsOf(
  { userId, deliveryChannel, phone, phoneVerifiedAt: provenAt }: Account,
  person: Person,
): Promise<Recipient['texts']> {
  if (deliveryChannel !== 'sms' || phone === undefined || provenAt === undefined) return undefined;
  return { phone: await person.open(inAccount(userId, 'phone'), phone), provenAt };
}

/**
 * As {@link findRecipient}, at another address that the account keeps: the one that it is about to change to, or has
 * changed from.
 *
 * @returns undefined also where it keeps none
 */
export async function findRecipientAt(
  table: Table,
  personalData: PersonalData,
  userId: string,
  which: 'pendingEmail' | 'previousEmail',
): Promise<Recipient | undefined> {
  const [recipient, account] = await Promise.all([
    findRecipient(table, personalData, userId),
    findAccount(table, userId),
  ]);
  const sealed = account?.[which];
  if (recipient === undefined || sealed === undefined) return undefined;
  const person = await personalData.person(userId);
  return person.hasKey ? { ...recipient, email: await person.open(inAccount(userId, which), sealed) } : undefined;
}

/** As {@link findRecipient}, for many in few reads; who has no account, or erased it, is left out. */
export async function findRecipients(
  table: Table,
  personalData: PersonalData,
  userIds: readonly string[],
): Promise<ReadonlyMap<string, Recipient>> {
  const [accounts, persons] = await Promise.all([findAccounts(table, userIds), personalData.persons(userIds)]);
  const found = await Promise.all(
    accounts.map(async ({ userId, email, firstName, lastName, locale }): Promise<[string, Recipient][]> => {
      const person = persons.get(userId);
      if (person === undefined || !person.hasKey) return [];
      const [address, first, last] = await Promise.all([
        person.open(inAccount(userId, 'email'), email),
        person.open(inAccount(userId, 'firstName'), firstName),
        person.open(inAccount(userId, 'lastName'), lastName),
      ]);
      return [[userId, { email: address, firstName: first, lastName: last, locale }]];
    }),
  );
  return new Map(found.flat());
}

export { personalDataIn, type Person, type PersonalData, type Place } from './personal-data.ts';
