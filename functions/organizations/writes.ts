import { apiKeyKey } from '../shared/runtime/api-key.ts';
import { advance, begin, type Occasion } from '../shared/table/aggregate.ts';
import { absent, exists, type Otherwise, type Put, type Write } from '../shared/table/writes.ts';
import { apiKeyCreated, apiKeyRevoked, apiKeysDisowned } from './api-keys-contract.ts';
import { adminsChanged, membersChanged, organizationCreated, organizationRenamed } from './contract.ts';
import type { Admins } from './domain/admins.ts';
import type { KeyEntry, KeyList } from './domain/api-keys.ts';
import { parseOrganization, type Member, type Organization, type OrganizationDetails } from './domain/organization.ts';
import { ADMINS_KEY, keyListKey, organizationKey } from './keys.ts';

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
