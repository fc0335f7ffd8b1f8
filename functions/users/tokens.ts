import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

import type { Instant } from '../shared/kernel/clock.ts';
import { decodeUlid, encodeUlid } from '../shared/kernel/ids.ts';
import type { PendingLink } from './domain/account.ts';

// Part of what `users` offers to other contexts: who writes a mail makes its link here.
export type { PendingLink };

/** What a mailed link is for; a token for one is worth nothing for another. */
export type LinkPurpose =
  | 'verify-email'
  | 'reset-password'
  | 'confirm-email'
  | 'unlock'
  | 'invitation'
  | 'ticket'
  | 'ticket-transfer'
  | 'unsubscribe'
  | 'pass-file'
  | 'apple-pass';

const NONCE_BYTES = 16;
const ID_BYTES = 16;

/** A link that ends `livesMs` after `now`, or when another takes its place. */
export function newLink(now: Instant, livesMs: number): PendingLink {
  return { nonce: randomBytes(NONCE_BYTES).toString('base64url'), until: now + livesMs };
}

/**
 * The token of a link: the id of the person (or of the invitation, or the ticket) and an HMAC over what it is for, whose, and the nonce
 * that its row keeps.
 * It is made when the mail is written and when it comes back, and kept nowhere in between (ADR 23).
 *
 * @param key of the secret parameter of links
 */
export function tokenOf(key: Uint8Array, purpose: LinkPurpose, userId: string, nonce: string): string {
  return Buffer.concat([decodeUlid(userId), proofOf(key, purpose, userId, nonce)]).toString('base64url');
}

/** Whose token it says it is; undefined for what is none. It proves nothing yet. */
export function userOfToken(token: string): string | undefined {
  if (!/^[\w-]{64}$/.test(token)) return undefined;
  return encodeUlid(Buffer.from(token, 'base64url').subarray(0, ID_BYTES));
}

/** Whether `token` is the one of this link, in constant time. */
export function isTokenOf(
  key: Uint8Array,
  purpose: LinkPurpose,
  userId: string,
  nonce: string,
  token: string,
): boolean {
  const given = Buffer.from(token, 'base64url').subarray(ID_BYTES);
  const proof = proofOf(key, purpose, userId, nonce);
  return given.length === proof.length && timingSafeEqual(given, proof);
}

function proofOf(key: Uint8Array, purpose: LinkPurpose, userId: string, nonce: string): Buffer {
  return createHmac('sha256', key)
    .update(JSON.stringify(['link', purpose, userId, nonce]))
    .digest();
}
