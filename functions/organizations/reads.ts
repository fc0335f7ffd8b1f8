import * as z from 'zod/mini';

import { apiKeyKey, parseApiKey, type ApiKeyRow } from '../shared/runtime/api-key.ts';
import type { Table } from '../shared/table/client.ts';
import { getItem, getItems, queryAll } from '../shared/table/read.ts';
import { parseAdmins, type Admins } from './domain/admins.ts';
import { parseKeyList, type KeyList } from './domain/api-keys.ts';
import { parseInvitation, parseInvitationList, type Invitation, type InvitationList } from './domain/invitation.ts';
import { leads, parseOrganization, type Organization } from './domain/organization.ts';
import { ADMINS_KEY, invitationKey, invitationListKey, invitedKey, keyListKey, organizationKey } from './keys.ts';

/** The organisation `organizationId` with its members, read strongly, or undefined. */
export async function findOrganization(table: Table, organizationId: string): Promise<Organization | undefined> {
  const item = await getItem(table, organizationKey(organizationId), 'strong');
  return item === undefined ? undefined : parseOrganization(item);
}

/** The organisations `organizationIds`, absent ones left out, in no order. */
export async function findOrganizations(
  table: Table,
  organizationIds: readonly string[],
): Promise<readonly Organization[]> {
  return (await getItems(table, organizationIds.map(organizationKey), 'strong')).map(parseOrganization);
}

/** Who leads `organization`. */
export function organizersOf({ members }: Organization): readonly string[] {
  return members.filter(leads).map(({ userId }) => userId);
}

const named = z.object({ organizationId: z.string(), name: z.string() });

/** Names of organisations by id. */
export async function organizationNames(
  table: Table,
  organizationIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const items = await getItems(table, organizationIds.map(organizationKey), 'eventual');
  return new Map(items.map((item) => z.parse(named, item)).map(({ organizationId, name }) => [organizationId, name]));
}

/** Everybody who is an admin, read strongly; undefined while nobody was ever made one. */
export async function findAdmins(table: Table): Promise<Admins | undefined> {
  const item = await getItem(table, ADMINS_KEY, 'strong');
  return item === undefined ? undefined : parseAdmins(item);
}

/** The keys of an organisation, read strongly; undefined while it never had one. */
export async function findKeyList(table: Table, organizationId: string): Promise<KeyList | undefined> {
  const item = await getItem(table, keyListKey(organizationId), 'strong');
  return item === undefined ? undefined : parseKeyList(item);
}

/** As {@link findKeyList}, of several organisations. */
export async function findKeyLists(table: Table, organizationIds: readonly string[]): Promise<readonly KeyList[]> {
  return (await getItems(table, organizationIds.map(keyListKey), 'strong')).map(parseKeyList);
}

/** The invitation `invitationId` in any state, read strongly, or undefined. */
export async function findInvitation(table: Table, invitationId: string): Promise<Invitation | undefined> {
  const item = await getItem(table, invitationKey(invitationId), 'strong');
  return item === undefined ? undefined : parseInvitation(item);
}

/** The invitations `invitationIds`, absent ones left out, in no order. */
export async function findInvitations(table: Table, invitationIds: readonly string[]): Promise<readonly Invitation[]> {
  return (await getItems(table, invitationIds.map(invitationKey), 'strong')).map(parseInvitation);
}

/** The open invitations of an organisation, read strongly; undefined while it has sent none lately. */
export async function findInvitationList(table: Table, organizationId: string): Promise<InvitationList | undefined> {
  const item = await getItem(table, invitationListKey(organizationId), 'strong');
  return item === undefined ? undefined : parseInvitationList(item);
}

const pointer = z.object({ invitationId: z.string() });

/** Ids of the invitations to the address that hashes to `addressHash`, read strongly. */
export async function findInvitationsTo(table: Table, addressHash: string): Promise<readonly string[]> {
  const ids: string[] = [];
  const { pk } = invitedKey(addressHash, '');
  for await (const item of queryAll(table, { pk, consistency: 'strong' }))
    ids.push(z.parse(pointer, item).invitationId);
  return ids;
}

/** The rows of keys by id, revoked ones included. */
export async function findApiKeys(
  table: Table,
  apiKeyIds: readonly string[],
): Promise<ReadonlyMap<string, ApiKeyRow & { readonly apiKeyId: string }>> {
  const items = await getItems(table, apiKeyIds.map(apiKeyKey), 'strong');
  return new Map(
    items.map((item) => {
      const apiKeyId = item.pk.slice('APIKEY#'.length);
      return [apiKeyId, { ...parseApiKey(item), apiKeyId }];
    }),
  );
}
