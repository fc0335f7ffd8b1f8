import { expect, it } from 'vitest';

import { call, organizer, person } from '../support/shop.ts';

it('a hidden ticket type is seen and held by its code alone, and every guess is counted', async () => {
  const [host, buyer] = [await organizer(), await person()];
  const created = await host.call('POST', '/api/events', {
    title: 'Members on the Pier',
    description: '',
    category: 'music',
    startsAt: new Date(Date.now() + 30 * 24 * 3_600_000).toISOString(),
    timeZone: 'Europe/Berlin',
    ticketTypes: [
      { name: 'Public', price: { amount: 3_000, currency: 'EUR' }, quantity: 5 },
      { name: 'Members', price: { amount: 1_000, currency: 'EUR' }, quantity: 5, hidden: true },
    ],
  });
  expect(created.status, created.text).toBe(201);
  const { eventId, event } = created.json;
  const hidden = event.ticketTypes.find(({ name }: { name: string }) => name === 'Members').id;
  const codes = await host.call('PUT', `/api/ticket-types/${hidden}/access-codes`, { codes: ['harbour club'] });
  expect(codes.status, codes.text).toBe(200);
  expect((await host.call('POST', `/api/events/${eventId}/publish`, {})).status).toBe(200);

  const seen = async (code?: string): Promise<readonly string[]> => {
    const headers = code === undefined ? {} : { 'x-access-code': code };
    const page = await call('GET', `/api/events/${eventId}`, undefined, headers);
    return page.json.ticketTypes.map(({ name }: { name: string }) => name);
  };
  expect(await seen()).toEqual(['Public']);
  expect(await seen('harbour bar')).toEqual(['Public']);
  expect((await seen('harbour club')).toSorted()).toEqual(['Members', 'Public']);

  const items = [{ ticketTypeId: hidden, quantity: 1 }];
  const refused = await buyer.call('POST', '/api/reservations', { items }, { 'x-access-code': 'harbour bar' });
  expect([refused.status, refused.json.code]).toEqual([404, 'TICKET_TYPE_NOT_FOUND']);
  const bought = await buyer.call('POST', '/api/tickets/purchase', { items }, { 'x-access-code': 'harbour bar' });
  expect([bought.status, bought.json.code]).toEqual([404, 'TICKET_TYPE_NOT_FOUND']);
  const held = await buyer.call('POST', '/api/reservations', { items }, { 'x-access-code': 'harbour club' });
  expect(held.status, held.text).toBe(201);
});
