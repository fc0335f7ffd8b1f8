import { err, ok, type Result } from '../shared/kernel/result.ts';
import { advance, type Cause, type Occasion } from '../shared/table/aggregate.ts';
import type { Table } from '../shared/table/client.ts';
import { commit, MOST_ACTIONS, pause, StoreBusyError } from '../shared/table/commit.ts';
import {
  absent,
  allOf,
  atLeast,
  exists,
  type Attributes,
  type Condition,
  type Otherwise,
  type Write,
} from '../shared/table/writes.ts';
import { capacityChanged, stockBlocked, stockResplit, stockUnblocked, type TicketTypeCopy } from './contract.ts';
import { drawingOn, parsePool, windowsOf } from './domain/pool.ts';
import {
  addTickets,
  blockTickets,
  evenOut,
  freeIn,
  gatherUp,
  removeTickets,
  spreadFor,
  spreadOf,
  unblockTickets,
  type BlockChange,
} from './domain/spread.ts';
import { blockKey } from './keys.ts';
import { findCountedStock, type CountedStock } from './reads.ts';
import { changeCopies } from './sale-writes.ts';

/**
 * Operations on the counted stock of a pool that is on sale. Each is a row of steps, and each step is one transaction
 * that pins the pool's version, moves whole tickets and leaves every block conserved: whoever dies between two of them
 * leaves sound stock behind, and whoever asks for the same again goes on from there. Buyers only ever meet blocks.
 */

/** Blocks changed in one step that only moves stock: more of them would meet more buyers. */
const MOVED_AT_ONCE = 20;
/** Steps that lose their race against buyers, before they are let go first. */
const TRIES = 10;
/** Steps of one operation; the widest spread of a sale that is open takes about 85. */
const STEPS = 150;

type Moved<E> = Otherwise<E>;

/** A pool that is not on sale any more, or whose stock is seats. */
export type NotCounted = 'STOPPED' | 'SEATS';

/** The writes that give a pool another capacity, and what the copies of its types must say in the same transaction. */
export interface NewCapacity<E> {
  readonly writes: readonly Write<E>[];
  readonly copied: Pick<TicketTypeCopy, 'capacity' | 'blocks'>;
}

/**
 * Gives a pool `capacity` tickets, in the transaction of who changes its event.
 *
 * @param room writes that still fit the transaction
 * @param moved what it means that buyers or other operations were faster
 * @returns the lowest capacity that there can be now, where `capacity` is less: what is held, sold and blocked
 * @throws StoreBusyError when others keep getting in between
 */
export async function changeCapacity<E>(
  table: Table,
  poolId: string,
  capacity: number,
  room: number,
  occasion: Occasion,
  moved: Moved<E>,
): Promise<Result<NewCapacity<E>, NotCounted | { readonly lowest: number }>> {
  const cause = { ...occasion, event: capacityChanged.name };
  for (let step = 1; step <= TRIES; step += 1) {
    const stock = await onSale(table, poolId);
    if (!stock.ok) return stock;
    const { pool, states, copies } = stock.value;
    const blocks = spreadOf(capacity, pool.blocks);
    const most = room - 1 - copies.length;
    const more = capacity - pool.capacity;
    const changes =
      more < 0 ? removeTickets(states, -more) : addTickets(withEmpty(stock.value, blocks).states, more, most);
    if (changes === undefined) return err({ lowest: pool.capacity - freeIn(states) });
    // New blocks are put even where no ticket falls to them.
    if (changes.length + blocks - pool.blocks <= most)
      return ok({
        writes: change(stock.value, changes, { capacity, blocks }, cause, moved).writes,
        copied: { capacity, blocks },
      });
    await attempt(table, change(stock.value, gatherUp(states, MOST_ACTIONS - 1), {}, resplit(occasion), again).writes);
  }
  throw new StoreBusyError('Buyers kept spreading the stock');
}

/**
 * Takes tickets off sale for the house, or gives some back, until `quantity` are.
 *
 * @returns how many could be blocked in all, where not as many are free
 */
export async function blockStock(
  table: Table,
  poolId: string,
  quantity: number,
  occasion: Occasion,
): Promise<Result<CountedStock, NotCounted | { readonly available: number }>> {
  return inSteps(table, poolId, (stock) => {
    const { blocked = 0 } = stock.pool;
    if (quantity === blocked) return ok('DONE');
    const most = MOST_ACTIONS - 1;
    if (quantity < blocked) {
      // What lies in very many blocks is given back in several steps.
      const changes = (unblockTickets(stock.states, blocked - quantity) ?? []).slice(0, most);
      const left = blocked + changes.reduce((sum, each) => sum + each.blocked, 0);
      return ok(change(stock, changes, { blocked: left }, { ...occasion, event: stockUnblocked.name }, again));
    }
    const changes = blockTickets(stock.states, quantity - blocked);
    if (changes === undefined) return err({ available: blocked + freeIn(stock.states) });
    return ok(
      changes.length <= most
        ? change(stock, changes, { blocked: quantity }, { ...occasion, event: stockBlocked.name }, again)
        : change(stock, gatherUp(stock.states, most), {}, resplit(occasion), again),
    );
  });
}

/**
 * Splits a pool's stock over as many blocks as a sale of `holdsPerSecond` needs, and evens them out; while it is sold,
 * too. A pool never gets fewer blocks: a proof that nothing is left reads all that there ever were.
 */
export async function spreadStock(
  table: Table,
  poolId: string,
  holdsPerSecond: number,
  occasion: Occasion,
): Promise<Result<CountedStock, NotCounted>> {
  return inSteps(table, poolId, (stock) => {
    const { pool, copies, states } = stock;
    const wanted = spreadFor(holdsPerSecond, pool.blocks);
    const most = MOST_ACTIONS - 1 - copies.length;
    // Before the sale opens there is nobody to be met.
    const isOpen = copies.some(({ opensAt }) => opensAt <= occasion.now);
    const atOnce = isOpen ? MOVED_AT_ONCE : Math.floor(most / 2);
    const blocks = Math.min(wanted, pool.blocks + most - atOnce);
    // Fresh blocks get their share in the step that puts them, as far as it reaches: an empty block sends buyers on.
    const changes = sharesFor(stock, blocks, wanted) ?? evenOut(withEmpty(stock, blocks).states, atOnce);
    if (blocks === pool.blocks && evenOut(states, atOnce).length === 0) return ok('DONE');
    const told = changeCopies(pool.ticketTypeIds, { blocks });
    const { writes, after } = change(stock, changes, { blocks }, resplit(occasion), again);
    return ok({ writes: [...writes, ...told], after });
  });
}

/**
 * What moves stock into the blocks that a step puts, by the share that each has in the end; undefined where that touches
 * too many of those that buyers know already. Fresh blocks meet nobody, so they do not count.
 */
function sharesFor(stock: CountedStock, blocks: number, wanted: number): readonly BlockChange[] | undefined {
  const known = stock.pool.blocks;
  if (blocks === known) return undefined;
  const { states } = withEmpty(stock, wanted);
  for (let givers = MOVED_AT_ONCE; givers > 0; givers -= 1) {
    const changes = evenOut(states, blocks - known + givers);
    const touched = changes.filter(({ block }) => block < known).length;
    if (touched > 0 && touched <= MOVED_AT_ONCE && changes.every(({ block }) => block < blocks)) return changes;
  }
  return undefined;
}

/** The writes of one step, and the stock as it is once they are made, as far as nobody buys meanwhile. */
interface Step<E> {
  readonly writes: readonly Write<E>[];
  readonly after: CountedStock;
}

/**
 * Does one step after the other, each decided on what the one before it has left. The stock is read again where buyers have
 * taken what a step counted on, and before anything is concluded: reading 1,600 blocks takes longer than the step.
 */
async function inSteps<Refusal>(
  table: Table,
  poolId: string,
  decide: (stock: CountedStock) => Result<Step<typeof AGAIN> | 'DONE', Refusal>,
): Promise<Result<CountedStock, Refusal | NotCounted>> {
  let lost = 0;
  let left: CountedStock | undefined;
  for (let step = 1; step <= STEPS && lost < TRIES; step += 1) {
    const isRead = left === undefined;
    const stock: Result<CountedStock, NotCounted> = left === undefined ? await onSale(table, poolId) : ok(left);
    if (!stock.ok) return stock;
    const decided = decide(stock.value);
    if (!decided.ok || decided.value === 'DONE') {
      if (isRead) return decided.ok ? stock : decided;
      left = undefined;
    } else if (await attempt(table, decided.value.writes)) {
      left = decided.value.after;
    } else {
      left = undefined;
      lost += 1;
      await pause(lost);
    }
  }
  throw new StoreBusyError('Buyers kept getting in between');
}

async function onSale(table: Table, poolId: string): Promise<Result<CountedStock, NotCounted>> {
  const stock = await findCountedStock(table, poolId);
  if (stock?.pool.state !== 'OPEN') return err('STOPPED');
  return stock.pool.kind === 'SEATS' ? err('SEATS') : ok(stock);
}

const AGAIN = 'AGAIN';
const again = (): typeof AGAIN => AGAIN;

async function attempt(table: Table, writes: readonly Write<unknown>[]): Promise<boolean> {
  return (await commit(table, writes)).ok;
}

function resplit(occasion: Occasion): Cause {
  return { ...occasion, event: stockResplit.name };
}

/** `stock` with the blocks that it is to get, empty. */
function withEmpty(stock: CountedStock, blocks: number): CountedStock {
  const { length } = stock.states;
  const fresh = Array.from({ length: Math.max(0, blocks - length) }, (_unused, index) => ({
    block: length + index,
    free: 0,
    blocked: 0,
  }));
  return { ...stock, states: [...stock.states, ...fresh] };
}

/** One step: the pool's row, its blocks as they change, and new ones with the windows of its types. */
function change<E>(
  stock: CountedStock,
  changes: readonly BlockChange[],
  to: { readonly capacity?: number; readonly blocks?: number; readonly blocked?: number },
  cause: Cause,
  moved: Moved<E>,
): Step<E> {
  const { pool, copies, states } = stock;
  const { capacity = pool.capacity, blocks = pool.blocks, blocked = pool.blocked } = to;
  const next = { capacity, blocks, prepared: blocks, ...(blocked === undefined ? {} : { blocked }) };
  const fresh = Array.from({ length: blocks - pool.blocks }, (_unused, index) => pool.blocks + index);
  const windows = windowsOf(drawingOn(pool, copies));
  const { write, row } = advance(pool, next, cause, moved);
  const writes = [
    write,
    ...fresh.map((block) =>
      putBlock(pool.poolId, changes.find((each) => each.block === block) ?? { ...NOTHING, block }, windows, moved),
    ),
    ...changes.filter(({ block }) => block < pool.blocks).map((each) => changeBlock(pool.poolId, each, moved)),
  ];
  const by = new Map(changes.map((each) => [each.block, each]));
  const left = [...states, ...fresh.map((block) => ({ block, free: 0, blocked: 0 }))].map((state) => ({
    ...state,
    free: state.free + (by.get(state.block)?.free ?? 0),
    blocked: state.blocked + (by.get(state.block)?.blocked ?? 0),
  }));
  return { writes, after: { pool: parsePool(row), copies, states: left } };
}

const NOTHING = { size: 0, free: 0, blocked: 0 };

function putBlock<E>(
  poolId: string,
  { block, size, free }: BlockChange,
  windows: Attributes,
  moved: Moved<E>,
): Write<E> {
  const item = { free, size, ...windows };
  return { kind: 'put', key: blockKey(poolId, block), item, when: absent('pk'), otherwise: moved };
}

/** Changes a block by so many tickets, on condition that they are there: buyers may have taken them meanwhile. */
function changeBlock<E>(poolId: string, { block, ...by }: BlockChange, moved: Moved<E>): Write<E> {
  const add = Object.fromEntries(Object.entries(by).filter(([, count]) => count !== 0));
  const enough = (['free', 'blocked'] as const).flatMap((part): Condition[] =>
    by[part] < 0 ? [atLeast(part, -by[part])] : [],
  );
  const when = allOf(exists('pk'), ...enough);
  return { kind: 'update', key: blockKey(poolId, block), add, when, otherwise: moved };
}
