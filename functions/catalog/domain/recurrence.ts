import { Temporal } from '@js-temporal/polyfill';
import { RRuleTemporal } from 'rrule-temporal';

import type { Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { Instant } from '../../shared/kernel/clock.ts';
import { MOST_DATES, type SeriesDraft } from '../series-routes.ts';
import { invalid } from './draft-of.ts';
import { LATEST, resolveLocalTime, TOO_LATE } from './local-time.ts';

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
 * that a rule yields, those that clocks skip are left out (RFC 5545, 3.3.10).
 *
 * @returns INVALID_INPUT for a rule that cannot be read, or that yields none or more than {@link MOST_DATES}
 */
export function datesOf(draft: SeriesDraft): Result<readonly SeriesDate[], Problem> {
  const { timeZone, startsAtLocal, startsAtOccurrence = 'earlier', rrule, rdates = [], exdates = [] } = draft;
  const first = Temporal.PlainDateTime.from(startsAtLocal).toZonedDateTime(timeZone, {
    disambiguation: startsAtOccurrence,
  });
  const found = new Map<string, Instant>([
    [first.toPlainDateTime().toString({ smallestUnit: 'second' }), first.epochMilliseconds],
  ]);
  const ruled = rrule === undefined ? ok([]) : datesOfRule(rrule, first);
  if (!ruled.ok) return err(invalid([{ path: 'rrule', message: ruled.error }]));
  for (const { date, startsAt } of ruled.value) found.set(date, startsAt);

  const faults: { path: string; message: string }[] = [];
  for (const [index, local] of rdates.entries()) {
    const time = resolveLocalTime(local, timeZone);
    if (time.kind === 'skipped')
      faults.push({ path: `rdates.${index}`, message: `Clocks in ${timeZone} skip this time` });
    else if (Date.parse(`${local}Z`) > LATEST) faults.push({ path: `rdates.${index}`, message: TOO_LATE });
    else found.set(named(local), time.kind === 'exact' ? time.instant : time.earlier);
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
  try {
    const rule = new RRuleTemporal({
      rruleString: rrule,
      dtstart: first,
      temporal: Temporal,
      maxIterations: MOST_STEPS,
      strict: true,
    });
    const dates = rule.all((_date, index) => index <= MOST_DATES);
    if (dates.length > MOST_DATES) return err(`A series has at most ${MOST_DATES} dates; end it by COUNT or UNTIL`);
    if (dates.some(({ epochMilliseconds }) => epochMilliseconds > LATEST)) return err(TOO_LATE);
    return ok(
      dates.map((each) => ({
        date: each.toPlainDateTime().toString({ smallestUnit: 'second' }),
        startsAt: each.epochMilliseconds,
      })),
    );
  } catch (error) {
    return err(error instanceof Error ? error.message : 'It cannot be read');
  }
}

/** A local time as dates are named: with seconds. */
function named(local: string): string {
  return local.length === 16 ? `${local}:00` : local;
}
