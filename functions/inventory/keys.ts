import type { Key } from '../shared/table/keys.ts';

/** The ticketing side's own copy of a ticket type: all that a purchase needs to know of it. */
export function ticketTypeKey(ticketTypeId: string): Key {
  return { pk: `TT#${ticketTypeId}`, sk: 'TYPE' };
}

/** One block of a ticket type's stock; its own partition, so that blocks spread over the table. */
export function blockKey(ticketTypeId: string, block: number): Key {
  return { pk: `TT#${ticketTypeId}#B${block}`, sk: 'BLOCK' };
}

/** Tickets that one person holds or has of a type with a limit. */
export function personLimitKey(ticketTypeId: string, personId: string): Key {
  return { pk: `LIMIT#${ticketTypeId}#${personId}`, sk: 'LIMIT' };
}
