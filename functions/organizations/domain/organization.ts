import * as z from 'zod/mini';

import type { Instant } from '../../shared/kernel/clock.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { canonicalJson } from '../../shared/kernel/hash.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import { assignment, type Assignment, type Membership } from '../../shared/runtime/membership.ts';
import type { Role } from '../../shared/runtime/route.ts';
import { marked, type Marked } from '../../shared/table/aggregate.ts';
import type { Item } from '../../shared/table/keys.ts';
import { MOST_MEMBERS, MOST_MEMBERSHIPS, MOST_POSTS } from '../contract.ts';

const member = z.object({ userId: z.string(), posts: z.array(assignment), since: z.int() });

/** Somebody who works for an organisation. */
export type Member = z.infer<typeof member>;

const organizationRow = z.object({
  organizationId: z.string(),
  name: z.string(),
  createdAt: z.int(),
  /** Hash of the request that founded it, to tell a retry from a reused key. */
  requestHash: z.optional(z.string()),
  /**
   * Everybody who works for it. They lie in the row itself, so that its version pins all of them: of two
   * organizers who remove each other at once one is too late, and no organisation is ever left without one.
   */
  members: z.array(member),
});

/** What an organisation's row keeps. */
export type OrganizationDetails = z.infer<typeof organizationRow>;
/** An organisation as its row keeps it, with its change mark. */
export type Organization = OrganizationDetails & Marked & Item;

/** Reads an item as an organisation. @throws when it is none */
export function parseOrganization(item: Item): Organization {
  return { ...marked(item), ...z.parse(organizationRow, item) };
}

/** A member of `organization`, or undefined. */
export function memberOf({ members }: OrganizationDetails, userId: string): Member | undefined {
  return members.find((each) => each.userId === userId);
}

/** Whether `member` leads the organisation. */
export function leads(each: Member | undefined): boolean {
  return each?.posts.some(({ post }) => post === 'organizer') === true;
}

/**
 * The members once `userId` holds exactly `posts`; none means that the person leaves.
 *
 * @returns LAST_ORGANIZER when nobody would lead the organisation, TOO_MANY_MEMBERSHIPS beyond what a row holds
 */
export function withPosts(
  { members }: OrganizationDetails,
  userId: string,
  posts: readonly Assignment[],
  now: Instant,
): Result<readonly Member[], Problem> {
  const unique = [...new Map(posts.map((each) => [canonicalJson(each), each])).values()];
  const before = members.find((each) => each.userId === userId);
  const rest = members.filter((each) => each.userId !== userId);
  const after = unique.length === 0 ? rest : [...rest, { userId, posts: unique, since: before?.since ?? now }];
  if (!after.some(leads))
    return err(problem('LAST_ORGANIZER', 'Make somebody else an organizer first: an organisation needs one.'));
  if (after.length > MOST_MEMBERS || unique.length > MOST_POSTS)
    return err(
      problem(
        'TOO_MANY_MEMBERSHIPS',
        `${MOST_MEMBERS} members with ${MOST_POSTS} posts each are the most there can be.`,
      ),
    );
  return ok(after);
}

/** What somebody may do in all organisations, once `posts` are theirs in this one. */
export function rightsWith(
  { roles, memberships }: { readonly roles: readonly Role[]; readonly memberships: readonly Membership[] },
  organizationId: string,
  posts: readonly Assignment[],
): Result<{ readonly roles: Role[]; readonly memberships: Membership[] }, Problem> {
  const others = memberships.filter((held) => held.organizationId !== organizationId);
  const after = [...others, ...posts.map((held) => ({ ...held, organizationId }))];
  if (after.length > MOST_MEMBERSHIPS)
    return err(
      problem('TOO_MANY_MEMBERSHIPS', `One person may hold ${MOST_MEMBERSHIPS} posts over all organisations.`),
    );
  return ok({ roles: rolesWith(roles, after), memberships: after });
}

/** The roles that admins have given, and those that follow from posts in organisations. */
export function rolesWith(given: readonly Role[], memberships: readonly Membership[]): Role[] {
  const kept = given.filter((role) => role !== 'organizer' && role !== 'staff');
  return [
    ...kept,
    ...(memberships.some(({ post }) => post === 'organizer') ? (['organizer'] as const) : []),
    ...(memberships.some(({ post }) => post !== 'organizer') ? (['staff'] as const) : []),
  ];
}

/** What is wrong with posts as they were asked for, by their paths. */
export function faultsOf(posts: readonly Assignment[]): readonly { readonly path: string; readonly message: string }[] {
  return posts.flatMap(({ post, eventId, from, until }, index) => {
    const faults: { path: string; message: string }[] = [];
    const limited = eventId !== undefined || from !== undefined || until !== undefined;
    if (post === 'organizer' && limited)
      faults.push({ path: `posts.${index}`, message: 'An organizer leads the whole organisation, at all times' });
    if (from !== undefined && until !== undefined && until <= from)
      faults.push({ path: `posts.${index}.until`, message: 'This must be later than `from`' });
    return faults;
  });
}
