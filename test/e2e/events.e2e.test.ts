import { expect, inject, it } from 'vitest';

import { somePng, uploadPicture } from '../support/pictures.ts';
import { call, organizer } from '../support/shop.ts';
import { currentPlan } from '../venues/plans.ts';

const YEAR = new Date().getUTCFullYear() + 1;

const DRAFT = {
  title: 'Tide and Brass',
  description: 'An evening on the water.',
  category: 'concert',
  startsAtLocal: `${YEAR}-07-01T20:00`,
  timeZone: 'Europe/Berlin',
  ticketTypes: [{ name: 'Standing', price: { amount: 4_500, currency: 'EUR' }, quantity: 50 }],
};

/** Reads what machines read of an event, as nobody. */
async function feeds(eventId: string): Promise<{ readonly calendar: string; readonly thing: Record<string, unknown> }> {
  const calendar = await call('GET', `/api/events/${eventId}/calendar.ics`);
  const thing = await call('GET', `/api/events/${eventId}/jsonld`);
  return { calendar: calendar.text, thing: thing.status === 200 ? JSON.parse(thing.text) : {} };
}

function sequenceOf(calendar: string): number {
  return Number(/^SEQUENCE:(\d+)/m.exec(calendar)?.[1]);
}

it('an event is made at a venue, published, moved and cancelled, and whoever reads of it is told', async () => {
  const us = await organizer();
  const made = await us.call('POST', '/api/venues', {
    name: 'Quay House',
    timeZone: 'Europe/Berlin',
    address: { street: 'Quay 7', city: 'Hamburg', country: 'DE' },
    coordinates: { latitude: 53.54, longitude: 9.98 },
  });
  expect(made.status, made.text).toBe(201);
  expect((await us.call('PUT', `/api/venues/${made.json.id}/seating-plan`, currentPlan())).status).toBe(200);

  const created = await us.call('POST', '/api/events', { ...DRAFT, venueId: made.json.id });
  expect(created.status, created.text).toBe(201);
  const { eventId } = created.json;
  expect((await call('GET', `/api/events/${eventId}`)).status, 'a draft is nobody’s business').toBe(404);
  const published = await us.call('POST', `/api/events/${eventId}/publish`, {});
  expect(published.json, published.text).toMatchObject({
    status: 'PUBLISHED',
    venue: { name: 'Quay House', city: 'Hamburg', address: 'Quay 7', latitude: 53.54, longitude: 9.98 },
  });
  const before = await feeds(eventId);
  expect(before.calendar).toContain('Quay House');
  expect(before.thing).toMatchObject({
    eventStatus: 'https://schema.org/EventScheduled',
    startDate: `${YEAR}-07-01T20:00:00+02:00`,
    location: { name: 'Quay House', geo: { latitude: 53.54 } },
  });

  const moved = await us.call('POST', `/api/events/${eventId}/reschedule`, { startsAtLocal: `${YEAR}-12-01T20:00` });
  expect(moved.json, moved.text).toMatchObject({ startsAt: `${YEAR}-12-01T19:00:00.000Z` });
  const after = await feeds(eventId);
  expect(after.thing).toMatchObject({
    eventStatus: 'https://schema.org/EventRescheduled',
    startDate: `${YEAR}-12-01T20:00:00+01:00`,
    previousStartDate: `${YEAR}-07-01T20:00:00+02:00`,
  });
  expect(sequenceOf(after.calendar)).toBeGreaterThan(sequenceOf(before.calendar));
  expect(after.calendar).toContain(`DTSTART:${YEAR}1201T190000Z`);

  const cancelled = await us.call('POST', `/api/events/${eventId}/cancel`, { reason: 'The quay is flooded' });
  expect(cancelled.status, cancelled.text).toBe(202);
  expect((await us.call('GET', `/api/events/${eventId}/cancellation`)).json).toMatchObject({
    status: 'CANCELLED',
    ticketsOut: 0,
  });
  const last = await feeds(eventId);
  expect(last.thing).toMatchObject({ eventStatus: 'https://schema.org/EventCancelled' });
  expect(last.calendar).toContain('STATUS:CANCELLED');
  expect(sequenceOf(last.calendar)).toBeGreaterThan(sequenceOf(after.calendar));
});

it('is read again only when it has changed, and kept no longer than is true', async () => {
  const us = await organizer();
  const { eventId } = (await us.call('POST', '/api/events', DRAFT)).json;
  await us.call('POST', `/api/events/${eventId}/publish`, {});
  for (const [path, most] of [
    [`/api/events/${eventId}`, 5],
    [`/api/tickets/types?eventId=${eventId}`, 5],
    [`/api/events/${eventId}/calendar.ics`, 300],
    [`/api/events/${eventId}/jsonld`, 5],
    ['/api/event-categories', 300],
    ['/api/events?featured=true', 300],
    ['/sitemap.xml', 300],
  ] as const) {
    const first = await call('GET', path);
    const kept = first.headers.get('cache-control') ?? '';
    const seconds = [...kept.matchAll(/(?:max-age|stale-while-revalidate)=(\d+)/g)].map(([, text]) => Number(text));
    expect(seconds.length, `${path} may be kept: ${kept}`).toBeGreaterThan(0);
    expect(
      seconds.reduce((sum, each) => sum + each, 0),
      path,
    ).toBeLessThanOrEqual(most);
    const again = await call('GET', path, undefined, { 'if-none-match': first.headers.get('etag') ?? 'none' });
    expect([again.status, again.text], path).toEqual([304, '']);
  }
  const read = await call('GET', `/api/events/${eventId}`);
  await us.call('PATCH', `/api/events/${eventId}`, { title: 'Another' }, { 'if-match': '*' });
  const changed = await call('GET', `/api/events/${eventId}`, undefined, {
    'if-none-match': read.headers.get('etag') ?? 'none',
  });
  expect([changed.status, changed.json.title]).toEqual([200, 'Another']);
  const own = await us.call('GET', `/api/events/${eventId}`);
  expect(own.headers.get('cache-control'), 'what only some see is kept nowhere').toBe('no-store');
});

it('pictures are uploaded, made in all sizes and seen by everybody; what is none is refused and nothing of it shown', async () => {
  const us = await organizer();
  const { eventId } = (await us.call('POST', '/api/events', DRAFT)).json;
  expect(await uploadPicture(us, eventId, 'image/png', somePng(1_000, 600))).toBe('READY');
  await us.call('POST', `/api/events/${eventId}/publish`, {});
  const { json } = await call('GET', `/api/events/${eventId}`);
  expect(json.image).toMatchObject({ width: 1_000, height: 600, sizes: [{ width: 320 }, { width: 640 }, {}] });
  expect(json.imageUpload, 'what was uploaded when is the organizer’s business').toBeNull();
  expect(json.imageUrl).toBe(json.image.sizes.at(-1).jpeg);
  const made = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const { width, webp, jpeg } of json.image.sizes) {
    for (const [path, mediaType] of [
      [webp, 'image/webp'],
      [jpeg, 'image/jpeg'],
    ]) {
      const seen = await fetch(new URL(path, inject('system').url));
      expect([seen.status, seen.headers.get('content-type')]).toEqual([200, mediaType]);
      expect(seen.headers.get('cache-control')).toContain('immutable');
      made.set(`${width} ${mediaType}`, new Uint8Array(await seen.arrayBuffer()));
    }
  }
  expect((await call('GET', `/api/images/${eventId}/320.webp`)).json.code).toBe('IMAGE_NOT_FOUND');

  // What came out goes in again: every type is taken.
  for (const mediaType of ['image/webp', 'image/jpeg'])
    expect(await uploadPicture(us, eventId, mediaType, made.get(`1000 ${mediaType}`) ?? new Uint8Array())).toBe(
      'READY',
    );

  const { image } = (await call('GET', `/api/events/${eventId}`)).json;
  for (const { jpeg } of json.image.sizes) {
    const former = await fetch(new URL(jpeg, inject('system').url));
    expect([former.status, jpeg === image.sizes[0].jpeg], 'what a mail names is seen after it was replaced').toEqual([
      200,
      false,
    ]);
  }
  const script = new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>');
  const bomb = somePng(400, 300);
  new DataView(bomb.buffer).setUint32(16, 60_000);
  new DataView(bomb.buffer).setUint32(20, 60_000);
  for (const [bytes, reason] of [
    [script, 'no JPEG'],
    [bomb, 'pixels'],
    [somePng(400, 300).slice(0, 500), 'damaged'],
    [somePng(100, 100), 'at least'],
  ] as const)
    expect(await uploadPicture(us, eventId, 'image/png', new Uint8Array(bytes))).toContain(reason);
  expect((await call('GET', `/api/events/${eventId}`)).json.image, 'the picture before stays').toEqual(image);

  const wanted = { contentType: 'image/gif', bytes: 11 * 1_024 * 1_024 };
  const refused = await us.call('POST', `/api/events/${eventId}/image`, wanted);
  expect([refused.status, refused.json.errors.map(({ path }: { path: string }) => path)]).toEqual([
    400,
    ['contentType', 'bytes'],
  ]);
});
