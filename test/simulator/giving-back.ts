import { giveBackOrder } from '../../functions/orders/app/refund-order.ts';
import { refundOrder, type RecordedRefund } from '../../functions/orders/operations.ts';
import { findOrder, type Order } from '../../functions/orders/reads.ts';
import { derivedId } from '../../functions/shared/kernel/ids.ts';
import { MINUTE, SECOND } from '../../functions/shared/kernel/clock.ts';
import type { Problem } from '../../functions/shared/kernel/problems.ts';
import type { Result } from '../../functions/shared/kernel/result.ts';
import type { Occasion } from '../../functions/shared/table/aggregate.ts';
import { sleep } from './scheduler.ts';
import type { System } from './system.ts';

/** How an order is given back once it is paid. */
export type GivingBack =
  /** All of it, by its buyer. */
  | 'ALL'
  /** All of it by its buyer, and a ticket of it by the support desk, both at once. */
  | 'AT_ONCE'
  /** A part of its price and then a ticket by the support desk, and what is left by its buyer. */
  | 'IN_PARTS';

/** What somebody who gave something back was told: `RECORDED`, or why not. */
export interface GaveBack {
  readonly refundId: string;
  readonly told: string;
}

/** Times that a page asks again when no answer came. */
const TRIES = 3;
/** Minor units of a refund that leaves the tickets be. */
const PART = 1_000;

/** The calls of a refund begin with the first of these, as the scheduler names them. */
export const GIVES_BACK = / gives back › /;

/** Gives a paid order back; one that never became paid is left alone. */
export async function giveBack(system: System, name: string, orderId: string, how: GivingBack): Promise<GaveBack[]> {
  await untilPaid(system, orderId);
  const ask = async (
    refundId: string,
    refund: (order: Order, occasion: Occasion) => Promise<Result<RecordedRefund, Problem>>,
  ): Promise<GaveBack> => {
    for (let attempt = 1; attempt <= TRIES; attempt += 1) {
      const answer = await system.request(`${name} gives back`, async () => {
        const order = await findOrder(system.store.table, orderId);
        return order === undefined ? undefined : refund(order, system.occasion(`${name}/refund`));
      });
      if (answer === undefined) return { refundId, told: 'NOT_FOUND' };
      if (answer !== 'NO_ANSWER') return { refundId, told: answer.ok ? 'RECORDED' : answer.error.code };
      await sleep(attempt * SECOND);
    }
    return { refundId, told: 'NO_ANSWER' };
  };
  const byBuyer = (): Promise<GaveBack> =>
    ask(derivedId('refund', orderId, 'BUYER'), (order, occasion) =>
      giveBackOrder(
        system.store.table,
        order,
        undefined,
        { session: buyerOf(order), idempotencyKey: undefined },
        occasion,
      ),
    );
  const byDesk = (wish: { readonly amount: number } | { readonly tickets: number }): Promise<GaveBack> => {
    const refundId = derivedId('refund', orderId, JSON.stringify(wish));
    return ask(refundId, (order, occasion) => {
      const within = order.lines.map(({ id }) => id);
      const [line = ''] = within;
      const what = 'amount' in wish ? wish : { lines: [{ orderItemId: line, quantity: wish.tickets }] };
      const request = {
        refundId,
        requestHash: refundId,
        reason: 'Sorry',
        wish: { cause: 'SUPPORT', within, ...what },
      } as const;
      return refundOrder(system.store.table, order, request, occasion);
    });
  };
  switch (how) {
    case 'ALL':
      return [await byBuyer()];
    case 'AT_ONCE':
      return Promise.all([byBuyer(), byDesk({ tickets: 1 })]);
    case 'IN_PARTS':
      return [await byDesk({ amount: PART }), await byDesk({ tickets: 1 }), await byBuyer()];
  }
}

/** Its buyer sees the order paid, if it ever becomes so while they look. */
async function untilPaid({ store }: System, orderId: string): Promise<void> {
  for (const wait of [0, SECOND, MINUTE, 5 * MINUTE, 20 * MINUTE]) {
    await sleep(wait);
    if ((await findOrder(store.bare, orderId))?.state === 'PAID') return;
  }
}

function buyerOf({ customerId }: Order): Parameters<typeof giveBackOrder>[3]['session'] {
  return { userId: customerId, sessionId: '', roles: ['customer'], memberships: [], csrf: '', expiresAt: Infinity };
}
