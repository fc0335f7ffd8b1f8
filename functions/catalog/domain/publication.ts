import type { TicketTypeCopy } from '../../inventory/contract.ts';
import type { Instant } from '../../shared/kernel/clock.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import { eventInPast } from './draft.ts';
import type { EventDetails } from './event.ts';
import { saleWindow } from './sale.ts';

/** What goes to the ticketing side for each type of a published event. */
export type Sale = Omit<TicketTypeCopy, 'blocks'>;

/**
 * Puts a draft on sale at `now`.
 *
 * @returns NOT_DRAFT, or EVENT_IN_PAST when the draft has outlived its event
 */
export function planPublication(event: EventDetails, now: Instant): Result<readonly Sale[], Problem> {
  if (event.status !== 'DRAFT') return err(notDraft());
  if (event.startsAt <= now) return err(eventInPast());
  return ok(salesOf(event, now));
}

/** Why an event cannot be published again. */
export function notDraft(): Problem<'NOT_DRAFT'> {
  return problem('NOT_DRAFT', 'The event is published already.');
}

/** The sales of an event published at `now`, one for each ticket type. */
export function salesOf(event: EventDetails, now: Instant): readonly Sale[] {
  return event.ticketTypes.map((type) => ({
    ticketTypeId: type.ticketTypeId,
    eventId: event.eventId,
    organizationId: event.organizationId,
    name: type.name,
    unitPrice: type.unitPrice,
    currency: type.currency,
    capacity: type.quantity,
    ...saleWindow(type, event, now),
    maxPerPerson: type.maxPerPerson,
    accessLevel: type.accessLevel,
    eventTitle: event.title,
    eventStartsAt: event.startsAt,
    eventEndsAt: event.endsAt,
    timeZone: event.timeZone,
    venueName: event.venue?.name,
    city: event.venue?.city,
  }));
}
