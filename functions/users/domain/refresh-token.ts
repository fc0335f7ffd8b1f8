import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

import { ULID_PATTERN } from '../../shared/kernel/ids.ts';
import type { KeyRing } from '../../shared/runtime/secrets.ts';
import type { SessionRef } from '../../shared/runtime/session.ts';

/**
 * A refresh token: which session it is of, how many there were before it, and a MAC over both. It follows from the
 * session and its number, so that a second tab, or whoever has lost an answer, can be given the very one that another
 * got; and an old one is known for ours without having been kept.
 */
export interface RefreshToken extends SessionRef {
  readonly generation: number;
  readonly mac: string;
}

/** The token of a session's `generation`, as its cookie carries it. */
export function refreshTokenOf(ring: KeyRing, ref: SessionRef, generation: number): string {
  const key = ring.keys.get(ring.current);
  if (key === undefined) throw new Error('The key ring lacks its current key');
  return textOf(key, ref, generation);
}

/** Reads a cookie's text; undefined for what cannot be a token of ours. */
export function readRefreshToken(text: string): RefreshToken | undefined {
  const [userId = '', sessionId = '', generation = '', mac = '', ...rest] = text.split('.');
  const isOne =
    rest.length === 0 && ULID_PATTERN.test(userId) && ULID_PATTERN.test(sessionId) && /^\d{1,9}$/.test(generation);
  return isOne ? { userId, sessionId, generation: Number(generation), mac } : undefined;
}

/** What is kept of a token. */
export function hashRefreshToken(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

/** Whether `token` was made by us, under any live key. */
export function isGenuine(ring: KeyRing, token: RefreshToken): boolean {
  return [...ring.keys.values()].filter((key) => isSame(macOf(key, token, token.generation), token.mac)).length > 0;
}

/** The token of `generation` that hashes to `hash`, whichever live key it was made under. */
export function tokenWithHash(ring: KeyRing, ref: SessionRef, generation: number, hash: string): string | undefined {
  return [...ring.keys.values()]
    .map((key) => textOf(key, ref, generation))
    .find((candidate) => hashRefreshToken(candidate) === hash);
}

function textOf(key: Uint8Array, ref: SessionRef, generation: number): string {
  return [ref.userId, ref.sessionId, generation, macOf(key, ref, generation)].join('.');
}

function macOf(key: Uint8Array, { userId, sessionId }: SessionRef, generation: number): string {
  return createHmac('sha256', key)
    .update(JSON.stringify(['refresh', userId, sessionId, generation]))
    .digest('base64url');
}

function isSame(left: string, right: string): boolean {
  const [one, other] = [Buffer.from(left), Buffer.from(right)];
  return one.length === other.length && timingSafeEqual(one, other);
}
