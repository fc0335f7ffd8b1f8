import { HOLDS_STOCK } from '../../functions/orders/domain/lifecycle.ts';
import { mayBecome } from '../../functions/orders/domain/lifecycle.ts';
import type { OrderState } from '../../functions/orders/contract.ts';
import type { Change, TwinItem } from '../../scripts/twin/twin.ts';

/** A block as its row says. */
interface BlockRow {
  readonly number: number;
  readonly free: number;
  readonly blocked: number;
  readonly size: number;
}

interface OrderRow {
  readonly orderId: string;
  readonly customerId: string;
  readonly state: OrderState;
  readonly quantity: number;
  readonly takes: readonly { readonly block: number; readonly quantity: number }[];
}

/** The rows of one type's stock, read as a stranger would: without the code that wrote them. */
export interface Ledger {
  readonly blocks: readonly BlockRow[];
  readonly orders: readonly OrderRow[];
  readonly pool: TwinItem | undefined;
  /** Counters of the limit, by person. */
  readonly limits: ReadonlyMap<string, number>;
}

export const isBlock = ({ after, before }: Change): boolean => (after ?? before)?.['sk'] === 'BLOCK';
export const isOrder = ({ after, before }: Change): boolean => (after ?? before)?.['sk'] === 'ORDER';

export function ledgerOf(items: readonly TwinItem[]): Ledger {
  const of = (sk: string): readonly TwinItem[] => items.filter((item) => item['sk'] === sk);
  return {
    blocks: of('BLOCK').map((item) => ({
      number: Number(String(item['pk']).split('#B')[1]),
      free: Number(item['free']),
      blocked: Number(item['blocked'] ?? 0),
      size: Number(item['size']),
    })),
    orders: of('ORDER').map(orderOf),
    pool: of('POOL')[0],
    limits: new Map(of('LIMIT').map((item) => [String(item['pk']).split('#')[2] ?? '', Number(item['held'])])),
  };
}

function orderOf(item: TwinItem): OrderRow {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- rows of the twin are those that the code has put
  const row = item as unknown as OrderRow & { lines: readonly Pick<OrderRow, 'quantity' | 'takes'>[] };
  return {
    orderId: row.orderId,
    customerId: row.customerId,
    state: row.state,
    quantity: row.lines.reduce((sum, { quantity }) => sum + quantity, 0),
    takes: row.lines.flatMap(({ takes }) => takes),
  };
}

/**
 * What is wrong at this moment: conservation of every block and of the pool (I1), limits (I12), and in what has just
 * changed, consumption of lapsed holds (I7), the sale window, and the graph of states (I8).
 */
export function faultsOf(ledger: Ledger, changes: readonly Change[], limit: number): readonly string[] {
  return [
    ...stockFaults(ledger),
    ...limitFaults(ledger, limit),
    ...changes.filter(isOrder).flatMap(stepFaults),
    ...windowFaults(changes),
  ];
}

function stockFaults({ blocks, orders, pool }: Ledger): readonly string[] {
  const out = new Map<number, number>();
  for (const { state, takes } of orders)
    if (HOLDS_STOCK.includes(state))
      for (const { block, quantity } of takes) out.set(block, (out.get(block) ?? 0) + quantity);
  const faults = blocks.flatMap(({ number, free, blocked, size }) =>
    free >= 0 && blocked >= 0 && free + blocked + (out.get(number) ?? 0) === size
      ? []
      : [`I1: block ${number}: free ${free} + blocked ${blocked} + out ${out.get(number) ?? 0}, size ${size}`],
  );
  if (pool === undefined) return faults;
  const [size, blocked] = [sumOf(blocks, 'size'), sumOf(blocks, 'blocked')];
  if (size !== pool['capacity'] || blocked !== (pool['blocked'] ?? 0) || blocks.length !== pool['blocks'])
    faults.push(`I1: pool: sizes ${size}, blocked ${blocked}, ${blocks.length} blocks: ${JSON.stringify(pool)}`);
  return faults;
}

function sumOf(blocks: readonly BlockRow[], part: 'size' | 'blocked'): number {
  return blocks.reduce((sum, block) => sum + block[part], 0);
}

function limitFaults({ orders, limits }: Ledger, limit: number): readonly string[] {
  const held = new Map<string, number>();
  for (const { customerId, state, quantity } of orders)
    if (HOLDS_STOCK.includes(state)) held.set(customerId, (held.get(customerId) ?? 0) + quantity);
  return [...new Set([...held.keys(), ...limits.keys()])].flatMap((person) => {
    const [counted, has] = [limits.get(person) ?? 0, held.get(person) ?? 0];
    return counted === has && has <= limit ? [] : [`I12: ${person} has ${has}, counted ${counted}, limit ${limit}`];
  });
}

function stepFaults({ before, after }: Change): readonly string[] {
  if (before === undefined || after === undefined) return [];
  const [from, to] = [orderOf(before).state, orderOf(after).state];
  const faults: string[] = [];
  if (!mayBecome(from, to)) faults.push(`I8: ${from} became ${to}`);
  if (after['ver'] !== Number(before['ver']) + 1)
    faults.push(`I8: version ${String(before['ver'])} became ${String(after['ver'])}`);
  const consumed = (from === 'HELD' || from === 'PENDING') && (to === 'PENDING' || to === 'SECURED') && from !== to;
  if (consumed && Number(after['at']) >= Number(before['expiresAt'])) faults.push(`I7: a lapsed hold became ${to}`);
  if (Number(after['expiresAt']) > Number(before['expiresAt'])) faults.push('I7: a hold was renewed');
  return faults;
}

/** Tickets leave a block for a new hold within its sale window alone. */
function windowFaults(changes: readonly Change[]): readonly string[] {
  const held = changes.find((change) => isOrder(change) && change.before === undefined)?.after;
  if (held === undefined) return [];
  return changes.filter(isBlock).flatMap(({ before }) => {
    const at = Number(held['at']);
    return Number(before?.['opensAt']) <= at && at < Number(before?.['closesAt'])
      ? []
      : ['A hold outside the sale window'];
  });
}
