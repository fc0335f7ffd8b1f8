import { prepareStock } from '../../inventory/operations.ts';
import type { Problem } from '../../shared/kernel/problems.ts';
import { ok, type Result } from '../../shared/kernel/result.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit } from '../../shared/table/commit.ts';
import type { EventRecord } from '../domain/event.ts';
import { notDraft, planPublication } from '../domain/publication.ts';
import { ALL } from '../domain/view.ts';
import { publish, type Occasion } from '../writes.ts';
import type { ShownEvent } from './show-events.ts';

/**
 * Publishes a draft and puts its tickets on sale, at once or not at all; of two tries at once one wins. The stock
 * is put before, in as many steps as it takes: a try that died on the way is finished by the next.
 */
export async function publishEvent(
  table: Table,
  event: EventRecord,
  occasion: Occasion,
): Promise<Result<ShownEvent, Problem>> {
  const pools = planPublication(event, occasion.now);
  if (!pools.ok) return pools;
  const prepared = await prepareStock(table, pools.value, occasion);
  const published = publish(event, prepared, occasion, notDraft);
  const done = await commit(table, published.writes);
  // All of its tickets are free at that moment.
  return done.ok ? ok({ event: published.event, availability: new Map(), sees: ALL }) : done;
}
