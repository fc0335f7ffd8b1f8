import ICAL from 'ical.js';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';

import { calendarOf } from '../../functions/catalog/domain/calendar.ts';
import type { EventRecord } from '../../functions/catalog/domain/event.ts';
import { jsonLdOf } from '../../functions/catalog/domain/json-ld.ts';
import { monthsFrom, sitemapIndexOf, sitemapOf } from '../../functions/catalog/domain/sitemap.ts';
import { listedEvent as event, STARTS } from './feed-events.ts';

const HOSTILE = 'A,B;C\\D"\r\nATTENDEE:evil@example.com <script>alert(1)</script> 🎺 ' + 'ü'.repeat(120);

const page = (eventId: string): string => `https://tickets.example/events/${eventId}`;

/** Reads a calendar with a parser that has nothing to do with the library that wrote it. */
function read(text: string): InstanceType<typeof ICAL.Event>[] {
  const calendar = new ICAL.Component(ICAL.parse(text));
  return calendar.getAllSubcomponents('vevent').map((each) => new ICAL.Event(each));
}

describe('a calendar', () => {
  it('says when and where, as another parser reads it', () => {
    const [found] = read(calendarOf('Harbour Lights', [event()], page));
    expect(found?.summary).toBe('Harbour at Night');
    expect(found?.startDate.toJSDate().getTime()).toBe(STARTS);
    expect(found?.endDate.toJSDate().getTime()).toBe(STARTS + 3 * 3_600_000);
    expect(found?.location).toContain('Quay 7');
    expect([found?.uid, found?.sequence]).toEqual(['01J00000000000000000000009@onsale', 3]);
    expect(found?.component.getFirstPropertyValue('status')).toBe('CONFIRMED');
  });

  it('keeps its entry when the event is moved or cancelled', () => {
    const [moved] = read(
      calendarOf('x', [event({ ver: 4, startsAt: STARTS + 86_400_000, endsAt: STARTS + 90_000_000 })], page),
    );
    expect([moved?.uid, moved?.sequence]).toEqual(['01J00000000000000000000009@onsale', 4]);
    const [cancelled] = read(calendarOf('x', [event({ status: 'CANCELLING' })], page));
    expect(cancelled?.component.getFirstPropertyValue('status')).toBe('CANCELLED');
  });

  it('is not changed by what organizers write, and folds its lines', () => {
    const text = calendarOf('x', [event({ title: HOSTILE.replaceAll(/[\r\n]/g, ' '), description: HOSTILE })], page);
    const [found, ...others] = read(text);
    expect(others).toEqual([]);
    expect(found?.attendees).toEqual([]);
    expect(found?.description.replaceAll('\r', '')).toBe(HOSTILE.replaceAll('\r', ''));
    for (const line of text.split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
  });
});

const thing = z.looseObject({
  eventStatus: z.string(),
  startDate: z.string(),
  name: z.string(),
  offers: z.array(z.looseObject({})),
});

describe("an event in schema.org's words", () => {
  const context = {
    availability: new Map([['t1', { free: 0 }]]),
    organizer: 'Harbour Lights',
    now: Date.UTC(2090, 1, 1),
    publicUrl: 'https://tickets.example',
  };
  const of = (as: Partial<EventRecord> = {}): z.infer<typeof thing> =>
    thing.parse(JSON.parse(jsonLdOf(event(as), context)));

  it('gives local times with their offset, the offers that anybody sees, and who performs where', () => {
    expect(of()).toMatchObject({
      '@type': 'Event',
      startDate: '2090-07-01T20:00:00+02:00',
      eventStatus: 'https://schema.org/EventScheduled',
      location: { '@type': 'Place', name: 'Quay 7', geo: { latitude: 53.5 } },
      performer: [{ name: 'Tide Orchestra' }],
      offers: [{ name: 'Standing', price: '45.00', priceCurrency: 'EUR', availability: 'https://schema.org/SoldOut' }],
    });
  });

  it('says what became of it', () => {
    expect(of({ rescheduledFrom: STARTS - 86_400_000 })).toMatchObject({
      eventStatus: 'https://schema.org/EventRescheduled',
      previousStartDate: '2090-06-30T20:00:00+02:00',
    });
    expect(of({ status: 'CANCELLED' }).eventStatus).toBe('https://schema.org/EventCancelled');
  });

  it('cannot close the script element that it stands in', () => {
    const text = jsonLdOf(event({ title: '</script><script>alert(1)</script>' }), context);
    expect(text).not.toContain('<');
    expect(thing.parse(JSON.parse(text)).name).toBe('</script><script>alert(1)</script>');
  });
});

describe('sitemaps', () => {
  it('name the months ahead, over the end of a year', () => {
    expect(monthsFrom(Date.UTC(2090, 10, 30), 3)).toEqual(['2090-11', '2090-12', '2091-01']);
    expect(sitemapIndexOf(['2090-11'], 'https://t.example')).toContain(
      '<loc>https://t.example/sitemap/2090-11.xml</loc>',
    );
  });

  it('escape addresses', () => {
    expect(sitemapOf([{ url: 'https://t.example/?a=1&b=<2>', changedAt: 0 }])).toContain('?a=1&amp;b=&lt;2&gt;');
  });
});
