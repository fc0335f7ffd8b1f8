import type { Instant } from '../../shared/kernel/clock.ts';
import type { Table } from '../../shared/table/client.ts';
import type { PersonalData } from '../../users/recipients.ts';
import { findAccounts } from '../../users/reads.ts';
import { isLive, liveOf } from '../domain/invitation.ts';
import type { Organization } from '../domain/organization.ts';
import type { InvitationView } from '../invitations-contract.ts';
import { inInvitation, maySend } from '../invited.ts';
import { findAdmins, findInvitationList, findInvitations } from '../reads.ts';
import { viewInvitation } from './invite.ts';

/** The invitations to `organization` that can be accepted, newest first; see `findLiveInvitation`. */
export async function listInvitations(
  table: Table,
  personalData: PersonalData,
  organization: Organization,
  now: Instant,
): Promise<readonly InvitationView[]> {
  const list = await findInvitationList(table, organization.organizationId);
  const ids = liveOf(list, now).map(({ invitationId }) => invitationId);
  const [invitations, persons, admins] = await Promise.all([
    findInvitations(table, ids),
    personalData.persons(ids),
    findAdmins(table),
  ]);
  const senders = new Map(
    (await findAccounts(table, [...new Set(invitations.map(({ invitedBy }) => invitedBy))])).map((account) => [
      account.userId,
      account,
    ]),
  );
  const views = await Promise.all(
    invitations
      .filter((each) => isLive(each, now) && maySend(organization, senders.get(each.invitedBy), admins))
      .map(async (invitation): Promise<InvitationView[]> => {
        const { invitationId, email } = invitation;
        const person = persons.get(invitationId);
        if (email === undefined || person === undefined || !person.hasKey) return [];
        return [viewInvitation(invitation, await person.open(inInvitation(invitationId), email))];
      }),
  );
  return views.flat().toSorted((left, right) => (left.id < right.id ? 1 : -1));
}
