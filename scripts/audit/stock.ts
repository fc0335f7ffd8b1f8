import { blockKey, personLimitKey } from '../../functions/inventory/keys.ts';
import { HOLDS_STOCK } from '../../functions/orders/domain/lifecycle.ts';
import { MINUTE, type Instant } from '../../functions/shared/kernel/clock.ts';
import type { Findings } from './report.ts';
import { isLive, type OrderRow, type World } from './rows.ts';

/** The sweep comes every minute, and a hold may outlive its end by two of them (invariant I7). */
const SWEEPS_MS = 2 * MINUTE;

/** I1, what holds after every step: blocks and the orders that took from them agree. */
export function auditStock(world: World, findings: Findings): void {
  const taken = takenByBlock(world, findings);
  const sizes = new Map<string, { blocks: number; size: number }>();
  for (const { pk, ticketTypeId, free, size, blocked = 0 } of world.blocks.values()) {
    findings.look('I1');
    const out = taken.get(pk) ?? 0;
    if (![free, size, blocked].every(isCount)) {
      findings.name('I1', 'NOT_A_COUNT', pk, `free ${free}, blocked ${blocked}, size ${size}: integers from 0 wanted`);
    }
    if (free + blocked + out !== size) {
      findings.name(
        'I1',
        'BLOCK_NOT_CONSERVED',
        pk,
        `free ${free} + blocked ${blocked} + taken ${out} = ${free + blocked + out}, size ${size}`,
      );
    }
    const sum = sizes.get(ticketTypeId) ?? { blocks: 0, size: 0 };
    sizes.set(ticketTypeId, { blocks: sum.blocks + 1, size: sum.size + size });
    if (!world.types.has(ticketTypeId)) findings.name('I1', 'BLOCK_WITHOUT_TYPE', pk, 'no ticket type has this block');
  }
  for (const { ticketTypeId, blocks, capacity } of world.types.values()) {
    findings.look('I1');
    const sum = sizes.get(ticketTypeId) ?? { blocks: 0, size: 0 };
    if (sum.size !== capacity || !isCount(capacity)) {
      findings.name('I1', 'CAPACITY_DIFFERS', ticketTypeId, `sizes add up to ${sum.size}, capacity ${capacity}`);
    }
    if (sum.blocks !== blocks) findings.name('I1', 'BLOCKS_MISSING', ticketTypeId, `${sum.blocks} blocks of ${blocks}`);
  }
  for (const [pk, out] of taken) {
    if (!world.blocks.has(pk))
      findings.name('I1', 'TAKEN_FROM_NO_BLOCK', pk, `${out} taken from a block that is not there`);
  }
}

function takenByBlock({ orders }: World, findings: Findings): ReadonlyMap<string, number> {
  const taken = new Map<string, number>();
  for (const { orderId, state, lines } of orders.values()) {
    if (!HOLDS_STOCK.includes(state)) continue;
    findings.look('I1');
    for (const { id, ticketTypeId, quantity, takes } of lines) {
      for (const { block, quantity: part } of takes) {
        const { pk } = blockKey(ticketTypeId, block);
        taken.set(pk, (taken.get(pk) ?? 0) + part);
        if (part < 1) findings.name('I1', 'NOT_A_COUNT', orderId, `line ${id} takes ${part} from block ${block}`);
      }
      const sum = takes.reduce((total, take) => total + take.quantity, 0);
      if (sum !== quantity || quantity < 1) {
        findings.name('I1', 'LINE_NOT_TAKEN', orderId, `line ${id} is for ${quantity}, taken ${sum}`);
      }
    }
  }
  return taken;
}

/** I1, at rest: what was sold is what can be let in, for each type. */
export function auditSold({ types, orders, tickets }: World, findings: Findings): void {
  const paid = new Map<string, number>();
  for (const { state, lines } of orders.values()) {
    if (state !== 'PAID') continue;
    for (const { ticketTypeId, quantity } of lines) paid.set(ticketTypeId, (paid.get(ticketTypeId) ?? 0) + quantity);
  }
  const live = new Map<string, number>();
  for (const ticket of tickets) {
    // Which tickets of a partly refunded order still stand, its refunds say: see I3.
    if (!isLive(ticket) || orders.get(ticket.orderId)?.state === 'PARTIALLY_REFUNDED') continue;
    live.set(ticket.ticketTypeId, (live.get(ticket.ticketTypeId) ?? 0) + 1);
  }
  for (const ticketTypeId of new Set([...types.keys(), ...paid.keys(), ...live.keys()])) {
    findings.look('I1');
    const [sold, admits] = [paid.get(ticketTypeId) ?? 0, live.get(ticketTypeId) ?? 0];
    if (sold !== admits)
      findings.name('I1', 'SOLD_NOT_TICKETED', ticketTypeId, `${sold} paid for, ${admits} live tickets`);
  }
}

/** I2: there is nothing to judge until stock has seats, and then this auditor must learn of them. */
export function auditSeats(
  { orders }: World,
  rows: readonly Readonly<Record<string, unknown>>[],
  findings: Findings,
): void {
  findings.note('I2', 'not applicable: all stock is general admission, no row names a seat');
  const seated = rows.find((row) => 'seats' in row || 'seatIds' in row);
  if (seated !== undefined) {
    findings.name(
      'I2',
      'SEATS_NOT_AUDITED',
      String(seated['pk']),
      `there are seats among ${orders.size} orders, which this auditor cannot judge yet`,
    );
  }
}

/** I12: counters of limits are what the orders say, within the limit. Counters move with the stock, so always. */
export function auditLimits(world: World, findings: Findings): void {
  const held = new Map<string, { quantity: number; ticketTypeId: string }>();
  for (const { customerId, state, lines } of world.orders.values()) {
    if (!HOLDS_STOCK.includes(state)) continue;
    for (const { ticketTypeId, quantity, limited } of lines) {
      if (limited !== true) continue;
      const { pk } = personLimitKey(ticketTypeId, customerId);
      held.set(pk, { ticketTypeId, quantity: quantity + (held.get(pk)?.quantity ?? 0) });
    }
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
