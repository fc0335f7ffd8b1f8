import type { TicketTypeCopy } from '../../inventory/contract.ts';
import { changeCopy } from '../../inventory/sale-writes.ts';
import type { Instant } from '../../shared/kernel/clock.ts';
import type { Occasion } from '../../shared/table/aggregate.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit } from '../../shared/table/commit.ts';
import { planPrice, tagOf } from '../domain/record.ts';
import { findPricing } from '../reads.ts';
import { endPricing, reprice } from '../writes.ts';
import { situationOf } from './situation.ts';

/** Rounds: one tells of an announced price that has begun, others lose their race against another recomputation. */
const ROUNDS = 5;

/** What has become of a price that was looked at. */
export type Repriced = 'CHANGED' | 'UNCHANGED' | 'ENDED' | 'BUSY';

/**
 * Makes the price of a ticket type what its rules make of it now: row and copy in one transaction, on condition
 * that the row is as it was read, so of two at once the later one looks again. May run any number of times.
 *
 * @returns BUSY where others kept getting in between: they have just computed it themselves
 */
export async function repriceType(table: Table, ticketTypeId: string, occasion: Occasion): Promise<Repriced> {
  let changed = false;
  for (let round = 1; round <= ROUNDS; round += 1) {
    const pricing = await findPricing(table, ticketTypeId);
    if (pricing?.['gsi1pk'] === undefined) return changed ? 'CHANGED' : 'UNCHANGED';
    const onSale = await situationOf(table, ticketTypeId, occasion.now);
    if (onSale === undefined || isOver(onSale.copy, occasion.now)) {
      const ended = await commit(table, [endPricing(pricing, occasion, () => 'MOVED' as const).write]);
      if (ended.ok) return 'ENDED';
      continue;
    }
    // A sale that has ended may yet be prolonged; until then its price stays as it was.
    const decided = onSale.copy.closesAt <= occasion.now ? 'UNCHANGED' : planPrice(pricing, onSale.situation);
    if (decided === 'UNCHANGED') return changed ? 'CHANGED' : 'UNCHANGED';
    const next = reprice(pricing, decided, occasion, () => 'MOVED' as const);
    const done = await commit(table, [
      next.write,
      changeCopy(ticketTypeId, tagOf(next.pricing), () => 'MOVED' as const),
    ]);
    changed ||= done.ok;
  }
  return 'BUSY';
}

/** Whether nothing of a type can be sold any more: its event has begun or ended, and its sale with it. */
function isOver({ closesAt, eventStartsAt, eventEndsAt = eventStartsAt }: TicketTypeCopy, now: Instant): boolean {
  return Math.max(closesAt, eventEndsAt) <= now;
}
