import type { SaleTerms } from '../../inventory/contract.ts';
import { DAY, MINUTE, type Instant } from '../../shared/kernel/clock.ts';
import type { Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import { notEditable, type Decision, type Unchanged } from './editing.ts';
import { eventInPast, START_IS_PAST } from './draft.ts';
import { draftOf, invalid } from './draft-of.ts';
import { ticketTypesFaults, type Unchecked } from './draft-rules.ts';
import type { MoveTo } from '../edit-schemas.ts';
import { eventRescheduled } from '../events.ts';
import { publishedPosition } from '../keys.ts';
import { endOf, type EventDetails, type TicketType } from './event.ts';
import { notPublished } from './moves.ts';
import { termsOf } from './publication.ts';
import { movedTimes, movedWindow, type Times } from './times.ts';

/** Days in which tickets of an event that was moved may be given back in full, unless its organizer says more or fewer. */
const OPT_OUT_DAYS = 14;
/** Who holds tickets so soon after the move may still have seen the former time. */
const SEEN_MS = 10 * MINUTE;

/** Who may give tickets back in full, and until when; nobody where the start stayed where it was from the first. */
type OptOut = Pick<EventDetails, 'optOutHeldBefore' | 'optOutUntil'>;

/** A decision to move an event, with its ticket types as their sales are moved with it. */
export interface Rescheduling extends Decision {
  readonly times: Times;
  readonly optOut: OptOut;
  readonly ticketTypes: readonly TicketType[];
}

/**
 * Moves a published event to another time. Sales that are still to open or to close move as far as its start
 * does; tickets stay valid, and whoever holds some may give them back in full for a while (ADR 57). Where it was at first
 * stays known, however often it is moved.
 *
 * @returns EVENT_NOT_PUBLISHED, EVENT_NOT_EDITABLE once it is over, EVENT_IN_PAST, or INVALID_INPUT for local times
 *   that do not exist, and for sales that the move would leave no time for
 */
export function planReschedule(
  event: EventDetails,
  { optOutDays, ...wanted }: MoveTo,
  now: Instant,
): Result<Rescheduling | Unchanged, Problem> {
  if (event.status !== 'PUBLISHED') return err(notPublished());
  if (endOf(event) <= now) return err(notEditable());
  const found = movedTimes(event, wanted);
  if (!found.ok) return found;
  const times = found.value;
  const { startsAt, endsAt, timeZone } = times;
  const optOut = optOutOf(event, startsAt, optOutDays, now);
  const sameTimes = startsAt === event.startsAt && endsAt === event.endsAt && timeZone === event.timeZone;
  if (sameTimes && optOut.optOutUntil === event.optOutUntil) return ok('UNCHANGED');
  const ticketTypes = event.ticketTypes.map((type) => ({ ...type, ...movedWindow(type, event, times, now) }));
  const faults = salesFaults({ ...event, ...times, ticketTypes });
  if (startsAt !== event.startsAt && startsAt <= now) return err(eventInPast([START_IS_PAST, ...faults]));
  if (faults.length > 0) return err(invalid(faults));
  const changes = {
    startsAt,
    endsAt,
    timeZone,
    ...optOut,
    // Who changes its end alone has moved it to no other start: there is no former one to tell of.
    ...(startsAt === event.startsAt ? {} : { rescheduledFrom: event.rescheduledFrom ?? event.startsAt }),
    rescheduledAt: now,
    ticketTypes,
    gsi1sk: publishedPosition(startsAt, event.eventId),
    // A date that was moved by itself is left alone when its series changes.
    ...(event.seriesId === undefined ? {} : { ownWay: true }),
  };
  return ok({ raises: eventRescheduled.name, changes, times, optOut, ticketTypes });
}

/**
 * An earlier promise of the same kind is kept; a start that comes before its end is the end of it. Where the start stays, a
 * window that an earlier move has opened becomes longer, if that is asked for: counted from that move, so that the same
 * request again changes nothing.
 */
function optOutOf(event: EventDetails, startsAt: Instant, days: number | undefined, now: Instant): OptOut {
  const { optOutHeldBefore, optOutUntil } = event;
  const until = (from: Instant, most: number): Instant =>
    Math.min(startsAt, Math.max(optOutUntil ?? 0, from + most * DAY));
  if (startsAt !== event.startsAt)
    return { optOutHeldBefore: now + SEEN_MS, optOutUntil: until(now, days ?? OPT_OUT_DAYS) };
  if (optOutHeldBefore === undefined) return {};
  return { optOutHeldBefore, optOutUntil: until(optOutHeldBefore - SEEN_MS, days ?? 0) };
}

/** What the rules of a draft have against the sales of an event, so that every later edit of it is taken. */
function salesFaults(event: EventDetails): NonNullable<Problem['errors']> {
  const draft: Unchecked = { ...draftOf(event) };
  return ticketTypesFaults(draft).map(({ path, message }) => ({ path: path.join('.'), message }));
}

/** What the ticketing side must know of an event that has moved. */
export function movedSales(event: EventDetails, { times, optOut, ticketTypes }: Rescheduling): readonly SaleTerms[] {
  const moved: EventDetails = { ...event, ...times, ...optOut };
  return ticketTypes.map((type) => termsOf(moved, type));
}
