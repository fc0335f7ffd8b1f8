import type { EventSeats, PlanSupply } from '../contract.ts';
import type { RowStatus } from './seat-status.ts';
import { planUrls } from './view.ts';

/** What an event asks for the seats of a category. */
export interface Pricing {
  readonly category: string;
  readonly ticketTypeId: string;
  readonly name: string;
  readonly price: { readonly amount: number; readonly currency: string };
}

/** All that an answer about an event's seats is made of. */
export interface SeatsSnapshot {
  readonly supply: PlanSupply;
  readonly colors: readonly { readonly name: string; readonly color: string }[];
  readonly rows: readonly RowStatus[];
  readonly pricing: readonly Pricing[];
  readonly version: number;
}

/** The answer with all seats, or with those of `changed` rows alone. */
export function viewSeats(
  snapshot: SeatsSnapshot,
  changed?: { rows: readonly RowStatus[]; since: number },
): EventSeats {
  const { supply, colors, rows, pricing, version } = snapshot;
  return {
    // A copy that lags must not send a client back.
    version: Math.max(version, changed?.since ?? 0),
    since: changed?.since ?? null,
    plan: { id: supply.planId, ...planUrls(supply.planId) },
    zones: [...countBy(rows, ({ section }) => section)].map(([name, count]) => ({ name, ...count })),
    categories: viewCategories(supply, colors, rows, pricing),
    seats: (changed?.rows ?? rows).flatMap(({ category, seats }) =>
      seats.map(({ id, status }) => ({ id, status, category })),
    ),
  };
}

function viewCategories(
  { categories }: PlanSupply,
  colors: SeatsSnapshot['colors'],
  rows: readonly RowStatus[],
  pricing: readonly Pricing[],
): EventSeats['categories'] {
  const counts = countBy(rows, ({ category }) => category);
  const colorOf = new Map(colors.map(({ name, color }) => [name, color]));
  return categories.map(({ name, standing }) => ({
    name,
    color: colorOf.get(name) ?? '#999999',
    seats: counts.get(name)?.seats ?? 0,
    free: counts.get(name)?.free ?? 0,
    standing,
    ticketTypes: pricing
      .filter(({ category }) => category === name)
      .map(({ ticketTypeId, name: typeName, price }) => ({ id: ticketTypeId, name: typeName, price })),
  }));
}

function countBy(
  rows: readonly RowStatus[],
  keyOf: (row: RowStatus) => string,
): ReadonlyMap<string, { readonly seats: number; readonly free: number }> {
  const counts = new Map<string, { seats: number; free: number }>();
  for (const row of rows) {
    const count = counts.get(keyOf(row)) ?? { seats: 0, free: 0 };
    count.seats += row.seats.length;
    for (const { status } of row.seats) if (status === 'free') count.free += 1;
    counts.set(keyOf(row), count);
  }
  return counts;
}
