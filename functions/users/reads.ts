import * as z from 'zod/mini';

import type { Table } from '../shared/table/client.ts';
import { getItem, getItems } from '../shared/table/read.ts';
import { emailClaimKey, organizationKey, personKeyKey, userKey } from './keys.ts';

const accountRow = z.object({
  userId: z.string(),
  /** Sealed by `personal-data.ts`, as are the names. */
  email: z.string(),
  firstName: z.string(),
  lastName: z.string(),
  locale: z.string(),
  status: z.enum(['UNVERIFIED', 'VERIFIED']),
  roles: z.array(z.enum(['customer', 'staff', 'organizer', 'support', 'admin'])),
  memberships: z.array(
    z.object({ organizationId: z.string(), post: z.enum(['organizer', 'gate', 'box-office', 'support']) }),
  ),
  passwordHash: z.string(),
  createdAt: z.int(),
});

/** An account as its row keeps it; personal fields are sealed. */
export type Account = z.infer<typeof accountRow>;

/** The account `userId`, read strongly, or undefined. */
export async function findAccount(table: Table, userId: string): Promise<Account | undefined> {
  const item = await getItem(table, userKey(userId), 'strong');
  return item === undefined ? undefined : z.parse(accountRow, item);
}

const personKeyRow = z.object({ userId: z.string(), wrapped: z.string() });

/** Wrapped data keys by person; who has none is left out. */
export async function wrappedKeysOf(table: Table, userIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const items = await getItems(table, userIds.map(personKeyKey), 'strong');
  return new Map(items.map((item) => z.parse(personKeyRow, item)).map(({ userId, wrapped }) => [userId, wrapped]));
}

const claimRow = z.object({ userId: z.string() });

/** Whose address hashes to `addressHash`, or undefined. */
export async function findUserIdByAddress(table: Table, addressHash: string): Promise<string | undefined> {
  const item = await getItem(table, emailClaimKey(addressHash), 'strong');
  return item === undefined ? undefined : z.parse(claimRow, item).userId;
}

const organizationRow = z.object({ organizationId: z.string(), name: z.string() });

/** Names of organisations by id. */
export async function organizationNames(
  table: Table,
  organizationIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const items = await getItems(table, organizationIds.map(organizationKey), 'eventual');
  return new Map(
    items.map((item) => z.parse(organizationRow, item)).map(({ organizationId, name }) => [organizationId, name]),
  );
}
