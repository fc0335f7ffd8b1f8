import * as z from 'zod/mini';

import { poolState } from '../../functions/inventory/contract.ts';
import { orderLine, orderRefund, orderState } from '../../functions/orders/contract.ts';
import { chargeLine } from '../../functions/pricing/views.ts';
import { ticketStatus } from '../../functions/delivery/contract.ts';
import { refundRow } from '../../functions/payments/contract.ts';
import { canonicalJson } from '../../functions/shared/kernel/hash.ts';
import { caseRow } from '../../functions/support/contract.ts';
import type { AuditMemory } from './memory.ts';
import type { Findings, InvariantId } from './report.ts';

/** A row of the table as the document client reads it. */
export type Row = Readonly<Record<string, unknown>>;

const key = { pk: z.string(), sk: z.string() };
// Numbers are read as they are: that one is no integer is for the auditor to name.
const typeRow = z.object({
  ...key,
  ticketTypeId: z.string(),
  eventId: z.string(),
  poolId: z.string(),
  maxPerPerson: z.optional(z.number()),
});
const poolRow = z.object({
  ...key,
  poolId: z.string(),
  kind: z.enum(['COUNT', 'SEATS']),
  state: poolState,
  blocks: z.number(),
  prepared: z.number(),
  capacity: z.number(),
  blocked: z.optional(z.number()),
  ticketTypeIds: z.array(z.string()),
});
/** A set that lost its last member is not there any more. */
const stock = z.optional(z.union([z.number(), z.set(z.string())]));
const blockRow = z.object({ ...key, free: stock, blocked: stock, size: z.number() });
/** A part of a seated pool's rows, as JSON. */
const seatsRow = z.object({ ...key, rows: z.string() });
const limitRow = z.object({ ...key, held: z.number() });
const orderRow = z.object({
  ...key,
  orderId: z.string(),
  customerId: z.string(),
  limitKey: z.optional(z.string()),
  state: orderState,
  lines: z.array(orderLine),
  charges: z.optional(z.array(chargeLine)),
  dynamic: z.optional(z.boolean()),
  currency: z.string(),
  total: z.number(),
  expiresAt: z.number(),
  leaseUntil: z.optional(z.number()),
  paymentIntentId: z.optional(z.string()),
  ticketsIssued: z.optional(z.boolean()),
  paidAt: z.optional(z.number()),
  refunds: z.optional(z.array(orderRefund)),
  refundedAmount: z.optional(z.number()),
});
const refundedRow = z.extend(refundRow, key);
const caseOf = z.extend(caseRow, key);
const ticketRow = z.object({
  ...key,
  ticketId: z.string(),
  orderId: z.string(),
  lineId: z.string(),
  customerId: z.string(),
  eventId: z.string(),
  ticketTypeId: z.string(),
  seat: z.optional(z.object({ id: z.string() })),
  status: ticketStatus,
  transferredTo: z.optional(z.string()),
  transferredFrom: z.optional(z.string()),
  countedFor: z.optional(z.string()),
});
const aggregateRow = z.looseObject({
  ...key,
  ver: z.number(),
  ev: z.string(),
  at: z.number(),
  cid: z.string(),
  by: z.string(),
  ch: z.string(),
});
const stepOfTimeline = z.object({
  ver: z.number(),
  ev: z.string(),
  at: z.number(),
  cid: z.string(),
  by: z.string(),
  ch: z.string(),
  set: z.record(z.string(), z.unknown()),
  removed: z.array(z.string()),
});
const timelineRow = z.extend(stepOfTimeline, key);
/** The steps that one item of a timeline keeps. */
const timelineRows = z.union([
  z.pipe(
    timelineRow,
    z.transform((step) => [step]),
  ),
  z.pipe(
    z.object({ ...key, steps: z.array(stepOfTimeline) }),
    z.transform(({ pk, sk, steps }) => steps.map((step) => ({ pk, sk, ...step }))),
  ),
]);

export type TypeRow = z.infer<typeof typeRow>;
export type PoolRow = z.infer<typeof poolRow>;
export type BlockRow = z.infer<typeof blockRow> & { readonly poolId: string; readonly block: number };
export type SeatsRow = z.infer<typeof seatsRow>;
export type LimitRow = z.infer<typeof limitRow>;
export type OrderRow = z.infer<typeof orderRow>;
export type RefundedRow = z.infer<typeof refundedRow>;
export type CaseRow = z.infer<typeof caseOf>;
export type TicketRow = z.infer<typeof ticketRow>;
export type AggregateRow = z.infer<typeof aggregateRow>;
export type TimelineRow = z.infer<typeof timelineRow>;

/** The rows of the table that invariants speak of, by kind. */
export interface World {
  readonly types: ReadonlyMap<string, TypeRow>;
  readonly pools: ReadonlyMap<string, PoolRow>;
  readonly blocks: ReadonlyMap<string, BlockRow>;
  readonly seats: readonly SeatsRow[];
  readonly limits: ReadonlyMap<string, LimitRow>;
  readonly orders: ReadonlyMap<string, OrderRow>;
  readonly tickets: readonly TicketRow[];
  readonly refunds: ReadonlyMap<string, RefundedRow>;
  readonly cases: ReadonlyMap<string, CaseRow>;
  /** Rows whose every change is audited, by partition; one for each partition. */
  readonly aggregates: ReadonlyMap<string, readonly AggregateRow[]>;
  /** Copies of changes by partition, oldest first. */
  readonly timelines: ReadonlyMap<string, readonly TimelineRow[]>;
}

/** How the key of a kind of row looks; the keys are those of `functions/<context>/keys.ts`. */
const KINDS = [
  { sk: /^TL#\d{6}\+?$/, pk: /./, kind: 'timeline' },
  { sk: /^TYPE$/, pk: /^TT#/, kind: 'type' },
  { sk: /^POOL$/, pk: /^POOL#/, kind: 'pool' },
  { sk: /^ROWS#\d{3}$/, pk: /^POOL#/, kind: 'seats' },
  { sk: /^BLOCK$/, pk: /^POOL#.+#B\d+$/, kind: 'block' },
  { sk: /^LIMIT$/, pk: /^LIMIT#/, kind: 'limit' },
  { sk: /^ORDER$/, pk: /^ORDER#/, kind: 'order' },
  { sk: /^REFUND$/, pk: /^REFUND#/, kind: 'refund' },
  { sk: /^CASE$/, pk: /^CASE#/, kind: 'case' },
  { sk: /^TICKET$/, pk: /^TICKET#/, kind: 'ticket' },
] as const;

/** Sorts `rows` by kind; one that cannot be read as its kind is a difference of the invariant it matters to. */
export function readWorld(rows: readonly Row[], findings: Findings, memory?: AuditMemory): World {
  const types = new Map<string, TypeRow>();
  const pools = new Map<string, PoolRow>();
  const blocks = new Map<string, BlockRow>();
  const seats: SeatsRow[] = [];
  const limits = new Map<string, LimitRow>();
  const orders = new Map<string, OrderRow>();
  const tickets: TicketRow[] = [];
  const refunds = new Map<string, RefundedRow>();
  const cases = new Map<string, CaseRow>();
  const aggregates = new Map<string, AggregateRow[]>();
  const timelines = new Map<string, TimelineRow[]>();

  for (const row of rows) {
    const pk = String(row['pk']);
    const sk = String(row['sk']);
    const parse = <S extends z.ZodMiniType>(schema: S, invariant: InvariantId): z.infer<S> | undefined => {
      const parsed = z.safeParse(schema, row);
      if (parsed.success) return parsed.data;
      const where = parsed.error.issues.map(({ path }) => path.join('.')).join(', ');
      findings.name(invariant, 'ROW_UNREADABLE', `${pk} ${sk}`, `malformed: ${where}`);
      return undefined;
    };
    const read = <S extends z.ZodMiniType>(schema: S, invariant: InvariantId): z.infer<S> | undefined =>
      memory === undefined ? parse(schema, invariant) : memory.read(row, schema, () => parse(schema, invariant));
    const kind = KINDS.find((candidate) => candidate.sk.test(sk) && candidate.pk.test(pk))?.kind;
    if (kind !== 'timeline' && 'ev' in row) {
      const aggregate = read(aggregateRow, 'I11');
      if (aggregate !== undefined) add(aggregates, pk, aggregate);
    }
    switch (kind) {
      case 'type': {
        const type = read(typeRow, 'I1');
        if (type !== undefined) types.set(type.ticketTypeId, type);
        break;
      }
      case 'pool': {
        const pool = read(poolRow, 'I1');
        if (pool !== undefined) pools.set(pool.poolId, pool);
        break;
      }
      case 'block': {
        const block = read(blockRow, 'I1');
        const [, poolId = '', number = ''] = /^POOL#(.+)#B(\d+)$/.exec(pk) ?? [];
        if (block !== undefined) blocks.set(pk, { ...block, poolId, block: Number(number) });
        break;
      }
      case 'seats': {
        const part = read(seatsRow, 'I2');
        if (part !== undefined) seats.push(part);
        break;
      }
      case 'limit': {
        const limit = read(limitRow, 'I12');
        if (limit !== undefined) limits.set(pk, limit);
        break;
      }
      case 'order': {
        const order = read(orderRow, 'I1');
        if (order !== undefined) orders.set(order.orderId, order);
        break;
      }
      case 'ticket': {
        const ticket = read(ticketRow, 'I6');
        if (ticket !== undefined) tickets.push(ticket);
        break;
      }
      case 'refund': {
        const refund = read(refundedRow, 'I4');
        if (refund !== undefined) refunds.set(refund.refundId, refund);
        break;
      }
      case 'case': {
        const found = read(caseOf, 'I20');
        if (found !== undefined) cases.set(found.caseId, found);
        break;
      }
      case 'timeline': {
        for (const entry of read(timelineRows, 'I11') ?? []) add(timelines, pk, entry);
        break;
      }
      case undefined:
        break;
    }
  }
  for (const [pk, entries] of timelines) timelines.set(pk, inOrder(entries));
  return { types, pools, blocks, seats, limits, orders, tickets, refunds, cases, aggregates, timelines };
}

function add<T>(lists: Map<string, T[]>, name: string, value: T): void {
  const list = lists.get(name);
  if (list === undefined) lists.set(name, [value]);
  else list.push(value);
}

/** A ticket that lets somebody in, or has: refunded and passed-on ones do not. */
export function isLive({ status }: TicketRow): boolean {
  return status === 'VALID' || status === 'USED';
}

/** The tickets of `world` by order. */
export function ticketsByOrder({ tickets }: World): ReadonlyMap<string, readonly TicketRow[]> {
  const byOrder = new Map<string, TicketRow[]>();
  for (const ticket of tickets) add(byOrder, ticket.orderId, ticket);
  return byOrder;
}

/** Steps by version, without those that were brought again, alone or in a pair, and are the very same. */
function inOrder(entries: readonly TimelineRow[]): TimelineRow[] {
  const sorted = entries.toSorted((left, right) => left.ver - right.ver);
  const isTold = (entry: TimelineRow, index: number): boolean =>
    sorted.slice(0, index).some((other) => other.ver === entry.ver && contentOf(other) === contentOf(entry));
  return sorted.length === new Set(sorted.map(({ ver }) => ver)).size
    ? sorted
    : sorted.filter((entry, index) => !isTold(entry, index));
}

function contentOf({ pk: _pk, sk: _sk, ...step }: TimelineRow): string {
  return canonicalJson(step);
}
