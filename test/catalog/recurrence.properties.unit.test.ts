import { Temporal } from '@js-temporal/polyfill';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { datesOf, type SeriesDate } from '../../functions/catalog/domain/recurrence.ts';
import { planDate, type SeriesDetails } from '../../functions/catalog/domain/series.ts';
import { seriesDraft, type SeriesDraft } from '../../functions/catalog/series-routes.ts';

const SEED = 20_261_126;
const DAYS_BEFORE = 3;
const DATES = 8;
/** By an hour and by half of one, at midnight, in the south, by law, by no whole hours, and one that skipped a day. */
const ZONES = [
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'America/Santiago',
  'Africa/Casablanca',
  'Pacific/Chatham',
  'America/St_Johns',
  'Asia/Beirut',
  'Pacific/Apia',
];

interface Change {
  readonly timeZone: string;
  /** What clocks show at the change, before and after it. */
  readonly before: Temporal.PlainDateTime;
  readonly after: Temporal.PlainDateTime;
}

const CHANGES: readonly Change[] = ZONES.flatMap((timeZone) => {
  const found: Change[] = [];
  let at: Temporal.ZonedDateTime | null = Temporal.Instant.from('2011-06-01T00:00Z').toZonedDateTimeISO(timeZone);
  while (at !== null && at.year < 2037) {
    at = at.getTimeZoneTransition('next');
    if (at === null) break;
    const before = at.subtract({ nanoseconds: 1 }).toPlainDateTime().add({ nanoseconds: 1 });
    found.push({ timeZone, before, after: at.toPlainDateTime() });
  }
  return found;
});

/** A change with a local time at most two hours from it: often one that clocks skip, or show twice. */
const nearChange = fc.tuple(fc.constantFrom(...CHANGES), fc.integer({ min: -120, max: 120 })).map(([change, away]) => ({
  ...change,
  local:
    Temporal.PlainDateTime.compare(change.before, change.after) < 0
      ? change.before.add({ minutes: away })
      : change.after.add({ minutes: away }),
}));

const written = (local: Temporal.PlainDateTime): string => local.toString({ smallestUnit: 'second' });

function parsed(as: object): SeriesDraft {
  return seriesDraft.parse({
    title: 'Organ',
    description: '',
    category: 'concert',
    ticketTypes: [{ name: 'Seat', price: { amount: 1_000, currency: 'EUR' }, quantity: 10 }],
    ...as,
  });
}

function datesBy(as: object): readonly SeriesDate[] {
  const found = datesOf(parsed(as));
  if (!found.ok) throw new Error(JSON.stringify(found.error));
  return found.value;
}

/** The instants that a local time may mean, by Temporal; none where clocks skip it. */
function meant(local: Temporal.PlainDateTime, timeZone: string): readonly number[] {
  const readings = (['earlier', 'later'] as const).map((disambiguation) =>
    local.toZonedDateTime(timeZone, { disambiguation }),
  );
  return [...new Set(readings.filter((at) => at.toPlainDateTime().equals(local)).map((at) => at.epochMilliseconds))];
}

describe('a series across a change of clocks', () => {
  it('keeps its local time, leaves out what is skipped, and means the first of two', () => {
    let [skipped, twice] = [0, 0];
    fc.assert(
      fc.property(nearChange, fc.constantFrom('DAILY', 'WEEKLY'), ({ timeZone, local }, frequency) => {
        const step = frequency === 'DAILY' ? 1 : 7;
        const first = local.subtract({ days: DAYS_BEFORE * step });
        fc.pre(meant(first, timeZone).length === 1);
        const dates = datesBy({ timeZone, startsAtLocal: written(first), rrule: `FREQ=${frequency};COUNT=${DATES}` });
        const expected = Array.from({ length: DATES + 3 }, (_unused, number) => first.add({ days: number * step }))
          .map((each) => ({ date: written(each), readings: meant(each, timeZone) }))
          .filter(({ readings }) => readings.length > 0)
          .slice(0, DATES);
        skipped += Number(meant(local, timeZone).length === 0);
        twice += Number(meant(local, timeZone).length === 2);
        expect(dates).toEqual(expected.map(({ date, readings }) => ({ date, startsAt: readings[0] })));
      }),
      { numRuns: 1_000, seed: SEED },
    );
    // Otherwise this would be about nothing.
    expect(Math.min(skipped, twice)).toBeGreaterThan(50);
  });

  it('begins at the reading that was asked for, whatever else names that date', () => {
    let twice = 0;
    fc.assert(
      fc.property(
        nearChange,
        fc.constantFrom('earlier', 'later'),
        fc.constantFrom({}, { rrule: 'FREQ=DAILY;COUNT=2' }, 'its own' as const),
        ({ timeZone, local }, startsAtOccurrence, more) => {
          const readings = meant(local, timeZone);
          fc.pre(readings.length > 0);
          twice += Number(readings.length === 2);
          const startsAtLocal = written(local);
          const [first] = datesBy({
            timeZone,
            startsAtLocal,
            ...(readings.length === 2 ? { startsAtOccurrence } : {}),
            ...(more === 'its own' ? { rdates: [startsAtLocal] } : more),
          });
          expect(first).toEqual({
            date: startsAtLocal,
            startsAt: startsAtOccurrence === 'later' ? readings.at(-1) : readings[0],
          });
        },
      ),
      { numRuns: 1_000, seed: SEED },
    );
    expect(twice).toBeGreaterThan(50);
  });

  it('keeps instant, zone and length of each date on its event', () => {
    const series: SeriesDetails = {
      seriesId: '01J00000000000000000000001',
      organizationId: '01J00000000000000000000002',
      createdBy: 'me',
      createdAt: 0,
      title: 'Organ',
      timeZone: 'Europe/Berlin',
      dates: [],
      complete: false,
      requestHash: 'h',
    };
    // From half past one in the night on which clocks go from three back to two: three hours, ended at half past three.
    const draft = parsed({ timeZone: 'Europe/Berlin', startsAtLocal: '2027-10-31T01:30', durationMinutes: 180 });
    const [date] = datesBy({ timeZone: 'Europe/Berlin', startsAtLocal: '2027-10-31T01:30', durationMinutes: 180 });
    expect(date).toBeDefined();
    expect(date && planDate(series, draft, date)).toMatchObject({
      startsAt: Date.parse('2027-10-30T23:30:00Z'),
      endsAt: Date.parse('2027-10-31T02:30:00Z'),
      timeZone: 'Europe/Berlin',
      seriesDate: '2027-10-31T01:30:00',
    });
  });
});

describe('further dates of a series', () => {
  it.each([
    ['2090-02-30T20:00', /no such day/],
    ['2090-03-26T02:30', /skip/],
  ])('%s is refused', (local, message) => {
    const found = datesOf(parsed({ timeZone: 'Europe/Berlin', startsAtLocal: '2090-03-24T20:00', rdates: [local] }));
    expect(found).toMatchObject({ ok: false, error: { errors: [{ path: 'rdates.0' }] } });
    expect(JSON.stringify(found)).toMatch(message);
  });
});
