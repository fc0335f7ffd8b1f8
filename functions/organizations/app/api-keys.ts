import { toTimestamp, type Instant } from '../../shared/kernel/clock.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import { makeApiKey } from '../../shared/runtime/api-key.ts';
import type { KeyScope } from '../../shared/runtime/route.ts';
import type { Session } from '../../shared/runtime/session.ts';
import type { Occasion } from '../../shared/table/aggregate.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit, StoreBusyError } from '../../shared/table/commit.ts';
import { findAccount, type Account } from '../../users/reads.ts';
import { checkAccount } from '../../users/writes.ts';
import type { ApiKeyView } from '../api-keys-contract.ts';
import { liveKeys, withKey, type KeyEntry } from '../domain/api-keys.ts';
import { findApiKeys, findKeyList, findKeyLists } from '../reads.ts';
import { addKey, dropKey } from '../writes.ts';
import { mayHavePosts } from './change-members.ts';

const ROUNDS = 4;

/** The request for a new key. */
export interface KeyWish {
  readonly organizationId?: string | undefined;
  readonly name: string;
  readonly scopes: readonly KeyScope[];
  /** RFC 3339. */
  readonly expiresAt?: string | undefined;
}

/**
 * Makes a key and shows it, once: only its hash is kept, so a lost answer is mended by revoking and making
 * another. List and key are written together, the list under its version: of three requests at once for one
 * name the third is refused. The account is pinned too: whoever leads the organisation no more makes no key.
 */
export async function createApiKey(
  table: Table,
  session: Session,
  wish: KeyWish,
  occasion: Occasion,
): Promise<Result<ApiKeyView & { readonly key: string }, Problem>> {
  const chosen = organizationFor(session, wish.organizationId);
  if (!chosen.ok) return chosen;
  const organizationId = chosen.value;
  const expiresAt = wish.expiresAt === undefined ? undefined : Date.parse(wish.expiresAt);
  if (expiresAt !== undefined && expiresAt <= occasion.now) return err(invalid('expiresAt', 'This must lie ahead'));
  const made = makeApiKey();
  const entry: KeyEntry = {
    apiKeyId: made.apiKeyId,
    name: wish.name,
    scopes: [...new Set(wish.scopes)],
    createdAt: occasion.now,
    createdBy: session.userId,
    ...(expiresAt === undefined ? {} : { expiresAt }),
  };
  for (let round = 0; round < ROUNDS; round += 1) {
    const [before, account] = await Promise.all([
      findKeyList(table, organizationId),
      findAccount(table, session.userId),
    ]);
    // The session may have been read before somebody took the post away, or barred its holder, who keeps the posts.
    if (!mayHavePosts(account) || !isOrganizerOf(account, organizationId)) return err(notLed());
    const keys = withKey(before?.keys ?? [], entry, occasion.now);
    if (!keys.ok) return keys;
    const list = { organizationId, keys: keys.value, changedKeyId: entry.apiKeyId };
    const done = await commit(table, [
      ...addKey(before, list, { ...entry, hash: made.hash }, occasion, () => 'MOVED_ON' as const),
      checkAccount(account, () => 'MOVED_ON' as const),
    ]);
    if (done.ok) return ok({ ...viewKey(organizationId, entry, undefined), key: made.text });
  }
  throw new StoreBusyError('The list of keys kept changing');
}

function organizationFor(session: Session, wanted: string | undefined): Result<string, Problem> {
  const own = session.memberships.flatMap(({ post, organizationId }) => (post === 'organizer' ? [organizationId] : []));
  const [first] = own;
  if (wanted !== undefined && !own.includes(wanted)) return err(notLed());
  if (wanted === undefined && own.length > 1)
    return err(invalid('organizationId', 'Say for which of your organisations'));
  const chosen = wanted ?? first;
  return chosen === undefined ? err(problem('ORGANIZATION_NOT_FOUND', 'You lead no organisation.')) : ok(chosen);
}

function isOrganizerOf({ memberships }: Account, organizationId: string): boolean {
  return memberships.some((held) => held.organizationId === organizationId && held.post === 'organizer');
}

function notLed(): Problem {
  return problem('ORGANIZATION_NOT_FOUND', 'There is no such organisation for you.');
}

function invalid(path: string, message: string): Problem {
  return problem('INVALID_INPUT', 'Mend what `errors` lists and send it again.', { errors: [{ path, message }] });
}

/** The live keys of the organisations that somebody leads, newest first. */
export async function listApiKeys(table: Table, session: Session, now: Instant): Promise<readonly ApiKeyView[]> {
  const own = session.memberships.flatMap(({ post, organizationId }) => (post === 'organizer' ? [organizationId] : []));
  const lists = await findKeyLists(table, own);
  const entries = lists.flatMap(({ organizationId, keys }) =>
    liveKeys(keys, now).map((entry) => ({ organizationId, entry })),
  );
  const rows = await findApiKeys(
    table,
    entries.map(({ entry }) => entry.apiKeyId),
  );
  return entries
    .map(({ organizationId, entry }) => viewKey(organizationId, entry, rows.get(entry.apiKeyId)?.lastUsedAt))
    .toSorted((left, right) => (left.createdAt < right.createdAt ? 1 : -1));
}

/** Revokes a key: no request with it is answered from here on. Twice is once. */
export async function revokeApiKey(
  table: Table,
  organizationId: string,
  apiKeyId: string,
  occasion: Occasion,
): Promise<void> {
  for (let round = 0; round < ROUNDS; round += 1) {
    const list = await findKeyList(table, organizationId);
    if (list === undefined || !list.keys.some((entry) => entry.apiKeyId === apiKeyId)) return;
    const done = await commit(
      table,
      dropKey(list, apiKeyId, occasion, () => 'MOVED_ON'),
    );
    if (done.ok) return;
  }
  throw new StoreBusyError('The list of keys kept changing');
}

/**
 * Revokes the keys that somebody made for the organisations that they lead: who is barred has seen their text, and
 * keys know no person. Repeatable; keys that others made stay.
 */
export async function revokeKeysMadeBy(
  table: Table,
  { userId, memberships }: Pick<Account, 'userId' | 'memberships'>,
  occasion: Occasion,
): Promise<void> {
  const led = memberships.flatMap(({ post, organizationId }) => (post === 'organizer' ? [organizationId] : []));
  for (const { organizationId, keys } of await findKeyLists(table, [...new Set(led)]))
    for (const { apiKeyId, createdBy } of keys)
      if (createdBy === userId) await revokeApiKey(table, organizationId, apiKeyId, occasion);
}

function viewKey(organizationId: string, entry: KeyEntry, lastUsedAt: Instant | undefined): ApiKeyView {
  const { apiKeyId: id, name, scopes, createdAt, createdBy, expiresAt } = entry;
  return {
    id,
    organizationId,
    name,
    scopes,
    createdAt: toTimestamp(createdAt),
    createdBy: createdBy ?? null,
    expiresAt: expiresAt === undefined ? null : toTimestamp(expiresAt),
    lastUsedAt: lastUsedAt === undefined ? null : toTimestamp(lastUsedAt),
  };
}
