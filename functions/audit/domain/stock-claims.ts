import { blockName, limitName } from '../../inventory/contract.ts';
import { stillOut, type OrderLine, type OrderState } from '../../orders/contract.ts';
import type { Instant } from '../../shared/kernel/clock.ts';

/** States in which tickets of an order are out of their blocks, and count against limits (invariant I1). */
const HAS_STOCK: ReadonlySet<OrderState> = new Set(['HELD', 'PENDING', 'SECURED', 'PAID', 'PARTIALLY_REFUNDED']);

/**
 * The lines of an order with what of them is out. Those of a refunded order are, but for what is on sale again: of many
 * tickets the stock goes back a moment after their refund.
 */
function linesOut({ state, lines }: Pick<OrderStep, 'state' | 'lines'>): readonly OrderLine[] {
  const refunded = lines.some((line) => line.refunded !== undefined);
  if (!HAS_STOCK.has(state) && !refunded) return [];
  return lines.map((line) => ({ ...line, ...stillOut(line) })).filter(({ quantity }) => quantity > 0);
}

/** An order as it is, or was after one of its changes. */
export interface OrderStep {
  readonly state: OrderState;
  readonly lines: readonly OrderLine[];
  /** Whom its tickets counted for: a log-in takes the holds of its anonymous session over. */
  readonly customerId: string;
  readonly limitKey?: string | undefined;
  /** When it came to be so, by the clock of who changed it. */
  readonly at: Instant;
}

/** An order as far as the audit looks at it. */
export interface AuditedOrder extends OrderStep {
  readonly orderId: string;
  readonly createdAt: Instant;
}

/** A time within which stock was looked at, widened by how far clocks and commits may be apart. */
export interface Window {
  readonly from: Instant;
  readonly to: Instant;
}

/** How many tickets were out at least and at most of each block and counter, and which seats surely. */
export interface Bounds {
  readonly least: ReadonlyMap<string, number>;
  readonly most: ReadonlyMap<string, number>;
  /** Orders that surely had a seat, by block and seat. */
  readonly seats: ReadonlyMap<string, readonly string[]>;
}

/** What is looked at: pools and types of one event. */
export interface Scope {
  readonly poolIds: ReadonlySet<string>;
  readonly ticketTypeIds: ReadonlySet<string>;
}

/**
 * What orders had out during a window. One that changed within it may have had its tickets or not: it counts at most,
 * not at least. So whatever lies outside the bounds is no matter of timing.
 *
 * @param historyOf the steps of an order, oldest first, where they are known: they tell what it had at the time, whatever
 *   it has become since; without them an order that has changed since the window began may have had its tickets or not
 */
export function boundsOf(
  orders: readonly AuditedOrder[],
  window: Window,
  scope: Scope,
  historyOf: (order: AuditedOrder) => readonly OrderStep[] | undefined = () => undefined,
): Bounds {
  const least = new Map<string, number>();
  const most = new Map<string, number>();
  const seats = new Map<string, string[]>();
  const add = (to: Map<string, number>, counts: ReadonlyMap<string, number>): void => {
    for (const [name, count] of counts) to.set(name, (to.get(name) ?? 0) + count);
  };
  for (const order of orders) {
    if (order.createdAt > window.to) continue;
    const counts = possible(order, window, historyOf(order)).map((step) => countsOf(step, scope));
    add(most, joined(counts, Math.max));
    add(least, joined(counts, Math.min));
    const sure = order.at < window.from ? seatsOf(order, scope) : [];
    for (const seat of sure) seats.set(seat, [...(seats.get(seat) ?? []), order.orderId]);
  }
  return { least, most, seats };
}

/** What an order may have been during a window; `undefined` for not being there, or having nothing out. */
function possible(
  order: AuditedOrder,
  { from, to }: Window,
  history: readonly OrderStep[] | undefined,
): readonly (OrderStep | undefined)[] {
  if (order.at < from) return [order];
  if (history === undefined) return [asIfHeld(order), order, undefined];
  const before = history.findLast((step) => step.at < from);
  return [before, ...history.filter((step) => step.at >= from && step.at <= to)];
}

/** An order as it was before it gave anything back, if it did. */
function asIfHeld(order: AuditedOrder): OrderStep {
  const lines = order.lines.map(({ refunded: _gone, restocked: _back, ...line }) => line);
  return { ...order, state: 'HELD', lines };
}

function countsOf(step: OrderStep | undefined, { poolIds, ticketTypeIds }: Scope): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  if (step === undefined) return counts;
  const { customerId, limitKey = customerId } = step;
  const count = (name: string, quantity: number): void => void counts.set(name, (counts.get(name) ?? 0) + quantity);
  for (const { poolId, ticketTypeId, takes, quantity, limited } of linesOut(step)) {
    if (poolIds.has(poolId)) for (const take of takes) count(blockName(poolId, take.block), take.quantity);
    if (limited === true && ticketTypeIds.has(ticketTypeId))
      count(limitName({ ticketTypeId, personId: limitKey }), quantity);
  }
  return counts;
}

function joined(
  counts: readonly ReadonlyMap<string, number>[],
  choose: (...values: readonly number[]) => number,
): ReadonlyMap<string, number> {
  const names = new Set(counts.flatMap((each) => [...each.keys()]));
  return new Map([...names].map((name) => [name, choose(...counts.map((each) => each.get(name) ?? 0))]));
}

function seatsOf(step: OrderStep, { poolIds }: Scope): readonly string[] {
  return linesOut(step)
    .filter(({ poolId }) => poolIds.has(poolId))
    .flatMap(({ poolId, takes }) =>
      takes.flatMap(({ block, seats = [] }) => seats.map((seatId) => `${blockName(poolId, block)} ${seatId}`)),
    );
}

/** Whose counters an audit must read: everybody who has, or may have, tickets of limited types. */
export function limitsOf(
  orders: readonly AuditedOrder[],
  { ticketTypeIds }: Scope,
): readonly { readonly ticketTypeId: string; readonly personId: string }[] {
  const limits = orders.flatMap(({ customerId, limitKey, lines }) =>
    lines
      .filter(({ limited, ticketTypeId }) => limited === true && ticketTypeIds.has(ticketTypeId))
      .map(({ ticketTypeId }) => ({ ticketTypeId, personId: limitKey ?? customerId })),
  );
  return [...new Map(limits.map((limit) => [limitName(limit), limit])).values()];
}
