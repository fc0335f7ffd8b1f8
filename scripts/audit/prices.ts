import * as z from 'zod/mini';

import { pricingKey } from '../../functions/pricing/keys.ts';
import type { Findings } from './report.ts';
import type { World } from './rows.ts';

const asked = z.object({
  unitPrice: z.optional(z.int()),
  nextPrice: z.optional(z.object({ unitPrice: z.int() })),
});

/**
 * I5, at rest: whoever holds tickets whose price follows rules has them at a price that was asked for them, or that
 * was announced and began before a job told of it.
 */
export function auditPrices({ orders, timelines }: World, findings: Findings): void {
  for (const { orderId, lines, dynamic } of orders.values()) {
    if (dynamic !== true) continue;
    findings.look('I5');
    // Types of the order without rules have no such history.
    const histories = lines.flatMap((line) => {
      const steps = timelines.get(pricingKey(line.ticketTypeId).pk) ?? [];
      const prices = steps.flatMap(({ set }) => {
        const { unitPrice, nextPrice } = z.parse(asked, set);
        return [unitPrice, nextPrice?.unitPrice];
      });
      return steps.length === 0 ? [] : [{ line, prices }];
    });
    if (histories.length === 0)
      findings.name('I5', 'PRICE_WITHOUT_RULES', orderId, 'none of its types ever had price rules');
    for (const { line, prices } of histories) {
      if (!prices.includes(line.unitPrice))
        findings.name('I5', 'PRICE_NEVER_ASKED', orderId, `${line.unitPrice} for ${line.ticketTypeId}`);
    }
  }
}
