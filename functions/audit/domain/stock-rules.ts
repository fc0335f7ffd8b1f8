import { blockName, type BlockContent } from '../../inventory/contract.ts';
import { MINUTE, toTimestamp, type Instant } from '../../shared/kernel/clock.ts';
import type { StockDifference, StockSuspect } from '../contract.ts';
import type { AuditedOrder, Bounds, Scope, Window } from './stock-claims.ts';

/** A pool as its row says. */
export interface AuditedPool {
  readonly poolId: string;
  readonly kind: 'COUNT' | 'SEATS';
  readonly capacity: number;
  readonly blocked?: number | undefined;
  readonly blocks: number;
}

/** What an audit names, and what it must look at again before it does. */
export interface Found {
  readonly differences: readonly StockDifference[];
  readonly suspects: readonly StockSuspect[];
}

/** What has lain there for so long has nothing to do with anything in flight. */
export const SETTLED_MS = 15 * MINUTE;
/** A hold lives two sweeps longer than it should at most (invariant I7), and a sweep may be late. */
const SWEPT_MS = 5 * MINUTE;

/** A pool and its blocks, read between two looks at its row: what they say of each other holds at any moment. */
export function poolFaults(pool: AuditedPool, blocks: readonly BlockContent[]): readonly StockDifference[] {
  const { poolId, kind, capacity, blocked = 0 } = pool;
  const sum = (part: 'size' | 'blocked'): number => blocks.reduce((total, block) => total + block[part], 0);
  const faults: StockDifference[] = blocks.flatMap(({ name, size, free, blocked: off }) =>
    [size, free, off].every((count) => Number.isSafeInteger(count) && count >= 0)
      ? []
      : [fault('NOT_A_COUNT', name, `free ${free}, blocked ${off}, size ${size}: integers from 0 wanted`)],
  );
  if (blocks.length !== pool.blocks)
    faults.push(fault('BLOCKS_MISSING', poolId, `${blocks.length} blocks of ${pool.blocks}`));
  if (sum('size') !== capacity)
    faults.push(fault('CAPACITY_DIFFERS', poolId, `sizes add up to ${sum('size')}, capacity ${capacity}`));
  if (kind === 'COUNT' && sum('blocked') !== blocked)
    faults.push(fault('BLOCKED_DIFFERS', poolId, `${sum('blocked')} blocked in its blocks, ${blocked} by its row`));
  return faults;
}

/**
 * Blocks and counters against what orders had out while they were read. Fewer out than orders surely had is a fault;
 * more may be an order that is not listed yet, so it is looked at again.
 *
 * @param limits what counters say, by name
 */
export function claimFaults(
  blocks: readonly BlockContent[],
  limits: ReadonlyMap<string, number>,
  bounds: Bounds,
  window: Window,
): Found {
  const measures: readonly Omit<StockSuspect, 'from' | 'to'>[] = [
    ...blocks.map(({ name, size, free, blocked }) => ({
      kind: 'BLOCK' as const,
      id: name,
      out: size - free - blocked,
    })),
    ...[...limits].map(([id, out]) => ({ kind: 'LIMIT' as const, id, out })),
  ];
  const judged = measures.map((measure) => ({ measure, fault: judge(measure, bounds) }));
  const tooMany = judged.filter(
    ({ measure, fault: found }) => found !== undefined && measure.out > (bounds.most.get(measure.id) ?? 0),
  );
  const known = new Set(blocks.map(({ name }) => name));
  const lost = [...bounds.least.keys()].filter((name) => name.includes('#B') && !known.has(name));
  return {
    suspects: tooMany.map(({ measure }) => ({ ...measure, ...window })),
    differences: [
      ...judged.flatMap(({ measure, fault: found }) =>
        found === undefined || measure.out > (bounds.most.get(measure.id) ?? 0) ? [] : [found],
      ),
      ...lost.map((name) => fault('TAKEN_FROM_NO_BLOCK', name, `${bounds.least.get(name)} taken, and it is not there`)),
      ...seatFaults(blocks, bounds),
    ],
  };
}

/** What of `suspects` is a fault, now that every order is known that there was at the time. */
export function suspectFaults(
  suspects: readonly StockSuspect[],
  boundsOf: (window: Window) => Bounds,
): readonly StockDifference[] {
  return suspects.flatMap((suspect) => judge(suspect, boundsOf(suspect)) ?? []);
}

function judge(
  { kind, id, out }: Omit<StockSuspect, 'from' | 'to'>,
  { least, most }: Bounds,
): StockDifference | undefined {
  const [low, high] = [least.get(id) ?? 0, most.get(id) ?? 0];
  if (out >= low && out <= high) return undefined;
  const orders = low === high ? String(low) : `${low} to ${high}`;
  return kind === 'BLOCK'
    ? fault('BLOCK_NOT_CONSERVED', id, `${out} are neither free nor blocked, orders have ${orders}`)
    : fault('COUNTER_DIFFERS', id, `the counter is ${out}, held and bought ${orders}`);
}

/** Invariant I2: a seat is free, blocked or somebody's, and never two of these. */
function seatFaults(blocks: readonly BlockContent[], { seats }: Bounds): readonly StockDifference[] {
  const lying = new Set(blocks.flatMap(({ name, seats: ids }) => [...ids].map((id) => `${name} ${id}`)));
  return [...seats].flatMap(([seat, orderIds]) => [
    ...(orderIds.length > 1 ? [fault('SEAT_SOLD_TWICE', seat, `claimed by ${orderIds.join(', ')}`)] : []),
    ...(lying.has(seat) ? [fault('SEAT_TAKEN_AND_FREE', seat, `free or blocked, yet claimed by ${orderIds[0]}`)] : []),
  ]);
}

/** What an order's row says of itself. */
export function orderFaults(
  order: AuditedOrder & { readonly expiresAt: Instant },
  scope: Scope,
  now: Instant,
): readonly StockDifference[] {
  const { orderId, state, expiresAt } = order;
  const faults: StockDifference[] = [];
  if ((state === 'HELD' || state === 'PENDING') && expiresAt + SWEPT_MS < now)
    faults.push(fault('HOLD_OUTLIVED', orderId, `${state} until ${toTimestamp(expiresAt)}, and not swept`));
  for (const { id, poolId, quantity, takes } of order.lines.filter((line) => scope.poolIds.has(line.poolId))) {
    const taken = takes.reduce((sum, take) => sum + take.quantity, 0);
    const seated = takes.every(({ seats, quantity: part }) => seats === undefined || seats.length === part);
    if (taken !== quantity || quantity < 1 || !seated)
      faults.push(
        fault(
          'LINE_NOT_TAKEN',
          orderId,
          `line ${id} is for ${quantity} of ${blockName(poolId, takes[0]?.block ?? 0)}, taken ${taken}`,
        ),
      );
  }
  return faults;
}

/** Invariant I6, for what was paid long enough ago: a paid order has its tickets, any other has none that stands. */
export function ticketFaults(
  { orderId, state, lines, paidAt }: AuditedOrder & { readonly paidAt?: Instant | undefined },
  tickets: readonly { readonly ticketId: string; readonly status: string }[],
  now: Instant,
): readonly StockDifference[] {
  const wanted = lines.reduce((sum, { quantity }) => sum + quantity, 0);
  const kept = lines.reduce((sum, { quantity, refunded = [] }) => sum + quantity - refunded.length, 0);
  if (state === 'PAID' || state === 'PARTIALLY_REFUNDED') {
    if ((paidAt ?? now) + SETTLED_MS >= now) return [];
    const standing = tickets.filter(({ status }) => status !== 'ARCHIVED').length;
    return [
      ...(tickets.length === wanted
        ? []
        : [fault('TICKET_MISSING', orderId, `paid for ${wanted} tickets, ${tickets.length} are there`)]),
      ...(standing <= kept
        ? []
        : [fault('TICKET_NOT_PAID', orderId, `${standing} tickets stand, ${kept} were not given back`)]),
    ];
  }
  return tickets
    .filter(({ status }) => status === 'VALID' || status === 'USED')
    .map(({ ticketId, status }) => fault('TICKET_NOT_PAID', ticketId, `${status}, but order ${orderId} is ${state}`));
}

/** A row's last two steps as its timeline has them, and the hash that the row must have after them. */
export interface LastSteps {
  /** `order/01J…`, as the audit by thing names it. */
  readonly id: string;
  readonly at: Instant;
  /** The hash that the row bears. */
  readonly borne: string;
  /** The one that its content gives; undefined where the step before is not in its timeline. */
  readonly computed: string | undefined;
  /** What its timeline says; undefined where the step is not there. */
  readonly told: string | undefined;
}

/** Invariant I11, for what has not changed for long enough: the row is what its timeline says. */
export function historyFaults({ id, at, borne, computed, told }: LastSteps, now: Instant): readonly StockDifference[] {
  if (computed !== undefined && borne !== computed)
    return [fault('HISTORY_DIFFERS', id, 'the row is not what its hash was made over')];
  if (at + SETTLED_MS >= now) return [];
  if (told === undefined || computed === undefined)
    return [fault('HISTORY_MISSING', id, 'its last steps are not in its timeline')];
  return told === borne ? [] : [fault('HISTORY_DIFFERS', id, 'the row and its timeline tell different last steps')];
}

function fault(name: StockDifference['name'], id: string, detail: string): StockDifference {
  return { name, id, detail };
}
