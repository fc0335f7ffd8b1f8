import { expect, it } from 'vitest';

import { goForTickets } from '../support/crowd.ts';
import { audit, available, confirm, payByCard, person, publishEvent, settled } from '../support/shop.ts';

it('five hundred buyers race for fifty tickets while DynamoDB conflicts and throttles: none too many, none too few', async () => {
  const { blocks, sold, soldOut, wrongly, conflicts, throttles, differences } = await goForTickets({
    buyers: 500,
    tickets: 50,
    holdsPerSecond: 26,
    atOnce: 40,
    seed: 7,
  });
  expect(blocks).toBeGreaterThan(1);
  expect({ sold, soldOut, wrongly }).toEqual({ sold: 50, soldOut: 450, wrongly: 0 });
  expect(Math.min(conflicts, throttles), 'faults that struck').toBeGreaterThan(0);
  expect(differences).toEqual([]);
});

it('a hundred buyers race for ten tickets: ten are sold, ninety are told so, stock and money add up', async () => {
  const { eventId, ticketTypeId } = await publishEvent({ quantity: 10 });
  const buyers = await Promise.all(Array.from({ length: 100 }, () => person()));

  const outcomes = await Promise.all(
    buyers.map(async (buyer) => {
      const held = await buyer.call('POST', '/api/reservations', { items: [{ ticketTypeId, quantity: 1 }] });
      if (held.status !== 201) return { refused: String(held.json.code) };
      const ordered = await buyer.call('POST', '/api/orders', { reservationId: held.json.reservationId });
      await payByCard(ordered.json);
      const confirmed = await confirm(buyer, ordered.json);
      return { buyer, orderId: String(ordered.json.orderId), confirmed: confirmed.status };
    }),
  );

  const refused = outcomes.flatMap((outcome) => ('refused' in outcome ? [outcome.refused] : []));
  expect(refused).toEqual(Array.from({ length: 90 }, () => 'SOLD_OUT'));
  expect(await available(eventId, ticketTypeId)).toBe(0);
  await settled();
  // Whoever was told to wait (202, on a busy machine) is paid by now as well.
  for (const outcome of outcomes) {
    if ('refused' in outcome) continue;
    expect([200, 202]).toContain(outcome.confirmed);
    const order = await outcome.buyer.call('GET', `/api/orders/${outcome.orderId}`);
    expect(order.json).toMatchObject({ status: 'PAID', ticketsIssued: true });
  }
  expect(await audit()).toEqual([]);
});
