import { createHmac, timingSafeEqual } from 'node:crypto';
import * as z from 'zod/mini';

import { DAY, HOUR, MINUTE, SECOND, type Instant } from '../../shared/kernel/clock.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';

/** How long a code is taken. */
export const CODE_LIVES_MS = 10 * MINUTE;
/** Guesses for one code: with six digits, 1 in 200,000 hits. */
export const MOST_TRIES = 5;
/** Between two messages. */
export const RESEND_AFTER_MS = MINUTE;

/** How many messages may go out in how long. Each costs money, and whoever gets them may not have asked. */
export interface SendLimit {
  readonly most: number;
  readonly withinMs: number;
}
export const PER_PERSON: SendLimit = { most: 3, withinMs: HOUR };
/** Over all accounts that claim the number. */
export const PER_NUMBER: SendLimit = { most: 5, withinMs: DAY };

const sendsRow = z.object({ sends: z.array(z.int()), rev: z.int() });
/** When messages went out, and the revision that the next write is conditioned on. */
export type Sends = z.infer<typeof sendsRow>;

const codeRow = z.extend(sendsRow, { codeHash: z.string(), expiresAt: z.int(), tries: z.int() });
/** A code that was sent and has not come back yet. */
export type SentCode = z.infer<typeof codeRow>;

/** Reads an item as a list of sends. */
export function parseSends(item: unknown): Sends {
  return z.parse(sendsRow, item);
}

/** Reads an item as a sent code. */
export function parseSentCode(item: unknown): SentCode {
  return z.parse(codeRow, item);
}

/**
 * The list of sends with one more at `now`.
 *
 * @returns after how many seconds there is room, where there is none
 */
export function anotherSend(
  past: Sends | undefined,
  { most, withinMs }: SendLimit,
  now: Instant,
): Result<Sends, { readonly retryAfter: number }> {
  const recent = (past?.sends ?? []).filter((at) => at > now - withinMs);
  const [oldest = now] = recent;
  const last = recent.at(-1);
  const until = Math.max(
    recent.length >= most ? oldest + withinMs : 0,
    last === undefined ? 0 : last + RESEND_AFTER_MS,
  );
  if (until > now) return err({ retryAfter: Math.ceil((until - now) / SECOND) });
  return ok({ sends: [...recent, now], rev: (past?.rev ?? 0) + 1 });
}

/** What is kept of a code: bound to the person and the number, worthless without the key. */
export function hashCode(key: Uint8Array, userId: string, phone: string, code: string): string {
  return createHmac('sha256', key)
    .update(JSON.stringify(['phone-code', userId, phone, code]))
    .digest('base64url');
}

/** The name under which messages to a number are counted. */
export function hashPhone(key: Uint8Array, phone: string): string {
  return createHmac('sha256', key)
    .update(JSON.stringify(['phone', phone]))
    .digest('base64url');
}

/** Whether the hashes are the same, in constant time. */
export function isSameHash(left: string, right: string): boolean {
  const [one, other] = [Buffer.from(left), Buffer.from(right)];
  return one.length === other.length && timingSafeEqual(one, other);
}
