import type { SaleTerms } from '../../inventory/contract.ts';
import type { Instant } from '../../shared/kernel/clock.ts';
import type { Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import { notEditable, type Decision, type Unchanged } from './editing.ts';
import { eventInPast, START_IS_PAST } from './draft.ts';
import { draftOf, invalid } from './draft-of.ts';
import { ticketTypesFaults, type Unchecked } from './draft-rules.ts';
import type { NewTimes } from '../edit-schemas.ts';
import { eventRescheduled } from '../events.ts';
import { publishedPosition } from '../keys.ts';
import { endOf, type EventDetails, type TicketType } from './event.ts';
import { notPublished } from './moves.ts';
import { termsOf } from './publication.ts';
import { movedTimes, movedWindow, type Times } from './times.ts';

/** A decision to move an event, with its ticket types as their sales are moved with it. */
export interface Rescheduling extends Decision {
  readonly times: Times;
  readonly ticketTypes: readonly TicketType[];
}

/**
 * Moves a published event to another time. Sales that are still to open or to close move as far as its start
 * does; tickets stay valid. Where it was at first stays known, however often it is moved.
 *
 * @returns EVENT_NOT_PUBLISHED, EVENT_NOT_EDITABLE once it is over, EVENT_IN_PAST, or INVALID_INPUT for local times
 *   that do not exist, and for sales that the move would leave no time for
 */
export function planReschedule(
  event: EventDetails,
  wanted: NewTimes,
  now: Instant,
): Result<Rescheduling | Unchanged, Problem> {
  if (event.status !== 'PUBLISHED') return err(notPublished());
  if (endOf(event) <= now) return err(notEditable());
  const found = movedTimes(event, wanted);
  if (!found.ok) return found;
  const times = found.value;
  const { startsAt, endsAt, timeZone } = times;
  if (startsAt === event.startsAt && endsAt === event.endsAt && timeZone === event.timeZone) return ok('UNCHANGED');
  const ticketTypes = event.ticketTypes.map((type) => ({ ...type, ...movedWindow(type, event, times, now) }));
  const faults = salesFaults({ ...event, ...times, ticketTypes });
  if (startsAt !== event.startsAt && startsAt <= now) return err(eventInPast([START_IS_PAST, ...faults]));
  if (faults.length > 0) return err(invalid(faults));
  const changes = {
    startsAt,
    endsAt,
    timeZone,
    // Who changes its end alone has moved it to no other start: there is no former one to tell of.
    ...(startsAt === event.startsAt ? {} : { rescheduledFrom: event.rescheduledFrom ?? event.startsAt }),
    rescheduledAt: now,
    ticketTypes,
    gsi1sk: publishedPosition(startsAt, event.eventId),
    // A date that was moved by itself is left alone when its series changes.
    ...(event.seriesId === undefined ? {} : { ownWay: true }),
  };
  return ok({ raises: eventRescheduled.name, changes, times, ticketTypes });
}

/** What the rules of a draft have against the sales of an event, so that every later edit of it is taken. */
function salesFaults(event: EventDetails): NonNullable<Problem['errors']> {
  const draft: Unchecked = { ...draftOf(event) };
  return ticketTypesFaults(draft).map(({ path, message }) => ({ path: path.join('.'), message }));
}

/** What the ticketing side must know of an event that has moved. */
export function movedSales(event: EventDetails, { times, ticketTypes }: Rescheduling): readonly SaleTerms[] {
  const moved: EventDetails = { ...event, ...times };
  return ticketTypes.map((type) => termsOf(moved, type));
}
