import type { Key } from '../shared/table/keys.ts';

/** Everything of a person lies in one partition: the account, its password and its sessions. */
export function userPartition(userId: string): string {
  return `USER#${userId}`;
}

/** An account. */
export function userKey(userId: string): Key {
  return { pk: userPartition(userId), sk: 'USER' };
}

/** The hash of an account's password, apart from the account so that no timeline keeps copies of it. */
export function passwordKey(userId: string): Key {
  return { pk: userPartition(userId), sk: 'PASSWORD' };
}

/** Who has tried to log in to an account from where, also to one that there is not. */
export function logInsKey(userId: string): Key {
  return { pk: userPartition(userId), sk: 'LOGINS' };
}

/**
 * The wrapped data key of a person, apart from the account: the account's row is copied to its timeline with
 * each change, and a key that has been copied cannot be destroyed.
 */
export function personKeyKey(userId: string): Key {
  return { pk: userPartition(userId), sk: 'KEY' };
}

/**
 * The claim that an e-mail address belongs to one account.
 *
 * @param addressHash from `hashAddress`, never the address itself
 */
export function emailClaimKey(addressHash: string): Key {
  return { pk: `EMAIL#${addressHash}`, sk: 'EMAIL' };
}

/**
 * What is written where an address has nothing to be mailed, so that it takes as long as where it has.
 *
 * @param name hash of the address, or the id that follows from it where it has no account
 */
export function decoyKey(name: string): Key {
  return { pk: `EMAIL#${name}`, sk: 'DECOY' };
}

/**
 * Whom limits per person are counted for, whichever address of a mailbox they sign in by.
 *
 * @param mailboxHash from `hashMailbox`, never the mailbox itself
 */
export function mailboxKey(mailboxHash: string): Key {
  return { pk: `MAILBOX#${mailboxHash}`, sk: 'MAILBOX' };
}

/** What begins the sort key of a {@link formerMailboxKey}. */
export const FORMER_MAILBOX_PREFIX = 'MAILBOX#';

/**
 * That a person's address once led to a mailbox, so that their erasure finds it.
 *
 * @param mailboxHash from `hashMailbox`
 */
export function formerMailboxKey(userId: string, mailboxHash: string): Key {
  return { pk: userPartition(userId), sk: `${FORMER_MAILBOX_PREFIX}${mailboxHash}` };
}

/** The code that was sent to a person's phone and has not come back yet. */
export function phoneCodeKey(userId: string): Key {
  return { pk: `USER#${userId}`, sk: 'PHONE' };
}

/**
 * How often codes were sent to a number, whoever asked for them.
 *
 * @param phoneHash from `hashPhone`, never the number itself
 */
export function phoneSendsKey(phoneHash: string): Key {
  return { pk: `PHONE#${phoneHash}`, sk: 'SENDS' };
}
