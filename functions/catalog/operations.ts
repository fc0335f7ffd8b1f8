import { alignBlocks } from '../inventory/operations.ts';
import { findStockOnSale, findStockOut } from '../inventory/reads.ts';
import type { Instant } from '../shared/kernel/clock.ts';
import { ok } from '../shared/kernel/result.ts';
import { logFault } from '../shared/runtime/log.ts';
import type { JobReport } from '../shared/runtime/schedule.ts';
import type { Occasion } from '../shared/table/aggregate.ts';
import { putItems } from '../shared/table/batch.ts';
import type { Table } from '../shared/table/client.ts';
import { dueEntries, enlist, rememberRun, strike } from '../shared/table/due-list.ts';
import { changeEvent } from './app/change-event.ts';
import { idsOf, type EventRecord } from './domain/event.ts';
import type { CancellationRuns } from './cancellation-runs.ts';
import { LOOK_AGAIN_MS, planCancelled, planCompletion, STALLED_MS } from './domain/ending.ts';
import { findEvent, findProgress } from './reads.ts';

/**
 * Cancels an event to the end if nothing of it is out: all of its blocks are closed first, so that nothing can go out
 * any more, then they are counted. The workflow that gives tickets back ends with this, too. May be repeated.
 *
 * @param event CANCELLING, as it was read
 * @returns the event, CANCELLED unless tickets of it are still held or sold
 */
export async function finishCancellation(table: Table, event: EventRecord, occasion: Occasion): Promise<EventRecord> {
  const { pools } = await findStockOnSale(table, idsOf(event));
  let stock = await findStockOut(table, pools);
  if (!stock.closed) {
    await alignBlocks(
      table,
      idsOf(event),
      pools.map(({ poolId }) => poolId),
    );
    stock = await findStockOut(table, pools);
  }
  if (!stock.closed || stock.out > 0) return event;
  const done = await changeEvent(table, { event }, occasion, (current) => ok(planCancelled(current, occasion.now)));
  if (!done.ok) throw new Error(`Ending a cancellation: ${done.error.code}`);
  return done.value;
}

/** Entries of the due-list taken in one run, so that it ends within the function's time. */
const ENTRIES = 100;

/**
 * Looks after events from the due-list: completes those that are over, ends cancellations of which nothing is out any
 * more, and brings stock in line where a move or a cancellation died before it was done. Safe to run twice.
 */
export async function tendEvents(table: Table, runs: CancellationRuns, occasion: Occasion): Promise<JobReport> {
  let [entries, changed, faults, complete] = [0, 0, 0, true];
  for await (const due of dueEntries(table, 'EVENTS', occasion.now)) {
    if (entries === ENTRIES) {
      complete = false;
      break;
    }
    entries += 1;
    try {
      const waiting: string[] = [];
      for (const eventId of due.ids) {
        const outcome = await tendEvent(table, runs, eventId, occasion);
        if (outcome === 'CHANGED') changed += 1;
        if (outcome === 'WAITS') waiting.push(eventId);
      }
      await putItems(table, enlist('EVENTS', occasion.now + LOOK_AGAIN_MS, waiting));
      await strike(table, due);
    } catch (error) {
      logFault('JOB_FAULT', error, { job: 'tend-events', entry: due.key.sk });
      faults += 1;
      complete = false;
    }
  }
  if (complete) await rememberRun(table, 'EVENTS', occasion.now);
  return { events: changed, eventEntries: entries, eventFaults: faults };
}

/** Starts the workflow of a cancellation that has not begun, or has not moved for longer than it ever waits. */
async function wake(table: Table, runs: CancellationRuns, event: EventRecord, now: Instant): Promise<void> {
  const { eventId, cancellation } = event;
  if (cancellation === undefined) return;
  const { cancellationId } = cancellation;
  const progress = await findProgress(table, cancellationId);
  if (progress !== undefined && progress.at + STALLED_MS > now) return;
  await runs.start({ cancellationId, eventId }, String(Math.floor(now / LOOK_AGAIN_MS)));
}

async function tendEvent(
  table: Table,
  runs: CancellationRuns,
  eventId: string,
  occasion: Occasion,
): Promise<'CHANGED' | 'WAITS' | 'DONE'> {
  const event = await findEvent(table, eventId);
  if (event?.status === 'CANCELLING') {
    if ((await finishCancellation(table, event, occasion)).status === 'CANCELLED') return 'CHANGED';
    await wake(table, runs, event, occasion.now);
    return 'WAITS';
  }
  if (event?.status !== 'PUBLISHED') return 'DONE';
  if (planCompletion(event, occasion.now) === 'UNCHANGED') {
    const { pools } = await findStockOnSale(table, idsOf(event));
    await alignBlocks(
      table,
      idsOf(event),
      pools.map(({ poolId }) => poolId),
    );
    return 'DONE';
  }
  const done = await changeEvent(table, { event }, occasion, (current) => ok(planCompletion(current, occasion.now)));
  if (!done.ok) throw new Error(`Completing an event: ${done.error.code}`);
  return 'CHANGED';
}
