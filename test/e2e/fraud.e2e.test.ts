import { expect, it } from 'vitest';

import {
  answerBank,
  audit,
  available,
  confirm,
  giveCard,
  order,
  payByCard,
  paymentOf,
  person,
  publishEvent,
  settled,
  type ApiAnswer,
  type OpenSale,
  type Person,
  type PlacedOrder,
} from '../support/shop.ts';

const REFUSED_CARDS = [
  'pm_card_chargeDeclined',
  'pm_card_chargeDeclinedInsufficientFunds',
  'pm_card_chargeDeclinedLostCard',
  'pm_card_chargeDeclinedStolenCard',
  'pm_card_chargeDeclinedExpiredCard',
  'pm_card_chargeDeclinedIncorrectCvc',
];

/** An order of who has tried six cards before one that is good. */
async function doubtful(): Promise<{ sale: OpenSale; buyer: Person; placed: PlacedOrder; confirmed: ApiAnswer }> {
  const sale = await publishEvent();
  const buyer = await person();
  const placed = await order(buyer, sale.ticketTypeId, 2);
  for (const card of REFUSED_CARDS) expect(await payByCard(placed, card)).toBe(402);
  await settled();
  expect((await giveCard(placed, 'pm_card_visa')).asked).toBe(true);
  await answerBank(placed);
  const confirmed = await confirm(buyer, placed);
  await settled();
  return { sale, buyer, placed, confirmed };
}

async function openCase(agent: Person, { orderId }: PlacedOrder): Promise<Record<string, unknown>> {
  const listed = await agent.call('GET', '/api/support/cases?limit=100');
  const found = listed.json.items.filter((each: Record<string, unknown>) => each['orderId'] === orderId);
  expect(found).toHaveLength(1);
  return found[0];
}

const close = (agent: Person, { id }: Record<string, unknown>, resolution: string): Promise<ApiAnswer> =>
  agent.call('PATCH', `/api/support/cases/${String(id)}`, { status: 'CLOSED', resolution });

it('who has tried six cards is asked by the bank, waits for a person, and gets the tickets when that one approves', async () => {
  const { sale, buyer, placed, confirmed } = await doubtful();
  expect(confirmed).toMatchObject({ status: 202, json: { status: 'PENDING', beingChecked: true } });
  expect(confirmed.text).not.toContain('CARDS');
  expect((await paymentOf(placed))?.status).toBe('requires_capture');
  expect(await available(sale.eventId, sale.ticketTypeId)).toBe(8);

  const agent = await person({ roles: ['customer', 'support'] });
  const found = await openCase(agent, placed);
  expect(found).toMatchObject({ kind: 'FRAUD_REVIEW', detail: 'CARDS', amount: { amount: 9_000, currency: 'EUR' } });
  expect(found['decideBy']).toMatch(/^\d{4}-/);
  expect((await close(agent, found, 'NOTHING_TO_DO')).json).toMatchObject({ code: 'RESOLUTION_NOT_FOR_CASE' });
  for (const stranger of [buyer, await person({ roles: ['customer', 'organizer'] })])
    expect((await close(stranger, found, 'APPROVED')).status).toBe(403);

  expect(await close(agent, found, 'APPROVED')).toMatchObject({
    status: 200,
    json: { status: 'CLOSED', resolution: 'APPROVED', closedBy: agent.userId },
  });
  await settled();

  const shown = await buyer.call('GET', `/api/orders/${placed.orderId}`);
  expect(shown.json).toMatchObject({ status: 'PAID', ticketsIssued: true });
  expect(shown.json.beingChecked).toBeUndefined();
  expect((await paymentOf(placed))?.status).toBe('succeeded');
  const timeline = await buyer.call('GET', `/api/orders/${placed.orderId}/timeline`);
  const steps = timeline.json.items.map(({ event }: { event?: string }) => event);
  expect(steps).toEqual(expect.arrayContaining(['orders.ReviewOpened.v1', 'orders.ReviewApproved.v1']));
  expect(timeline.text).not.toContain('CARDS');
  expect(await audit()).toEqual([]);
});

it('who is refused pays nothing, and others may have the tickets; two agents at once decide once', async () => {
  const { sale, buyer, placed } = await doubtful();
  const agent = await person({ roles: ['customer', 'support'] });
  const found = await openCase(agent, placed);

  const answers = await Promise.all([close(agent, found, 'REFUSED'), close(agent, found, 'REFUSED')]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  expect((await close(agent, found, 'APPROVED')).json).toMatchObject({ resolution: 'REFUSED' });
  await settled();

  expect((await paymentOf(placed))?.status).toBe('canceled');
  const shown = await buyer.call('GET', `/api/orders/${placed.orderId}`);
  expect(shown.json).toMatchObject({ status: 'FAILED', payment: { lastError: 'not_accepted' } });
  expect(await available(sale.eventId, sale.ticketTypeId)).toBe(10);
  expect(await audit()).toEqual([]);
});
