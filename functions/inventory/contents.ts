import * as z from 'zod/mini';

import type { Table } from '../shared/table/client.ts';
import { getItems } from '../shared/table/read.ts';
import {
  absent,
  allOf,
  anyOf,
  equals,
  hasMembers,
  type Check,
  type Condition,
  type Otherwise,
} from '../shared/table/writes.ts';
import { blockRow, countOf } from './domain/block-row.ts';
import type { BlockContent, LimitOf } from './contract.ts';
import type { Pool } from './domain/pool.ts';
import { blockKeys, blockNameOf, namedBlockKey, personLimitKey, poolKey } from './keys.ts';

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
      name: blockNameOf(pk),
      size,
      free: countOf(free),
      blocked: countOf(blocked),
      seats: new Set(seats),
    };
  });
}

/**
 * That a pool and all of its blocks hold as much as was read of them, for the transaction of who has decided by it: a
 * hold, a return or an operation in between breaks it. It costs a buyer nothing but, at that very moment, a retry.
 *
 * @param contents every block of `pool`, read after it
 * @param otherwise what it means that something has moved
 */
export function requireContents<E>(
  { poolId, ver, kind }: Pool,
  contents: readonly BlockContent[],
  otherwise: Otherwise<E>,
): readonly Check<E>[] {
  const holds = kind === 'COUNT' ? countIs : seatsAre;
  return [
    // Blocks that came in since are not among those that were read.
    { kind: 'check', key: poolKey(poolId), when: equals('ver', ver), otherwise },
    ...contents.map(({ name, size, free, blocked }): Check<E> => ({
      kind: 'check',
      key: namedBlockKey(name),
      when: allOf(equals('size', size), holds('free', free), holds('blocked', blocked)),
      otherwise,
    })),
  ];
}

function countIs(path: string, count: number): Condition {
  return count === 0 ? anyOf(absent(path), equals(path, 0)) : equals(path, count);
}

function seatsAre(path: string, count: number): Condition {
  return count === 0 ? absent(path) : hasMembers(path, count);
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
