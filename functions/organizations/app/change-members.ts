import { findEvent } from '../../catalog/reads.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { Assignment } from '../../shared/runtime/membership.ts';
import type { Occasion } from '../../shared/table/aggregate.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit, StoreBusyError } from '../../shared/table/commit.ts';
import { findAccount, type Account } from '../../users/reads.ts';
import { checkOpen } from '../../users/writes.ts';
import { userPostsChanged, type AssignmentWish } from '../contract.ts';
import {
  faultsOf,
  leads,
  memberOf,
  rightsWith,
  withPosts,
  type Member,
  type Organization,
} from '../domain/organization.ts';
import { findOrganization } from '../reads.ts';
import { setMembers } from '../writes.ts';
import { regrant } from './grant-access.ts';
import { regrantSessionsOf } from '../../users/session-rights.ts';

const ROUNDS = 4;

/** Whose posts are to be what. */
export interface MemberChange {
  readonly organizationId: string;
  readonly userId: string;
  /** All of the person's posts from now on; none means that they leave. */
  readonly posts: (before: readonly Assignment[]) => readonly Assignment[];
  /** Who asks for it, and whether that is an admin, who needs no post. */
  readonly actor: { readonly userId: string; readonly isAdmin: boolean };
}

/**
 * Changes the posts of one person in an organisation: the organisation's row, the account's copy and every live
 * session change in one transaction. The row's version pins whatever was decided on, the asker's own post
 * included, so two organizers who remove each other at once leave one. A ban leaves posts as they are, so the asker's
 * account is a condition as well.
 *
 * @returns the member, or undefined for who has left
 */
export async function changeMember(
  table: Table,
  { organizationId, userId, posts, actor }: MemberChange,
  occasion: Occasion,
): Promise<Result<Member | undefined, Problem>> {
  for (let round = 0; round < ROUNDS; round += 1) {
    const [organization, account] = await Promise.all([
      findOrganization(table, organizationId),
      findAccount(table, userId),
    ]);
    if (organization === undefined || !mayChange(organization, actor, userId)) return err(notYours());
    const before = memberOf(organization, userId);
    const wanted = posts(before?.posts ?? []);
    if (before === undefined && wanted.length === 0) return ok(undefined);
    const members = withPosts(organization, userId, wanted, occasion.now);
    if (!members.ok) return members;
    // Somebody whose account is gone can only leave.
    if (wanted.length > 0 && !mayHavePosts(account)) return err(problem('USER_NOT_FOUND', 'There is no such account.'));
    const change = setMembers(organization, members.value, occasion, () => 'MOVED_ON' as const);
    const rights = account === undefined ? undefined : rightsWith(account, organizationId, wanted);
    if (rights?.ok === false) return rights;
    const cause = { ...occasion, event: userPostsChanged.name };
    const grants =
      account === undefined || rights === undefined
        ? []
        : await regrant(table, account, rights.value, cause, () => 'MOVED_ON' as const);
    const done = await commit(table, [
      change.write,
      ...grants,
      // One's own account is among the grants.
      ...(actor.userId === userId ? [] : [checkOpen(actor.userId, () => 'BARRED' as const)]),
    ]);
    if (!done.ok && done.error === 'BARRED') return err(notYours());
    if (!done.ok) continue;
    if (rights !== undefined) await regrantSessionsOf(table, userId, occasion.now);
    return ok(memberOf(change.organization, userId));
  }
  throw new StoreBusyError('The organisation kept changing');
}

/** The answer to whoever has nothing to say in an organisation, or may do nothing any more. */
export function notYours(): Problem {
  return problem('ORGANIZATION_NOT_FOUND', 'There is no such organisation for you.');
}

/** Organizers of it and admins change anybody; everybody may leave. */
function mayChange(organization: Organization, actor: MemberChange['actor'], userId: string): boolean {
  return actor.isAdmin || actor.userId === userId || leads(memberOf(organization, actor.userId));
}

/** Whether posts may be given to an account. */
export function mayHavePosts(account: Account | undefined): account is Account {
  return account?.status === 'VERIFIED' && account.bannedAt === undefined && account.deletedAt === undefined;
}

/**
 * The posts that a request wishes for, checked: times in order, and single events only of this organisation.
 *
 * @returns INVALID_INPUT with every fault, or EVENT_NOT_FOUND for an event of others
 */
export async function readPosts(
  table: Table,
  organizationId: string,
  wishes: readonly AssignmentWish[],
): Promise<Result<readonly Assignment[], Problem>> {
  const posts = wishes.map(({ post, eventId, from, until }) => ({
    post,
    ...(eventId === undefined ? {} : { eventId }),
    ...(from === undefined ? {} : { from: Date.parse(from) }),
    ...(until === undefined ? {} : { until: Date.parse(until) }),
  }));
  const errors = faultsOf(posts);
  if (errors.length > 0)
    return err(problem('INVALID_INPUT', 'Mend what `errors` lists and send it again.', { errors }));
  const eventIds = [...new Set(posts.flatMap(({ eventId }) => eventId ?? []))];
  const events = await Promise.all(eventIds.map((eventId) => findEvent(table, eventId)));
  return events.every((event) => event?.organizationId === organizationId)
    ? ok(posts)
    : err(problem('EVENT_NOT_FOUND', 'A post can be for an event of this organisation only.'));
}
