import type { Instant } from '../shared/kernel/clock.ts';
import type { Table } from '../shared/table/client.ts';
import { getItem, getItems, queryAll, queryPage, type Consistency } from '../shared/table/read.ts';
import { readSteps } from '../shared/table/timeline.ts';
import * as z from 'zod/mini';

import type { OrderView } from './contract.ts';
import { viewOrder } from './domain/view.ts';
import { customerOrderKey, customerOrdersPartition, eventOrdersKey, orderKey } from './keys.ts';
import { parseOrder, scrutinised, type Order } from './domain/order.ts';
import { isUnderReview } from './domain/review.ts';

export { optOutUntil } from './domain/take-back.ts';
export { isDisputed, openPlaces, refundable } from './domain/refund.ts';

// Other contexts read orders through this file alone.
export { isUnderReview, parseOrder, scrutinised, viewOrder, type Order };

/** The order `orderId`, or undefined. */
export async function findOrder(
  table: Table,
  orderId: string,
  consistency: Consistency = 'strong',
): Promise<Order | undefined> {
  const item = await getItem(table, orderKey(orderId), consistency);
  return item === undefined ? undefined : parseOrder(item);
}

/** The orders `orderIds`, absent ones left out, in the order asked for. */
export async function findOrders(
  table: Table,
  orderIds: readonly string[],
  consistency: Consistency,
): Promise<readonly Order[]> {
  const items = await getItems(table, orderIds.map(orderKey), consistency);
  const byId = new Map(items.map(parseOrder).map((order) => [order.orderId, order]));
  return orderIds.flatMap((orderId) => byId.get(orderId) ?? []);
}

const pointer = z.object({ sk: z.string(), orderId: z.string() });

/**
 * A page of a customer's orders, newest first. The list is written from the stream, so an order shows a
 * moment after it was made; the rows behind it are read as they are now.
 */
export async function pageOfCustomerOrders(
  table: Table,
  customerId: string,
  limit: number,
  after?: string,
): Promise<{ readonly orders: readonly Order[]; readonly next: string | undefined }> {
  const { items, more } = await queryPage(
    table,
    {
      pk: customerOrdersPartition(customerId),
      skPrefix: 'ORDER#',
      newestFirst: true,
      ...(after === undefined ? {} : { after }),
    },
    limit,
  );
  const pointers = items.map((item) => z.parse(pointer, item));
  return {
    orders: await findOrders(
      table,
      pointers.map(({ orderId }) => orderId),
      'eventual',
    ),
    next: more ? pointers.at(-1)?.sk : undefined,
  };
}

/**
 * How many orders a customer has made after `since`, by their list; counted up to `most`. The list follows the rows by a
 * moment.
 */
export async function countOrdersSince(
  table: Table,
  customerId: string,
  since: Instant,
  most: number,
): Promise<number> {
  const { pk, sk } = customerOrderKey(customerId, since, '');
  const { items } = await queryPage(table, { pk, after: sk }, most);
  return items.filter((item) => item.sk.startsWith('ORDER#')).length;
}

const listed = z.object({ orderIds: z.array(z.string()) });

/**
 * The ids of all orders that ever had lines of an event, oldest first, as far as the audit has listed them. One may be
 * in the list twice.
 */
export async function* orderIdsOfEvent(table: Table, eventId: string): AsyncGenerator<readonly string[]> {
  const { pk } = eventOrdersKey(eventId, '');
  for await (const item of queryAll(table, { pk, consistency: 'strong' })) yield z.parse(listed, item).orderIds;
}

/**
 * The entry after `cursor` of an event's list of orders, a hundred of them at most; undefined where it ends.
 *
 * @param cursor of the entry before; undefined for the first
 */
export async function pageOfEventOrders(
  table: Table,
  eventId: string,
  cursor: string | undefined,
): Promise<{ readonly orderIds: readonly string[]; readonly cursor: string } | undefined> {
  const { pk } = eventOrdersKey(eventId, '');
  const after = cursor === undefined ? {} : { after: cursor };
  const { items } = await queryPage(table, { pk, consistency: 'strong', ...after }, 1);
  const [entry] = items;
  return entry === undefined ? undefined : { orderIds: z.parse(listed, entry).orderIds, cursor: entry.sk };
}

const timelineEntry = z.object({
  ver: z.int(),
  ev: z.string(),
  at: z.int(),
  by: z.string(),
  ch: z.string(),
  set: z.looseObject({}),
  removed: z.array(z.string()),
});

/** One step of an aggregate as its timeline keeps it: the members that the change set and removed. */
export type TimelineEntry = z.infer<typeof timelineEntry>;

/** Every step of an order, oldest first; a copy written from the stream. */
export async function readTimeline(table: Table, orderId: string): Promise<readonly TimelineEntry[]> {
  const entries: TimelineEntry[] = [];
  for await (const step of readSteps(table, orderKey(orderId).pk)) entries.push(z.parse(timelineEntry, step));
  return entries;
}

/** An order as its customer sees it; undefined when it is nobody's or somebody else's. */
export async function orderForCustomer(
  table: Table,
  orderId: string,
  customerId: string,
): Promise<OrderView | undefined> {
  const order = await findOrder(table, orderId);
  return order === undefined || order.customerId !== customerId ? undefined : viewOrder(order);
}
