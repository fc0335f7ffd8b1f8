import { createHmac } from 'node:crypto';
import { domainToASCII } from 'node:url';

/**
 * The form in which two spellings of one address are equal: whatever differs only in upper and lower case, in how
 * Unicode writes a letter, or in characters that cannot be seen; the host in punycode. Mailbox aliases (`+tag`, dots)
 * stay apart: only their provider knows what they mean.
 *
 * More is folded together than any mail provider keeps apart, so that no two accounts look alike. That lets
 * nobody into another's account: mail goes to the address that the account keeps, never to the one that was typed.
 *
 * @returns the normal form, also of what is no address: it then simply belongs to nobody
 */
export function normalizeEmail(address: string): string {
  const folded = fold(address.trim());
  const at = folded.lastIndexOf('@');
  const host = domainToASCII(folded.slice(at + 1).replace(/\.$/, ''));
  return at < 1 || host === '' ? folded : `${folded.slice(0, at)}@${host}`;
}

/** Enough for any text to come to rest: composing can make a capital letter of its parts, and folding parts of it. */
const ROUNDS = 4;

/** Unicode's NFKC_Casefold (UAX 31, section 5.3), which JavaScript lacks, with the dotted and the dotless i as one. */
function fold(text: string): string {
  let folded = text;
  for (let round = 0; round < ROUNDS; round += 1) {
    const next = foldOnce(folded);
    if (next === folded) return next;
    folded = next;
  }
  return folded;
}

function foldOnce(text: string): string {
  return (
    Array.from(text.normalize('NFKC'), foldCase)
      .join('')
      .replaceAll(/\p{Default_Ignorable_Code_Point}/gu, '')
      // Lower case of İ is i with a dot above it; marks below it may stand between.
      .normalize('NFD')
      .replaceAll(/i(\p{M}*?)\u0307/gu, 'i$1')
      .normalize('NFKC')
  );
}

/** Character by character, since the lower case of Σ depends on its neighbours; through upper case, as ſ and ς have it. */
function foldCase(sign: string): string {
  return Array.from(sign.toUpperCase(), (capital) => capital.toLowerCase()).join('');
}

/**
 * The name under which an address is found: without `key` nobody can tell from the table whether an
 * address has an account, not even by trying all that they know.
 */
export function hashAddress(key: Uint8Array, address: string): string {
  return createHmac('sha256', key).update(normalizeEmail(address)).digest('base64url');
}
