import type { TypeOfEvent } from '../../catalog/owned.ts';
import { findTicketTypes } from '../../inventory/reads.ts';
import type { Table } from '../../shared/table/client.ts';
import type { ChargesView } from '../contract.ts';
import type { ChargeTable } from '../domain/charge-table.ts';
import { findCharges } from '../reads.ts';

/** A table of fees and taxes, whose it is, and its version; 0 where there is none of one's own. */
export interface ShownCharges {
  readonly table: ChargeTable | undefined;
  readonly source: ChargesView['source'];
  readonly version: number;
}

/**
 * The fees and taxes of an event: its own, or those of its organisation; once it is published, those that the
 * organisation had then.
 */
export async function showEventCharges(
  table: Table,
  { eventId: ownerId, organizationId, status, ticketTypes }: TypeOfEvent['event'],
): Promise<ShownCharges> {
  const own = await findCharges(table, ownerId);
  if (own !== undefined) return { table: own, source: 'EVENT', version: own.ver };
  const inherited = await findCharges(table, organizationId);
  if (status === 'DRAFT') return { table: inherited, source: sourceOf(inherited), version: 0 };
  const [first] = ticketTypes;
  const copies = await findTicketTypes(table, first === undefined ? [] : [first.ticketTypeId]);
  const copy = copies.get(first?.ticketTypeId ?? '');
  const taken = copy?.charges && { ownerId, organizationId, currency: copy.currency, charges: [...copy.charges] };
  return { table: taken, source: sourceOf(taken), version: 0 };
}

/** The fees and taxes of an organisation. */
export async function showOrganizationCharges(table: Table, organizationId: string): Promise<ShownCharges> {
  const own = await findCharges(table, organizationId);
  return { table: own, source: sourceOf(own), version: own?.ver ?? 0 };
}

function sourceOf(table: ChargeTable | undefined): ChargesView['source'] {
  return table === undefined ? 'NONE' : 'ORGANIZATION';
}
