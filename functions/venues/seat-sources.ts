import { findPublicEvent } from '../catalog/reads.ts';
import { findSeatBlocks, findTicketTypes } from '../inventory/reads.ts';
import { priceAt } from '../pricing/views.ts';
import { opensTo } from '../shared/kernel/access-code.ts';
import type { Instant } from '../shared/kernel/clock.ts';
import type { Table } from '../shared/table/client.ts';
import type { RowStock } from './domain/seat-status.ts';
import type { SeatedEvent, SeatSources } from './ports.ts';
import { findPlan, findSoldSeats } from './reads.ts';

/** The seats of events as `table` has them. */
export function seatSourcesOn(table: Table): SeatSources {
  return {
    findEvent: (eventId, now) => findSeatedEvent(table, eventId, now),
    findPlan: (planId) => findPlan(table, planId),
    findStock: (event) => findRowStock(table, event),
    findSold: (eventId) => findSoldSeats(table, eventId),
  };
}

async function findSeatedEvent(table: Table, eventId: string, now: Instant): Promise<SeatedEvent | undefined> {
  const event = await findPublicEvent(table, eventId);
  if (event === undefined) return undefined;
  const seated = event.ticketTypes.flatMap((type) =>
    type.seatCategory === undefined ? [] : [{ type, category: type.seatCategory }],
  );
  const copies = await findTicketTypes(
    table,
    seated.map(({ type }) => type.ticketTypeId),
  );
  return {
    eventId,
    planId: event.planId,
    // Everybody gets the same answer, so what only a code opens is left out of it; its seats are not.
    pricing: seated
      .filter(({ type }) => opensTo(type, undefined))
      .map(({ type: { ticketTypeId, name, unitPrice, currency }, category }) => ({
        category,
        ticketTypeId,
        name,
        // Rules may have made another one of it than the catalogue says.
        price: { amount: priceAt(copies.get(ticketTypeId) ?? { unitPrice }, now).unitPrice, currency },
      })),
    seated: seated.map(({ type: { ticketTypeId }, category }) => ({ ticketTypeId, category })),
    changedAt: event.at,
  };
}

/** Block `n` of a category's pool is its row `n`: both follow the plan's order, nearest to the focal point first. */
async function findRowStock(table: Table, { seated }: SeatedEvent): Promise<readonly RowStock[]> {
  const copies = await findTicketTypes(
    table,
    seated.map(({ ticketTypeId }) => ticketTypeId),
  );
  const categories = new Map(
    seated.map(({ ticketTypeId, category }) => [copies.get(ticketTypeId)?.poolId ?? '', category]),
  );
  const blocks = await findSeatBlocks(table, [...copies.values()]);
  return blocks.map(({ poolId, block, free, blocked, touched }) => ({
    category: categories.get(poolId) ?? '',
    row: block,
    free,
    blocked,
    touched,
  }));
}
