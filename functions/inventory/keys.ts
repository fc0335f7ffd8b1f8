import type { Key } from '../shared/table/keys.ts';

/** The ticketing side's own copy of a ticket type: all that a purchase needs to know of it. */
export function ticketTypeKey(ticketTypeId: string): Key {
  return { pk: `TT#${ticketTypeId}`, sk: 'TYPE' };
}

/** A pool: the stock that one ticket type draws on, or several share. */
export function poolKey(poolId: string): Key {
  return { pk: `POOL#${poolId}`, sk: 'POOL' };
}

/** A part of a seated pool's rows: which seats stand in which block, in what order. It never changes. */
export function seatRowsKey(poolId: string, part: number): Key {
  return { pk: `POOL#${poolId}`, sk: `ROWS#${String(part).padStart(3, '0')}` };
}

/** One block of a pool's stock; its own partition, so that blocks spread over the table. */
export function blockKey(poolId: string, block: number): Key {
  return { pk: `POOL#${poolId}#B${block}`, sk: 'BLOCK' };
}

/** All blocks of a pool. */
export function blockKeys(poolId: string, blocks: number): readonly Key[] {
  return Array.from({ length: blocks }, (_unused, block) => blockKey(poolId, block));
}

/** The number of the block whose partition `pk` is. */
export function blockNumberOf(pk: string): number {
  return Number(pk.slice(pk.lastIndexOf('#B') + 2));
}

/** What of a pool is free, for display: follows from its blocks by way of the stream. */
export function availabilityKey(poolId: string): Key {
  return { pk: `POOL#${poolId}`, sk: 'AVAILABILITY' };
}

/** What a block is called, from the partition that it is. */
export function blockNameOf(pk: string): string {
  return pk.slice('POOL#'.length);
}

/** The block that {@link blockNameOf} names. */
export function namedBlockKey(name: string): Key {
  return { pk: `POOL#${name}`, sk: 'BLOCK' };
}

/** The pool whose block `pk` is the partition of, or undefined where it is none. */
export function poolOfBlock({ pk, sk }: Key): string | undefined {
  return sk === 'BLOCK' ? pk.slice('POOL#'.length, pk.lastIndexOf('#B')) : undefined;
}

/** Tickets that one person holds or has of a type with a limit. */
export function personLimitKey(ticketTypeId: string, personId: string): Key {
  return { pk: `LIMIT#${ticketTypeId}#${personId}`, sk: 'LIMIT' };
}
