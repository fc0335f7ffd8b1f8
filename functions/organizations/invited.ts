import { readKey } from '../shared/runtime/secrets.ts';
import type { Instant } from '../shared/kernel/clock.ts';
import type { Table } from '../shared/table/client.ts';
import { findAccount, type Account } from '../users/reads.ts';
import type { PersonalData, Place } from '../users/recipients.ts';
import { isTokenOf, tokenOf, userOfToken } from '../users/tokens.ts';
import type { Admins } from './domain/admins.ts';
import { isLive, type Invitation } from './domain/invitation.ts';
import { leads, memberOf, type Organization } from './domain/organization.ts';
import { invitationKey } from './keys.ts';
import { findAdmins, findInvitation, findOrganization } from './reads.ts';

// What organisations offer about invitations to whoever writes their mails: apart from `reads.ts`, since it opens what is
// sealed and makes links.

/** Where the address of an invitation lies. */
export function inInvitation(invitationId: string): Place {
  return { key: invitationKey(invitationId), attribute: 'email' };
}

/** An invitation that can be accepted, as far as it does not depend on who wants to. */
export interface LiveInvitation {
  readonly invitation: Invitation;
  readonly organization: Organization;
  /** Whether its sender may invite as an admin alone. */
  readonly byAdmin: boolean;
}

/**
 * The invitation `invitationId` while it can be accepted. It is an act of whoever sent it, so it dies with their right to
 * send it: who is removed, barred or erased meanwhile lets nobody in any more (ADR 24).
 */
export async function findLiveInvitation(
  table: Table,
  invitationId: string,
  now: Instant,
): Promise<LiveInvitation | undefined> {
  const invitation = await findInvitation(table, invitationId);
  if (invitation === undefined || !isLive(invitation, now)) return undefined;
  const { organizationId, invitedBy } = invitation;
  const [organization, sender, admins] = await Promise.all([
    findOrganization(table, organizationId),
    findAccount(table, invitedBy),
    findAdmins(table),
  ]);
  if (organization === undefined || !maySend(organization, sender, admins)) return undefined;
  return { invitation, organization, byAdmin: !leads(memberOf(organization, invitedBy)) };
}

/** Whether somebody may invite to an organisation, hence whether what they have sent still counts. */
export function maySend(organization: Organization, sender: Account | undefined, admins: Admins | undefined): boolean {
  if (sender === undefined || sender.bannedAt !== undefined || sender.deletedAt !== undefined) return false;
  return leads(memberOf(organization, sender.userId)) || admins?.adminIds.includes(sender.userId) === true;
}

/** The invitation that `token` is of, in whatever state; undefined for what is no token of ours. */
export async function findByToken(
  table: Table,
  linkKeyParameter: string,
  token: string,
): Promise<Invitation | undefined> {
  const invitationId = userOfToken(token);
  const invitation = invitationId === undefined ? undefined : await findInvitation(table, invitationId);
  if (invitationId === undefined || invitation === undefined) return undefined;
  const key = await readKey(linkKeyParameter);
  return isTokenOf(key, 'invitation', invitationId, invitation.nonce, token) ? invitation : undefined;
}

/** The token of an invitation's link. */
export function tokenOfInvitation(linkKey: Uint8Array, { invitationId, nonce }: Invitation): string {
  return tokenOf(linkKey, 'invitation', invitationId, nonce);
}

/** The address of an invitation that is open; undefined once its key is gone. */
export async function openInvited(
  personalData: PersonalData,
  { invitationId, email }: Pick<Invitation, 'invitationId' | 'email'>,
): Promise<string | undefined> {
  const person = await personalData.person(invitationId);
  return email === undefined || !person.hasKey ? undefined : person.open(inInvitation(invitationId), email);
}
