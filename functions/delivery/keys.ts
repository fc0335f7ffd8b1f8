import type { Key } from '../shared/table/keys.ts';

/** One ticket. Its id derives from its order, so that an order's tickets are found without an index. */
export function ticketKey(ticketId: string): Key {
  return { pk: `TICKET#${ticketId}`, sk: 'TICKET' };
}
