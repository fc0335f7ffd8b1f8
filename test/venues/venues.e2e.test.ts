import { expect, it } from 'vitest';

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
