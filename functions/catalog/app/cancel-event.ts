import type { CancellationRuns } from '../cancellation-runs.ts';
import { receiptCsv } from '../domain/cancellation.ts';
import { findProgress } from '../reads.ts';
import { logFault } from '../../shared/runtime/log.ts';
import { findStockOnSale, findStockOut } from '../../inventory/reads.ts';
import { stopSale } from '../../inventory/sale-writes.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { Occasion } from '../../shared/table/aggregate.ts';
import type { Table } from '../../shared/table/client.ts';
import { planCancellation } from '../domain/ending.ts';
import { idsOf, type EventRecord } from '../domain/event.ts';
import { viewCancellation } from '../domain/view.ts';
import { finishCancellation } from '../operations.ts';
import type { CancellationView } from '../views.ts';
import { changeEvent, movedAway, ROOM, type Moved, type Target } from './change-event.ts';

/**
 * Cancels a published event: from the transaction that says so nothing of it is sold any more. Where nothing of it is
 * out it is CANCELLED right after; else it stays CANCELLING until holds have lapsed and tickets were given back. Sent
 * again it goes on where it stopped and answers the same.
 */
export async function cancelEvent(
  table: Table,
  target: Target,
  reason: string,
  runs: CancellationRuns,
  occasion: Occasion,
): Promise<Result<{ readonly cancellationId: string }, Problem>> {
  const changed = await changeEvent(table, target, occasion, async (event) => {
    const planned = planCancellation(event, { reason, ...occasion });
    if (!planned.ok || planned.value === 'UNCHANGED') return planned;
    const stock = await findStockOnSale(table, idsOf(event));
    return ok({ ...planned.value, writes: stopSale<Problem | Moved>(stock, occasion, ROOM, movedAway).writes });
  });
  if (!changed.ok) return changed;
  const { cancellation, status } = changed.value;
  if (cancellation === undefined) throw new Error('An event was cancelled without a cancellation');
  const { cancellationId } = cancellation;
  const event = status === 'CANCELLING' ? await finishCancellation(table, changed.value, occasion) : changed.value;
  if (event.status === 'CANCELLING') {
    // It is begun: should the workflow not start now, the job that looks after events starts it within minutes.
    await runs
      .start({ cancellationId, eventId: event.eventId }, 'first')
      .catch((error: unknown) => logFault('DEPENDENCY_FAULT', error, { cancellationId }));
  }
  return ok({ cancellationId });
}

/** How far the cancellation of an event is. @returns CANCELLATION_NOT_FOUND for an event that is not cancelled */
export async function showCancellation(table: Table, event: EventRecord): Promise<Result<CancellationView, Problem>> {
  const { cancellation } = event;
  if (cancellation === undefined) return err(problem('CANCELLATION_NOT_FOUND', 'The event is not being cancelled.'));
  const { pools } = await findStockOnSale(table, idsOf(event));
  const progress = await findProgress(table, cancellation.cancellationId);
  return ok(viewCancellation(cancellation, await findStockOut(table, pools), progress));
}

/** What the cancellation of an event came to, as CSV. @returns CANCELLATION_NOT_FOUND until it has been counted */
export async function cancellationCsv(table: Table, { cancellation }: EventRecord): Promise<Result<string, Problem>> {
  const progress = cancellation === undefined ? undefined : await findProgress(table, cancellation.cancellationId);
  return progress?.receipt === undefined
    ? err(problem('CANCELLATION_NOT_FOUND', 'The event is not being cancelled, or nothing has been given back yet.'))
    : ok(receiptCsv(progress.receipt));
}
