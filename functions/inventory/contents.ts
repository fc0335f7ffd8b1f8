import * as z from 'zod/mini';

import type { Table } from '../shared/table/client.ts';
import { getItems } from '../shared/table/read.ts';
import { blockRow, countOf } from './domain/block-row.ts';
import type { BlockContent, LimitOf } from './contract.ts';
import type { Pool } from './domain/pool.ts';
import { blockKeys, personLimitKey } from './keys.ts';

/** What lies in blocks and counters, row by row, for who checks them against the orders. */

const sizedRow = z.extend(blockRow, { size: z.number() });

/** Every block of a pool. Strong. */
export async function findContents(
  table: Table,
  { poolId, blocks }: Pick<Pool, 'poolId' | 'blocks'>,
): Promise<readonly BlockContent[]> {
  const items = await getItems(table, blockKeys(poolId, blocks), 'strong');
  return items.map((item) => {
    const { pk, size, free, blocked } = z.parse(sizedRow, item);
    const seats = [free, blocked].flatMap((part) => (typeof part === 'object' ? [...part] : []));
    return {
      name: pk.slice('POOL#'.length),
      size,
      free: countOf(free),
      blocked: countOf(blocked),
      seats: new Set(seats),
    };
  });
}

const limitRow = z.object({ pk: z.string(), held: z.number() });

/** The counters of limits by name; one that is not there counts nothing. Strong. */
export async function findLimitCounts(table: Table, limits: readonly LimitOf[]): Promise<ReadonlyMap<string, number>> {
  const items = await getItems(
    table,
    limits.map(({ ticketTypeId, personId }) => personLimitKey(ticketTypeId, personId)),
    'strong',
  );
  return new Map(items.map((item) => z.parse(limitRow, item)).map(({ pk, held }) => [pk.slice('LIMIT#'.length), held]));
}
