import type { Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { Occasion } from '../../shared/table/aggregate.ts';
import type { Table } from '../../shared/table/client.ts';
import type { EventPatch } from '../edit-schemas.ts';
import { planEdit } from '../domain/editing.ts';
import type { EventRecord } from '../domain/event.ts';
import { planArchiving, planDeletion, planFeaturing } from '../domain/moves.ts';
import { ALL } from '../domain/view.ts';
import { changeEvent, preconditionRequired, withCopies, type Target } from './change-event.ts';
import { resizeShared } from './change-stock.ts';
import { availabilityOf, type ShownEvent } from './show-events.ts';

/** A changed event, or why it was not changed. */
export type Changed = Promise<Result<ShownEvent, Problem>>;

/**
 * Edits an event as {@link planEdit} decides; only from the version that the client has read. A capacity that types on
 * sale share changes with its stock, in the same transaction.
 */
export async function editEvent(table: Table, target: Target, patch: EventPatch, occasion: Occasion): Changed {
  if (target.version === undefined) return err(preconditionRequired());
  return show(
    table,
    await changeEvent(table, target, occasion, async (event) => {
      const planned = planEdit(event, patch, occasion.now);
      if (!planned.ok || planned.value === 'UNCHANGED' || event.status !== 'PUBLISHED') return planned;
      const resized = await resizeShared(table, event, planned.value, occasion);
      if (!resized.ok) return resized;
      const edited = withCopies(event, planned, resized.value?.copied);
      if (!edited.ok || edited.value === 'UNCHANGED') return edited;
      return ok({ ...edited.value, writes: [...(edited.value.writes ?? []), ...(resized.value?.writes ?? [])] });
    }),
  );
}

/** Deletes a draft; it is gone for everybody, its timeline stays. */
export async function deleteEvent(table: Table, target: Target, occasion: Occasion): Promise<Result<void, Problem>> {
  const deleted = await changeEvent(table, target, occasion, planDeletion);
  return deleted.ok ? ok(undefined) : deleted;
}

/** Puts an event away; see {@link planArchiving}. */
export async function archiveEvent(table: Table, target: Target, occasion: Occasion): Changed {
  return show(table, await changeEvent(table, target, occasion, (event) => planArchiving(event, occasion.now)));
}

/** Features an event, or no longer; the route lets admins alone in. */
export async function featureEvent(table: Table, event: EventRecord, featured: boolean, occasion: Occasion): Changed {
  return show(table, await changeEvent(table, { event }, occasion, (current) => ok(planFeaturing(current, featured))));
}

/** A changed event with what of it is free, for who has changed it. */
export async function show(table: Table, changed: Result<EventRecord, Problem>): Changed {
  if (!changed.ok) return changed;
  return ok({ event: changed.value, availability: await availabilityOf(table, [changed.value]), sees: ALL });
}
