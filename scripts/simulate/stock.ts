import { saleOpened, type TicketTypeCopy } from '../../functions/inventory/contract.ts';
import { blockSizes } from '../../functions/inventory/domain/blocks.ts';
import { blockKey, poolKey, ticketTypeKey } from '../../functions/inventory/keys.ts';
import { DAY, HOUR } from '../../functions/shared/kernel/clock.ts';
import { derivedId } from '../../functions/shared/kernel/ids.ts';
import { begin } from '../../functions/shared/table/aggregate.ts';
import { putItems } from '../../functions/shared/table/batch.ts';
import type { Table } from '../../functions/shared/table/client.ts';
import { mustHold } from '../../functions/shared/table/writes.ts';

/** When the sale of a simulation opens: any moment will do, as long as it is always the same. */
export const OPENED_AT = Date.UTC(2026, 10, 20, 10);

/**
 * Puts tickets on sale in as many blocks as asked for: the rows that publishing writes, without the most blocks that it
 * would split them into.
 */
export async function putOnSale(table: Table, tickets: number, blocks: number): Promise<TicketTypeCopy> {
  const [ticketTypeId, poolId, eventId] = ['type', 'pool', 'event'].map((name) => derivedId('simulated', name));
  if (ticketTypeId === undefined || poolId === undefined || eventId === undefined) throw new Error('Three ids');
  const organizationId = derivedId('simulated', 'organization');
  const [opensAt, closesAt] = [OPENED_AT, OPENED_AT + DAY];
  const copy: TicketTypeCopy = {
    ticketTypeId,
    eventId,
    organizationId,
    name: 'Standing',
    unitPrice: 8_900,
    currency: 'EUR',
    poolId,
    blocks,
    capacity: tickets,
    opensAt,
    closesAt,
    eventTitle: 'Harbour Lights',
    eventStartsAt: OPENED_AT + 90 * DAY,
    eventEndsAt: OPENED_AT + 90 * DAY + 3 * HOUR,
    timeZone: 'Europe/Berlin',
    venueName: 'Pier 7',
    city: 'Hamburg',
  };
  const pool = {
    poolId,
    eventId,
    organizationId,
    name: ticketTypeId,
    kind: 'COUNT',
    state: 'OPEN',
    capacity: tickets,
    blocks,
    prepared: blocks,
    ticketTypeIds: [ticketTypeId],
  };
  const otherwise = mustHold('a simulation is put without a condition');
  const cause = { event: saleOpened.name, now: OPENED_AT, correlationId: 'simulation', by: 'system' };
  await putItems(table, [
    { kind: 'put', key: ticketTypeKey(ticketTypeId), item: { ...copy }, otherwise },
    begin(poolKey(poolId), pool, cause, otherwise),
    ...blockSizes(tickets, blocks).map((size, block) => ({
      kind: 'put' as const,
      key: blockKey(poolId, block),
      item: { free: size, size, opensAt, closesAt },
      otherwise,
    })),
  ]);
  return copy;
}
