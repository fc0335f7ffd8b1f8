import { alignBlocks } from '../../inventory/operations.ts';
import { findStockOnSale } from '../../inventory/reads.ts';
import { moveSale, withdrawSale } from '../../inventory/sale-writes.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok } from '../../shared/kernel/result.ts';
import type { Occasion } from '../../shared/table/aggregate.ts';
import type { Table } from '../../shared/table/client.ts';
import type { MoveTo } from '../edit-schemas.ts';
import { idsOf } from '../domain/event.ts';
import { hasSales, planUnpublication } from '../domain/moves.ts';
import { movedSales, planReschedule } from '../domain/rescheduling.ts';
import { changeEvent, movedAway, notAtOnce, ROOM, type Moved, type Target } from './change-event.ts';
import { show, type Changed } from './edit-event.ts';

/**
 * Makes a published event a draft again, and takes all of its tickets off sale, at once or not at all: every block
 * must be whole at that moment, so of a hold and this one wins.
 *
 * @returns EVENT_NOT_PUBLISHED, EVENT_HAS_SALES, or EVENT_TOO_LARGE where its stock does not fit one transaction
 */
export async function unpublishEvent(table: Table, target: Target, occasion: Occasion): Changed {
  const changed = await changeEvent(table, target, occasion, async (event) => {
    const planned = planUnpublication(event);
    if (!planned.ok) return planned;
    const stock = await findStockOnSale(table, idsOf(event));
    const writes = withdrawSale<Problem | Moved>(stock, occasion, { moved: movedAway, taken: hasSales });
    return writes.length > ROOM ? err(tooLarge()) : ok({ ...planned.value, writes });
  });
  return show(table, changed);
}

/**
 * Moves a published event to another time, with the ticketing side's copy of it and its sale windows: in one
 * transaction as far as that holds them, the blocks of large houses right after it. With it begins the time in which
 * holders may give their tickets back in full (ADR 57). Sent again it brings in line
 * what a try that died has left.
 */
export async function rescheduleEvent(table: Table, target: Target, wanted: MoveTo, occasion: Occasion): Changed {
  let later: readonly string[] = [];
  const changed = await changeEvent(table, target, occasion, async (event) => {
    const planned = planReschedule(event, wanted, occasion.now);
    if (!planned.ok) return planned;
    const stock = await findStockOnSale(table, idsOf(event));
    if (planned.value === 'UNCHANGED') {
      later = notAtOnce(stock);
      return ok('UNCHANGED');
    }
    const next = movedSales(event, planned.value);
    const moved = moveSale<Problem | Moved>(stock, next, occasion, ROOM, movedAway);
    ({ later } = moved);
    const { raises, changes } = planned.value;
    return ok({ raises, changes, writes: moved.writes });
  });
  if (changed.ok) await alignBlocks(table, idsOf(changed.value), later);
  return show(table, changed);
}

function tooLarge(): Problem<'EVENT_TOO_LARGE'> {
  return problem('EVENT_TOO_LARGE', 'An event with that many rows of seats cannot be taken back. Cancel it instead.');
}
