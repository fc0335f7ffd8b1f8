import * as z from 'zod/mini';

import type { Instant } from '../../shared/kernel/clock.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import { assignment } from '../../shared/runtime/membership.ts';
import { marked, type Marked } from '../../shared/table/aggregate.ts';
import type { Item } from '../../shared/table/keys.ts';
import { MOST_INVITATIONS } from '../invitations-contract.ts';

/**
 * Life of an invitation: OPEN until it is ACCEPTED by the person with its address, REVOKED by an organizer, or WITHDRAWN
 * because that person is erased. That it has expired, or that who invited may no longer do so, is no state: it is
 * judged when somebody wants to accept it.
 */
export const invitationState = z.enum(['OPEN', 'ACCEPTED', 'REVOKED', 'WITHDRAWN']);

const invitationRow = z.object({
  invitationId: z.string(),
  organizationId: z.string(),
  state: invitationState,
  /** Sealed under a data key of the invitation's own, which is destroyed when it closes; gone from then on. */
  email: z.optional(z.string()),
  posts: z.array(assignment),
  invitedBy: z.string(),
  /** BCP 47 language tag of the mail. */
  locale: z.string(),
  /** What the link's token is derived from, worthless without the key (ADR 23). */
  nonce: z.string(),
  createdAt: z.int(),
  expiresAt: z.int(),
  acceptedBy: z.optional(z.string()),
});

/** What an invitation's row keeps. */
export type InvitationDetails = z.infer<typeof invitationRow>;
/** An invitation as its row keeps it, with its change mark. */
export type Invitation = InvitationDetails & Marked & Item;

/** Reads an item as an invitation. @throws when it is none */
export function parseInvitation(item: Item): Invitation {
  return { ...marked(item), ...z.parse(invitationRow, item) };
}

/** Whether an invitation may still be accepted, as far as it itself says. */
export function isLive({ state, expiresAt }: Pick<InvitationDetails, 'state' | 'expiresAt'>, now: Instant): boolean {
  return state === 'OPEN' && expiresAt > now;
}

const invitedRow = z.object({
  invitationId: z.string(),
  /** By `hashAddress`. It lies here and not in the invitation, whose every version is kept for ever. */
  addressHash: z.string(),
  expiresAt: z.int(),
});
export type Invited = z.infer<typeof invitedRow>;

const invitationList = z.object({
  open: z.array(invitedRow),
  /** What the next write is conditioned on. */
  rev: z.int(),
});
/**
 * The open invitations of an organisation. They lie in one row, so that its revision pins how many there are and that no
 * address has two.
 */
export type InvitationList = z.infer<typeof invitationList>;

/** Reads an item as a list of invitations. @throws when it is none */
export function parseInvitationList(item: unknown): InvitationList {
  return z.parse(invitationList, item);
}

/**
 * The list once `added` is on it.
 *
 * @returns ALREADY_INVITED, or TOO_MANY_INVITATIONS
 */
export function withInvitation(
  list: InvitationList | undefined,
  added: Invited,
  now: Instant,
): Result<InvitationList, Problem> {
  const open = liveOf(list, now);
  const same = open.find(({ addressHash }) => addressHash === added.addressHash);
  if (same !== undefined) {
    const extra = { invitationId: same.invitationId };
    return err(problem('ALREADY_INVITED', 'Revoke that invitation first, or wait for it.', { extra }));
  }
  if (open.length >= MOST_INVITATIONS)
    return err(problem('TOO_MANY_INVITATIONS', `An organisation has ${MOST_INVITATIONS} open invitations at most.`));
  return ok({ open: [...open, added], rev: (list?.rev ?? 0) + 1 });
}

/** The list without one that is closed. */
export function withoutInvitation(list: InvitationList, invitationId: string, now: Instant): InvitationList {
  const open = liveOf(list, now).filter((each) => each.invitationId !== invitationId);
  return { open, rev: list.rev + 1 };
}

/** Those that have not expired: what has makes room for another. */
export function liveOf(list: InvitationList | undefined, now: Instant): readonly Invited[] {
  return (list?.open ?? []).filter(({ expiresAt }) => expiresAt > now);
}

/** What is no token of ours, and one whose invitation cannot be accepted any more: told apart to nobody. */
export function invitationIsGone(): Problem {
  return problem('TOKEN_INVALID_OR_EXPIRED', 'Ask whoever invited you for another invitation.');
}
