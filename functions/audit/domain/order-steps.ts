import * as z from 'zod/mini';

import { orderLine, orderState } from '../../orders/contract.ts';
import type { OrderStep } from './stock-claims.ts';

const step = z.looseObject({
  state: orderState,
  lines: z.array(orderLine),
  customerId: z.string(),
  limitKey: z.optional(z.string()),
});

/** What an order was after each of its steps, oldest first: its timeline folded. */
export function orderSteps(
  timeline: readonly {
    readonly at: number;
    readonly set: Readonly<Record<string, unknown>>;
    readonly removed: readonly string[];
  }[],
): readonly OrderStep[] {
  let row: Record<string, unknown> = {};
  return timeline.map(({ at, set, removed }) => {
    row = { ...row, ...set };
    for (const name of removed) delete row[name];
    const { state, lines, customerId, limitKey } = z.parse(step, row);
    return { state, lines, customerId, limitKey, at };
  });
}
