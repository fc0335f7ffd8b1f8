import { inject } from 'vitest';
import { expect, it } from 'vitest';

import { auditInvariants } from '../../scripts/audit/invariants.ts';
import { available, confirm, payByCard, person, publishEvent, settled, systemRows } from '../support/shop.ts';

it('a hundred buyers race for ten tickets: ten are sold, ninety are told so, stock and money add up', async () => {
  const { eventId, ticketTypeId } = await publishEvent({ quantity: 10 });
  const buyers = await Promise.all(Array.from({ length: 100 }, () => person()));

  const outcomes = await Promise.all(
    buyers.map(async (buyer) => {
      const held = await buyer.call('POST', '/api/reservations', { items: [{ ticketTypeId, quantity: 1 }] });
      if (held.status !== 201) return held.json.code as string;
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
  const ledger = await (await fetch(`${inject('system').stripeUrl}/_stand-in/ledger`)).json();
  expect(auditInvariants({ rows: await systemRows(), ledger, at: Date.now() }).differences).toEqual([]);
});
