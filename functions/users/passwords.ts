import { compare, hash } from 'bcryptjs';
import { createHmac } from 'node:crypto';

/** Names how a stored hash was made, so that it can be made anew by a better scheme at a log-in. */
const SCHEME = 'bcrypt12-hmac384:';
const COST = 12;

/** A bcrypt hash at the same cost that no password has: what an unknown address is measured against. */
const NOBODYS = '$2b$12$KIXQ4r1Yz0Wc8mN5pT7uXeAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';

/**
 * The hash of `password` to be stored: bcrypt over a keyed SHA-384, since bcrypt alone reads no more than
 * 72 bytes and the pepper, kept outside the table, makes stolen hashes worthless.
 *
 * @param pepper key in the secret parameter
 */
export async function hashPassword(password: string, pepper: Uint8Array): Promise<string> {
  return SCHEME + (await hash(peppered(password, pepper), COST));
}

/**
 * Whether `password` is the one that `stored` was made from. Without a stored hash it costs the same and
 * says no, so that the time taken does not tell whether an address has an account.
 *
 * @throws when the stored hash is of an unknown scheme
 */
export async function isPassword(password: string, stored: string | undefined, pepper: Uint8Array): Promise<boolean> {
  if (stored !== undefined && !stored.startsWith(SCHEME)) throw new Error('A password hashed by an unknown scheme');
  const matches = await compare(peppered(password, pepper), stored?.slice(SCHEME.length) ?? NOBODYS);
  return matches && stored !== undefined;
}

/** 64 characters of base64. Unicode is composed first, since keyboards differ in how they send accents. */
function peppered(password: string, pepper: Uint8Array): string {
  return createHmac('sha384', pepper).update(password.normalize('NFC')).digest('base64');
}
