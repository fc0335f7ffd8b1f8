import { readKey } from '../shared/runtime/secrets.ts';
import { hashAddress, hashMailbox } from './domain/email.ts';
import { hashPhone } from './domain/phone-code.ts';
import { inAccount, PersonErasedError, type PersonalData } from './personal-data.ts';
import type { Account } from './reads.ts';

// What `users` offers to other contexts about addresses, none of which is shown to anybody here.

/** Where addresses are opened, and the secret parameter of the key that they are hashed with. */
export interface AddressBook {
  readonly personalData: PersonalData;
  readonly emailIndexKey: string;
}

/** The names under which an address is found, and the mailbox behind it, whose aliases are one. */
export interface AddressHashes {
  readonly hash: string;
  readonly mailboxHash: string;
}

/** The names of an address; see `hashAddress` and `hashMailbox`. */
export async function hashesOf(
  { emailIndexKey }: Pick<AddressBook, 'emailIndexKey'>,
  address: string,
): Promise<AddressHashes> {
  const key = await readKey(emailIndexKey);
  return { hash: hashAddress(key, address), mailboxHash: hashMailbox(key, address) };
}

/** The name of a phone number (E.164); see `hashPhone`. */
export async function hashOfPhone(
  { emailIndexKey }: Pick<AddressBook, 'emailIndexKey'>,
  phone: string,
): Promise<string> {
  return hashPhone(await readKey(emailIndexKey), phone);
}

/** The names of an account's address; undefined once its person is erased. */
export async function hashesOfAccount(
  book: AddressBook,
  { userId, email }: Pick<Account, 'userId' | 'email'>,
): Promise<AddressHashes | undefined> {
  const person = await book.personalData.person(userId);
  try {
    return await hashesOf(book, await person.open(inAccount(userId, 'email'), email));
  } catch (error) {
    // Without a key there is no address any more that anything could be found by.
    if (error instanceof PersonErasedError) return undefined;
    throw error;
  }
}
