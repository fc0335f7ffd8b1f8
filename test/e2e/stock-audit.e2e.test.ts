import { expect, it } from 'vitest';

import { HOUR } from '../../functions/shared/kernel/clock.ts';
import { confirm, fire, order, organizer, payByCard, person, publishEvent, settled } from '../support/shop.ts';

it('the stock of an event that sells is looked at by the hour, and its organizer sees what was found', async () => {
  const [host, buyer] = [await organizer(), await person()];
  const { eventId, ticketTypeId } = await publishEvent({ quantity: 6, maxPerPerson: 4 });
  const path = `/api/events/${eventId}/stock-audit`;
  expect((await host.call('GET', path)).json).toMatchObject({ status: 'NOT_YET', lookedAt: null });

  const placed = await order(buyer, ticketTypeId, 2);
  await payByCard(placed);
  await expect.poll(async () => (await confirm(buyer, placed)).status, { timeout: 30_000 }).toBe(200);
  await settled();

  const report = await fire('stock', Date.now());
  expect(report['faults']).toBe(0);
  expect(report['left']).toBe(0);
  expect(report['events']).toBeGreaterThan(0);
  // What was sold a moment ago may be judged only once it is listed: it may be doubtful, never a difference.
  const { status, json } = await host.call('GET', path);
  expect(status).toBe(200);
  expect(['CLEAN', 'SECOND_LOOK']).toContain(json.status);
  expect(json).toMatchObject({ differences: [], found: 0, lookedAt: expect.any(String) });
  expect(Date.now() - Date.parse(json.lookedAt)).toBeLessThan(HOUR);
});
