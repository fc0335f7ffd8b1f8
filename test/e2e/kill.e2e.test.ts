import { inject } from 'vitest';
import { expect, it } from 'vitest';

import { MINUTE } from '../../functions/shared/kernel/clock.ts';
import { getJson } from '../support/json.ts';
import { killStorm } from '../support/kill-storm.ts';
import {
  audit,
  confirm,
  demoBuyer,
  fire,
  kill,
  loseWebhooks,
  mailsAbout,
  order,
  payByCard,
  paymentOf,
  person,
  plantFault,
  publishEvent,
  settled,
} from '../support/shop.ts';

/** How often a fault has struck. */
async function struck(id: string): Promise<number> {
  const { faults } = await getJson<{ readonly faults: readonly Fault[] }>(
    `${inject('system').stripeUrl}/_stand-in/faults`,
  );
  return faults.find((fault) => fault.id === id)?.struck ?? 0;
}

interface Fault {
  readonly id: string;
  readonly struck: number;
}

it.each([
  { when: 'after the money was taken and before the answer', effect: 'delay_after', left: 'succeeded' },
  // One that is only delayed would come about when the delay is over, while the answer may be awaited for longer.
  { when: 'before Stripe did anything', effect: 'timeout_before', left: 'requires_capture' },
])(
  'a purchase run killed $when is finished by the reconciler: paid once, one set of tickets',
  async ({ effect, left }) => {
    const { ticketTypeId } = await publishEvent({ quantity: 5 });
    const buyer = await person();
    const placed = await order(buyer, ticketTypeId, 2);
    const fault = await plantFault({
      on: 'request',
      route: 'POST /v1/payment_intents/:id/capture',
      effect,
      delayMs: 3_000,
      paymentIntent: placed.paymentIntentId,
    });
    await payByCard(placed);
    const confirming = confirm(buyer, placed);
    await expect.poll(() => struck(fault), { timeout: 10_000 }).toBe(1);
    expect(await kill('purchasepayments')).toBeGreaterThan(0);

    const answer = await confirming;
    expect(answer.status, 'an unknown outcome is neither a refusal nor a success').toBe(202);
    expect(answer.json).toMatchObject({ id: placed.orderId, status: 'PENDING' });
    expect(await paymentOf(placed)).toMatchObject({ status: left });

    const report = await fire('take-over-runs', Date.now() + 3 * MINUTE);
    expect(report['takenOver']).toBeGreaterThanOrEqual(1);
    await settled();
    expect((await buyer.call('GET', `/api/orders/${placed.orderId}`)).json).toMatchObject({
      status: 'PAID',
      ticketsIssued: true,
    });
    expect(await paymentOf(placed)).toMatchObject({ status: 'succeeded', amount_received: 9_000 });
    expect(await audit()).toEqual([]);
  },
);

it('confirm and webhook at once, twice each, pay once', async () => {
  const { ticketTypeId } = await publishEvent({ quantity: 5 });
  const buyer = await demoBuyer();
  const placed = await order(buyer, ticketTypeId);
  await plantFault({
    on: 'webhook',
    event: 'payment_intent.amount_capturable_updated',
    effect: 'duplicate',
    paymentIntent: placed.paymentIntentId,
  });
  await payByCard(placed);
  const answers = await Promise.all([confirm(buyer, placed), confirm(buyer, placed), confirm(buyer, placed)]);
  for (const { status, text } of answers) expect([200, 202], text).toContain(status);
  await settled();
  expect((await buyer.call('GET', `/api/orders/${placed.orderId}`)).json).toMatchObject({
    status: 'PAID',
    ticketsIssued: true,
  });
  expect((await buyer.call('GET', `/api/tickets?orderId=${placed.orderId}`)).json.items).toHaveLength(1);
  expect(await mailsAbout(placed.orderNumber)).toHaveLength(1);
});

it('a payment whose browser closed and whose webhook never came is found by the reconciler', async () => {
  const { ticketTypeId } = await publishEvent({ quantity: 5 });
  const buyer = await person();
  const placed = await order(buyer, ticketTypeId);
  await loseWebhooks(placed);
  await payByCard(placed);
  await settled();
  expect((await buyer.call('GET', `/api/orders/${placed.orderId}`)).json.status).toBe('PENDING');
  await fire('reconcile-payments', Date.now() + 5 * MINUTE);
  await settled();
  expect((await buyer.call('GET', `/api/orders/${placed.orderId}`)).json).toMatchObject({
    status: 'PAID',
    ticketsIssued: true,
  });
});

it('workers killed at three random moments during twenty purchases lose nothing', async () => {
  const { killed, confirmed, gaveUp } = await killStorm(20, 3, 7);
  expect(killed).toBe(3);
  expect(confirmed + gaveUp).toBe(20);
  expect(await audit()).toEqual([]);
});
