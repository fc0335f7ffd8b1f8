import { createHash } from 'node:crypto';

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** What an id looks like on the wire: 26 characters of Crockford base 32 holding 128 bits. */
export const ULID_PATTERN = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]?: Name };

export type OrderId = Branded<'OrderId'>;
export type EventId = Branded<'EventId'>;
export type TicketTypeId = Branded<'TicketTypeId'>;
export type TicketId = Branded<'TicketId'>;
export type UserId = Branded<'UserId'>;
export type OrganizationId = Branded<'OrganizationId'>;
export type SessionId = Branded<'SessionId'>;

/**
 * An id in ULID form that is a function of its parts: the same parts give the same id for ever.
 * It is what makes a retried POST, a redelivered message or a second ticket worker land on one row.
 *
 * @param parts joined unambiguously before hashing with SHA-256, of which 128 bits are kept
 */
export function derivedId(...parts: readonly string[]): string {
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest();
  return encodeUlid(digest.subarray(0, 16));
}

/** Sixteen bytes as 26 Crockford base 32 characters. */
export function encodeUlid(bytes: Uint8Array): string {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  let text = '';
  for (let index = 0; index < 26; index += 1) {
    text = (CROCKFORD[Number(value & 31n)] ?? '') + text;
    value >>= 5n;
  }
  return text;
}

/** The sixteen bytes of an id in ULID form; the id must match {@link ULID_PATTERN}. */
export function decodeUlid(id: string): Uint8Array {
  let value = 0n;
  for (const letter of id) value = (value << 5n) | BigInt(CROCKFORD.indexOf(letter));
  const bytes = new Uint8Array(16);
  for (let index = 15; index >= 0; index -= 1) {
    bytes[index] = Number(value & 255n);
    value >>= 8n;
  }
  return bytes;
}

/**
 * A number that people can read to each other: eight characters without look-alikes, for example
 * `ON-7K3M-Q2XD`. It is derived from the id, so the same order always shows the same number.
 */
export function readableNumber(prefix: string, id: string): string {
  const letters = derivedId('readable-number', id).slice(-8);
  return `${prefix}-${letters.slice(0, 4)}-${letters.slice(4)}`;
}
