import { createHash } from 'node:crypto';

/**
 * JSON with sorted keys and no undefined members: equal values give equal text, so it can be hashed.
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) => {
    if (member instanceof Set) return [...member].map(String).toSorted(byCodeUnit);
    if (member === null || typeof member !== 'object' || Array.isArray(member)) return member;
    return Object.fromEntries(Object.entries(member).toSorted(([left], [right]) => byCodeUnit(left, right)));
  });
}

/** The same order everywhere, whatever the locale. */
function byCodeUnit(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** The first 128 bits of the SHA-256 of `text`, in base64url (22 characters). */
export function shortHash(text: string): string {
  return createHash('sha256').update(text).digest().subarray(0, 16).toString('base64url');
}
