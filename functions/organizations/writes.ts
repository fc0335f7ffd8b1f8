import { apiKeyKey } from '../shared/runtime/api-key.ts';
import { advance, begin, type Occasion } from '../shared/table/aggregate.ts';
import {
  above,
  absent,
  contains,
  equals,
  exists,
  mustHold,
  type Check,
  type Delete,
  type Otherwise,
  type Put,
  type Write,
} from '../shared/table/writes.ts';
import { apiKeyCreated, apiKeyRevoked, apiKeysDisowned } from './api-keys-contract.ts';
import { adminsChanged, membersChanged, organizationCreated, organizationRenamed } from './contract.ts';
import type { Admins } from './domain/admins.ts';
import type { KeyEntry, KeyList } from './domain/api-keys.ts';
import { parseOrganization, type Member, type Organization, type OrganizationDetails } from './domain/organization.ts';
import type { Invitation, InvitationDetails, InvitationList, Invited } from './domain/invitation.ts';
import { invitationAccepted, invitationRevoked, invitationWithdrawn, memberInvited } from './invitations-contract.ts';
import { ADMINS_KEY, invitationKey, invitationListKey, invitedKey, keyListKey, organizationKey } from './keys.ts';

/** The row of a new organisation. */
export function putOrganization<E>(
  organization: OrganizationDetails,
  occasion: Occasion,
  otherwise: Otherwise<E>,
): Put<E> {
  const cause = { ...occasion, event: organizationCreated.name };
  return begin(organizationKey(organization.organizationId), { ...organization }, cause, otherwise);
}

/** An organisation's next row and the one write that makes it so. */
export interface OrganizationChange<E> {
  readonly organization: Organization;
  readonly write: Write<E>;
}

/** Gives an organisation other members. */
export function setMembers<E>(
  organization: Organization,
  members: readonly Member[],
  occasion: Occasion,
  otherwise: Otherwise<E>,
): OrganizationChange<E> {
  const { row, write } = advance(organization, { members }, { ...occasion, event: membersChanged.name }, otherwise);
  return { organization: parseOrganization(row), write };
}

/** Gives an organisation another name. */
export function rename<E>(
  organization: Organization,
  name: string,
  occasion: Occasion,
  otherwise: Otherwise<E>,
): OrganizationChange<E> {
  const { row, write } = advance(organization, { name }, { ...occasion, event: organizationRenamed.name }, otherwise);
  return { organization: parseOrganization(row), write };
}

/** Keeps who is an admin. */
export function setAdmins<E>(
  before: Admins | undefined,
  adminIds: readonly string[],
  occasion: Occasion,
  otherwise: Otherwise<E>,
): Write<E> {
  const cause = { ...occasion, event: adminsChanged.name };
  return before === undefined
    ? begin(ADMINS_KEY, { adminIds }, cause, otherwise)
    : advance(before, { adminIds }, cause, otherwise).write;
}

/** Keeps a new key: in its organisation's list, and in the row by which each request knows it. */
export function addKey<E>(
  before: KeyList | undefined,
  list: Pick<KeyList, 'organizationId' | 'changedKeyId'> & { readonly keys: readonly KeyEntry[] },
  { apiKeyId, hash, name, scopes, expiresAt }: KeyEntry & { readonly hash: string },
  occasion: Occasion,
  otherwise: Otherwise<E>,
): readonly Write<E>[] {
  const cause = { ...occasion, event: apiKeyCreated.name };
  const { organizationId } = list;
  return [
    before === undefined
      ? begin(keyListKey(organizationId), { ...list }, cause, otherwise)
      : advance(before, { ...list }, cause, otherwise).write,
    {
      kind: 'put',
      key: apiKeyKey(apiKeyId),
      item: { hash, organizationId, name, scopes, expiresAt },
      when: absent('pk'),
      otherwise,
    },
  ];
}

/** Takes a key out of its organisation's list, and ends it with the same write. */
export function dropKey<E>(
  list: KeyList,
  apiKeyId: string,
  occasion: Occasion,
  otherwise: Otherwise<E>,
): readonly Write<E>[] {
  const changes = { keys: list.keys.filter((entry) => entry.apiKeyId !== apiKeyId), changedKeyId: apiKeyId };
  return [
    advance(list, changes, { ...occasion, event: apiKeyRevoked.name }, otherwise).write,
    { kind: 'update', key: apiKeyKey(apiKeyId), set: { revokedAt: occasion.now }, when: exists('pk'), otherwise },
  ];
}

/** Takes who made them off the keys that `userId` made: the keys are their organisation's, and stay. */
export function disownKeys<E>(
  list: KeyList,
  userId: string,
  occasion: Occasion,
  otherwise: Otherwise<E>,
): readonly Write<E>[] {
  const own = list.keys.filter(({ createdBy }) => createdBy === userId);
  if (own.length === 0) return [];
  const keys = list.keys.map((entry) => {
    const { createdBy, ...rest } = entry;
    return createdBy === userId ? rest : entry;
  });
  return [advance(list, { keys }, { ...occasion, event: apiKeysDisowned.name }, otherwise).write];
}

/** The row of a new invitation; its change is what the mail follows from. */
export function putInvitation<E>(invitation: InvitationDetails, occasion: Occasion, otherwise: Otherwise<E>): Put<E> {
  const cause = { ...occasion, event: memberInvited.name };
  return begin(invitationKey(invitation.invitationId), { ...invitation }, cause, otherwise);
}

const CLOSING = {
  ACCEPTED: invitationAccepted.name,
  REVOKED: invitationRevoked.name,
  WITHDRAWN: invitationWithdrawn.name,
} as const;

/** How an invitation ends. */
export type Closing =
  | { readonly state: 'ACCEPTED'; readonly acceptedBy: string }
  | { readonly state: 'REVOKED' | 'WITHDRAWN' };

/** Closes an invitation while it has not expired: nobody accepts it from here on, and its address is gone from the row. */
export function closeInvitation<E>(
  invitation: Invitation,
  closing: Closing,
  occasion: Occasion,
  otherwise: Otherwise<E>,
): Write<E> {
  const cause = { ...occasion, event: CLOSING[closing.state] };
  const changes = { ...closing, email: undefined };
  return advance(invitation, changes, cause, otherwise, above('expiresAt', occasion.now)).write;
}

/** Keeps which invitations of an organisation are open, from exactly the revision that was read. */
export function putInvitationList<E>(
  organizationId: string,
  list: InvitationList,
  rev: number | undefined,
  otherwise: Otherwise<E>,
): Put<E> {
  // Of no more use once the last of them has expired; the table drops it then.
  const ttl = Math.ceil(Math.max(0, ...list.open.map(({ expiresAt }) => expiresAt)) / 1_000);
  const when = rev === undefined ? absent('pk') : equals('rev', rev);
  return { kind: 'put', key: invitationListKey(organizationId), item: { ...list, ttl }, when, otherwise };
}

/** Lets an invitation be found by its address, until it expires. */
export function putInvited({ addressHash, invitationId, expiresAt }: Invited, organizationId: string): Put<never> {
  return {
    kind: 'put',
    key: invitedKey(addressHash, organizationId),
    item: { invitationId, ttl: Math.ceil(expiresAt / 1_000) },
    otherwise: mustHold('a put without a condition'),
  };
}

/** Takes back {@link putInvited}. */
export function dropInvited(addressHash: string, organizationId: string): Delete<never> {
  const key = invitedKey(addressHash, organizationId);
  return { kind: 'delete', key, otherwise: mustHold('a delete without a condition') };
}

/** Insists that `userId` is an admin at the moment of the write. */
export function checkAdmin<E>(userId: string, otherwise: Otherwise<E>): Check<E> {
  return { kind: 'check', key: ADMINS_KEY, when: contains('adminIds', userId), otherwise };
}
