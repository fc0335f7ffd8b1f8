import { expect, it } from 'vitest';

import { generatePlan } from '../../scripts/plan/generate.ts';
import { publishSeated } from '../support/seated.ts';
import { call, organizer } from '../support/shop.ts';
import { currentPlan } from './plans.ts';

it('an organizer draws a venue up, and anybody sees its plan as data and as a picture', async () => {
  const host = await organizer();
  const created = await host.call('POST', '/api/venues', {
    name: 'Quay 7',
    address: { street: 'Am Kai 7', postalCode: '20457', city: 'Hamburg', country: 'DE' },
    timeZone: 'Europe/Berlin',
  });
  expect(created.status, created.text).toBe(201);
  const { id } = created.json;
  const put = await host.call('PUT', `/api/venues/${id}/seating-plan`, currentPlan());
  expect(put.status, put.text).toBe(200);
  const read = await host.call('GET', `/api/venues/${id}/seating-plan`);
  expect(read.json).toMatchObject({ name: 'Quay 7', zones: [{ zone_id: 'stalls' }] });

  const venue = await host.call('GET', `/api/venues/${id}`);
  const planId = venue.json.seatingPlan.id;
  const drawing = await call('GET', `/api/seating-plans/${planId}`);
  expect(drawing.status, drawing.text).toBe(200);
  expect(drawing.headers.get('cache-control')).toContain('immutable');
  expect(drawing.json.zones[0].rows[0].seats).toHaveLength(6);
  const picture = await call('GET', `/api/seating-plans/${planId}/picture.svg`);
  expect([picture.status, picture.headers.get('content-type')]).toEqual([200, 'image/svg+xml']);
  expect(picture.text).toMatch(/^<svg[^>]*>[^]*<\/svg>\s*$/);
});

it('an event that is published with a plan of 20,000 seats shows them all in 300 KB, and then only what is new', async () => {
  const plan = generatePlan(20_000);
  const prices = Object.fromEntries(
    plan.categories.filter(({ name }) => !name.includes('[')).map(({ name }) => [name, 4_500]),
  );
  const host = await organizer();
  const { eventId, planId, venueId } = await publishSeated(host, plan, prices);
  const path = `/api/events/${eventId}/seats`;
  const seats = await call('GET', path, undefined, { 'accept-encoding': 'gzip' });
  expect(seats.status, seats.text.slice(0, 500)).toBe(200);
  expect(Number(seats.headers.get('content-length'))).toBeLessThan(300 * 1024);
  expect(seats.json.seats).toHaveLength(20_000);
  expect(seats.json.plan.id).toBe(planId);
  // However many tickets the organizer had written down, there are as many as seats.
  const { ticketTypes } = (await call('GET', `/api/events/${eventId}`)).json;
  expect(ticketTypes.reduce((sum: number, { quantity }: { quantity: number }) => sum + quantity, 0)).toBeGreaterThan(
    20_000,
  );

  expect(new Set(seats.json.seats.map(({ status }: { status: string }) => status))).toEqual(new Set(['free']));
  const priced = seats.json.categories.filter(({ seats: count }: { seats: number }) => count > 0);
  expect(priced.length).toBeGreaterThan(2);
  for (const { ticketTypes: sold } of priced) expect(sold).toMatchObject([{ price: { amount: 4_500 } }]);

  const tag = seats.headers.get('etag') ?? '';
  const again = await call('GET', path, undefined, { 'accept-encoding': 'gzip', 'if-none-match': tag });
  expect([again.status, again.text]).toEqual([304, '']);
  const delta = await call('GET', `${path}?since=${seats.json.version + 60_000}`);
  expect(delta.json).toMatchObject({ since: seats.json.version + 60_000, seats: [] });

  // The venue moves on; the event keeps what it was published with.
  const newer = await host.call('PUT', `/api/venues/${venueId}/seating-plan`, generatePlan(50), { 'if-match': '*' });
  expect(newer.status, newer.text).toBe(200);
  expect((await call('GET', path)).json.plan.id).toBe(planId);
});
