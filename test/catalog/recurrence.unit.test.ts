import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { datesOf } from '../../functions/catalog/domain/recurrence.ts';
import { resolveLocalTime } from '../../functions/catalog/domain/local-time.ts';
import { MOST_DATES, seriesDraft, type SeriesDraft } from '../../functions/catalog/series-routes.ts';

const ZONES = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata', 'Pacific/Chatham'];
const WEEKDAYS = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'];

function draft(as: object): SeriesDraft {
  return seriesDraft.parse({
    title: 'Organ at noon',
    description: '',
    category: 'concert',
    timeZone: 'Europe/Berlin',
    startsAtLocal: '2090-03-24T20:00',
    ticketTypes: [{ name: 'Seat', price: { amount: 1_000, currency: 'EUR' }, quantity: 10 }],
    ...as,
  });
}

function dates(as: object): readonly string[] {
  const found = datesOf(draft(as));
  if (!found.ok) throw new Error(JSON.stringify(found.error));
  return found.value.map(({ date }) => date);
}

const two = (value: number): string => String(value).padStart(2, '0');

/** Days from `first` on, `2090-03-24`, counted without any library. */
function days(first: string, count: number): readonly string[] {
  const [year = 0, month = 0, day = 0] = first.split('-').map(Number);
  return Array.from({ length: count }, (_unused, index) =>
    new Date(Date.UTC(year, month - 1, day + index)).toISOString().slice(0, 10),
  );
}

describe('a recurrence', () => {
  it('stays at its local time across changes of clocks, a thousand times', () => {
    const rule = fc.record({
      timeZone: fc.constantFrom(...ZONES),
      first: fc
        .integer({ min: Date.UTC(2027, 0, 1), max: Date.UTC(2037, 0, 1) })
        .map((at) => new Date(at).toISOString().slice(0, 10)),
      time: fc
        .tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom(0, 15, 30, 45))
        .map(([hour, minute]) => `${two(hour)}:${two(minute)}`),
      interval: fc.integer({ min: 1, max: 9 }),
      count: fc.integer({ min: 1, max: 30 }),
      weekdays: fc.uniqueArray(fc.constantFrom(...WEEKDAYS), { maxLength: 3 }),
    });
    fc.assert(
      fc.property(rule, ({ timeZone, first, time, interval, count, weekdays }) => {
        const startsAtLocal = `${first}T${time}`;
        if (resolveLocalTime(startsAtLocal, timeZone).kind !== 'exact') return;
        const byDay = weekdays.length === 0 ? '' : `;BYDAY=${weekdays.join(',')}`;
        const rrule = `FREQ=DAILY;INTERVAL=${interval}${byDay};COUNT=${count}`;
        // Counted by hand: each interval-th day, of the wanted weekdays, at a time that clocks show.
        const expected = days(first, interval * 7 * (count + 12))
          .filter((_day, index) => index % interval === 0)
          .filter(
            (day) => weekdays.length === 0 || weekdays.includes(WEEKDAYS[new Date(`${day}T00:00Z`).getUTCDay()] ?? ''),
          )
          .map((day) => `${day}T${time}`)
          .filter((local) => resolveLocalTime(local, timeZone).kind !== 'skipped')
          .slice(0, count);
        const all = new Set([startsAtLocal, ...expected].map((local) => `${local}:00`));
        expect(dates({ timeZone, startsAtLocal, rrule }), `${startsAtLocal} ${timeZone} ${rrule}`).toEqual(
          [...all].toSorted(),
        );
      }),
      { numRuns: 1_000, seed: 5_545 },
    );
  });

  it('adds RDATE and leaves EXDATE out', () => {
    expect(
      dates({
        rrule: 'FREQ=WEEKLY;COUNT=3',
        rdates: ['2090-05-01T15:00'],
        exdates: ['2090-03-31T20:00'],
      }),
    ).toEqual(['2090-03-24T20:00:00', '2090-04-07T20:00:00', '2090-05-01T15:00:00']);
  });

  it.each([
    ['one without end', { rrule: 'FREQ=DAILY' }, 'rrule'],
    ['one of too many dates', { rrule: `FREQ=DAILY;COUNT=${MOST_DATES + 1}` }, 'rrule'],
    ['one that ends in another century', { rrule: 'FREQ=YEARLY;COUNT=200' }, 'rrule'],
    ['one that never matches', { rrule: 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30' }, 'rrule'],
    ['one by the second', { rrule: 'FREQ=SECONDLY;COUNT=3' }, 'rrule'],
    ['nonsense', { rrule: 'FREQ=NEVER' }, 'rrule'],
    ['COUNT and UNTIL together', { rrule: 'FREQ=DAILY;COUNT=2;UNTIL=20900401T000000Z' }, 'rrule'],
    ['an exception that is no date of it', { exdates: ['2090-03-25T20:00'] }, 'exdates.0'],
    ['one of which no date is left', { exdates: ['2090-03-24T20:00'] }, 'exdates'],
    ['a date that clocks skip', { rdates: ['2090-03-26T02:30'] }, 'rdates.0'],
  ])('refuses %s', (_case, as, path) => {
    const found = datesOf(draft(as));
    expect(found).toMatchObject({ ok: false, error: { code: 'INVALID_INPUT', errors: [{ path }] } });
  });

  it('takes as many dates as there may be', () => {
    expect(dates({ rrule: `FREQ=DAILY;COUNT=${MOST_DATES}` })).toHaveLength(MOST_DATES);
  });
});
