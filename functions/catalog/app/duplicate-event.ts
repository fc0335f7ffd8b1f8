import { toTimestamp } from '../../shared/kernel/clock.ts';
import { canonicalJson, shortHash } from '../../shared/kernel/hash.ts';
import type { Problem } from '../../shared/kernel/problems.ts';
import type { Result } from '../../shared/kernel/result.ts';
import type { Session } from '../../shared/runtime/session.ts';
import type { Occasion } from '../../shared/table/aggregate.ts';
import type { Table } from '../../shared/table/client.ts';
import { present } from '../domain/draft.ts';
import { draftOf, ticketTypeDraftOf } from '../domain/draft-of.ts';
import type { EventRecord } from '../domain/event.ts';
import { movedTimes, movedWindow, type Times } from '../domain/times.ts';
import type { CopyOf } from '../edit-schemas.ts';
import type { EventDraft } from '../schemas.ts';
import { createEvent } from './create-event.ts';
import type { ShownEvent } from './show-events.ts';

/** The request to make another event like one that is there. */
export interface DuplicateEvent {
  readonly event: EventRecord;
  readonly wanted: CopyOf;
  readonly session: Session;
  /** As the client sent it, if it did. */
  readonly idempotencyKey: string | undefined;
}

/**
 * Makes a draft like an event: all that an organizer wrote, with ticket types of its own, and nothing that
 * happened to it. Hidden types are opened by the same codes, and prices follow the same rules. Sale windows and phases
 * of prices keep their distance to the start; those that would be over are left out.
 */
export async function duplicateEvent(
  table: Table,
  { event, wanted, session, idempotencyKey }: DuplicateEvent,
  occasion: Occasion,
): Promise<Result<ShownEvent, Problem>> {
  const times = movedTimes(event, wanted);
  if (!times.ok) return times;
  const draft = copied(event, times.value, wanted.title ?? event.title, occasion.now);
  // Of the request alone: the event may be edited between a try and its retry.
  const requestHash = shortHash(canonicalJson({ eventId: event.eventId, wanted }));
  return createEvent(table, { draft, session, idempotencyKey, requestHash, like: event }, occasion);
}

function copied(event: EventRecord, { startsAt, endsAt, timeZone }: Times, title: string, now: number): EventDraft {
  const { endsAt: _former, ...draft } = draftOf(event);
  return {
    ...draft,
    title,
    timeZone,
    startsAt: toTimestamp(startsAt),
    ...(endsAt === undefined ? {} : { endsAt: toTimestamp(endsAt) }),
    ticketTypes: event.ticketTypes.map((type) => {
      const { saleStartsAt, saleEndsAt, ...rest } = type;
      const window = movedWindow(present({ ...rest, saleStartsAt, saleEndsAt }), event, { startsAt, endsAt }, 0);
      const over = window.saleEndsAt !== undefined && window.saleEndsAt <= now;
      return ticketTypeDraftOf({ ...rest, ...(over ? {} : window) });
    }),
  };
}
