import { problem, type Problem } from '../shared/kernel/problems.ts';
import { toTimestamp, type Instant } from '../shared/kernel/clock.ts';
import { err, ok, type Result } from '../shared/kernel/result.ts';
import type { Actor, Occasion } from '../shared/table/aggregate.ts';
import type { Table } from '../shared/table/client.ts';
import { commit, StoreBusyError } from '../shared/table/commit.ts';
import { openProfile, showProfile } from './app/show-profile.ts';
import { inAccount, PERSONAL_FIELDS, type Person, type PersonalData } from './personal-data.ts';
import { personalDataExported } from './privacy-events.ts';
import type { ProfileView } from './profile-contract.ts';
import { findAccount, findLiveSessions, readAccountHistory, type Account, type AccountStep } from './reads.ts';
import { changeAccount } from './writes.ts';

// What `users` offers to whoever hands a person their data; apart from `reads.ts`, since it opens what is sealed.
export { PersonErasedError, personalDataIn } from './personal-data.ts';

/** A session, without anything that it could be used by. */
export interface DisclosedSession {
  readonly startedAt: string;
  readonly lastSeenAt: string | null;
  readonly endsAt: string;
  readonly remembered: boolean;
  readonly deviceName: string | null;
}

/** A change of an account: what it set, personal values opened, and what it took away. */
export interface DisclosedChange {
  readonly version: number;
  readonly event: string;
  readonly at: string;
  readonly by: Actor;
  readonly set: Readonly<Record<string, unknown>>;
  readonly removed: readonly string[];
}

/** All that `users` keeps about a person, opened. */
export interface Disclosure {
  readonly account: ProfileView;
  readonly sessions: readonly DisclosedSession[];
  readonly history: readonly DisclosedChange[];
}

/** Attributes that a history shows beside the sealed ones; whatever is not named, such as the key of a link, stays in. */
const PLAIN = [
  'locale',
  'status',
  'roles',
  'memberships',
  'deliveryChannel',
  'phoneVerifiedAt',
  'consents',
  'bannedAt',
  'deletedAt',
  'createdAt',
];

/** Opens all that `users` keeps about a person. @throws PersonErasedError when they have been erased meanwhile */
export async function discloseAccount(
  table: Table,
  personalData: PersonalData,
  account: Account,
  now: Instant,
): Promise<Disclosure> {
  const { userId } = account;
  const person = await personalData.person(userId);
  const [profile, sessions, steps] = await Promise.all([
    openProfile(account, person),
    findLiveSessions(table, userId, now),
    readAccountHistory(table, userId),
  ]);
  return {
    account: await showProfile(table, personalData, { account, profile }),
    sessions: sessions.map(({ createdAt, lastSeenAt, expiresAt, rememberMe, deviceName }) => ({
      startedAt: toTimestamp(createdAt),
      lastSeenAt: lastSeenAt === undefined ? null : toTimestamp(lastSeenAt),
      endsAt: toTimestamp(expiresAt),
      remembered: rememberMe ?? false,
      deviceName: deviceName ?? null,
    })),
    history: await Promise.all(steps.map((step) => discloseStep(person, step))),
  };
}

async function discloseStep(person: Person, { ver, ev, at, by, set, removed }: AccountStep): Promise<DisclosedChange> {
  const opened = PERSONAL_FIELDS.map(async (field): Promise<[string, unknown][]> => {
    const sealed = set[field];
    return typeof sealed === 'string' ? [[field, await person.open(inAccount(person.userId, field), sealed)]] : [];
  });
  const plain = PLAIN.filter((name) => name in set).map((name): [string, unknown] => [name, set[name]]);
  const shown: readonly string[] = [...PERSONAL_FIELDS, ...PLAIN];
  return {
    version: ver,
    event: ev,
    at: toTimestamp(at),
    by,
    set: Object.fromEntries([...(await Promise.all(opened)).flat(), ...plain]),
    removed: removed.filter((name) => shown.includes(name)),
  };
}

const ROUNDS = 4;

/**
 * Writes down, for the audit, that a person's data is about to be handed out and by whom.
 *
 * @param notWithinMs of the export before: for one that costs much. Requests at once are told apart by the version
 * @returns the account as it is then; TOO_MANY_REQUESTS; USER_NOT_FOUND once it is erased
 */
export async function recordExport(
  table: Table,
  userId: string,
  occasion: Occasion,
  notWithinMs = 0,
): Promise<Result<Account, Problem>> {
  for (let round = 0; round < ROUNDS; round += 1) {
    const account = await findAccount(table, userId);
    if (account === undefined || account.deletedAt !== undefined)
      return err(problem('USER_NOT_FOUND', 'There is no such account.'));
    const waits = (account.exportedAt ?? 0) + notWithinMs - occasion.now;
    if (waits > 0 && notWithinMs > 0)
      return err(
        problem('TOO_MANY_REQUESTS', 'Wait a moment before the next export.', { retryAfter: Math.ceil(waits / 1_000) }),
      );
    const cause = { ...occasion, event: personalDataExported.name };
    const change = changeAccount(account, { exportedAt: occasion.now }, cause, () => 'MOVED_ON' as const);
    const done = await commit(table, [change.write]);
    if (done.ok) return ok(change.account);
  }
  throw new StoreBusyError('The account kept changing');
}
