import type { Table } from '../shared/table/client.ts';
import { getItem, getItems } from '../shared/table/read.ts';
import { parseRefund, type Refund } from './domain/refund.ts';
import { refundKey, stripeEventKey } from './keys.ts';

export { parseRefund, type Refund };

/** The refund `refundId`, or undefined. */
export async function findRefund(table: Table, refundId: string): Promise<Refund | undefined> {
  const item = await getItem(table, refundKey(refundId), 'strong');
  return item === undefined ? undefined : parseRefund(item);
}

/** Those of the refunds `refundIds` that there are. */
export async function findRefunds(table: Table, refundIds: readonly string[]): Promise<readonly Refund[]> {
  return (await getItems(table, refundIds.map(refundKey), 'strong')).map(parseRefund);
}

/** Whether an event of Stripe was dealt with before. */
export async function isSeen(table: Table, stripeEventId: string): Promise<boolean> {
  return (await getItem(table, stripeEventKey(stripeEventId), 'strong')) !== undefined;
}

/** The refund `refundId` as `item` says, which was written or found without its key. */
export function refundAt(refundId: string, item: Readonly<Record<string, unknown>>): Refund {
  return parseRefund({ ...item, ...refundKey(refundId) });
}
