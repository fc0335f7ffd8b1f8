import { Temporal } from '@js-temporal/polyfill';
import { RRuleTemporal } from 'rrule-temporal';

import type { Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { Instant } from '../../shared/kernel/clock.ts';
import { MOST_DATES, type SeriesDraft } from '../series-routes.ts';
import { invalid } from './draft-of.ts';
import { isDay, LATEST, resolveLocalTime, TOO_LATE } from './local-time.ts';

/** What ends a rule. */
const ENDS = /(?:^|;)(?:COUNT|UNTIL)=[^;]*/g;

/** One date of a series. */
export interface SeriesDate {
  /** What clocks at the place show, `2027-03-26T20:00:00`: the date's name within its series. */
  readonly date: string;
  readonly startsAt: Instant;
}

/** Steps that a rule may take without yielding a date, so that one which never matches ends (30 February). */
const MOST_STEPS = 2_000;
/** Nothing happens several times a day but by `rdates`. */
const FREQUENCIES = /^(?:RRULE:)?(?:[^;]*;)*FREQ=(?:DAILY|WEEKLY|MONTHLY|YEARLY)(?:;|$)/;

/**
 * The dates of a series, in order: DTSTART with RRULE and RDATE, without EXDATE (RFC 5545, 3.8.5). The rule is
 * worked out in local time, so a date stays at eight in the evening across a change of clocks; of the dates
 * that a rule yields, those that clocks skip are left out and not counted (RFC 5545, 3.3.10). Of a time that clocks
 * show twice the first is meant (3.3.5), but for the first date, of which the draft says which.
 *
 * @returns INVALID_INPUT for a rule that cannot be read, or that yields none or more than {@link MOST_DATES}
 */
export function datesOf(draft: SeriesDraft): Result<readonly SeriesDate[], Problem> {
  const { timeZone, startsAtLocal, startsAtOccurrence = 'earlier', rrule, rdates = [], exdates = [] } = draft;
  const first = Temporal.PlainDateTime.from(startsAtLocal).toZonedDateTime(timeZone, {
    disambiguation: startsAtOccurrence,
  });
  const found = new Map<string, Instant>([[named(startsAtLocal), first.epochMilliseconds]]);
  const ruled = rrule === undefined ? ok([]) : datesOfRule(rrule, first);
  if (!ruled.ok) return err(invalid([{ path: 'rrule', message: ruled.error }]));
  const add = ({ date, startsAt }: SeriesDate): void => void (found.has(date) || found.set(date, startsAt));
  ruled.value.forEach(add);

  const faults: { path: string; message: string }[] = [];
  for (const [index, local] of rdates.entries()) {
    const startsAt = furtherDate(local, timeZone);
    if (typeof startsAt === 'number') add({ date: named(local), startsAt });
    else faults.push({ path: `rdates.${index}`, message: startsAt });
  }
  for (const [index, local] of exdates.entries()) {
    if (!found.delete(named(local))) faults.push({ path: `exdates.${index}`, message: 'The series has no such date' });
  }
  if (found.size === 0) faults.push({ path: 'exdates', message: 'No date is left' });
  if (found.size > MOST_DATES) faults.push({ path: 'rrule', message: `A series has at most ${MOST_DATES} dates` });
  if (faults.length > 0) return err(invalid(faults));
  return ok(
    [...found]
      .map(([date, startsAt]) => ({ date, startsAt }))
      .toSorted((left, right) => left.startsAt - right.startsAt),
  );
}

function datesOfRule(rrule: string, first: Temporal.ZonedDateTime): Result<readonly SeriesDate[], string> {
  if (!FREQUENCIES.test(rrule)) return err('It must repeat DAILY, WEEKLY, MONTHLY or YEARLY');
  const { timeZoneId } = first;
  try {
    const options = { temporal: Temporal, maxIterations: MOST_STEPS, strict: true } as const;
    const { count = Infinity, until } = new RRuleTemporal({ ...options, rruleString: rrule, dtstart: first }).options();
    // The library adds its steps to instants: one that clocks skip would move all that follow it. So it counts where no
    // clocks change, and what its dates mean at the place, and where they end, is worked out here.
    const floating = new RRuleTemporal({
      ...options,
      rruleString: rrule.replaceAll(ENDS, '').replace(/^;/, ''),
      dtstart: first.toPlainDateTime().toZonedDateTime('UTC'),
    });
    const dates: SeriesDate[] = [];
    floating.all((each) => {
      const date = each.toPlainDateTime().toString({ smallestUnit: 'second' });
      const startsAt = startOf(date, timeZoneId);
      if (startsAt === undefined) return true;
      if (until !== undefined && startsAt > until.epochMilliseconds) return false;
      dates.push({ date, startsAt });
      return dates.length < Math.min(count, MOST_DATES + 1);
    });
    if (dates.length > MOST_DATES) return err(`A series has at most ${MOST_DATES} dates; end it by COUNT or UNTIL`);
    return dates.some(({ startsAt }) => startsAt > LATEST) ? err(TOO_LATE) : ok(dates);
  } catch (error) {
    return err(error instanceof Error ? error.message : 'It cannot be read');
  }
}

/** The instant of a further date, or what is wrong with it. */
function furtherDate(local: string, timeZone: string): Instant | string {
  if (!isDay(local)) return 'There is no such day';
  if (Date.parse(`${local}Z`) > LATEST) return TOO_LATE;
  return startOf(local, timeZone) ?? `Clocks in ${timeZone} skip this time`;
}

/** The instant that a local time of a series means, or undefined where clocks skip it. */
function startOf(local: string, timeZone: string): Instant | undefined {
  const time = resolveLocalTime(local, timeZone);
  if (time.kind === 'skipped') return undefined;
  return time.kind === 'exact' ? time.instant : time.earlier;
}

/** A local time as dates are named: with seconds. */
function named(local: string): string {
  return local.length === 16 ? `${local}:00` : local;
}
