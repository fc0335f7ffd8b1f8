import { createHmac } from 'node:crypto';
import * as z from 'zod/mini';

import { SECOND, type Instant } from '../kernel/clock.ts';
import { problem, type Problem } from '../kernel/problems.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import type { Table } from '../table/client.ts';
import { commit, pause, StoreBusyError } from '../table/commit.ts';
import type { Key } from '../table/keys.ts';
import { getItem } from '../table/read.ts';
import { absent, anyOf, below, equals, type Put, type Update } from '../table/writes.ts';
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
  /** Mails with the tickets of an order that are sent again. */
  'resendsPerOrder',
  /** Notices to the holders of an event. */
  'noticesPerEvent',
  /** Tokens of mailed links that are tried from one address of the network. */
  'tokensPerAddress',
  /** Passwords that are tried in one session, to change what only the password allows. */
  'passwordsPerSession',
  /** Access codes that are tried from one address of the network. */
  'accessCodesPerAddress',
  /** Anonymous sessions begun from one address of the network. */
  'guestsPerAddress',
  /** Mails with offered tickets that one holder has sent, and that one mailbox gets from all of them. */
  'offersPerHolder',
  'offersPerMailbox',
] as const;
export type LimitName = (typeof LIMIT_NAMES)[number];

const limit = z.object({ most: z.int(), withinSeconds: z.int() });
const limits = z.record(z.enum(LIMIT_NAMES), limit);

/** How often is too often: so many uses within so many seconds. */
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

/** Up to so many uses are remembered one by one. */
const MOST_REMEMBERED = 20;
/** Uses at once of one subject that one of them waits out. */
const ATTEMPTS = 8;

/**
 * A limiter whose counters lie in the table: one write unit for each use. Where few are allowed, the time of each is
 * kept, so that no hour, whenever it begins, has more of them. Where many are, they are counted in fixed windows, at
 * whose turn up to twice as many may come close together; what bounds guesses (`users/domain/log-ins.ts`) does not
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
      const count = most <= MOST_REMEMBERED ? remember : countInWindow;
      const freeAt = await count(table, name, hash, { most, withinMs: withinSeconds * SECOND }, now);
      if (freeAt === undefined) return ok(undefined);
      return err(
        problem('TOO_MANY_REQUESTS', 'That was tried too often. Wait, then try again.', {
          retryAfter: Math.ceil((freeAt - now) / SECOND),
        }),
      );
    },
  };
}

interface Allowed {
  readonly most: number;
  readonly withinMs: number;
}

/** Counts a use in the fixed window of `now`. @returns when the next one may come, if this one may not */
async function countInWindow(
  table: Table,
  name: LimitName,
  hash: string,
  { most, withinMs }: Allowed,
  now: Instant,
): Promise<Instant | undefined> {
  const began = now - (now % withinMs);
  const counted = await commit(table, [countUse(name, hash, began, began + withinMs, most)]);
  return counted.ok ? undefined : began + withinMs;
}

const usesRow = z.object({ times: z.array(z.int()), rev: z.int() });

/** Adds a use to those of the last time. @returns when the next one may come, if this one may not */
async function remember(
  table: Table,
  name: LimitName,
  hash: string,
  { most, withinMs }: Allowed,
  now: Instant,
): Promise<Instant | undefined> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const item = await getItem(table, usesKey(name, hash), 'strong');
    const { times, rev } = item === undefined ? { times: [], rev: 0 } : z.parse(usesRow, item);
    const recent = times.filter((at) => at > now - withinMs);
    const [oldest] = recent;
    if (oldest !== undefined && recent.length >= most) return oldest + withinMs;
    const done = await commit(table, [rememberTimes(name, hash, { times: [...recent, now], rev }, now + withinMs)]);
    if (done.ok) return undefined;
    await pause(attempt);
  }
  throw new StoreBusyError('Uses of one subject stayed contended');
}

/** Uses of one thing by one subject: in one window, or all that are remembered. */
export function usesKey(name: LimitName, subjectHash: string, began?: Instant): Key {
  return { pk: `USES#${name}#${subjectHash}${began === undefined ? '' : `#${began}`}`, sk: 'USES' };
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

function rememberTimes(
  name: LimitName,
  hash: string,
  { times, rev }: z.infer<typeof usesRow>,
  ends: Instant,
): Put<'ANOTHER_FIRST'> {
  return {
    kind: 'put',
    key: usesKey(name, hash),
    item: { times: [...times], rev: rev + 1, ttl: Math.ceil(ends / SECOND) },
    when: rev === 0 ? absent('pk') : equals('rev', rev),
    otherwise: () => 'ANOTHER_FIRST',
  };
}
