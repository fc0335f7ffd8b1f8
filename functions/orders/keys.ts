import type { Key } from '../shared/table/keys.ts';

/** A reservation and the order that it becomes are one row from first hold to last refund. */
export function orderKey(orderId: string): Key {
  return { pk: `ORDER#${orderId}`, sk: 'ORDER' };
}

/** The names of who is to come, apart from the order, whose every version is kept for ever. */
export function attendeesKey(orderId: string): Key {
  return { pk: orderKey(orderId).pk, sk: 'ATTENDEES' };
}

/** Where a customer's orders are listed, by time of creation; written from the stream, not by the purchase. */
export function customerOrderKey(customerId: string, createdAt: number, orderId: string): Key {
  return { pk: customerOrdersPartition(customerId), sk: `ORDER#${new Date(createdAt).toISOString()}#${orderId}` };
}

/** Where the orders with lines of an event are listed, batch by batch of the stream. */
export function eventOrdersKey(eventId: string, entry: string): Key {
  return { pk: `EVENTORDERS#${eventId}`, sk: entry };
}

export function customerOrdersPartition(customerId: string): string {
  return `CUSTOMER#${customerId}`;
}
