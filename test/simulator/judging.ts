import { findOrder, type Order } from '../../functions/orders/reads.ts';
import type { Ending } from './buyers.ts';
import { mailFault } from './mailbox.ts';
import type { System } from './system.ts';

/** What is wrong with what was mailed, of the cancelled event `eventId` if it is one. */
export function mailsFault({ store, mailbox, deadLetters }: System, eventId: string): string | undefined {
  const rows = store.items();
  const given = rows.filter(({ pk, cause }) => String(pk).startsWith('REFUND#') && cause === 'EVENT_CANCELLED');
  const customers = new Set(given.map(({ customerId }) => String(customerId)));
  return mailFault(rows, mailbox.accepted, deadLetters, { eventId, customers });
}

/** The orders that buyers have made, as they are. */
export async function ordersOf({ store }: System, endings: readonly Ending[]): Promise<readonly Order[]> {
  const found = await Promise.all(endings.map(({ orderId }) => findOrder(store.bare, orderId)));
  return found.flatMap((order) => order ?? []);
}

/** What the auditor cannot know: whether everything has come to an end, and that nobody was told what is not so. */
export function restFault(
  system: System,
  orders: readonly Order[],
  endings: readonly Ending[],
  left: number,
): string | undefined {
  if (left > 0) return `${left} buyers never got an answer`;
  const all = system.provider.ledger().paymentIntents;
  const intents = new Map(all.map((intent) => [intent.metadata['orderId'], intent]));
  if (intents.size < all.length) return `${all.length} payments were made for ${intents.size} orders`;
  for (const order of orders) {
    const { orderId, state, settlement } = order;
    if (['HELD', 'PENDING', 'SECURED'].includes(state) || settlement === 'RETURN_DUE')
      return `Order ${orderId} is ${state} ${settlement ?? ''} at rest`;
    const status = intents.get(orderId)?.status ?? 'canceled';
    const open = status !== 'canceled' && status !== 'succeeded';
    if (open) return `The payment of order ${orderId}, which is ${state}, is ${status} at rest`;
  }
  for (const { orderId, told, gaveBack = [] } of endings) {
    const { state, refunds = [] } = orders.find((order) => order.orderId === orderId) ?? {};
    const lost = gaveBack.find(
      (each) => each.told === 'RECORDED' && !refunds.some(({ refundId }) => refundId === each.refundId),
    );
    if (lost !== undefined) return `Refund ${lost.refundId} was promised, and order ${orderId} knows nothing of it`;
    if (told === 'PAID' && state !== 'PAID' && refunds.length === 0)
      return `A buyer was told PAID, and order ${orderId} is ${state}`;
  }
  return undefined;
}
