import { inject } from 'vitest';
import { expect, it } from 'vitest';

import { auditInvariants } from '../../scripts/audit/invariants.ts';
import { MINUTE } from '../../functions/shared/kernel/clock.ts';
import {
  confirm,
  fire,
  order,
  payByCard,
  person,
  publishEvent,
  releaseQueues,
  settled,
  systemRows,
} from '../support/shop.ts';

/** Plants a fault at the Stripe stand-in; see its README. */
async function plantFault(fault: Readonly<Record<string, unknown>>): Promise<string> {
  const response = await fetch(`${inject('system').stripeUrl}/_stand-in/faults`, {
    method: 'POST',
    body: JSON.stringify(fault),
    headers: { 'content-type': 'application/json' },
  });
  if (!response.ok) throw new Error(await response.text());
  const { id }: { id: string } = await response.json();
  return id;
}

/** How often a fault has struck. */
async function struck(id: string): Promise<number> {
  const answer = await (await fetch(`${inject('system').stripeUrl}/_stand-in/faults`)).json();
  const faults: readonly { id: string; struck: number }[] = Array.isArray(answer) ? answer : answer.faults;
  return faults.find((fault) => fault.id === id)?.struck ?? 0;
}

/** Kills the workers of the function whose name contains `part`, in the middle of what they do. */
async function kill(part: string): Promise<number> {
  const { controlUrl } = inject('system');
  const functions: readonly { readonly name: string }[] = await (await fetch(`${controlUrl}/_local/functions`)).json();
  const target = functions.find(({ name }) => name.toLowerCase().replaceAll('-', '').includes(part));
  if (target === undefined) throw new Error(`No function is named like ${part}`);
  const answer = await (
    await fetch(`${controlUrl}/_local/functions/${encodeURIComponent(target.name)}/kill`, { method: 'POST' })
  ).json();
  return answer.killed;
}

async function ledgerOf(paymentIntentId: string): Promise<{ status: string; amount_received: number } | undefined> {
  const { paymentIntents } = await (await fetch(`${inject('system').stripeUrl}/_stand-in/ledger`)).json();
  return paymentIntents.find(({ id }: { id: string }) => id === paymentIntentId);
}

it.each([
  { when: 'after the money was taken and before the answer', effect: 'delay_after', captured: true },
  { when: 'before Stripe did anything', effect: 'delay_before', captured: false },
])(
  'a purchase run killed $when is finished by the reconciler: paid once, one set of tickets',
  async ({ effect, captured }) => {
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
    if (captured) expect(await ledgerOf(placed.paymentIntentId)).toMatchObject({ status: 'succeeded' });

    const report = await fire('take-over-runs', Date.now() + 3 * MINUTE);
    expect(report['takenOver']).toBeGreaterThanOrEqual(1);
    await releaseQueues();
    await settled();
    expect((await buyer.call('GET', `/api/orders/${placed.orderId}`)).json).toMatchObject({
      status: 'PAID',
      ticketsIssued: true,
    });
    expect(await ledgerOf(placed.paymentIntentId)).toMatchObject({ status: 'succeeded', amount_received: 9_000 });
    const ledger = await (await fetch(`${inject('system').stripeUrl}/_stand-in/ledger`)).json();
    expect(auditInvariants({ rows: await systemRows(), ledger, at: Date.now() }).differences).toEqual([]);
  },
);

it('confirm and webhook at once, twice each, pay once', async () => {
  const { ticketTypeId } = await publishEvent({ quantity: 5 });
  const buyer = await person();
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
  await releaseQueues();
  await settled();
  expect((await buyer.call('GET', `/api/orders/${placed.orderId}`)).json).toMatchObject({
    status: 'PAID',
    ticketsIssued: true,
  });
  expect((await buyer.call('GET', `/api/tickets?orderId=${placed.orderId}`)).json.items).toHaveLength(1);
  const { emails } = await (await fetch(`${inject('system').inboxUrl}/store`)).json();
  expect(
    emails.filter(({ subject }: { subject: string }) => subject.includes(placed.orderId)).length,
  ).toBeLessThanOrEqual(1);
});

it('a payment whose browser closed and whose webhook never came is found by the reconciler', async () => {
  const { ticketTypeId } = await publishEvent({ quantity: 5 });
  const buyer = await person();
  const placed = await order(buyer, ticketTypeId);
  await plantFault({ on: 'webhook', event: '*', effect: 'drop', times: 10, paymentIntent: placed.paymentIntentId });
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
