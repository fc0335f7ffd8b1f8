import type { Occasion } from '../../shared/table/aggregate.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit, StoreBusyError } from '../../shared/table/commit.ts';
import type { Organization } from '../domain/organization.ts';
import { findOrganization } from '../reads.ts';
import { rename } from '../writes.ts';

const ROUNDS = 4;

/** Gives an organisation another name; of two at once the later one stays. */
export async function renameOrganization(
  table: Table,
  found: Organization,
  name: string,
  occasion: Occasion,
): Promise<Organization> {
  let organization: Organization | undefined = found;
  for (let round = 0; round < ROUNDS && organization !== undefined; round += 1) {
    if (organization.name === name) return organization;
    const change = rename(organization, name, occasion, () => 'MOVED_ON' as const);
    const done = await commit(table, [change.write]);
    if (done.ok) return change.organization;
    organization = await findOrganization(table, found.organizationId);
  }
  throw new StoreBusyError('The organisation kept changing');
}
