import type { Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { Occasion } from '../../shared/table/aggregate.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit, StoreBusyError } from '../../shared/table/commit.ts';
import { checkOpen } from '../../users/writes.ts';
import { leads, memberOf, type Organization } from '../domain/organization.ts';
import { findOrganization } from '../reads.ts';
import { rename } from '../writes.ts';
import { notYours, type MemberChange } from './change-members.ts';

const ROUNDS = 4;

/**
 * Gives an organisation another name; of two at once the later one stays.
 *
 * @param actor who asks: whoever leads it no more, or is barred, by the time of the write renames nothing
 */
export async function renameOrganization(
  table: Table,
  found: Organization,
  { name, actor }: { readonly name: string; readonly actor: MemberChange['actor'] },
  occasion: Occasion,
): Promise<Result<Organization, Problem>> {
  let organization: Organization | undefined = found;
  for (let round = 0; round < ROUNDS && organization !== undefined; round += 1) {
    if (!actor.isAdmin && !leads(memberOf(organization, actor.userId))) return err(notYours());
    if (organization.name === name) return ok(organization);
    const change = rename(organization, name, occasion, () => 'MOVED_ON' as const);
    const done = await commit(table, [change.write, checkOpen(actor.userId, () => 'BARRED' as const)]);
    if (done.ok) return ok(change.organization);
    if (done.error === 'BARRED') return err(notYours());
    organization = await findOrganization(table, found.organizationId);
  }
  throw new StoreBusyError('The organisation kept changing');
}
