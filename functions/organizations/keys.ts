import type { Key } from '../shared/table/keys.ts';

/** An organisation that puts on events, with its members. */
export function organizationKey(organizationId: string): Key {
  return { pk: `ORG#${organizationId}`, sk: 'ORG' };
}

/** The one list of admins, so that the last of them cannot be taken away. */
export const ADMINS_KEY: Key = { pk: 'ADMINS#ALL', sk: 'ADMINS' };

/** An invitation to an organisation's team. */
export function invitationKey(invitationId: string): Key {
  return { pk: `INVITATION#${invitationId}`, sk: 'INVITATION' };
}

/** The open invitations of an organisation. */
export function invitationListKey(organizationId: string): Key {
  return { pk: `INVITATIONS#${organizationId}`, sk: 'INVITATIONS' };
}

/**
 * That an address is invited to an organisation, for whoever erases the person with this address.
 *
 * @param addressHash from `hashAddress`, never the address itself
 */
export function invitedKey(addressHash: string, organizationId: string): Key {
  return { pk: `INVITED#${addressHash}`, sk: `ORG#${organizationId}` };
}

/** The API keys of an organisation that are not revoked. */
export function keyListKey(organizationId: string): Key {
  return { pk: `APIKEYS#${organizationId}`, sk: 'APIKEYS' };
}
