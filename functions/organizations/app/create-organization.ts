import { ulid } from 'ulid';

import { canonicalJson, shortHash } from '../../shared/kernel/hash.ts';
import { derivedId } from '../../shared/kernel/ids.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { Occasion } from '../../shared/table/aggregate.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit, StoreBusyError } from '../../shared/table/commit.ts';
import { findAccount } from '../../users/reads.ts';
import { userPostsChanged } from '../contract.ts';
import { rightsWith, type OrganizationDetails } from '../domain/organization.ts';
import { findOrganization } from '../reads.ts';
import { putOrganization } from '../writes.ts';
import { mayHavePosts } from './change-members.ts';
import { regrant } from './grant-access.ts';
import { regrantSessionsOf } from '../../users/session-rights.ts';

const ROUNDS = 4;

/** The request to found an organisation. */
export interface Founding {
  readonly name: string;
  readonly founderId: string;
  /** As the client sent it, if it did. */
  readonly idempotencyKey: string | undefined;
}

/**
 * Founds an organisation whose maker leads it from that moment on, in this and every other running session. With
 * an idempotency key the id follows from maker and key, so a retry finds what the first try made.
 */
export async function createOrganization(
  table: Table,
  { name, founderId, idempotencyKey }: Founding,
  occasion: Occasion,
): Promise<Result<OrganizationDetails, Problem>> {
  const { now } = occasion;
  const requestHash = shortHash(canonicalJson({ name }));
  const organizationId =
    idempotencyKey === undefined ? ulid(now) : derivedId('organization', founderId, idempotencyKey);
  const posts = [{ post: 'organizer' as const }];
  const members = [{ userId: founderId, posts, since: now }];
  const organization = { organizationId, name, createdAt: now, requestHash, members };
  for (let round = 0; round < ROUNDS; round += 1) {
    const [earlier, founder] = await Promise.all([
      idempotencyKey === undefined ? undefined : findOrganization(table, organizationId),
      findAccount(table, founderId),
    ]);
    if (earlier !== undefined) {
      return earlier.requestHash === requestHash
        ? ok(earlier)
        : err(problem('IDEMPOTENCY_KEY_REUSED', 'Send another Idempotency-Key with another request.'));
    }
    // The session may have been read before a ban or an erasure, after which the account gets no rights any more.
    if (!mayHavePosts(founder)) return err(problem('NOT_SIGNED_IN', 'This account is gone, or barred.'));
    const rights = rightsWith(founder, organizationId, posts);
    if (!rights.ok) return rights;
    const cause = { ...occasion, event: userPostsChanged.name };
    const done = await commit(table, [
      putOrganization(organization, occasion, () => 'MOVED_ON' as const),
      ...(await regrant(table, founder, rights.value, cause, () => 'MOVED_ON' as const)),
    ]);
    if (!done.ok) continue;
    await regrantSessionsOf(table, founderId, now);
    return ok(organization);
  }
  throw new StoreBusyError('The account kept changing');
}
