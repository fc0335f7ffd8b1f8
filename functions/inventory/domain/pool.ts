import * as z from 'zod/mini';

import { canonicalJson, shortHash } from '../../shared/kernel/hash.ts';
import { derivedId } from '../../shared/kernel/ids.ts';
import { marked, type Marked } from '../../shared/table/aggregate.ts';
import type { Item } from '../../shared/table/keys.ts';
import type { Attributes } from '../../shared/table/writes.ts';
import { poolState, type PoolDraft, type Sale, type Stock, type TicketTypeCopy } from '../contract.ts';
import { blockCount, blockSizes } from './blocks.ts';

const poolRow = z.object({
  poolId: z.string(),
  eventId: z.string(),
  organizationId: z.string(),
  name: z.string(),
  kind: z.enum(['COUNT', 'SEATS']),
  state: poolState,
  /** Tickets or seats in all, blocked ones included: the sizes of the blocks add up to it (invariant I1). */
  capacity: z.int(),
  /** Those of them that are off sale: what the house keeps for itself. */
  blocked: z.optional(z.int()),
  /** That nothing of it is free any more has been told. */
  soldOut: z.optional(z.boolean()),
  /** Blocks that there are. They only grow in number, and a proof that nothing is left reads all of them. */
  blocks: z.int(),
  /** Blocks that are put already; fewer than `blocks` only while PREPARING. */
  prepared: z.int(),
  /** The types that draw on the pool; the place of each is the number of its sale window in the blocks. */
  ticketTypeIds: z.array(z.string()),
  /** Sale windows of those of them that have no copy: they are about to join the pool, or have left it. */
  apart: z.optional(z.record(z.string(), z.object({ opensAt: z.int(), closesAt: z.int() }))),
});

/** A pool as its row holds it. */
export type Pool = z.infer<typeof poolRow> & Marked & Item;

/** Reads a row as a pool. @throws when it is none */
export function parsePool(item: Item): Pool {
  return { ...marked(item), ...z.parse(poolRow, item) };
}

/** A block that is to be put: all of it is free. */
export interface NewBlock {
  readonly size: number;
  /** The ids of the seats, where the stock is seats. */
  readonly seats?: readonly string[];
}

/** The blocks that `stock` is split into: by count, or one for each row of seats. */
export function blocksOf(stock: Stock): readonly NewBlock[] {
  return stock.kind === 'COUNT'
    ? blockSizes(stock.capacity, blockCount(stock.capacity)).map((size) => ({ size }))
    : stock.rows.map(({ seats }) => ({ size: seats.length, seats: seats.map(({ id }) => id) }));
}

/** Tickets or seats in `stock`. */
export function capacityOf(stock: Stock): number {
  return stock.kind === 'COUNT' ? stock.capacity : stock.rows.reduce((sum, { seats }) => sum + seats.length, 0);
}

/**
 * The id of the pool that `draft` describes. It follows from all that is put into the pool's blocks, so a
 * preparation that died half-way is found again by an equal draft, and never by a draft that was changed since.
 *
 * @param edition counts on where a pool of the same draft was given up before
 */
export function poolIdOf(draft: PoolDraft, edition: number): string {
  const { name, stock, types } = draft;
  const shape = {
    stock,
    windows: types.map(({ ticketTypeId, opensAt, closesAt }) => [ticketTypeId, opensAt, closesAt]),
  };
  return derivedId('pool', types[0]?.eventId ?? '', name, shortHash(canonicalJson(shape)), String(edition));
}

/** The copies of the types of `draft`, as they go on sale with the pool `poolId`. */
export function copiesOf({ stock, types }: PoolDraft, poolId: string): readonly TicketTypeCopy[] {
  const shared = {
    poolId,
    blocks: blocksOf(stock).length,
    capacity: capacityOf(stock),
    ...(stock.kind === 'SEATS' ? { seated: true } : {}),
    ...(stock.kind === 'SEATS' && stock.noSingles === true ? { noSingles: true } : {}),
  };
  return types.map((sale, window) => ({ ...sale, ...shared, ...(window === 0 ? {} : { window }) }));
}

/** The names under which a block keeps the sale window number `window`: the first goes without its number. */
export function windowAttributes(window = 0): { readonly opensAt: string; readonly closesAt: string } {
  const number = window === 0 ? '' : String(window);
  return { opensAt: `opensAt${number}`, closesAt: `closesAt${number}` };
}

/** The sale windows of `types` as a block keeps them, in the order of the types. */
export function windowsOf(types: readonly Window[]): Attributes {
  const windows: Record<string, number> = {};
  for (const [window, { opensAt, closesAt }] of types.entries()) {
    const names = windowAttributes(window);
    windows[names.opensAt] = opensAt;
    windows[names.closesAt] = closesAt;
  }
  return windows;
}

/** The sale window of a type in the block that refused it; an absent block is closed. */
export function windowIn(
  block: Readonly<Record<string, unknown>> | undefined,
  { window }: Pick<TicketTypeCopy, 'window'>,
): Window {
  const names = windowAttributes(window);
  return { opensAt: Number(block?.[names.opensAt] ?? 0), closesAt: Number(block?.[names.closesAt] ?? 0) };
}

/** When tickets of a type are sold. */
export type Window = Pick<Sale, 'opensAt' | 'closesAt'>;

/**
 * The window of a type that has left its pool. It is over ever since, but does not end at 0: that of the first
 * window would stop the whole pool.
 */
export const LEFT: Window = { opensAt: 0, closesAt: 1 };

/** The sale windows of the types that draw on a pool, in their order. @throws when that of one is unknown */
export function drawingOn(
  { ticketTypeIds, apart = {} }: Pool,
  types: readonly (Window & Pick<Sale, 'ticketTypeId'>)[],
): readonly Window[] {
  return ticketTypeIds.map((ticketTypeId) => {
    const window = types.find((each) => each.ticketTypeId === ticketTypeId) ?? apart[ticketTypeId];
    if (window === undefined) throw new Error(`Ticket type ${ticketTypeId} draws on a pool without a copy`);
    return window;
  });
}

/** Windows by which a block sells nothing ever again. */
export function closedWindows({ ticketTypeIds }: Pool): Attributes {
  return Object.fromEntries(ticketTypeIds.map((_id, window) => [windowAttributes(window).closesAt, 0]));
}
