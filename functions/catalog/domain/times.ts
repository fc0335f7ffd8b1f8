import type { Instant } from '../../shared/kernel/clock.ts';
import type { Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { NewTimes } from '../edit-schemas.ts';
import { invalid } from './draft-of.ts';
import { timesOf } from './draft-rules.ts';
import type { EventDetails, TicketType } from './event.ts';

/** When an event is. */
export interface Times {
  readonly startsAt: Instant;
  readonly endsAt: Instant | undefined;
  readonly timeZone: string;
}

/**
 * The times that an event is moved to. Without an end it keeps its length; without a start, its start.
 *
 * @returns INVALID_INPUT for local times that do not exist or are ambiguous, and for an end before the start
 */
export function movedTimes(event: EventDetails, wanted: NewTimes): Result<Times, Problem> {
  const timeZone = wanted.timeZone ?? event.timeZone;
  const { found, faults } = timesOf({ ...wanted, timeZone });
  const startsAt = found.startsAt === undefined ? event.startsAt : Date.parse(found.startsAt);
  const length = event.endsAt === undefined ? undefined : event.endsAt - event.startsAt;
  const endsAt =
    found.endsAt === undefined ? (length === undefined ? undefined : startsAt + length) : Date.parse(found.endsAt);
  const errors = faults.map(({ path, message }) => ({ path: path.join('.'), message }));
  if (endsAt !== undefined && endsAt <= startsAt)
    errors.push({ path: 'endsAt', message: 'The event must end after it starts' });
  return errors.length > 0 ? err(invalid(errors)) : ok({ startsAt, endsAt, timeZone });
}

/**
 * Sale windows of a type whose event moves from `former` to `next`. What ended a while before the event ends
 * the same while before it now, and with the event at the latest; a sale that is open or over stays as it began.
 */
export function movedWindow(
  { saleStartsAt, saleEndsAt }: TicketType,
  former: Pick<Times, 'startsAt'>,
  next: Pick<Times, 'startsAt' | 'endsAt'>,
  now: Instant,
): Pick<TicketType, 'saleStartsAt' | 'saleEndsAt'> {
  const moved = next.startsAt - former.startsAt;
  const starts = saleStartsAt !== undefined && saleStartsAt > now ? Math.max(now, saleStartsAt + moved) : saleStartsAt;
  const follows = saleEndsAt !== undefined && saleEndsAt > now ? Math.max(now, saleEndsAt + moved) : saleEndsAt;
  const ends = follows === undefined ? undefined : Math.min(follows, next.endsAt ?? next.startsAt);
  return {
    ...(starts === undefined ? {} : { saleStartsAt: starts }),
    ...(ends === undefined ? {} : { saleEndsAt: ends }),
  };
}
