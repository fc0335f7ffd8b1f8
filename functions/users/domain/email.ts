import { createHmac } from 'node:crypto';
import { domainToASCII } from 'node:url';

/**
 * The form in which two spellings of one address are equal: whatever differs only in upper and lower case, in how
 * Unicode writes a letter, or in characters that cannot be seen; the host in punycode. Mailbox aliases (`+tag`, dots)
 * are addresses of their own here, with accounts of their own; see {@link mailboxOf}.
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

/** Providers that leave out dots before the `@`, and the one name that their hosts have here. */
const DOTLESS: ReadonlyMap<string, string> = new Map([
  ['gmail.com', 'gmail.com'],
  ['googlemail.com', 'gmail.com'],
]);

/**
 * The mailbox that an address leads to, as far as it can be told from outside: without a tag after `+` (RFC 5233),
 * and without dots where the provider is known to leave them out. Limits per person count by it (invariant I12), and
 * nothing else does: where a provider means two people by it, they share a limit and no more.
 */
export function mailboxOf(address: string): string {
  const normal = normalizeEmail(address);
  const at = normal.lastIndexOf('@');
  const [name, host] = [normal.slice(0, Math.max(0, at)), normal.slice(at + 1)];
  const untagged = /^[^+]+/.exec(name)?.[0] ?? name;
  const dotless = DOTLESS.get(host);
  return dotless === undefined ? `${untagged}@${host}` : `${untagged.replaceAll('.', '')}@${dotless}`;
}

/** The name under which a mailbox is known, as {@link hashAddress} is that of an address. */
export function hashMailbox(key: Uint8Array, address: string): string {
  return createHmac('sha256', key)
    .update(JSON.stringify(['mailbox', mailboxOf(address)]))
    .digest('base64url');
}
