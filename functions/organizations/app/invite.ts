import { ulid } from 'ulid';

import { toTimestamp, type Instant } from '../../shared/kernel/clock.ts';
import type { Problem } from '../../shared/kernel/problems.ts';
import { ok, type Result } from '../../shared/kernel/result.ts';
import { viewAssignment, type Assignment } from '../../shared/runtime/membership.ts';
import type { Limiter } from '../../shared/runtime/limits.ts';
import type { Occasion } from '../../shared/table/aggregate.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit, pause, StoreBusyError } from '../../shared/table/commit.ts';
import { mustHold } from '../../shared/table/writes.ts';
import { hashesOf, type AddressBook } from '../../users/addresses.ts';
import { findAccount } from '../../users/reads.ts';
import { newLink } from '../../users/tokens.ts';
import { withInvitation, type InvitationDetails } from '../domain/invitation.ts';
import { INVITATION_LIVES_MS, type InvitationView } from '../invitations-contract.ts';
import { inInvitation } from '../invited.ts';
import { findInvitationList } from '../reads.ts';
import { putInvitation, putInvitationList, putInvited } from '../writes.ts';

/** Others may invite, or be invited to several organisations, at once: each round, one of them gets through. */
const ROUNDS = 8;

/** Where links are checked and addresses compared. */
export interface Invitations {
  readonly table: Table;
  readonly book: AddressBook;
  /** Secret parameter of the key that tokens of links are derived with. */
  readonly linkKey: string;
  readonly limiter: Limiter;
}

/** Whom to invite, and to what. */
export interface InvitationWish {
  readonly organizationId: string;
  readonly email: string;
  readonly posts: readonly Assignment[];
  /** BCP 47; that of who invites if left out. */
  readonly locale: string | undefined;
  readonly invitedBy: string;
}

/**
 * Invites an address. The mail follows from the change and holds the link, whose token is made there and kept nowhere
 * (ADR 23). How many are open and that an address has one is pinned by the revision of their list. The address is sealed under a data key of the invitation's own, which the table drops
 * with its end whatever becomes of it.
 *
 * @returns ALREADY_INVITED, TOO_MANY_INVITATIONS, or TOO_MANY_REQUESTS for the organisation or the address
 */
export async function inviteMember(
  { table, book, limiter }: Pick<Invitations, 'table' | 'book' | 'limiter'>,
  { organizationId, email, posts, locale, invitedBy }: InvitationWish,
  occasion: Occasion,
): Promise<Result<InvitationView, Problem>> {
  const { now } = occasion;
  const invitationId = ulid(now);
  const { nonce, until: expiresAt } = newLink(now, INVITATION_LIVES_MS);
  const { hash: addressHash, mailboxHash } = await hashesOf(book, email);
  const invited = { invitationId, addressHash, expiresAt };
  const language = locale ?? (await findAccount(table, invitedBy))?.locale ?? 'en';
  const moved = (): 'MOVED_ON' => 'MOVED_ON';
  let sealed: Awaited<ReturnType<typeof seal>> | undefined;
  for (let round = 1; round <= ROUNDS; round += 1) {
    const before = await findInvitationList(table, organizationId);
    const list = withInvitation(before, invited, now);
    if (!list.ok) return list;
    if (sealed === undefined) {
      const counted = await countMail(limiter, organizationId, mailboxHash, now);
      if (!counted.ok) return counted;
      sealed = await seal(book, invitationId, email, expiresAt);
    }
    const invitation: InvitationDetails = {
      invitationId,
      organizationId,
      state: 'OPEN',
      email: sealed.email,
      posts: [...posts],
      invitedBy,
      locale: language,
      nonce,
      createdAt: now,
      expiresAt,
    };
    const done = await commit(table, [
      putInvitation(invitation, occasion, moved),
      sealed.keep,
      putInvitationList(organizationId, list.value, before?.rev, moved),
      putInvited(invited, organizationId),
    ]);
    if (done.ok) return ok(viewInvitation(invitation, email));
    await pause(round);
  }
  throw new StoreBusyError('The invitations kept changing');
}

/** Whoever may invite has mails sent to whomever they like, in words of their own. */
async function countMail(
  limiter: Limiter,
  organizationId: string,
  mailboxHash: string,
  now: Instant,
): Promise<Result<void, Problem>> {
  const counted = await limiter.count('invitationsPerOrganization', organizationId, now);
  return counted.ok ? limiter.count('invitationsPerMailbox', mailboxHash, now) : counted;
}

async function seal({ personalData }: AddressBook, invitationId: string, email: string, expiresAt: number) {
  const { person, keep } = await personalData.newPerson(invitationId);
  return {
    email: await person.seal(inInvitation(invitationId), email),
    // The table drops the key, and what it opens is gone: for invitations that nobody closes.
    keep: {
      ...keep,
      item: { ...keep.item, ttl: Math.ceil(expiresAt / 1_000) },
      otherwise: mustHold('a new invitation has no data key yet'),
    },
  };
}

/** An invitation as organizers see it. */
export function viewInvitation(invitation: InvitationDetails, email: string): InvitationView {
  const { invitationId: id, posts, invitedBy, createdAt, expiresAt } = invitation;
  return {
    id,
    email,
    posts: posts.map(viewAssignment),
    invitedBy,
    createdAt: toTimestamp(createdAt),
    expiresAt: toTimestamp(expiresAt),
  };
}
