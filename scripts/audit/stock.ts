import { blockKey, personLimitKey } from '../../functions/inventory/keys.ts';
import { stillOut } from '../../functions/orders/contract.ts';
import { HOLDS_STOCK } from '../../functions/orders/domain/lifecycle.ts';
import { MINUTE, type Instant } from '../../functions/shared/kernel/clock.ts';
import type { Findings } from './report.ts';
import { auditSeats, type Taken } from './seats.ts';
import { isLive, type BlockRow, type OrderRow, type PoolRow, type World } from './rows.ts';

/** The sweep comes every minute, and a hold may outlive its end by two of them (invariant I7). */
const SWEEPS_MS = 2 * MINUTE;

/** I1, what holds after every step: blocks, the orders that took from them, and the pools they make up agree. */
export function auditStock(world: World, findings: Findings): void {
  const taken = takenByBlock(world, findings);
  auditSeats(world, taken, findings);
  const pools = new Map<string, Sums>();
  for (const block of world.blocks.values()) {
    findings.look('I1');
    auditBlock(block, taken.get(block.pk) ?? NOTHING, findings);
    const sum = pools.get(block.poolId) ?? NO_BLOCKS;
    const blocked = sum.blocked + countOf(block.blocked);
    pools.set(block.poolId, { blocks: sum.blocks + 1, size: sum.size + block.size, blocked });
    if (!world.pools.has(block.poolId)) {
      findings.name('I1', 'BLOCK_WITHOUT_POOL', block.pk, 'no pool has this block');
    }
  }
  for (const pool of world.pools.values()) {
    findings.look('I1');
    auditPool(pool, pools.get(pool.poolId) ?? NO_BLOCKS, findings);
  }
  for (const { ticketTypeId, poolId } of world.types.values()) {
    findings.look('I1');
    if (world.pools.get(poolId)?.ticketTypeIds.includes(ticketTypeId) !== true)
      findings.name('I1', 'TYPE_WITHOUT_POOL', ticketTypeId, `pool ${poolId} does not know this type`);
  }
  for (const [pk, { count }] of taken) {
    if (!world.blocks.has(pk))
      findings.name('I1', 'TAKEN_FROM_NO_BLOCK', pk, `${count} taken from a block that is not there`);
  }
}

function auditBlock({ pk, free, blocked, size }: BlockRow, out: Taken, findings: Findings): void {
  const counts = { free: countOf(free), blocked: countOf(blocked), size };
  if (!Object.values(counts).every(isCount)) {
    findings.name(
      'I1',
      'NOT_A_COUNT',
      pk,
      `free ${counts.free}, blocked ${counts.blocked}, size ${size}: integers from 0 wanted`,
    );
  }
  const sum = counts.free + counts.blocked + out.count;
  if (sum !== size) {
    findings.name(
      'I1',
      'BLOCK_NOT_CONSERVED',
      pk,
      `free ${counts.free} + blocked ${counts.blocked} + taken ${out.count} = ${sum}, size ${size}`,
    );
  }
  // I2: a seat is free, blocked or somebody's, and never two of these.
  for (const [seatId, claims] of out.seats) {
    findings.look('I2');
    const doubled = claims.length > 1 ? claims.join(', ') : undefined;
    if (doubled !== undefined) findings.name('I2', 'SEAT_SOLD_TWICE', `${pk} ${seatId}`, `claimed by ${doubled}`);
    if (has(free, seatId) || has(blocked, seatId))
      findings.name('I2', 'SEAT_TAKEN_AND_FREE', `${pk} ${seatId}`, `free or blocked, yet claimed by ${claims[0]}`);
  }
  if (free instanceof Set) {
    for (const seatId of free)
      if (has(blocked, seatId)) findings.name('I2', 'SEAT_TAKEN_AND_FREE', `${pk} ${seatId}`, 'both free and blocked');
  }
}

/** What the blocks of a pool add up to. */
interface Sums {
  readonly blocks: number;
  readonly size: number;
  readonly blocked: number;
}

const NO_BLOCKS: Sums = { blocks: 0, size: 0, blocked: 0 };

function auditPool(
  { poolId, state, blocks, prepared, capacity, blocked = 0 }: PoolRow,
  sum: Sums,
  findings: Findings,
): void {
  // The stock of an event that is not published yet may be half put; what is put is counted.
  const wanted = state === 'PREPARING' ? prepared : blocks;
  if (sum.blocks !== wanted) findings.name('I1', 'BLOCKS_MISSING', poolId, `${sum.blocks} blocks of ${wanted}`);
  if (state !== 'PREPARING' && (sum.size !== capacity || !isCount(capacity)))
    findings.name('I1', 'CAPACITY_DIFFERS', poolId, `sizes add up to ${sum.size}, capacity ${capacity}`);
  if (sum.blocked !== blocked)
    findings.name('I1', 'BLOCKED_DIFFERS', poolId, `${sum.blocked} blocked in its blocks, ${blocked} by its row`);
}

const NOTHING: Taken = { count: 0, seats: new Map() };

function takenByBlock({ orders, pools }: World, findings: Findings): ReadonlyMap<string, Taken> {
  const taken = new Map<string, { count: number; seats: Map<string, string[]> }>();
  for (const order of orders.values()) {
    const { orderId } = order;
    const lines = linesOut(order);
    if (lines.length === 0) continue;
    findings.look('I1');
    for (const { id, poolId, quantity, takes } of lines) {
      const seated = pools.get(poolId)?.kind === 'SEATS';
      for (const { block, quantity: part, seats } of takes) {
        const { pk } = blockKey(poolId, block);
        const sum = taken.get(pk) ?? { count: 0, seats: new Map<string, string[]>() };
        sum.count += part;
        for (const seatId of seats ?? []) sum.seats.set(seatId, [...(sum.seats.get(seatId) ?? []), orderId]);
        taken.set(pk, sum);
        if (part < 1) findings.name('I1', 'NOT_A_COUNT', orderId, `line ${id} takes ${part} from block ${block}`);
        if ((seats?.length ?? 0) !== (seated ? part : 0))
          findings.name('I2', 'SEATS_MISCOUNTED', orderId, `line ${id} has ${seats?.length ?? 0} seats for ${part}`);
      }
      const sum = takes.reduce((total, take) => total + take.quantity, 0);
      if (sum !== quantity || quantity < 1) {
        findings.name('I1', 'LINE_NOT_TAKEN', orderId, `line ${id} is for ${quantity}, taken ${sum}`);
      }
    }
  }
  return taken;
}

/** The lines of an order that has stock out, as far as it is: what refunds gave up and put back on sale is not. */
function linesOut({ state, lines }: OrderRow): OrderRow['lines'] {
  const hadRefund = lines.some(({ refunded }) => refunded !== undefined);
  if (!HOLDS_STOCK.includes(state) && !hadRefund) return [];
  return lines.map((line) => ({ ...line, ...stillOut(line) })).filter(({ quantity }) => quantity > 0);
}

function countOf(stock: BlockRow['free']): number {
  return stock instanceof Set ? stock.size : (stock ?? 0);
}

function has(stock: BlockRow['free'], seatId: string): boolean {
  return stock instanceof Set && stock.has(seatId);
}

/** I1, at rest: what was sold is what can be let in, for each type. */
export function auditSold({ types, orders, tickets }: World, findings: Findings): void {
  const paid = new Map<string, number>();
  for (const { state, lines } of orders.values()) {
    if (state !== 'PAID' && state !== 'PARTIALLY_REFUNDED') continue;
    for (const { ticketTypeId, quantity, refunded = [] } of lines)
      paid.set(ticketTypeId, (paid.get(ticketTypeId) ?? 0) + quantity - refunded.length);
  }
  const live = new Map<string, number>();
  for (const ticket of tickets) {
    if (!isLive(ticket)) continue;
    live.set(ticket.ticketTypeId, (live.get(ticket.ticketTypeId) ?? 0) + 1);
  }
  for (const ticketTypeId of new Set([...types.keys(), ...paid.keys(), ...live.keys()])) {
    findings.look('I1');
    const [sold, admits] = [paid.get(ticketTypeId) ?? 0, live.get(ticketTypeId) ?? 0];
    if (sold !== admits)
      findings.name('I1', 'SOLD_NOT_TICKETED', ticketTypeId, `${sold} paid for, ${admits} live tickets`);
  }
}

/** I12: counters of limits are what the orders say, within the limit. Counters move with the stock, so always. */
export function auditLimits(world: World, findings: Findings): void {
  const held = new Map<string, { quantity: number; ticketTypeId: string }>();
  for (const order of world.orders.values()) {
    const { customerId, limitKey } = order;
    for (const { ticketTypeId, quantity, limited } of linesOut(order)) {
      if (limited !== true) continue;
      const { pk } = personLimitKey(ticketTypeId, limitKey ?? customerId);
      held.set(pk, { ticketTypeId, quantity: quantity + (held.get(pk)?.quantity ?? 0) });
    }
  }
  // What somebody has received counts for them as well; what they have bought stays counted.
  for (const { ticketTypeId, countedFor } of world.tickets) {
    if (countedFor === undefined) continue;
    const { pk } = personLimitKey(ticketTypeId, countedFor);
    held.set(pk, { ticketTypeId, quantity: 1 + (held.get(pk)?.quantity ?? 0) });
  }
  for (const pk of new Set([...held.keys(), ...world.limits.keys()])) {
    findings.look('I12');
    const counted = world.limits.get(pk)?.held ?? 0;
    const quantity = held.get(pk)?.quantity ?? 0;
    const ticketTypeId = held.get(pk)?.ticketTypeId ?? pk.split('#')[1] ?? '';
    const limit = world.types.get(ticketTypeId)?.maxPerPerson;
    if (!isCount(counted)) findings.name('I12', 'NOT_A_COUNT', pk, `the counter is ${counted}`);
    if (counted !== quantity)
      findings.name('I12', 'COUNTER_DIFFERS', pk, `the counter is ${counted}, held and bought ${quantity}`);
    if (limit !== undefined && quantity > limit)
      findings.name('I12', 'LIMIT_EXCEEDED', pk, `${quantity} held and bought, limit ${limit}`);
  }
}

/** I7, at rest: whatever lapsed has been swept. */
export function auditHolds({ orders }: World, at: Instant, findings: Findings): void {
  for (const { orderId, state, expiresAt } of orders.values()) {
    if (state !== 'HELD' && state !== 'PENDING') continue;
    findings.look('I7');
    if (expiresAt + SWEEPS_MS < at) {
      findings.name('I7', 'HOLD_OUTLIVED', orderId, `${state} until ${new Date(expiresAt).toISOString()}, not swept`);
    }
  }
}

/** Tickets that an order is for, over all its lines. */
export function quantityOf({ lines }: OrderRow): number {
  return lines.reduce((total, { quantity }) => total + quantity, 0);
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
