import { findEvent } from '../../catalog/reads.ts';
import { findTicketsOf } from '../../delivery/reads.ts';
import { findContents, findLimitCounts } from '../../inventory/contents.ts';
import { limitName, type BlockContent } from '../../inventory/contract.ts';
import { findPool, findStockOnSale } from '../../inventory/reads.ts';
import { findOrders, orderIdsOfEvent, readTimeline, type Order } from '../../orders/reads.ts';
import { MINUTE, type Clock } from '../../shared/kernel/clock.ts';
import { chainHash, type Marked } from '../../shared/table/aggregate.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit } from '../../shared/table/commit.ts';
import type { Item } from '../../shared/table/keys.ts';
import type { StockAudit, StockDifference, StockSuspect } from '../contract.ts';
import { boundsOf, limitsOf, type OrderStep, type Scope, type Window } from '../domain/stock-claims.ts';
import {
  claimFaults,
  historyFaults,
  orderFaults,
  poolFaults,
  SETTLED_MS,
  suspectFaults,
  ticketFaults,
  type AuditedPool,
} from '../domain/stock-rules.ts';
import { orderSteps } from '../domain/order-steps.ts';
import { aggregateName } from '../keys.ts';
import { findHashes, findStockAudit, hashName } from '../reads.ts';
import { keepStockAudit } from '../writes.ts';

/**
 * How far the time that a change bears may be from when it was committed: clocks differ by seconds, and a job bears the
 * minute that it was started for, however long it takes.
 */
const APART_MS = 3 * MINUTE;
/** Orders that are checked together. */
const ORDERS = 100;
/** Differences and suspects that are kept by name; the others are counted. */
const KEPT = 50;
/** Looks at a pool whose blocks are moved meanwhile, before the next audit looks at it. */
const LOOKS = 3;

/**
 * Looks at the stock of an event: recomputes what is out of each block and counted against each limit from the orders,
 * what tickets there must be, and each row's last step from its timeline; names every difference and keeps what was
 * found. It may run while the event is sold: what was changed around the time of looking counts as either (ADR 37).
 *
 * @returns what was found; undefined for an event that never was on sale
 */
export async function auditStock(table: Table, eventId: string, clock: Clock): Promise<StockAudit | undefined> {
  const event = await findEvent(table, eventId);
  if (event?.publishedAt === undefined) return undefined;
  const former = await findStockAudit(table, eventId);
  const stock = await findStockOnSale(
    table,
    event.ticketTypes.map(({ ticketTypeId }) => ticketTypeId),
  );
  const scope: Scope = {
    poolIds: new Set(stock.pools.map(({ poolId }) => poolId)),
    ticketTypeIds: new Set(stock.copies.map(({ ticketTypeId }) => ticketTypeId)),
  };

  const from = clock();
  const blocks: BlockContent[] = [];
  const differences: StockDifference[] = [];
  const rows: (Marked & Item)[] = [];
  for (const { poolId } of stock.pools) {
    const seen = await steadyPool(table, poolId);
    if (seen === undefined) continue;
    rows.push(seen.pool);
    blocks.push(...seen.blocks);
    differences.push(...poolFaults(seen.pool, seen.blocks));
  }
  const window = widened({ from, to: clock() });

  const orders = await ordersOf(table, eventId);
  const now = clock();
  rows.push(...orders);
  const counts = await countsOf(table, orders, scope);
  const found = claimFaults(blocks, new Map(), boundsOf(orders, window, scope), window);
  const counted = await counterFaults(table, orders, counts, scope, widened({ from, to: clock() }));
  const tickets = await ticketsOf(table, orders, now);
  const again = await judgeAgain(table, former?.suspects ?? [], orders, scope, now);
  differences.push(
    ...found.differences,
    ...counted.differences,
    ...again.differences,
    ...orders.flatMap((order) => orderFaults(order, scope, now)),
    ...tickets.differences,
    ...(await historiesOf(table, rows, now)),
  );
  // The older one stays, or what is looked at often would never be old enough to be told.
  const suspects = [...counted.suspects, ...found.suspects, ...again.waiting];
  const audit: StockAudit = {
    lookedAt: now,
    checked: { blocks: blocks.length, orders: orders.length, tickets: tickets.checked, limits: counts.size },
    differences: differences.slice(0, KEPT),
    found: differences.length,
    suspects: [...new Map(suspects.map((suspect) => [suspect.id, suspect])).values()].slice(0, KEPT),
  };
  await commit(table, [keepStockAudit(eventId, audit)]);
  return audit;
}

/** A pool with its blocks, where no operation moved stock between them while they were read. */
async function steadyPool(
  table: Table,
  poolId: string,
): Promise<{ readonly pool: AuditedPool & Marked & Item; readonly blocks: readonly BlockContent[] } | undefined> {
  for (let look = 1; look <= LOOKS; look += 1) {
    const pool = await findPool(table, poolId);
    if (pool === undefined) return undefined;
    const blocks = await findContents(table, pool);
    if ((await findPool(table, poolId))?.ver === pool.ver) return { pool, blocks };
  }
  return undefined;
}

async function ordersOf(table: Table, eventId: string): Promise<readonly Order[]> {
  const ids = new Set<string>();
  for await (const listed of orderIdsOfEvent(table, eventId)) for (const orderId of listed) ids.add(orderId);
  return findOrders(table, [...ids], 'strong');
}

function countsOf(table: Table, orders: readonly Order[], scope: Scope): Promise<ReadonlyMap<string, number>> {
  const limits = limitsOf(orders, scope);
  return findLimitCounts(table, limits).then(
    (found) => new Map(limits.map((limit) => [limitName(limit), found.get(limitName(limit)) ?? 0])),
  );
}

/** Counters against orders; those of whom something does not agree are read once more, after their counters. */
async function counterFaults(
  table: Table,
  orders: readonly Order[],
  counts: ReadonlyMap<string, number>,
  scope: Scope,
  window: Window,
): Promise<ReturnType<typeof claimFaults>> {
  const first = claimFaults([], counts, boundsOf(orders, window, scope), window);
  const doubtful = new Set(
    [...first.differences, ...first.suspects].map(({ id }) => id).filter((id) => counts.has(id)),
  );
  if (doubtful.size === 0) return { differences: [], suspects: [] };
  const theirs = orders.filter((order) => limitsOf([order], scope).some((limit) => doubtful.has(limitName(limit))));
  const anew = await findOrders(
    table,
    theirs.map(({ orderId }) => orderId),
    'strong',
  );
  const received = await receivedBy(table, orders);
  const doubted = new Map(
    [...counts]
      .filter(([name]) => doubtful.has(name))
      .map(([name, count]): [string, number] => [name, count - (received.get(name) ?? 0)]),
  );
  const { differences, suspects } = claimFaults([], doubted, boundsOf(anew, window, scope), window);
  return { differences: differences.filter(({ id }) => doubtful.has(id)), suspects };
}

/** Tickets that count for who has received them, by the name of their counter: looked for only where one is in doubt. */
async function receivedBy(table: Table, orders: readonly Order[]): Promise<ReadonlyMap<string, number>> {
  const received = new Map<string, number>();
  for (let start = 0; start < orders.length; start += ORDERS) {
    for (const ticket of await findTicketsOf(table, orders.slice(start, start + ORDERS), 'strong')) {
      const { ticketTypeId, countedFor } = ticket;
      if (countedFor === undefined) continue;
      const name = limitName({ ticketTypeId, personId: countedFor });
      received.set(name, (received.get(name) ?? 0) + 1);
    }
  }
  return received;
}

/** Suspects of an earlier look, now that whatever was under way then is listed and told. */
async function judgeAgain(
  table: Table,
  suspects: readonly StockSuspect[],
  orders: readonly Order[],
  scope: Scope,
  now: number,
): Promise<{ readonly differences: readonly StockDifference[]; readonly waiting: readonly StockSuspect[] }> {
  const ripe = suspects.filter(({ to }) => to + SETTLED_MS <= now);
  const waiting = suspects.filter((suspect) => !ripe.includes(suspect));
  const histories = new Map<string, readonly OrderStep[]>();
  const told = async (suspect: StockSuspect): Promise<boolean> => {
    for (const order of orders.filter(({ createdAt, at }) => createdAt <= suspect.to && at >= suspect.from)) {
      if (histories.has(order.orderId)) continue;
      const timeline = await readTimeline(table, order.orderId);
      if ((timeline.at(-1)?.ver ?? 0) < order.ver) return false;
      histories.set(order.orderId, orderSteps(timeline));
    }
    return true;
  };
  const differences: StockDifference[] = [];
  for (const suspect of ripe) {
    if (!(await told(suspect))) waiting.push(suspect);
    else
      differences.push(
        ...suspectFaults([suspect], (window) =>
          boundsOf(orders, window, scope, ({ orderId }) => histories.get(orderId)),
        ),
      );
  }
  return { differences, waiting };
}

async function ticketsOf(
  table: Table,
  orders: readonly Order[],
  now: number,
): Promise<{ readonly checked: number; readonly differences: readonly StockDifference[] }> {
  let checked = 0;
  const differences: StockDifference[] = [];
  for (let start = 0; start < orders.length; start += ORDERS) {
    const part = orders.slice(start, start + ORDERS);
    const byOrder = Map.groupBy(await findTicketsOf(table, part, 'eventual'), ({ orderId }) => orderId);
    for (const order of part) {
      const tickets = byOrder.get(order.orderId) ?? [];
      checked += tickets.length;
      differences.push(...ticketFaults(order, tickets, now));
    }
  }
  return { checked, differences };
}

async function historiesOf(
  table: Table,
  rows: readonly (Marked & Item)[],
  now: number,
): Promise<readonly StockDifference[]> {
  const differences: StockDifference[] = [];
  for (let start = 0; start < rows.length; start += ORDERS) {
    const part = rows.slice(start, start + ORDERS);
    const hashes = await findHashes(
      table,
      part.flatMap(({ pk, ver }) => [ver, ver - 1].map((version) => ({ pk, ver: version }))),
    );
    for (const row of part) {
      const { pk, ver, at, ch } = row;
      const before = ver === 1 ? '' : hashes.get(hashName(pk, ver - 1));
      differences.push(
        ...historyFaults(
          {
            id: aggregateName(pk),
            at,
            borne: ch,
            computed: before === undefined ? undefined : chainHash(before, row),
            told: hashes.get(hashName(pk, ver)),
          },
          now,
        ),
      );
    }
  }
  return differences;
}

function widened({ from, to }: Window): Window {
  return { from: from - APART_MS, to: to + APART_MS };
}
