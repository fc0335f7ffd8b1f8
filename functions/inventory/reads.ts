import * as z from 'zod/mini';

import type { Table } from '../shared/table/client.ts';
import { getItems } from '../shared/table/read.ts';
import { ticketTypeCopy, type TicketTypeCopy } from './contract.ts';
import type { BlockState } from './domain/blocks.ts';
import { blockKey, ticketTypeKey } from './keys.ts';

/**
 * The copies of ticket types by id, absent ones left out. Read eventually: a copy hardly changes, and what
 * must hold (stock, window) is a condition on the blocks.
 */
export async function findTicketTypes(table: Table, ticketTypeIds: readonly string[]): Promise<ReadonlyMap<string, TicketTypeCopy>> {
  const items = await getItems(table, ticketTypeIds.map(ticketTypeKey), 'eventual');
  return new Map(items.map((item) => z.parse(ticketTypeCopy, item)).map((copy) => [copy.ticketTypeId, copy]));
}

const blockRow = z.object({ pk: z.string(), free: z.int() });

/** The free tickets in each block of a type, as strongly read now. */
export async function readBlocks(table: Table, { ticketTypeId, blocks }: TicketTypeCopy): Promise<readonly BlockState[]> {
  return readBlocksOf(table, ticketTypeId, blocks, 'strong');
}

/** How many tickets of a type are free, roughly: for display, never for a refusal. */
export async function roughlyAvailable(table: Table, { ticketTypeId, blocks }: TicketTypeCopy): Promise<number> {
  const states = await readBlocksOf(table, ticketTypeId, blocks, 'eventual');
  return states.reduce((total, { free }) => total + free, 0);
}

async function readBlocksOf(
  table: Table,
  ticketTypeId: string,
  blocks: number,
  consistency: 'strong' | 'eventual',
): Promise<readonly BlockState[]> {
  const keys = Array.from({ length: blocks }, (_unused, block) => blockKey(ticketTypeId, block));
  const items = await getItems(table, keys, consistency);
  return items.map((item) => {
    const row = z.parse(blockRow, item);
    return { block: Number(row.pk.slice(row.pk.lastIndexOf('#B') + 2)), free: row.free };
  });
}
