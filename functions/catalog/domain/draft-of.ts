import * as z from 'zod/mini';

import { toTimestamp } from '../../shared/kernel/clock.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import { eventDraft, type EventDraft, type TicketTypeDraft } from '../schemas.ts';
import { present } from './draft.ts';
import type { EventDetails, TicketType } from './event.ts';

/** The draft that would make `event` as it is: what an edit is merged into, and what a copy is made from. */
export function draftOf(event: EventDetails): EventDraft {
  const { title, description, category, tags, performers, ageLimit, venueId, venue, pools, noSingleSeats, imageKey } =
    event;
  return present({
    organizationId: event.organizationId,
    title,
    description,
    category,
    tags,
    performers,
    ageLimit,
    venueId,
    venue,
    pools,
    noSingleSeats,
    imageKey,
    cancellationPolicy: event.cancellationPolicy,
    gates: event.gates,
    startsAt: toTimestamp(event.startsAt),
    endsAt: event.endsAt === undefined ? undefined : toTimestamp(event.endsAt),
    timeZone: event.timeZone,
    ticketTypes: event.ticketTypes.map(ticketTypeDraftOf),
  });
}

/** The draft that would make `type` as it is. */
export function ticketTypeDraftOf(type: TicketType): TicketTypeDraft {
  const { name, unitPrice, currency, quantity, saleStartsAt, saleEndsAt, maxPerPerson, accessLevel } = type;
  const { description, zones, seatCategory, hidden, pool } = type;
  return present({
    name,
    description,
    price: { amount: unitPrice, currency },
    quantity,
    saleStartsAt: saleStartsAt === undefined ? undefined : toTimestamp(saleStartsAt),
    saleEndsAt: saleEndsAt === undefined ? undefined : toTimestamp(saleEndsAt),
    maxPerPerson,
    accessLevel,
    zones,
    seatCategory,
    hidden,
    pool,
  });
}

/** `base` with the members of `patch` put in place, and those that are null taken away (RFC 7396). */
export function merge(
  base: Readonly<Record<string, unknown>>,
  patch: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...base };
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete merged[name];
    else if (value !== undefined) merged[name] = value;
  }
  return merged;
}

/** Reads a merged body as a draft. @returns INVALID_INPUT with every fault, at the paths of the draft */
export function readDraft(merged: unknown): Result<EventDraft, Problem> {
  const parsed = z.safeParse(eventDraft, merged);
  if (parsed.success) return ok(parsed.data);
  return err(invalid(parsed.error.issues.map(({ path, message }) => ({ path: path.map(String).join('.'), message }))));
}

/** INVALID_INPUT with its faults. */
export function invalid(errors: NonNullable<Problem['errors']>): Problem<'INVALID_INPUT'> {
  return problem('INVALID_INPUT', 'Mend what `errors` lists and send it again.', { errors });
}
