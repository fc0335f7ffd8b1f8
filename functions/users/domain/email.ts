import { createHmac } from 'node:crypto';
import { domainToASCII } from 'node:url';

/**
 * The form in which two spellings of one address are equal: Unicode in NFKC, lower case, the host in
 * punycode. Mailbox aliases (`+tag`, dots) stay apart: only their provider knows what they mean.
 *
 * @returns the normal form, also of what is no address: it then simply belongs to nobody
 */
export function normalizeEmail(address: string): string {
  const folded = address.trim().normalize('NFKC').toLowerCase();
  const at = folded.lastIndexOf('@');
  const host = domainToASCII(folded.slice(at + 1));
  return at < 1 || host === '' ? folded : `${folded.slice(0, at)}@${host}`;
}

/**
 * The name under which an address is found: without `key` nobody can tell from the table whether an
 * address has an account, not even by trying all that they know.
 */
export function hashAddress(key: Uint8Array, address: string): string {
  return createHmac('sha256', key).update(normalizeEmail(address)).digest('base64url');
}
