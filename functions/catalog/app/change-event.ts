import * as z from 'zod/mini';

import type { TicketTypeCopy } from '../../inventory/contract.ts';
import type { StockOnSale } from '../../inventory/reads.ts';
import { changeCopies } from '../../inventory/sale-writes.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import { isOwnEffect, type Occasion } from '../../shared/table/aggregate.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit, MOST_ACTIONS, StoreBusyError } from '../../shared/table/commit.ts';
import type { Write } from '../../shared/table/writes.ts';
import type { Decision, Unchanged } from '../domain/editing.ts';
import type { EventDetails, EventRecord } from '../domain/event.ts';
import { gatesClosedTo } from '../domain/gates.ts';
import { findEvent } from '../reads.ts';
import { changeRow } from '../writes.ts';
import { eventNotFound } from './show-events.ts';

/** An event as it was read, and which version its client means to change. */
export interface Target {
  readonly event: EventRecord;
  /** What If-Match named: a version, any, or none of ours. */
  readonly version?: number | 'any' | 'none' | undefined;
}

/** A row is not as it was read; the row as it was found. */
export interface Moved {
  readonly moved: Readonly<Record<string, unknown>> | undefined;
}

/** A decision with what must be written along with it, or not at all. */
export interface WithWrites extends Decision {
  readonly writes?: readonly Write<Problem | Moved>[];
}

/** What a row means that has moved on: all is read and decided anew. */
export function movedAway(found: Moved['moved']): Moved {
  return { moved: found };
}

/** Writes that fit a transaction beside the event's row. */
export const ROOM = MOST_ACTIONS - 1;

/** Pools of which a try that died may have left blocks behind: all, where one transaction cannot hold their blocks. */
export function notAtOnce({ pools, copies }: StockOnSale): readonly string[] {
  const writes = pools.reduce((sum, { blocks }) => sum + 1 + blocks, copies.length);
  return writes > ROOM ? pools.map(({ poolId }) => poolId) : [];
}

/** Rounds of reading, deciding and writing; each may lose its race against another editor. */
const ROUNDS = 5;

/**
 * Changes an event: decides on it as it was read, and writes on condition that it is still so. When somebody
 * else was faster it is read and decided anew, unless the client has said which version it means.
 *
 * @returns EVENT_NOT_FOUND, PRECONDITION_FAILED, or what `decide` and its writes refuse with
 * @throws StoreBusyError when others keep getting in between
 */
export async function changeEvent(
  table: Table,
  { event: read, version }: Target,
  occasion: Occasion,
  decide: (
    event: EventRecord,
  ) => Result<WithWrites | Unchanged, Problem> | Promise<Result<WithWrites | Unchanged, Problem>>,
): Promise<Result<EventRecord, Problem>> {
  let event: EventRecord | undefined = read;
  for (let round = 1; round <= ROUNDS; round += 1) {
    if (event === undefined) return err(eventNotFound());
    if (version !== undefined && version !== 'any' && version !== event.ver) return err(movedOn(event));
    const decided = await decide(event);
    if (!decided.ok) return decided;
    if (decided.value === 'UNCHANGED') return ok(event);
    const { raises, changes, writes = [] } = decided.value;
    const changed = changeRow(event, changes, { ...occasion, event: raises }, movedAway);
    const done = await commit<Problem | Moved>(table, [changed.write, ...writes]);
    if (done.ok) return ok(changed.event);
    if (!('moved' in done.error)) return err(done.error);
    // After a lost answer the row stands in the way of its own retry.
    if (isOwnEffect(done.error.moved, changed.event)) return ok(changed.event);
    event = await findEvent(table, read.eventId);
  }
  throw new StoreBusyError('Other editors kept getting in between');
}

/**
 * A decision with what the ticketing side must know of it: the copies of the ticket types on sale change in the
 * same transaction, so that a ticket, a mail and a calendar never tell of another event than its page.
 *
 * @param beside what else the copies of single types are to say, by the ids of the types
 */
export function withCopies(
  event: EventRecord,
  decided: Result<Decision | Unchanged, Problem>,
  beside: ReadonlyMap<string, Partial<TicketTypeCopy>> = new Map(),
): Result<WithWrites | Unchanged, Problem> {
  if (!decided.ok || decided.value === 'UNCHANGED' || event.status !== 'PUBLISHED') return decided;
  const next: Pick<EventDetails, Copied> = { ...event, ...described(decided.value) };
  const { title, venue, noSingleSeats, cancellationPolicy } = next;
  const copied = {
    eventTitle: title,
    venueName: venue?.name,
    city: venue?.city,
    noSingles: noSingleSeats,
    cancellationPolicy,
  };
  const writes = event.ticketTypes.flatMap((type) => {
    const { ticketTypeId: id } = type;
    return changeCopies([id], { ...copied, closedGates: gatesClosedTo(next, type), ...beside.get(id) });
  });
  return ok({ ...decided.value, writes });
}

/** Members of an event that the copies of its types tell as well. */
type Copied = 'title' | 'venue' | 'noSingleSeats' | 'cancellationPolicy' | 'gates';

/** What the copies tell, as a decision changes it; what it takes away is undefined. */
function described({ changes }: Decision): Partial<Pick<EventDetails, Copied>> {
  const { title, venue, noSingleSeats, cancellationPolicy, gates } = z.parse(named, changes);
  return {
    ...(title === undefined ? {} : { title }),
    ...('venue' in changes ? { venue } : {}),
    ...('noSingleSeats' in changes ? { noSingleSeats } : {}),
    ...('cancellationPolicy' in changes ? { cancellationPolicy } : {}),
    ...('gates' in changes ? { gates } : {}),
  };
}

const named = z.object({
  title: z.optional(z.string()),
  noSingleSeats: z.optional(z.boolean()),
  venue: z.optional(z.object({ name: z.string(), city: z.optional(z.string()) })),
  cancellationPolicy: z.optional(
    z.object({ windowHours: z.int(), feeAmount: z.optional(z.int()), feePercent: z.optional(z.number()) }),
  ),
  gates: z.optional(z.array(z.object({ name: z.string(), zones: z.array(z.string()) }))),
});

function movedOn({ ver }: EventRecord): Problem<'PRECONDITION_FAILED'> {
  return problem('PRECONDITION_FAILED', 'It has changed since you read it. Read it again and repeat your change.', {
    extra: { etag: `"v${ver}"` },
  });
}

/** Why an edit without If-Match is refused: two editors would overwrite each other without noticing. */
export function preconditionRequired(): Problem<'PRECONDITION_REQUIRED'> {
  return problem('PRECONDITION_REQUIRED', 'Send If-Match with the ETag of what you have read.');
}
