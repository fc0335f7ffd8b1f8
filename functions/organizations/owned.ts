import type { Owned } from '../shared/runtime/policy.ts';
import type { Table } from '../shared/table/client.ts';
import type { Invitation } from './domain/invitation.ts';
import { memberOf, type Member, type Organization } from './domain/organization.ts';
import { findApiKeys, findInvitation, findOrganization } from './reads.ts';

/** Organisations for policies that say `owns: 'organization'`: each is its own. */
export function ownedOrganizations(table: Table): Owned<'organization', Organization> {
  return {
    kind: 'organization',
    find: (organizationId) => findOrganization(table, organizationId),
    ownersOf: ({ organizationId }) => ({ places: [{ organizationId }] }),
  };
}

/** A member of the organisation that the path names as its parent. */
export interface FoundMember {
  readonly organization: Organization;
  readonly member: Member;
}

/** Members for policies that say `owns: 'member'`: each is of the organisation, and is a person. */
export function ownedMembers(table: Table): Owned<'member', FoundMember> {
  return {
    kind: 'member',
    find: async (memberId, { organizationId = '' }) => {
      const organization = await findOrganization(table, organizationId);
      const member = organization === undefined ? undefined : memberOf(organization, memberId);
      return organization === undefined || member === undefined ? undefined : { organization, member };
    },
    ownersOf: ({ organization: { organizationId }, member: { userId } }) => ({
      userId,
      places: [{ organizationId }],
      within: { organizationId },
    }),
  };
}

/** Open invitations for policies that say `owns: 'invitation'`: each is of its organisation; a closed one is gone. */
export function ownedInvitations(table: Table): Owned<'invitation', Invitation> {
  return {
    kind: 'invitation',
    find: async (invitationId) => {
      const found = await findInvitation(table, invitationId);
      return found?.state === 'OPEN' ? found : undefined;
    },
    ownersOf: ({ organizationId }) => ({ places: [{ organizationId }], within: { organizationId } }),
  };
}

/** API keys for policies that say `owns: 'apiKey'`: each is of its organisation; a revoked one is gone. */
export function ownedApiKeys(
  table: Table,
): Owned<'apiKey', { readonly apiKeyId: string; readonly organizationId: string }> {
  return {
    kind: 'apiKey',
    find: async (apiKeyId) => {
      const found = (await findApiKeys(table, [apiKeyId])).get(apiKeyId);
      return found?.revokedAt === undefined ? found : undefined;
    },
    ownersOf: ({ organizationId }) => ({ places: [{ organizationId }] }),
  };
}
