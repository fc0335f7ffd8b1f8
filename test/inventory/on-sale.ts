import { ulid } from 'ulid';

import { saleOpened, type TicketTypeCopy } from '../../functions/inventory/contract.ts';
import { blockSizes } from '../../functions/inventory/domain/blocks.ts';
import { blockKey, poolKey, ticketTypeKey } from '../../functions/inventory/keys.ts';
import { begin } from '../../functions/shared/table/aggregate.ts';
import { HOUR, type Instant } from '../../functions/shared/kernel/clock.ts';
import { getItems } from '../../functions/shared/table/read.ts';
import { putItems } from '../../functions/shared/table/batch.ts';
import type { Table } from '../../functions/shared/table/client.ts';
import { mustHold } from '../../functions/shared/table/writes.ts';

/** A ticket type as tests want it; sold from an hour before `now` to an hour after, unless told otherwise. */
export function ticketType(now: Instant, as: Partial<TicketTypeCopy> = {}): TicketTypeCopy {
  return {
    ticketTypeId: ulid(),
    eventId: ulid(),
    organizationId: ulid(),
    name: 'Standing',
    unitPrice: 4_500,
    currency: 'EUR',
    poolId: ulid(),
    blocks: 1,
    capacity: 10,
    opensAt: now - HOUR,
    closesAt: now + HOUR,
    eventTitle: 'Harbour Lights',
    eventStartsAt: now + 24 * HOUR,
    timeZone: 'Europe/Berlin',
    ...as,
  };
}

/**
 * Puts a ticket type on sale in as many blocks as `as.blocks` says, however small: the tail of a large
 * on-sale in a size that a test can sell out.
 */
export async function putOnSale(
  table: Table,
  now: Instant,
  as: Partial<TicketTypeCopy> = {},
  sizes: readonly number[] = blockSizes(as.capacity ?? 10, as.blocks ?? 1),
): Promise<TicketTypeCopy> {
  const copy = ticketType(now, as);
  const { opensAt, closesAt, ticketTypeId, poolId, eventId, organizationId } = copy;
  const pool = {
    poolId,
    eventId,
    organizationId,
    name: copy.name,
    kind: 'COUNT',
    state: 'OPEN',
    capacity: sizes.reduce((sum, size) => sum + size, 0),
    blocks: sizes.length,
    prepared: sizes.length,
    ticketTypeIds: [ticketTypeId],
  };
  const cause = { event: saleOpened.name, now, correlationId: 'fixture', by: 'system' };
  const otherwise = mustHold('a fixture is put without a condition');
  await putItems(table, [
    { kind: 'put', key: ticketTypeKey(ticketTypeId), item: { ...copy }, otherwise },
    begin(poolKey(poolId), pool, cause, otherwise),
    ...sizes.map((size, block) => ({
      kind: 'put' as const,
      key: blockKey(poolId, block),
      item: { free: size, size, opensAt, closesAt },
      otherwise,
    })),
  ]);
  return copy;
}

/** How many tickets of a type are free over its blocks, read strongly. */
export async function freeOf(table: Table, { poolId, blocks }: TicketTypeCopy): Promise<number> {
  const keys = Array.from({ length: blocks }, (_unused, block) => blockKey(poolId, block));
  return (await getItems(table, keys, 'strong')).reduce((total, { free }) => total + Number(free), 0);
}
