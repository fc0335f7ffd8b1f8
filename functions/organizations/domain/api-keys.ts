import * as z from 'zod/mini';

import type { Instant } from '../../shared/kernel/clock.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import { KEY_SCOPES } from '../../shared/runtime/route.ts';
import { marked, type Marked } from '../../shared/table/aggregate.ts';
import type { Item } from '../../shared/table/keys.ts';
import { LIVE_OF_ONE_NAME, MOST_KEYS } from '../api-keys-contract.ts';

const keyEntry = z.object({
  apiKeyId: z.string(),
  name: z.string(),
  scopes: z.array(z.enum(KEY_SCOPES)),
  createdAt: z.int(),
  /** Gone with the account of who made it. */
  createdBy: z.optional(z.string()),
  expiresAt: z.optional(z.int()),
});

/** A key as its organisation's list keeps it. */
export type KeyEntry = z.infer<typeof keyEntry>;

const keyListRow = z.object({
  organizationId: z.string(),
  /** Those not revoked; they lie in one row, so that its version pins how many there are. */
  keys: z.array(keyEntry),
  /** The key that the last change was about. */
  changedKeyId: z.string(),
});

/** The keys of an organisation, with the change mark. */
export type KeyList = z.infer<typeof keyListRow> & Marked & Item;

/** Reads an item as a list of keys. @throws when it is none */
export function parseKeyList(item: Item): KeyList {
  return { ...marked(item), ...z.parse(keyListRow, item) };
}

/** Those of `keys` that still count at `now`: one that has expired makes room for another. */
export function liveKeys(keys: readonly KeyEntry[], now: Instant): readonly KeyEntry[] {
  return keys.filter(({ expiresAt }) => expiresAt === undefined || expiresAt > now);
}

/**
 * The keys once `added` is one of them.
 *
 * @returns TOO_MANY_KEYS when the name has two live ones, or the organisation as many as a row takes
 */
export function withKey(
  keys: readonly KeyEntry[],
  added: KeyEntry,
  now: Instant,
): Result<readonly KeyEntry[], Problem> {
  const live = liveKeys(keys, now);
  if (live.filter(({ name }) => name === added.name).length >= LIVE_OF_ONE_NAME)
    return err(
      problem(
        'TOO_MANY_KEYS',
        `Two keys named ${added.name} are live: one in use, one to replace it. Revoke one first.`,
      ),
    );
  if (live.length >= MOST_KEYS) return err(problem('TOO_MANY_KEYS', `An organisation has ${MOST_KEYS} keys at most.`));
  return ok([...live, added]);
}
