import { randomBytes } from 'node:crypto';

import { personalDataIn, type PersonalData } from '../../functions/users/personal-data.ts';
import { destroyDataKey } from '../../functions/users/writes.ts';
import type { Table } from '../../functions/shared/table/client.ts';
import { commit } from '../../functions/shared/table/commit.ts';
import { USERS_ENV } from './accounts.ts';

/** Personal data whose keys nobody wraps: for tests that need neither KMS nor parameters. */
export function plainlyKeyed(table: Table): PersonalData {
  return personalDataIn(table, USERS_ENV, {
    make: async () => {
      const key = randomBytes(32);
      return { key, wrapped: key.toString('hex') };
    },
    unwrap: async (_userId, wrapped) => Buffer.from(wrapped, 'hex'),
  });
}

/** Gives somebody without an account a data key. */
export async function giveKey(table: Table, personalData: PersonalData, userId: string): Promise<void> {
  await commit(table, [(await personalData.newPerson(userId)).keep]);
}

/** Destroys the data key of a person, as their erasure does. */
export async function destroyKey(table: Table, userId: string): Promise<void> {
  await commit(table, [destroyDataKey(userId)]);
}
