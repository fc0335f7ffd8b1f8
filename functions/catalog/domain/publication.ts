import type { PoolDraft, Sale } from '../../inventory/contract.ts';
import type { Instant } from '../../shared/kernel/clock.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import { eventInPast } from './draft.ts';
import type { EventDetails, TicketType } from './event.ts';
import { saleWindow } from './sale.ts';

/**
 * Puts a draft on sale at `now`.
 *
 * @returns NOT_DRAFT, or EVENT_IN_PAST when the draft has outlived its event
 */
export function planPublication(event: EventDetails, now: Instant): Result<readonly PoolDraft[], Problem> {
  if (event.status !== 'DRAFT') return err(notDraft());
  if (event.startsAt <= now) return err(eventInPast());
  return ok(poolsOf(event, now));
}

/** Why an event cannot be published again. */
export function notDraft(): Problem<'NOT_DRAFT'> {
  return problem('NOT_DRAFT', 'The event is published already.');
}

/** The stock of an event published at `now`: a pool of its own for each ticket type. */
export function poolsOf(event: EventDetails, now: Instant): readonly PoolDraft[] {
  return event.ticketTypes.map((type) => ({
    name: type.ticketTypeId,
    stock: { kind: 'COUNT', capacity: type.quantity },
    types: [saleOf(event, type, now)],
  }));
}

function saleOf(event: EventDetails, type: TicketType, now: Instant): Sale {
  return {
    ticketTypeId: type.ticketTypeId,
    eventId: event.eventId,
    organizationId: event.organizationId,
    name: type.name,
    unitPrice: type.unitPrice,
    currency: type.currency,
    ...saleWindow(type, event, now),
    maxPerPerson: type.maxPerPerson,
    accessLevel: type.accessLevel,
    eventTitle: event.title,
    eventStartsAt: event.startsAt,
    eventEndsAt: event.endsAt,
    timeZone: event.timeZone,
    venueName: event.venue?.name,
    city: event.venue?.city,
  };
}
