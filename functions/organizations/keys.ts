import type { Key } from '../shared/table/keys.ts';

/** An organisation that puts on events, with its members. */
export function organizationKey(organizationId: string): Key {
  return { pk: `ORG#${organizationId}`, sk: 'ORG' };
}

/** The one list of admins, so that the last of them cannot be taken away. */
export const ADMINS_KEY: Key = { pk: 'ADMINS#ALL', sk: 'ADMINS' };

/** The API keys of an organisation that are not revoked. */
export function keyListKey(organizationId: string): Key {
  return { pk: `APIKEYS#${organizationId}`, sk: 'APIKEYS' };
}
