import * as z from 'zod/mini';

import { ACCESS_CODE_HEADER } from '../kernel/access-code.ts';
import type { Problem } from '../kernel/problems.ts';
import { ok, type Result } from '../kernel/result.ts';
import type { Instant } from '../kernel/clock.ts';
import { cursorEnv } from './env.ts';
import type { ClientAddress } from './edge.ts';
import { limitsEnv, type Limiter } from './limits.ts';
import type { Session } from './session.ts';

/** What functions need that take access codes; the key hides whose tries are counted. */
export const accessCodesEnv = z.extend(limitsEnv, cursorEnv.shape);

/** An access code as it was sent. It opens nothing before the try is counted. */
export interface SentCode {
  readonly text: string;
  /** Counts the try, right or wrong, before anything is told of it. @returns TOO_MANY_REQUESTS */
  readonly count: () => Promise<Result<void, Problem>>;
}

/** The access code that came with a request, if one did. */
export function sentCode(
  limiter: Limiter,
  {
    headers,
    client,
    session,
    now,
  }: {
    readonly headers: Readonly<Record<string, string | undefined>>;
    readonly client: ClientAddress;
    /** Where somebody must be signed in. */
    readonly session?: Pick<Session, 'key'>;
    readonly now: Instant;
  },
): SentCode | undefined {
  const text = headers[ACCESS_CODE_HEADER];
  if (text === undefined) return undefined;
  // A vendor sells for the organisation whose codes these are, to many from one address.
  if (session?.key !== undefined) return { text, count: async () => ok(undefined) };
  return { text, count: () => limiter.count('accessCodesPerAddress', client.limitKey, now) };
}

/**
 * The text of a code, once the try is counted where it could open anything: most events hide nothing, and a program
 * that sends its code with everything is not to be counted for those.
 *
 * @param types what it was sent for
 */
export async function tryCode(
  code: SentCode | undefined,
  types: Iterable<{ readonly hidden?: boolean | undefined }>,
): Promise<Result<string | undefined, Problem>> {
  if (code === undefined || ![...types].some(({ hidden }) => hidden === true)) return ok(code?.text);
  const counted = await code.count();
  return counted.ok ? ok(code.text) : counted;
}
