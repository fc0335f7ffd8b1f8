import { Temporal } from '@js-temporal/polyfill';
import fc from 'fast-check';
import ICAL from 'ical.js';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';

import { calendarOf } from '../../functions/catalog/domain/calendar.ts';
import type { EventRecord } from '../../functions/catalog/domain/event.ts';
import { jsonLdOf } from '../../functions/catalog/domain/json-ld.ts';
import { listedEvent } from './feed-events.ts';

const SEED = 5_545;
const HOUR = 3_600_000;
/** By an hour, by half of one, southern, by no whole hours, never, and one that changes offsets by law. */
const ZONES = [
  'Europe/Berlin',
  'America/St_Johns',
  'Australia/Lord_Howe',
  'Pacific/Chatham',
  'Asia/Kathmandu',
  'Africa/Casablanca',
  'America/Santiago',
  'UTC',
];

/** Moments within two hours of a change of clocks in the next years, where there are any; otherwise any. */
const zoned = fc.constantFrom(...ZONES).chain((timeZone) => {
  const changes: number[] = [];
  let at: Temporal.ZonedDateTime | null = Temporal.Instant.from('2027-01-01T00:00Z').toZonedDateTimeISO(timeZone);
  while (at !== null && at.year < 2036 && changes.length < 20) {
    at = at.getTimeZoneTransition('next');
    if (at !== null) changes.push(at.epochMilliseconds);
  }
  const base = changes.length > 0 ? fc.constantFrom(...changes) : fc.constant(Date.UTC(2030, 5, 1));
  return fc
    .tuple(base, fc.integer({ min: -120, max: 120 }))
    .map(([change, minutes]) => ({ timeZone, startsAt: change + minutes * 60_000 }));
});

/** Texts with everything that has a meaning in RFC 5545, and letters of two, three and four bytes. */
const text = fc
  .array(
    fc.constantFrom('a', 'é', '東', '🎺', ';', ',', '\\', '"', ':', '\n', '\r\n', ' ', '\t', 'END:VEVENT', '\\n', '='),
    { minLength: 1, maxLength: 90 },
  )
  .map((parts) => parts.join(''));
const line = text.map((each) => `x${each.replaceAll(/[\r\n\t]/g, ' ')}`);

const event = fc
  .record({
    zoned,
    title: line,
    description: text,
    venueName: line,
    /** An evening, all of a day and its night, a festival of days, or open. */
    lasts: fc.constantFrom(2 * HOUR, 24 * HOUR, 72 * HOUR, undefined),
    status: fc.constantFrom('PUBLISHED' as const, 'CANCELLING' as const, 'CANCELLED' as const, 'COMPLETED' as const),
    moved: fc.boolean(),
    ver: fc.integer({ min: 2, max: 2_000 }),
  })
  .map(({ zoned: { timeZone, startsAt }, venueName, lasts, moved, ...rest }) =>
    listedEvent({
      ...rest,
      timeZone,
      startsAt,
      endsAt: lasts === undefined ? undefined : startsAt + lasts,
      venue: { name: venueName, city: 'Hamburg' },
      rescheduledFrom: moved ? startsAt - 48 * HOUR : undefined,
    }),
  );

const unescaped = (written: string): string =>
  written.replaceAll(/\\([\\;,n])/g, (_all, letter: string) => (letter === 'n' ? '\n' : letter));

const isOff = ({ status }: EventRecord): boolean => status === 'CANCELLED' || status === 'CANCELLING';

describe('a calendar, as a parser of another house reads it', () => {
  it('has each event with its moment, its length and its texts as they are', () => {
    fc.assert(
      fc.property(fc.array(event, { minLength: 1, maxLength: 3 }), line, (events, name) => {
        const written = calendarOf(name, events, (eventId) => `https://t.example/events/${eventId}`);
        const calendar = new ICAL.Component(ICAL.parse(written));
        expect(calendar.getAllProperties().map((property) => property.name)).toEqual([
          'version',
          'prodid',
          'name',
          'x-wr-calname',
          'refresh-interval',
          'x-published-ttl',
        ]);
        // The parser does not know that RFC 7986 makes it a text, and leaves it as it is written.
        expect(unescaped(String(calendar.getFirstPropertyValue('name')))).toBe(name);
        const entries = calendar.getAllSubcomponents('vevent');
        expect(entries).toHaveLength(events.length);
        for (const [number, of] of events.entries()) {
          const entry = new ICAL.Event(entries[number]);
          const ends = of.endsAt ?? of.startsAt + 12 * HOUR;
          expect(entry.startDate.toJSDate().getTime()).toBe(of.startsAt);
          expect(entry.endDate.toJSDate().getTime()).toBe(ends);
          expect(entry.duration.toSeconds()).toBe((ends - of.startsAt) / 1_000);
          expect([entry.uid, entry.sequence]).toEqual([`${of.eventId}@onsale`, of.ver]);
          expect(entry.summary).toBe(of.title);
          expect(entry.description).toBe(of.description.replaceAll('\r\n', '\n'));
          expect(entry.location).toBe(`${of.venue?.name ?? ''}, Hamburg`);
          expect(entry.component.getFirstPropertyValue('status')).toBe(isOff(of) ? 'CANCELLED' : 'CONFIRMED');
          expect(entry.component.getFirstPropertyValue('dtstamp')).not.toBeNull();
        }
        const lines = written.split('\r\n');
        expect(lines.filter((each) => Buffer.byteLength(each) > 75 || /[\r\n]/.test(each))).toEqual([]);
      }),
      { numRuns: 300, seed: SEED },
    );
  });
});

const thing = z.looseObject({
  startDate: z.string(),
  endDate: z.optional(z.string()),
  previousStartDate: z.optional(z.string()),
  eventStatus: z.string(),
  offers: z.array(z.looseObject({ availability: z.string() })),
});

describe("an event in schema.org's words", () => {
  const context = {
    availability: new Map(),
    organizer: 'Us',
    now: Date.UTC(2026, 0, 1),
    publicUrl: 'https://t.example',
  };

  it('names the moment by what clocks at the place show and how far they are from UTC, also when they change', () => {
    fc.assert(
      fc.property(event, (of) => {
        const said = thing.parse(JSON.parse(jsonLdOf(of, context)));
        const local = (instant: number): string =>
          Temporal.Instant.fromEpochMilliseconds(instant)
            .toZonedDateTimeISO(of.timeZone)
            .toPlainDateTime()
            .toString({ smallestUnit: 'second' });
        expect(Date.parse(said.startDate)).toBe(of.startsAt);
        expect(said.startDate.slice(0, 19)).toBe(local(of.startsAt));
        expect(said.endDate === undefined ? undefined : Date.parse(said.endDate)).toBe(of.endsAt);
        expect(said.previousStartDate === undefined ? undefined : Date.parse(said.previousStartDate)).toBe(
          of.rescheduledFrom,
        );
        const status = isOff(of) ? 'Cancelled' : of.rescheduledFrom === undefined ? 'Scheduled' : 'Rescheduled';
        expect(said.eventStatus).toBe(`https://schema.org/Event${status}`);
        // What is off is nowhere in stock.
        expect(isOff(of) && said.offers.some(({ availability }) => availability.endsWith('InStock'))).toBe(false);
      }),
      { numRuns: 300, seed: SEED },
    );
  });
});
