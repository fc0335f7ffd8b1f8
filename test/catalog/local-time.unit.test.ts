import { Temporal } from '@js-temporal/polyfill';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { draftFaults, timesOf } from '../../functions/catalog/domain/draft-rules.ts';
import { localTimeAt, resolveLocalTime } from '../../functions/catalog/domain/local-time.ts';

/** Zones whose clocks change in every way there is: by an hour, by half of one, southern, by law, never, a day skipped. */
const ZONES = [
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'America/Santiago',
  'Africa/Casablanca',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Pacific/Apia',
  'Pacific/Chatham',
  'America/St_Johns',
  'Europe/Dublin',
  'UTC',
];
const SEED = 20_261_124;
/** Minutes from 2011, the year in which Samoa skipped a day, to 2040. */
const anyMinute = fc.integer({ min: Date.UTC(2011, 0, 1) / 60_000, max: Date.UTC(2040, 0, 1) / 60_000 });

/** What Temporal makes of a local time: the instants that it may mean. */
function meant(local: string, timeZone: string): readonly number[] {
  const plain = Temporal.PlainDateTime.from(local);
  const instants = (['earlier', 'later'] as const).map((disambiguation) =>
    plain.toZonedDateTime(timeZone, { disambiguation }),
  );
  // Temporal moves a skipped time; it is one that does not come back as itself.
  return [
    ...new Set(instants.filter((each) => each.toPlainDateTime().equals(plain)).map((each) => each.epochMilliseconds)),
  ];
}

function ours(local: string, timeZone: string): readonly number[] {
  const time = resolveLocalTime(local, timeZone);
  if (time.kind === 'skipped') return [];
  return time.kind === 'exact' ? [time.instant] : [time.earlier, time.later];
}

describe('local times', () => {
  it('mean what Temporal says, for a thousand of them around changes of clocks and elsewhere', () => {
    const transitions = ZONES.flatMap((zone) => {
      const found: { zone: string; at: number }[] = [];
      let at: Temporal.ZonedDateTime | null = Temporal.Instant.from('2011-01-01T00:00Z').toZonedDateTimeISO(zone);
      while (at !== null && at.year < 2040) {
        at = at.getTimeZoneTransition('next');
        if (at !== null) found.push({ zone, at: at.epochMilliseconds / 60_000 });
      }
      return found;
    });
    const near = fc
      .tuple(fc.constantFrom(...transitions), fc.integer({ min: -200, max: 200 }))
      .map(([{ zone, at }, away]) => ({
        zone,
        minute: at + away,
      }));
    const anywhere = fc.record({ zone: fc.constantFrom(...ZONES), minute: anyMinute });
    fc.assert(
      fc.property(fc.oneof(near, anywhere), fc.integer({ min: 0, max: 180 }), ({ zone, minute }, shift) => {
        // A local time near the instant, which may be one that clocks skip.
        const shown = Temporal.Instant.fromEpochMilliseconds(minute * 60_000)
          .toZonedDateTimeISO(zone)
          .toPlainDateTime();
        const local = shown.add({ minutes: shift }).toString({ smallestUnit: 'minute' });
        expect(ours(local, zone), `${local} ${zone}`).toEqual(meant(local, zone));
      }),
      { numRuns: 1_000, seed: SEED },
    );
  });

  it('come back from the instant that they mean', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ZONES), anyMinute, (zone, minute) => {
        const instant = minute * 60_000;
        expect(ours(localTimeAt(instant, zone), zone)).toContain(instant);
      }),
      { numRuns: 1_000, seed: SEED },
    );
  });
});

describe('the times of a draft', () => {
  const inBerlin = (startsAtLocal: string, more: object = {}): ReturnType<typeof timesOf> =>
    timesOf({ timeZone: 'Europe/Berlin', startsAtLocal, ...more });

  it('refuse what clocks skip', () => {
    expect(inBerlin('2027-03-28T02:30').faults).toMatchObject([{ path: ['startsAtLocal'], message: /skip/ }]);
  });

  it('ask which is meant of what clocks show twice', () => {
    expect(inBerlin('2027-10-31T02:30').faults).toMatchObject([{ message: /twice/ }]);
    const at = (startsAtOccurrence: string): unknown =>
      inBerlin('2027-10-31T02:30', { startsAtOccurrence }).found.startsAt;
    expect([at('earlier'), at('later')]).toEqual(['2027-10-31T00:30:00.000Z', '2027-10-31T01:30:00.000Z']);
  });

  it('refuse days that do not exist, and times given twice', () => {
    expect(inBerlin('2027-02-30T20:00').faults).toMatchObject([{ message: /no such day/ }]);
    expect(inBerlin('2027-07-01T20:00', { startsAt: '2027-07-01T18:00:00Z' }).faults).toHaveLength(1);
    expect(draftFaults({}).map(({ path }) => path.join('.'))).toContain('startsAt');
  });
});
