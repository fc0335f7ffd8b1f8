import { expect, it } from 'vitest';

import { audit, available, confirm, payByCard, person, publishEvent, settled } from '../support/shop.ts';

it('a hundred buyers race for ten tickets: ten are sold, ninety are told so, stock and money add up', async () => {
  const { eventId, ticketTypeId } = await publishEvent({ quantity: 10 });
  const buyers = await Promise.all(Array.from({ length: 100 }, () => person()));

  const outcomes = await Promise.all(
    buyers.map(async (buyer) => {
      const held = await buyer.call('POST', '/api/reservations', { items: [{ ticketTypeId, quantity: 1 }] });
      if (held.status !== 201) return String(held.json.code);
      const ordered = await buyer.call('POST', '/api/orders', { reservationId: held.json.reservationId });
      await payByCard(ordered.json);
      const paid = await confirm(buyer, ordered.json);
      return paid.status === 200 ? 'PAID' : `${paid.status} ${paid.text}`;
    }),
  );

  const count = (outcome: string): number => outcomes.filter((each) => each === outcome).length;
  expect({ paid: count('PAID'), soldOut: count('SOLD_OUT') }).toEqual({ paid: 10, soldOut: 90 });
  expect(await available(eventId, ticketTypeId)).toBe(0);
  await settled();
  expect(await audit()).toEqual([]);
});
