import type { Instant } from '../../shared/kernel/clock.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit } from '../../shared/table/commit.ts';
import { putOrganization } from '../writes.ts';

/**
 * Creates an organisation under an id that the caller chose, so that a retry makes no second one. Who
 * organises it is kept with their accounts.
 */
export async function createOrganization(
  table: Table,
  organizationId: string,
  name: string,
  now: Instant,
): Promise<void> {
  await commit(table, [putOrganization(organizationId, name, now, () => 'EXISTS')]);
}
