import { findStockAudit } from '../../audit/reads.ts';
import { findCountedStock, findTicketTypes, type CountedStock } from '../../inventory/reads.ts';
import {
  blockStock,
  changeCapacity,
  spreadStock,
  type NewCapacity,
  type NotCounted,
} from '../../inventory/resizing.ts';
import { toTimestamp } from '../../shared/kernel/clock.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { Occasion } from '../../shared/table/aggregate.ts';
import type { Table } from '../../shared/table/client.ts';
import { MOST_ACTIONS, StoreBusyError } from '../../shared/table/commit.ts';
import { invalid } from '../domain/draft-of.ts';
import { isPublished, resizedPools, type Decision } from '../domain/editing.ts';
import type { EventRecord, TicketType } from '../domain/event.ts';
import { notPublished } from '../domain/moves.ts';
import type { StockAuditView, StockView } from '../stock-routes.ts';
import { movedAway, type Moved } from './change-event.ts';

/** Another quantity of a type on sale: what its stock and its copy must say together with its event. */
export type Resized = NewCapacity<Problem | Moved>;

/** Writes that fit a transaction beside the event's row, the type's copy and its price. */
const ROOM = MOST_ACTIONS - 3;

/**
 * Gives the stock of a type on sale another `quantity`, in the transaction that changes its event: never less than is
 * held, sold and blocked (failure catalogue 28).
 *
 * @returns nothing to write where no stock changes, as of a type that shares its capacity with others: its quantity is
 *   what of that is offered (ADR 17); QUANTITY_TOO_LOW with the lowest there can be; EVENT_IS_PUBLISHED where the stock
 *   is that of a plan
 */
export async function resizeStock(
  table: Table,
  { ticketTypeId, quantity: former, pool, seatCategory }: TicketType,
  quantity: number | undefined,
  occasion: Occasion,
): Promise<Result<Resized | undefined, Problem>> {
  if (quantity === undefined || quantity === former) return ok(undefined);
  if (seatCategory !== undefined) return err(isPublished(['quantity']));
  if (pool !== undefined) return ok(undefined);
  const resized = await changeCapacity<Problem | Moved>(
    table,
    await poolOf(table, ticketTypeId),
    quantity,
    ROOM,
    occasion,
    movedAway,
  );
  if (resized.ok) return resized;
  return err(typeof resized.error === 'string' ? notCounted(resized.error) : tooLow(resized.error.lowest));
}

/** Another capacity that types on sale share: its stock, and what the copies of those types must say with it. */
export interface ResizedPool {
  readonly writes: Resized['writes'];
  readonly copied: ReadonlyMap<string, Resized['copied']>;
}

/**
 * Gives the capacity that types of an event share another size, in the transaction that changes the event: never less
 * than is held, sold and blocked of all of them (failure catalogue 28).
 *
 * @returns nothing where none changes, or no type sells of it; QUANTITY_TOO_LOW with the lowest there can be;
 *   INVALID_INPUT for several at once, which one transaction has no room for
 */
export async function resizeShared(
  table: Table,
  event: EventRecord,
  decision: Decision,
  occasion: Occasion,
): Promise<Result<ResizedPool | undefined, Problem>> {
  const [changed, ...others] = resizedPools(event, decision);
  if (changed === undefined) return ok(undefined);
  if (others.length > 0) {
    const message = 'Change the shared capacities of a published event one after the other';
    return err(invalid(others.map(({ index }) => ({ path: `pools.${index}.quantity`, message }))));
  }
  const types = event.ticketTypes.filter(({ pool }) => pool === changed.name).map(({ ticketTypeId }) => ticketTypeId);
  const [first] = types;
  if (first === undefined) return ok(undefined);
  // The copies of its types are counted by the stock itself, those of all others lie beside it.
  const room = ROOM - (event.ticketTypes.length - types.length);
  const resized = await changeCapacity<Problem | Moved>(
    table,
    await poolOf(table, first),
    changed.quantity,
    room,
    occasion,
    movedAway,
  );
  if (!resized.ok)
    return err(typeof resized.error === 'string' ? notCounted(resized.error) : tooLow(resized.error.lowest));
  const { writes, copied } = resized.value;
  return ok({ writes, copied: new Map(types.map((ticketTypeId) => [ticketTypeId, copied])) });
}

/** Why a quantity is not changed together with the times of its sale: both are in the same blocks. */
export function apart(): Problem<'INVALID_INPUT'> {
  const message = 'Change the quantity of a type on sale and the times of its sale one after the other';
  return invalid([{ path: 'quantity', message }]);
}

function tooLow(lowest: number): Problem<'QUANTITY_TOO_LOW'> {
  return problem('QUANTITY_TOO_LOW', `Tickets of it are held, sold or blocked; ${lowest} is the least now.`, {
    extra: { lowest },
  });
}

/** A ticket type of an event, on sale or not. */
export interface TypeOnSale {
  readonly event: EventRecord;
  readonly type: TicketType;
}

type Shown = Promise<Result<StockView, Problem>>;

/** The stock of a type that is or was on sale. @returns EVENT_NOT_PUBLISHED for a draft's */
export async function showStock(table: Table, { event, type }: TypeOnSale): Shown {
  if (event.publishedAt === undefined) return err(notOnSale());
  const stock = await findCountedStock(table, await poolOf(table, type.ticketTypeId));
  if (stock === undefined) throw new StoreBusyError('A ticket type was taken off sale at this moment');
  return ok(viewStock(stock, type));
}

/** What the last look at the stock of an event has found. */
export async function showStockAudit(table: Table, eventId: string): Promise<StockAuditView> {
  const audit = await findStockAudit(table, eventId);
  if (audit === undefined) return NOT_LOOKED_AT;
  const { lookedAt, checked, differences, found, suspects } = audit;
  const status = found > 0 ? 'DIFFERENCES' : suspects.length > 0 ? 'SECOND_LOOK' : 'CLEAN';
  return { status, lookedAt: toTimestamp(lookedAt), checked, differences, found };
}

const NOT_LOOKED_AT: StockAuditView = {
  status: 'NOT_YET',
  lookedAt: null,
  checked: { blocks: 0, orders: 0, tickets: 0, limits: 0 },
  differences: [],
  found: 0,
};

/** Keeps `quantity` tickets off sale. @returns NOT_ENOUGH_TICKETS with how many could be */
export async function blockTickets(table: Table, on: TypeOnSale, quantity: number, occasion: Occasion): Shown {
  return onStock(table, on, async (poolId) => {
    const done = await blockStock(table, poolId, quantity, occasion);
    if (done.ok) return done;
    if (typeof done.error === 'string') return err(done.error);
    const { available } = done.error;
    const detail = `Only ${available} of them are neither held nor sold.`;
    return err(problem('NOT_ENOUGH_TICKETS', detail, { extra: { available } }));
  });
}

/** Gets the stock ready for `holdsPerSecond` buyers a second. */
export async function spread(table: Table, on: TypeOnSale, holdsPerSecond: number, occasion: Occasion): Shown {
  return onStock(table, on, (poolId) => spreadStock(table, poolId, holdsPerSecond, occasion));
}

async function onStock(
  table: Table,
  { event, type }: TypeOnSale,
  operate: (poolId: string) => Promise<Result<CountedStock, Problem | NotCounted>>,
): Shown {
  if (event.status !== 'PUBLISHED') return err(notOnSale());
  const done = await operate(await poolOf(table, type.ticketTypeId));
  if (done.ok) return ok(viewStock(done.value, type));
  return err(typeof done.error === 'string' ? notCounted(done.error) : done.error);
}

/** The pool that a type on sale draws on. @throws StoreBusyError when it was taken off sale meanwhile */
export async function poolOf(table: Table, ticketTypeId: string): Promise<string> {
  const copy = (await findTicketTypes(table, [ticketTypeId], 'strong')).get(ticketTypeId);
  if (copy === undefined) throw new StoreBusyError('A ticket type was taken off sale at this moment');
  return copy.poolId;
}

function notCounted(why: NotCounted): Problem {
  switch (why) {
    case 'STOPPED':
      return notOnSale();
    case 'SEATS':
      return problem('STOCK_IS_SEATS', 'Seats are as many as the plan of the venue has.');
  }
}

/** Why the stock of a type cannot be changed. */
export function notOnSale(): Problem<'EVENT_NOT_PUBLISHED'> {
  return { ...notPublished(), detail: 'Its tickets are not on sale.' };
}

function viewStock({ pool, states }: CountedStock, { ticketTypeId }: TicketType): StockView {
  const free = states.reduce((sum, state) => sum + state.free, 0);
  const blocked = states.reduce((sum, state) => sum + state.blocked, 0);
  const alone = pool.kind === 'COUNT' && pool.ticketTypeIds.length === 1;
  return {
    ticketTypeId,
    ticketTypeIds: pool.ticketTypeIds,
    capacity: pool.capacity,
    free,
    blocked,
    out: pool.capacity - free - blocked,
    // A type has one ticket at least.
    lowestQuantity: alone ? Math.max(1, pool.capacity - free) : null,
    blocks: pool.blocks,
  };
}
