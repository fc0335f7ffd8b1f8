import { prepareStock, prepareToJoin } from '../../inventory/operations.ts';
import { findStockOfType, findStockOnSale } from '../../inventory/reads.ts';
import { joinSale, leaveSale, openSale } from '../../inventory/sale-writes.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { Occasion } from '../../shared/table/aggregate.ts';
import type { Table } from '../../shared/table/client.ts';
import type { Write } from '../../shared/table/writes.ts';
import { findSupply } from '../../venues/reads.ts';
import { invalid } from '../domain/draft-of.ts';
import { idsOf, type EventRecord, type TicketType } from '../domain/event.ts';
import { planOpening } from '../domain/publication.ts';
import { movedAway, ROOM, type Moved } from './change-event.ts';

/** What goes into the transaction that changes the event. */
type Writes = Result<readonly Write<Problem | Moved>[], Problem>;

/**
 * Gets the stock of a type ready that is added to a published event: of its own, or its window in the blocks that
 * others sell from. Nobody can buy of it until the writes are done; a try that died on the way is finished by the
 * next under the same idempotency key.
 *
 * @returns the writes that put it on sale, or INVALID_INPUT for what the plan or the shared capacity does not allow
 */
export async function openType(
  table: Table,
  event: EventRecord,
  type: TicketType,
  occasion: Occasion,
): Promise<Writes> {
  const supply = event.planId === undefined ? undefined : await findSupply(table, event.planId);
  const planned = planOpening(event, type, supply);
  if (!planned.ok) return planned;
  const { pools, copies } = await findStockOnSale(table, idsOf(event));
  // It bears the fees and taxes that the event was published with, or has got since.
  const types = planned.value.types.map((each) => ({ ...each, charges: copies[0]?.charges }));
  const [sale] = types;
  const pool = pools.find(({ name }) => name === planned.value.name);
  const beside = copies.find(({ poolId }) => poolId === pool?.poolId);
  if (pool === undefined || beside === undefined || sale === undefined)
    return ok(
      openSale<Problem | Moved>(
        await prepareStock(table, [{ ...planned.value, types }], occasion),
        occasion,
        movedAway,
      ),
    );
  const ready = await prepareToJoin(table, pool, sale, idsOf(event), occasion);
  return ready === undefined ? err(sharedOften()) : ok(joinSale(ready, beside, sale, occasion, movedAway));
}

/**
 * The writes that take a type of a published event off sale, each block on condition that nothing of it is out.
 *
 * @returns EVENT_TOO_LARGE where its blocks do not fit one transaction
 */
export async function closeType(
  table: Table,
  event: EventRecord,
  { ticketTypeId }: TicketType,
  occasion: Occasion,
): Promise<Writes> {
  const stock = await findStockOfType(table, idsOf(event), ticketTypeId);
  const obstacles = { moved: movedAway, taken: hasSales };
  const writes = leaveSale<Problem | Moved>(stock, ticketTypeId, occasion, obstacles);
  return writes.length > ROOM ? err(tooLarge()) : ok(writes);
}

function hasSales(): Problem<'TICKET_TYPE_HAS_SALES'> {
  return problem(
    'TICKET_TYPE_HAS_SALES',
    'Tickets of it, or of a type that it shares its places with, are held, sold or off sale. End its sale instead.',
  );
}

function tooLarge(): Problem<'EVENT_TOO_LARGE'> {
  return problem('EVENT_TOO_LARGE', 'It sells too many rows of seats to be deleted at once. End its sale instead.');
}

function sharedOften(): Problem<'INVALID_INPUT'> {
  return invalid([
    { path: '', message: 'Too many ticket types have shared these places. Change one of those there are' },
  ]);
}
