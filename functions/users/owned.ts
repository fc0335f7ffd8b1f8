import type { Owned } from '../shared/runtime/policy.ts';
import type { Table } from '../shared/table/client.ts';
import { findAccount, type Account } from './reads.ts';

/** Accounts for policies that say `owns: 'user'`: each is its person's. An erased one is found too. */
export function ownedUsers(table: Table): Owned<'user', Account> {
  return {
    kind: 'user',
    find: (userId) => findAccount(table, userId),
    ownersOf: ({ userId }) => ({ userId }),
  };
}
