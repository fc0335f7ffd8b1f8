import * as z from 'zod/mini';

import type { Table } from '../shared/table/client.ts';
import type { Key } from '../shared/table/keys.ts';
import { getItems } from '../shared/table/read.ts';
import { err, ok, type Result } from '../shared/kernel/result.ts';
import { ticketTypeCopy, type Take, type TicketTypeCopy } from './contract.ts';
import { gather, probeOrder, type BlockState } from './domain/blocks.ts';
import { blockKey, ticketTypeKey } from './keys.ts';

/**
 * The copies of ticket types by id, absent ones left out. Read eventually: a copy hardly changes, and what
 * must hold (stock, window) is a condition on the blocks.
 */
export async function findTicketTypes(
  table: Table,
  ticketTypeIds: readonly string[],
): Promise<ReadonlyMap<string, TicketTypeCopy>> {
  const items = await getItems(table, ticketTypeIds.map(ticketTypeKey), 'eventual');
  return new Map(items.map((item) => z.parse(ticketTypeCopy, item)).map((copy) => [copy.ticketTypeId, copy]));
}

const blockRow = z.object({ pk: z.string(), free: z.int() });

/** The blocks in which a buyer looks for tickets one after the other; `seed` spreads buyers evenly. */
export function blocksToProbe({ ticketTypeId, blocks }: TicketTypeCopy, seed: string): readonly number[] {
  return probeOrder(`${seed} ${ticketTypeId}`, blocks);
}

/**
 * Where `quantity` tickets of a type can be taken, from a strong read of all its blocks; or how many are
 * free when they do not suffice. It is the one proof on which anybody is told "sold out" (invariant I21).
 */
export async function findTakes(
  table: Table,
  { ticketTypeId, blocks }: TicketTypeCopy,
  quantity: number,
): Promise<Result<readonly Take[], { readonly available: number }>> {
  const states = await readBlocks(table, ticketTypeId, blocks, 'strong');
  const takes = gather(states, quantity);
  return takes === undefined ? err({ available: states.reduce((total, { free }) => total + free, 0) }) : ok(takes);
}

/**
 * How many tickets of each type are free, roughly: for display, never for a refusal. The blocks of all
 * types are read together, a hundred at a time.
 */
export async function roughlyAvailable(
  table: Table,
  copies: readonly TicketTypeCopy[],
): Promise<ReadonlyMap<string, number>> {
  const available = new Map(copies.map(({ ticketTypeId }) => [ticketTypeId, 0]));
  const owners = new Map(
    copies.flatMap(({ ticketTypeId, blocks }) => blockKeys(ticketTypeId, blocks).map(({ pk }) => [pk, ticketTypeId])),
  );
  for (const item of await getItems(
    table,
    copies.flatMap(({ ticketTypeId, blocks }) => blockKeys(ticketTypeId, blocks)),
    'eventual',
  )) {
    const { pk, free } = z.parse(blockRow, item);
    const owner = owners.get(pk) ?? '';
    available.set(owner, (available.get(owner) ?? 0) + free);
  }
  return available;
}

function blockKeys(ticketTypeId: string, blocks: number): readonly Key[] {
  return Array.from({ length: blocks }, (_unused, block) => blockKey(ticketTypeId, block));
}

async function readBlocks(
  table: Table,
  ticketTypeId: string,
  blocks: number,
  consistency: 'strong' | 'eventual',
): Promise<readonly BlockState[]> {
  const items = await getItems(table, blockKeys(ticketTypeId, blocks), consistency);
  return items.map((item) => {
    const row = z.parse(blockRow, item);
    return { block: Number(row.pk.slice(row.pk.lastIndexOf('#B') + 2)), free: row.free };
  });
}
