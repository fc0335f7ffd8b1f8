import type { Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { Session } from '../../shared/runtime/session.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit } from '../../shared/table/commit.ts';
import type { EventDetails } from '../domain/event.ts';
import { notDraft, planPublication } from '../domain/publication.ts';
import { findEvent } from '../reads.ts';
import { mayManage } from '../scope.ts';
import { publish, type Occasion } from '../writes.ts';
import { eventNotFound } from './show-events.ts';

/** Publishes a draft and puts its tickets on sale, at once or not at all; of two tries at once one wins. */
export async function publishEvent(
  table: Table,
  eventId: string,
  session: Session,
  occasion: Occasion,
): Promise<Result<EventDetails, Problem>> {
  const event = await findEvent(table, eventId);
  if (event === undefined || !mayManage(session, event)) return err(eventNotFound());
  const sales = planPublication(event, occasion.now);
  if (!sales.ok) return sales;
  const published = publish(event, sales.value, occasion, notDraft);
  const done = await commit(table, published.writes);
  return done.ok ? ok(published.event) : done;
}
