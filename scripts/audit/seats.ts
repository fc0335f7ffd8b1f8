import { parseSeatRows } from '../../functions/inventory/domain/seat-map.ts';
import { seatsOf } from '../../functions/orders/contract.ts';
import { ticketIdOf } from '../../functions/delivery/domain/ticket.ts';
import type { Findings } from './report.ts';
import { isLive, type BlockRow, type SeatsRow, type World } from './rows.ts';

/** What orders have of one block: how much, and for seats which, with the orders that claim each. */
export interface Taken {
  readonly count: number;
  readonly seats: ReadonlyMap<string, readonly string[]>;
}

/** I2, after every step: each seat of a plan is free, blocked or somebody's, and nothing else is. */
export function auditSeats(world: World, taken: ReadonlyMap<string, Taken>, findings: Findings): void {
  const plans = plansOf(world.seats, findings);
  for (const block of world.blocks.values()) {
    if (world.pools.get(block.poolId)?.kind !== 'SEATS') continue;
    findings.look('I2');
    const row = plans.get(block.poolId)?.[block.block];
    if (row === undefined) {
      findings.name('I2', 'ROW_NOT_PLANNED', block.pk, 'the plan of its pool has no such row');
      continue;
    }
    auditRow(block, row, taken.get(block.pk)?.seats ?? new Map(), findings);
  }
}

function auditRow(
  { pk, free, blocked }: BlockRow,
  row: ReadonlySet<string>,
  claims: Taken['seats'],
  findings: Findings,
): void {
  const there = new Set([...membersOf(free), ...membersOf(blocked), ...claims.keys()]);
  for (const seatId of [...row].filter((each) => !there.has(each)))
    findings.name('I2', 'SEAT_LOST', `${pk} ${seatId}`, 'neither free nor blocked, and nobody has it');
  for (const seatId of [...there].filter((each) => !row.has(each)))
    findings.name('I2', 'SEAT_NOT_PLANNED', `${pk} ${seatId}`, 'the plan has no such seat in this row');
}

/** The seats of each block, by pool. */
function plansOf(parts: readonly SeatsRow[], findings: Findings): ReadonlyMap<string, readonly ReadonlySet<string>[]> {
  const plans = new Map<string, ReadonlySet<string>[]>();
  for (const { pk, sk, rows } of parts.toSorted((left, right) => (left.sk < right.sk ? -1 : 1))) {
    const poolId = pk.slice('POOL#'.length);
    try {
      const more = parseSeatRows([rows]).map(({ seats }) => new Set(seats.map(({ id }) => id)));
      plans.set(poolId, [...(plans.get(poolId) ?? []), ...more]);
    } catch {
      findings.name('I2', 'ROW_UNREADABLE', `${pk} ${sk}`, 'no rows of seats');
    }
  }
  return plans;
}

function membersOf(stock: BlockRow['free']): Iterable<string> {
  return stock instanceof Set ? stock : [];
}

/** I2, at rest: tickets are for the seats of their orders, and no two that are live for the same. */
export function auditTicketSeats({ orders, tickets }: World, findings: Findings): void {
  const seats = new Map<string, string>();
  for (const { orderId, lines } of orders.values()) {
    for (const line of lines)
      for (const [index, { id }] of seatsOf(line).entries()) seats.set(ticketIdOf(orderId, line.id, index), id);
  }
  const holders = new Map<string, string>();
  for (const ticket of tickets) {
    const { ticketId, eventId, seat } = ticket;
    const wanted = seats.get(ticketId);
    if (wanted === undefined && seat === undefined) continue;
    findings.look('I2');
    if (seat?.id !== wanted)
      findings.name(
        'I2',
        'TICKET_OF_ANOTHER_SEAT',
        ticketId,
        `is for ${seat?.id ?? 'no seat'}, sold ${wanted ?? 'none'}`,
      );
    if (seat === undefined || !isLive(ticket)) continue;
    const place = `${eventId} ${seat.id}`;
    const other = holders.get(place);
    if (other !== undefined)
      findings.name('I2', 'SEAT_TICKETED_TWICE', place, `${other} and ${ticketId} are both live`);
    holders.set(place, ticketId);
  }
}
