import { describe, expect, test } from 'vitest';
import { chargeOf, control, errorOf, held, paid, sdk, standIn } from './harness.ts';

describe('refunds', () => {
  test('part, then the rest, then no more', async () => {
    const stripe = sdk(await standIn());
    const intent = await paid(stripe);
    const part = await stripe.refunds.create({
      payment_intent: intent.id,
      amount: 1_500,
      reason: 'requested_by_customer',
      metadata: { cause: 'c1' },
    });
    expect(part).toMatchObject({ status: 'succeeded', amount: 1_500, metadata: { cause: 'c1' } });
    expect(await errorOf(stripe.refunds.create({ payment_intent: intent.id, amount: 3_001 }))).toMatchObject({
      statusCode: 400,
      param: 'amount',
    });
    const rest = await stripe.refunds.create({
      charge: chargeOf(intent),
      expand: ['charge'],
    });
    expect(rest).toMatchObject({
      amount: 3_000,
      charge: { refunded: true, amount_refunded: 4_500 },
    });
    expect(await errorOf(stripe.refunds.create({ payment_intent: intent.id }))).toMatchObject({
      code: 'charge_already_refunded',
    });
    expect((await stripe.refunds.list({ payment_intent: intent.id })).data.map(({ id }) => id)).toEqual([
      rest.id,
      part.id,
    ]);
    expect((await stripe.refunds.update(part.id, { metadata: { note: 'x' } })).metadata).toEqual({
      cause: 'c1',
      note: 'x',
    });
  });

  test('twenty at once never return more than was captured', async () => {
    const server = await standIn();
    const stripe = sdk(server);
    const intent = await paid(stripe);
    const tries = await Promise.allSettled(
      Array.from({ length: 20 }, () => stripe.refunds.create({ payment_intent: intent.id, amount: 1_000 })),
    );
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(4);
    expect(server.ledger().charges[0]?.amount_refunded).toBe(4_000);
  });

  test('an uncaptured or unpaid PaymentIntent, and an unknown one, cannot be refunded', async () => {
    const stripe = sdk(await standIn());
    const intent = await held(stripe);
    expect(await errorOf(stripe.refunds.create({ payment_intent: intent.id }))).toMatchObject({
      code: 'payment_intent_unexpected_state',
    });
    expect(await errorOf(stripe.refunds.create({ charge: chargeOf(intent) }))).toMatchObject({
      code: 'charge_not_refundable',
    });
    expect(await errorOf(stripe.refunds.create({ payment_intent: 'pi_none' }))).toMatchObject({
      code: 'resource_missing',
    });
    expect(await errorOf(stripe.refunds.create({}))).toMatchObject({ code: 'parameter_missing' });
  });

  test('a pending refund counts at once and succeeds later', async () => {
    const server = await standIn({ asyncDelayMs: 60_000 });
    const stripe = sdk(server);
    const intent = await paid(stripe, { payment_method: 'pm_card_pendingRefund' });
    const refund = await stripe.refunds.create({ payment_intent: intent.id });
    expect(refund).toMatchObject({ status: 'pending', pending_reason: 'processing' });
    expect(await errorOf(stripe.refunds.create({ payment_intent: intent.id, amount: 1 }))).toMatchObject({
      code: 'charge_already_refunded',
    });
    await control(server, 'POST', 'clock/advance', { ms: 60_000 });
    expect((await stripe.refunds.retrieve(refund.id)).status).toBe('succeeded');
    expect(await errorOf(stripe.refunds.cancel(refund.id))).toMatchObject({
      code: 'status_transition_invalid',
    });
  });

  test('a refund that had succeeded may fail later: its amount is refundable again', async () => {
    const server = await standIn({ asyncDelayMs: 60_000 });
    const stripe = sdk(server);
    const intent = await paid(stripe, { payment_method: 'pm_card_refundFail' });
    const refund = await stripe.refunds.create({ payment_intent: intent.id });
    expect(refund.status).toBe('succeeded');
    await control(server, 'POST', 'clock/advance', { ms: 60_000 });
    expect(await stripe.refunds.retrieve(refund.id)).toMatchObject({
      status: 'failed',
      failure_reason: 'unknown',
    });
    expect(server.ledger().charges[0]).toMatchObject({ amount_refunded: 0, refunded: false });
    expect(server.ledger().events.map(({ type }) => type)).toContain('refund.failed');
  });

  test('a pending refund can be canceled', async () => {
    const server = await standIn({ asyncDelayMs: 60_000 });
    const stripe = sdk(server);
    const intent = await paid(stripe, { payment_method: 'pm_card_pendingRefund' });
    const refund = await stripe.refunds.create({ payment_intent: intent.id });
    expect((await stripe.refunds.cancel(refund.id)).status).toBe('canceled');
    await control(server, 'POST', 'clock/advance', { ms: 60_000 });
    expect((await stripe.refunds.retrieve(refund.id)).status).toBe('canceled');
    expect(server.ledger().charges[0]?.amount_refunded).toBe(0);
  });
});

describe('disputes', () => {
  test('a disputing card opens one at capture; a disputed charge is not refundable; closing loses it', async () => {
    const stripe = sdk(await standIn());
    const intent = await held(stripe, { payment_method: 'pm_card_createDispute' });
    expect((await stripe.disputes.list({ payment_intent: intent.id })).data).toEqual([]);
    await stripe.paymentIntents.capture(intent.id);
    const [dispute] = (await stripe.disputes.list({ payment_intent: intent.id })).data;
    expect(dispute).toMatchObject({
      status: 'needs_response',
      amount: 4_500,
      reason: 'fraudulent',
    });
    expect(await errorOf(stripe.refunds.create({ payment_intent: intent.id }))).toMatchObject({
      code: 'charge_disputed',
    });
    expect((await stripe.disputes.close(dispute?.id ?? '')).status).toBe('lost');
    expect(await errorOf(stripe.disputes.close(dispute?.id ?? ''))).toMatchObject({
      code: 'status_transition_invalid',
    });
  });

  test('one is opened on request after a partial refund, and won by evidence', async () => {
    const server = await standIn();
    const stripe = sdk(server);
    const intent = await paid(stripe);
    await stripe.refunds.create({ payment_intent: intent.id, amount: 500 });
    await control(server, 'POST', 'disputes', {
      charge: intent.latest_charge,
      amount: 4_000,
      reason: 'product_not_received',
    });
    const [dispute] = (await stripe.disputes.list()).data;
    const won = await stripe.disputes.update(dispute?.id ?? '', {
      evidence: { uncategorized_text: 'winning_evidence' },
    });
    expect(won).toMatchObject({ status: 'won', amount: 4_000 });
    expect(
      server
        .ledger()
        .events.map(({ type }) => type)
        .filter((type) => type.startsWith('charge.dispute')),
    ).toEqual([
      'charge.dispute.created',
      'charge.dispute.funds_withdrawn',
      'charge.dispute.updated',
      'charge.dispute.closed',
      'charge.dispute.funds_reinstated',
    ]);
  });
});

describe('reconciliation', () => {
  test('the balance is the sum of the balance transactions, and becomes available after two days', async () => {
    const server = await standIn();
    const stripe = sdk(server);
    const intent = await paid(stripe);
    await stripe.refunds.create({ payment_intent: intent.id, amount: 500 });
    expect(await stripe.balance.retrieve()).toMatchObject({
      pending: [{ currency: 'eur', amount: 4_407 }],
      available: [{ currency: 'eur', amount: -500 }],
    });
    const moved = await stripe.balanceTransactions.list();
    expect(moved.data.map(({ type, net }) => [type, net])).toEqual([
      ['refund', -500],
      ['charge', 4_407],
    ]);
    await control(server, 'POST', 'clock/advance', { ms: 2 * 86_400_000 });
    expect((await stripe.balance.retrieve()).available).toMatchObject([{ amount: 3_907 }]);
  });
});

describe('lists', () => {
  test('pages forwards, backwards and by the SDK’s own iteration', async () => {
    const stripe = sdk(await standIn());
    const made: string[] = [];
    for (let at = 0; at < 25; at += 1)
      made.unshift((await stripe.paymentIntents.create({ amount: 100 + at, currency: 'eur' })).id);
    const first = await stripe.paymentIntents.list({ limit: 10 });
    expect(first).toMatchObject({ has_more: true, url: '/v1/payment_intents' });
    expect(first.data.map(({ id }) => id)).toEqual(made.slice(0, 10));
    const last = await stripe.paymentIntents.list({ limit: 10, starting_after: made[19] ?? '' });
    expect([last.has_more, last.data.length]).toEqual([false, 5]);
    const before = await stripe.paymentIntents.list({ limit: 5, ending_before: made[12] ?? '' });
    expect(before.data.map(({ id }) => id)).toEqual(made.slice(7, 12));
    const all: string[] = [];
    for await (const { id } of stripe.paymentIntents.list({ limit: 7 })) all.push(id);
    expect(all).toEqual(made);
    expect(await errorOf(Promise.resolve(stripe.paymentIntents.list({ starting_after: 'pi_none' })))).toMatchObject({
      code: 'resource_missing',
    });
    expect(await errorOf(Promise.resolve(stripe.paymentIntents.list({ limit: 101 })))).toMatchObject({
      param: 'limit',
    });
  });

  test('filters by time, searches by metadata and status, expands inside lists', async () => {
    let now = 1_700_000_000_000;
    const stripe = sdk(await standIn({ clock: () => now }));
    const old = await paid(stripe, { metadata: { orderId: 'old' } });
    now += 3_600_000;
    const young = await stripe.paymentIntents.create({
      amount: 700,
      currency: 'eur',
      metadata: { orderId: 'young' },
    });
    expect((await stripe.paymentIntents.list({ created: { gte: young.created } })).data.map(({ id }) => id)).toEqual([
      young.id,
    ]);
    expect((await stripe.paymentIntents.list({ created: { lt: young.created } })).data.map(({ id }) => id)).toEqual([
      old.id,
    ]);
    expect(
      (
        await stripe.paymentIntents.search({
          query: 'metadata["orderId"]:"old" AND status:"succeeded"',
        })
      ).data.map(({ id }) => id),
    ).toEqual([old.id]);
    expect(
      (await stripe.paymentIntents.search({ query: `created>=${young.created} AND amount<1000` })).data.map(
        ({ id }) => id,
      ),
    ).toEqual([young.id]);
    expect(
      await errorOf(Promise.resolve(stripe.paymentIntents.search({ query: 'amount:1 OR amount:2' }))),
    ).toMatchObject({ statusCode: 400 });
    const listed = await stripe.charges.list({
      payment_intent: old.id,
      expand: ['data.payment_intent', 'data.refunds'],
    });
    expect(listed.data[0]).toMatchObject({
      payment_intent: { id: old.id },
      refunds: { object: 'list', data: [] },
    });
    expect(await errorOf(stripe.charges.retrieve(chargeOf(old), { expand: ['nonsense'] }))).toMatchObject({
      message: 'This property cannot be expanded (nonsense).',
    });
    expect((await stripe.events.list({ type: 'payment_intent.succeeded' })).data).toHaveLength(1);
    expect((await stripe.events.list({ types: ['charge.succeeded', 'payment_intent.created'] })).data).toHaveLength(3);
  });
});
