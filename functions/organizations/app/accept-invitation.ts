import { findEvents } from '../../catalog/reads.ts';
import { toTimestamp, type Instant } from '../../shared/kernel/clock.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import { viewAssignment } from '../../shared/runtime/membership.ts';
import type { Occasion } from '../../shared/table/aggregate.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit, pause, StoreBusyError } from '../../shared/table/commit.ts';
import type { Write } from '../../shared/table/writes.ts';
import { hashesOfAccount } from '../../users/addresses.ts';
import { findAccount, type Account } from '../../users/reads.ts';
import { checkOpen } from '../../users/writes.ts';
import { userPostsChanged } from '../contract.ts';
import { invitationIsGone, type InvitationList, type Invited } from '../domain/invitation.ts';
import { memberOf, rightsWith, withPosts, type OrganizationDetails } from '../domain/organization.ts';
import type { OfferView } from '../invitations-contract.ts';
import { findByToken, findLiveInvitation, type LiveInvitation } from '../invited.ts';
import { findInvitation, findInvitationList, findOrganization } from '../reads.ts';
import { checkAdmin, closeInvitation, setMembers } from '../writes.ts';
import { mayHavePosts } from './change-members.ts';
import { forgetInvited } from './end-invitations.ts';
import { regrant, type Rights } from './grant-access.ts';
import { regrantSessionsOf } from '../../users/session-rights.ts';
import type { Invitations } from './invite.ts';

const ROUNDS = 8;
const MOVED_ON = (): 'MOVED_ON' => 'MOVED_ON';

/**
 * What an invitation is to, for whoever has its link.
 *
 * @returns TOKEN_INVALID_OR_EXPIRED for anything that could not be accepted
 */
export async function showOffer(
  { table, linkKey }: Invitations,
  token: string,
  now: Instant,
): Promise<Result<OfferView, Problem>> {
  const found = await findByToken(table, linkKey, token);
  const live = found === undefined ? undefined : await findLiveInvitation(table, found.invitationId, now);
  if (live === undefined) return err(invitationIsGone());
  const { invitation, organization } = live;
  const events = await findEvents(table, [...new Set(invitation.posts.flatMap(({ eventId }) => eventId ?? []))]);
  return ok({
    organization: { id: organization.organizationId, name: organization.name },
    posts: invitation.posts.map((held) => {
      const event = held.eventId === undefined ? undefined : events.get(held.eventId);
      return { ...viewAssignment(held), ...(event === undefined ? {} : { eventTitle: event.title }) };
    }),
    expiresAt: toTimestamp(invitation.expiresAt),
  });
}

/**
 * Takes the posts of an invitation: invitation, organisation, account and every live session change in one transaction, so
 * it is accepted once, and never after it was revoked or its sender lost the right to send it. The posts are added to
 * those that the person has. Again by who has accepted it is answered as the first time, while they are a member.
 *
 * @returns TOKEN_INVALID_OR_EXPIRED, INVITED_OTHER_ADDRESS for an account with another address, TOO_MANY_MEMBERSHIPS
 */
export async function acceptInvitation(
  { table, book, linkKey }: Invitations,
  { token, userId }: { readonly token: string; readonly userId: string },
  occasion: Occasion,
): Promise<Result<OrganizationDetails, Problem>> {
  const proven = await findByToken(table, linkKey, token);
  if (proven === undefined) return err(invitationIsGone());
  const { invitationId, organizationId } = proven;
  for (let round = 1; round <= ROUNDS; round += 1) {
    const [live, list, account] = await Promise.all([
      findLiveInvitation(table, invitationId, occasion.now),
      findInvitationList(table, organizationId),
      findAccount(table, userId),
    ]);
    const invited = list?.open.find((each) => each.invitationId === invitationId);
    if (live === undefined || list === undefined || invited === undefined) return again(table, invitationId, userId);
    if (!mayHavePosts(account)) return err(problem('NOT_SIGNED_IN', 'This account is gone, or barred.'));
    if ((await hashesOfAccount(book, account))?.hash !== invited.addressHash) return err(otherAddress());
    const taken = await takePosts(table, { live, list, invited, account }, occasion);
    if (!taken.ok) return taken;
    const done = await commit(table, taken.value.writes);
    if (!done.ok) {
      await pause(round);
      continue;
    }
    await regrantSessionsOf(table, userId, occasion.now);
    return ok(taken.value.organization);
  }
  throw new StoreBusyError('The invitation, its organisation or the account kept changing');
}

/** What an acceptance is decided on; every row of it is pinned by its version or a condition. */
interface Found {
  readonly live: LiveInvitation;
  readonly list: InvitationList;
  readonly invited: Invited;
  readonly account: Account;
}

async function takePosts(
  table: Table,
  { live: { invitation, organization, byAdmin }, list, invited, account }: Found,
  occasion: Occasion,
): Promise<
  Result<
    {
      readonly writes: readonly Write<'MOVED_ON'>[];
      readonly rights: Rights;
      readonly organization: OrganizationDetails;
    },
    Problem
  >
> {
  const { userId } = account;
  const { organizationId, invitedBy } = invitation;
  const wanted = [...(memberOf(organization, userId)?.posts ?? []), ...invitation.posts];
  const members = withPosts(organization, userId, wanted, occasion.now);
  if (!members.ok) return members;
  const change = setMembers(organization, members.value, occasion, MOVED_ON);
  const posts = memberOf(change.organization, userId)?.posts ?? [];
  const rights = rightsWith(account, organizationId, posts);
  if (!rights.ok) return rights;
  const cause = { ...occasion, event: userPostsChanged.name };
  return ok({
    writes: [
      closeInvitation(invitation, { state: 'ACCEPTED', acceptedBy: userId }, occasion, MOVED_ON),
      ...forgetInvited(organizationId, list, invited, occasion.now, MOVED_ON),
      change.write,
      ...(await regrant(table, account, rights.value, cause, MOVED_ON)),
      ...(byAdmin ? [checkAdmin(invitedBy, MOVED_ON)] : []),
      // Who invites another address of their own is pinned already.
      ...(invitedBy === userId ? [] : [checkOpen(invitedBy, MOVED_ON)]),
    ],
    rights: rights.value,
    organization: change.organization,
  });
}

/** The answer to somebody who accepts what they have accepted before: the first answer may have been lost. */
async function again(
  table: Table,
  invitationId: string,
  userId: string,
): Promise<Result<OrganizationDetails, Problem>> {
  const invitation = await findInvitation(table, invitationId);
  if (invitation?.acceptedBy !== userId) return err(invitationIsGone());
  const organization = await findOrganization(table, invitation.organizationId);
  return organization === undefined || memberOf(organization, userId) === undefined
    ? err(invitationIsGone())
    : ok(organization);
}

function otherAddress(): Problem {
  return problem(
    'INVITED_OTHER_ADDRESS',
    'Log in with the account of the address that the invitation was mailed to, or register that address.',
  );
}
