import { createHmac } from 'node:crypto';
import * as z from 'zod/mini';

import { SECOND, type Instant } from '../kernel/clock.ts';
import { problem, type Problem } from '../kernel/problems.ts';
import { ok, type Result } from '../kernel/result.ts';
import type { Table } from '../table/client.ts';
import { commit } from '../table/commit.ts';
import type { Key } from '../table/keys.ts';
import { absent, anyOf, below, type Update } from '../table/writes.ts';
import { readKey } from './secrets.ts';

/** What is limited, each by whom it is counted for; how often is a number of the stage (`lib/stages.ts`). */
export const LIMIT_NAMES = [
  /** Log-ins, right or wrong, from one address of the network. */
  'logInsPerAddress',
  /** Refreshed sessions from one address of the network. */
  'refreshesPerAddress',
  /** Registrations from one address of the network. */
  'registrationsPerAddress',
  /** Mails that anybody can have sent (verification, reset) asked for from one address of the network. */
  'mailsPerAddress',
  /** Such mails to one mail address, whether it has an account or not. */
  'mailsPerMailbox',
  /** Mails with invitations that an organisation has sent, and that one mailbox gets from all of them. */
  'invitationsPerOrganization',
  'invitationsPerMailbox',
  /** Tokens of mailed links that are tried from one address of the network. */
  'tokensPerAddress',
  /** Passwords that are tried in one session, to change what only the password allows. */
  'passwordsPerSession',
  /** Access codes that are tried from one address of the network. */
  'accessCodesPerAddress',
] as const;
export type LimitName = (typeof LIMIT_NAMES)[number];

const limit = z.object({ most: z.int(), withinSeconds: z.int() });
const limits = z.record(z.enum(LIMIT_NAMES), limit);

/** How often is too often: uses in a window of so many seconds, of which each begins when the one before ends. */
export type Limits = Readonly<Record<LimitName, { readonly most: number; readonly withinSeconds: number }>>;

/** What every function that limits needs. */
export const limitsEnv = z.object({
  /** JSON of {@link Limits}. */
  LIMITS: z.string(),
});

/** Counts uses and refuses the ones that are too many. */
export interface Limiter {
  /**
   * Counts one more use, before whatever is limited is begun: parallel requests are each counted.
   *
   * @param subject for whom: an address, an id. It is kept as a keyed hash only
   * @returns TOO_MANY_REQUESTS, with the seconds until the window ends
   */
  count(name: LimitName, subject: string, now: Instant): Promise<Result<void, Problem>>;
}

/**
 * A limiter whose counters lie in the table: one write unit for each use, and no read. A window is fixed, so that at
 * its turn up to twice as many may come close together; what bounds guesses (`users/domain/log-ins.ts`) does not
 * depend on that.
 *
 * @param settings JSON of {@link Limits}
 * @param hashKey secret parameter of the kind `random-32-bytes`, under which subjects are hashed
 */
export function limiterOn(table: Table, settings: string, hashKey: string): Limiter {
  const allowed = z.parse(limits, JSON.parse(settings));
  return {
    count: async (name, subject, now) => {
      const { most, withinSeconds } = allowed[name];
      const hash = createHmac('sha256', await readKey(hashKey))
        .update(JSON.stringify(['limit', name, subject]))
        .digest('base64url');
      const windowMs = withinSeconds * SECOND;
      const began = now - (now % windowMs);
      const ends = began + windowMs;
      const counted = await commit(table, [countUse(name, hash, began, ends, most)]);
      if (counted.ok) return ok(undefined);
      return {
        ok: false,
        error: problem('TOO_MANY_REQUESTS', 'That was tried too often. Wait, then try again.', {
          retryAfter: Math.ceil((ends - now) / SECOND),
        }),
      };
    },
  };
}

/** Uses of one thing by one subject in one window. */
export function usesKey(name: LimitName, subjectHash: string, began: Instant): Key {
  return { pk: `USES#${name}#${subjectHash}#${began}`, sk: 'USES' };
}

function countUse(name: LimitName, hash: string, began: Instant, ends: Instant, most: number): Update<'TOO_MANY'> {
  return {
    kind: 'update',
    key: usesKey(name, hash, began),
    add: { uses: 1 },
    // The table drops it some time after.
    set: { ttl: Math.ceil(ends / SECOND) },
    when: anyOf(absent('uses'), below('uses', most)),
    otherwise: () => 'TOO_MANY',
  };
}
